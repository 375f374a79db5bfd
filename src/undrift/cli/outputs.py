"""`-o FORMAT` and `-o FORMAT=FILE`: where a report goes."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from undrift.errors import UndriftError, UsageError
from undrift.model.report import ScanReport
from undrift.render import FORMATS
from undrift.render.human import View
from undrift.render.style import Style, wants_color


@dataclass(frozen=True, slots=True)
class Output:
    format: str
    file: str = ""  #: empty: standard output


class OutputError(UndriftError):
    """A report that could not be written; the others were."""

    code = "output"


def parse_outputs(words: Sequence[str]) -> list[Output]:
    """Raises UsageError for an unknown format, or two reports for standard output."""
    outputs = []
    for word in words or ["human"]:
        name, _, file = word.partition("=")
        if name not in FORMATS:
            raise UsageError(f"-o {word}: there is no format {name!r}", help=f"formats: {', '.join(FORMATS)}")
        outputs.append(Output(name, file))
    if sum(not output.file for output in outputs) > 1:
        raise UsageError(
            "only one format can go to standard output", help="give the others a file: -o json=scan.json"
        )
    return outputs


def write_outputs(report: ScanReport, outputs: Sequence[Output], view: View) -> None:
    """Write all of them; then raise OutputError for the first that could not be written."""
    problems = []
    for output in outputs:
        text = render(report, output, view)
        try:
            _write_file(Path(output.file), text) if output.file else _write_stdout(text)
        except BrokenPipeError:
            raise
        except OSError as problem:
            problems.append(
                OutputError(f"the report could not be written: {problem.strerror}", where=output.file)
            )
    if problems:
        raise problems[0]


def render(report: ScanReport, output: Output, view: View) -> str:
    if output.format == "human":
        from undrift.render import human

        return human.render(
            report, view if not output.file else View(unknown=view.unknown, diff=view.diff, whole_diff=True)
        )
    if output.format == "junit":
        from undrift.render import junit

        return junit.render(report)
    from undrift.render import as_json

    return as_json.render(report) if output.format == "json" else as_json.render_lines(report)


def style_of(environment: Mapping[str, str]) -> Style:
    color = wants_color(environment, terminal=sys.stdout.isatty())
    try:
        width = os.get_terminal_size(sys.stdout.fileno()).columns
    except (OSError, ValueError):
        width = 100
    return Style(color=color, width=width)


def _write_stdout(text: str) -> None:
    sys.stdout.write(text)
    sys.stdout.flush()


def _write_file(path: Path, text: str) -> None:
    """Whole or not at all."""
    with tempfile.NamedTemporaryFile("w", dir=path.parent, delete=False, encoding="utf-8") as file:
        file.write(text)
    try:
        os.chmod(file.name, 0o644)  # noqa: PTH101 - as open() would make it
        os.replace(file.name, path)  # noqa: PTH105 - the same
    except OSError:
        Path(file.name).unlink(missing_ok=True)
        raise
