"""Findings as lines: what, where, what differs, and the diff."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from typing import Any

from undrift.model.finding import Difference, Finding
from undrift.model.verdict import Verdict
from undrift.render.style import Style
from undrift.render.texts import on_one_line
from undrift.render.view import SIGNS, View

#: The longest diff that is shown whole without -v, in lines.
DIFF_LINES = 24


def finding_lines(findings: Sequence[Finding], view: View) -> Iterator[str]:
    """What is told of one host or of many alike; the place from which on a run would not have come is marked."""
    marked = False
    for finding in findings:
        if finding.after_failure and not marked:
            marked = True
            yield view.style("    from here on checked all the same: a run would stop before it", "dim")
        yield _head(finding, view.style)
        yield from _details(finding, view)


def is_cut(finding: Finding, view: View) -> bool:
    """Whether its diff is longer than what is shown of it."""
    return view.diff and not view.whole_diff and len(_diff_lines(finding.diff)) > DIFF_LINES


def difference_line(each: Difference) -> str:
    """`field: want ..., have ...` on one line; None reads `nothing`, booleans `yes` and `no`."""
    return on_one_line(f"{each.field}: want {_value(each.want)}, have {_value(each.have)}")


def _head(finding: Finding, style: Style) -> str:
    sign, color = SIGNS[finding.verdict]
    # A kind alone says less than the task's name.
    resource = on_one_line(str(finding.resource)) if finding.resource.id else ""
    item = on_one_line(finding.item or "")
    beside = f" [{item}]" if item and item not in resource else ""
    place = style(f"{short_path(finding.file)}:{finding.line}", "dim")
    what = style(resource or on_one_line(finding.task), "bold")
    return f"    {style(sign, color)} {what}{beside}  {_headline(finding)}  {place}"


def _headline(finding: Finding) -> str:
    """What there is to say in the first line: one difference, else the verdict's word."""
    if finding.verdict in {Verdict.FAILED, Verdict.UNKNOWN}:
        return str(finding.verdict)
    if len(finding.differences) == 1 and not finding.diff:
        return difference_line(finding.differences[0])
    return str(finding.verdict) if not finding.differences else ""


def _details(finding: Finding, view: View) -> Iterator[str]:
    style = view.style
    if finding.reason is not None and finding.verdict in {Verdict.FAILED, Verdict.UNKNOWN}:
        for line in finding.reason.text.rstrip("\n").split("\n"):
            yield f"        {line}"
    if len(finding.differences) > 1 or finding.diff:
        for each in finding.differences:
            yield f"        {difference_line(each)}"
    if finding.concealed:
        yield style("        the content is compared and not shown: it may hold a secret", "dim")
    if finding.truncated:
        yield style("        too large to be shown here", "dim")
    if view.diff and finding.diff:
        yield from _diff(finding.diff, view)
    if finding.would_notify:
        yield style(f"        would notify: {on_one_line(', '.join(finding.would_notify))}", "dim")


def _diff(diff: str, view: View) -> Iterator[str]:
    lines = _diff_lines(diff)
    shown = lines if view.whole_diff else lines[:DIFF_LINES]
    for line in shown:
        color = {"+": "green", "-": "red", "@": "dim"}.get(line[:1])
        yield "        " + (view.style(line, color) if color else line)
    if len(lines) > len(shown):
        yield view.style(f"        ... {len(lines) - len(shown)} more lines (-v shows them)", "dim")


def _diff_lines(diff: str) -> list[str]:
    """
    Without the names of the two sides, which the finding says, and without the place of the only hunk. In what
    follows, only a place begins with @: every line of the contents has its +, - or space before it.
    """
    lines = diff.rstrip("\n").split("\n") if diff else []
    if len(lines) > 1 and lines[0].startswith("--- ") and lines[1].startswith("+++ "):
        lines = lines[2:]
    places = sum(line.startswith("@@") for line in lines)
    return [line for line in lines if not line.startswith("@@")] if places == 1 else lines


def _value(value: Any) -> str:
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(map(_value, value)) or "nothing"
    return str(value)


def short_path(path: str) -> str:
    """The path as seen from here, when that is shorter."""
    if not path:
        return ""
    relative = os.path.relpath(path)
    return relative if len(relative) < len(path) else path
