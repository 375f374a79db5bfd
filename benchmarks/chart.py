"""A bar chart as SVG, without a library: five bars need none."""

from __future__ import annotations

from html import escape

ROW, LEFT, WIDTH = 34, 250, 560


def bars(values: list[tuple[str, float]]) -> str:
    """Names and seconds; the longest bar is as wide as there is room."""
    most = max(seconds for _, seconds in values)
    height = ROW * len(values) + 16
    rows = []
    for number, (name, seconds) in enumerate(values):
        top = number * ROW + 8
        width = max(2, seconds / most * (WIDTH - 70))
        color = "#2563eb" if name.startswith("undrift") else "#94a3b8"
        rows.append(
            f'<text x="{LEFT - 10}" y="{top + 18}" text-anchor="end">{escape(name)}</text>'
            f'<rect x="{LEFT}" y="{top + 4}" width="{width:.1f}" height="20" rx="3" fill="{color}"/>'
            f'<text x="{LEFT + width + 8:.1f}" y="{top + 18}">{seconds:.2f} s</text>'
        )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{LEFT + WIDTH}" height="{height}" '
        f'font-family="system-ui, sans-serif" font-size="14" fill="#64748b">{"".join(rows)}</svg>\n'
    )
