"""`-o FORMAT` and `-o FORMAT=FILE`: where a report goes."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from undrift.cli import files
from undrift.errors import UndriftError, UsageError
from undrift.model.correction import Correction
from undrift.model.report import ScanReport
from undrift.render import FORMATS
from undrift.render.style import PLAIN, Style, wants_color
from undrift.render.view import View


@dataclass(frozen=True, slots=True)
class Output:
    """One report. format: of render.FORMATS."""

    format: str
    file: str = ""  #: empty: standard output


class OutputError(UndriftError):
    """A report that could not be written; the others were."""

    code = "output"


def parse_outputs(words: Sequence[str], formats: Sequence[str] = FORMATS) -> list[Output]:
    """formats: those that the command has. Raises UsageError for an unknown format, two reports for standard output, or a file that cannot be written."""
    outputs = [_output(word, formats) for word in words or ["human"]]
    if sum(not output.file for output in outputs) > 1:
        raise UsageError(
            "only one format can go to standard output", help="give the others a file: -o json=scan.json"
        )
    for output in outputs:
        if output.file:
            files.check_writable(output.file)
    return outputs


def _output(word: str, formats: Sequence[str]) -> Output:
    name, named, file = word.partition("=")
    if name not in formats:
        raise UsageError(f"-o {word}: there is no format {name!r}", help=f"formats: {', '.join(formats)}")
    if named and not file:
        raise UsageError(f"-o {word}: no file is named", help=f"-o {name}=FILE, or -o {name} to see it here")
    return Output(name, file)


def write_outputs(report: ScanReport, outputs: Sequence[Output], view: View) -> None:
    """Write all of them; then raise OutputError for the first that could not be written."""
    _write_all((output, render(report, output, view)) for output in outputs)


def write_correction(correction: Correction, outputs: Sequence[Output], view: View) -> None:
    """As write_outputs."""
    _write_all((output, _rendered(correction, output, view)) for output in outputs)


def _rendered(correction: Correction, output: Output, view: View) -> str:
    if output.format == "json":
        from undrift.render import as_json

        return as_json.render_correction(correction)
    from undrift.render import correction as human

    return human.render(correction, replace(view, style=PLAIN, whole_diff=True) if output.file else view)


def _write_all(texts: Iterable[tuple[Output, str]]) -> None:
    problems = []
    for output, text in texts:
        try:
            _write(text, output)
        except BrokenPipeError:
            raise
        except OSError as problem:
            where = output.file or "standard output"
            problems.append(OutputError(f"the report could not be written: {problem.strerror}", where=where))
    if problems:
        raise problems[0]


def render(report: ScanReport, output: Output, view: View) -> str:
    """The report as text in the output's format; for people in a file: without color, with whole diffs."""
    if output.format == "human":
        from undrift.render import human

        return human.render(report, replace(view, style=PLAIN, whole_diff=True) if output.file else view)
    if output.format == "junit":
        from undrift.render import junit

        return junit.render(report)
    from undrift.render import as_json

    return as_json.render(report) if output.format == "json" else as_json.render_lines(report)


def style_of(environment: Mapping[str, str]) -> Style:
    """The style for standard output: colored as render.style.wants_color says."""
    return Style(color=wants_color(environment, terminal=sys.stdout.isatty()))


def _write(text: str, output: Output) -> None:
    if output.file:
        files.write(output.file, text.encode())
    elif output.format == "human":
        # The terminal's own encoding, whatever it is, must not lose a report.
        _write_stdout(text.encode(sys.stdout.encoding or "utf-8", "backslashreplace"))
    else:
        _write_stdout(text.encode())


def _write_stdout(data: bytes) -> None:
    try:
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        raise
    except OSError:
        leave_stdout()
        raise


def leave_stdout() -> None:
    """Standard output takes nothing any more (`| head`, a full disk): say nothing more, not even on the way out."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
