"""For people: what differs, where, what is not known and why, and what to type next."""

from __future__ import annotations

from collections.abc import Iterator

from undrift.model.finding import Finding
from undrift.model.report import HostError, HostReport, ScanReport
from undrift.model.verdict import Verdict
from undrift.render.details import finding_lines
from undrift.render.ending import ending
from undrift.render.groups import (
    Likeness,
    Trouble,
    by_hosts,
    in_sync,
    likeness,
    shared_errors,
    shared_findings,
    trouble,
)
from undrift.render.style import Style
from undrift.render.texts import every_text, indented, visible
from undrift.render.view import SIGNS, WORDS, View, names, told


def render(report: ScanReport, view: View | None = None) -> str:
    """The report as text, with control characters made visible. view: None: View's defaults."""
    return "\n".join(_lines(every_text(report, visible), view or View())) + "\n"


def _lines(report: ScanReport, view: View) -> Iterator[str]:
    style = view.style
    for what in report.ran:
        yield style("ran, because it says check_mode: false: ", "yellow") + indented(what, 2)
    findings, errors = shared_findings(report, view), shared_errors(report)
    yield from _findings_of_many(report, findings, view)
    yield from _errors_of_many(report, errors, view)
    for host in report.hosts:
        yield from _host(host, findings, errors, view)
    yield from _in_sync(report, style)
    if report.interrupted:
        yield style("interrupted: this is what was known by then", "red")
    yield ""
    yield from ending(report, view)


def _findings_of_many(
    report: ScanReport, shared: dict[Likeness, tuple[str, ...]], view: View
) -> Iterator[str]:
    examples: dict[Likeness, Finding] = {}
    for host in report.hosts:
        for finding in host.findings:
            examples.setdefault(likeness(finding), finding)
    for hosts, alike in by_hosts(shared).items():
        yield _heading(hosts, report, view.style)
        yield from finding_lines([one for key, one in examples.items() if key in alike], view)


def _errors_of_many(report: ScanReport, shared: dict[Trouble, tuple[str, ...]], view: View) -> Iterator[str]:
    examples = {trouble(host, host.error): host for host in reversed(report.hosts) if host.error is not None}
    for key, hosts in shared.items():
        example = examples[key]
        yield f"{_heading(hosts, report, view.style)}   {_verdict_words(example, view.style)}"
        if example.error is not None:
            yield from _error(example.error, view.style, f" (so says {example.name})")


def _heading(hosts: tuple[str, ...], report: ScanReport, style: Style) -> str:
    return f"  {style(f'{len(hosts)} of {len(report.hosts)} hosts the same', 'bold')}   {names(hosts)}"


def _host(
    host: HostReport,
    findings: dict[Likeness, tuple[str, ...]],
    errors: dict[Trouble, tuple[str, ...]],
    view: View,
) -> Iterator[str]:
    """What is this host's own."""
    own = [one for one in told(host, view) if likeness(one) not in findings]
    error = host.error if host.error and trouble(host, host.error) not in errors else None
    if not own and error is None:
        return
    yield f"  {view.style(host.name, 'bold')}   {_verdict_words(host, view.style)}"
    if error is not None:
        yield from _error(error, view.style)
    yield from finding_lines(own, view)


def _error(error: HostError, style: Style, whose: str = "") -> Iterator[str]:
    yield f"    {style('!', 'red')} {indented(error.text, 6)}{style(whose, 'dim')}"
    if error.help:
        yield f"      help: {indented(error.help, 8)}"


def _verdict_words(host: HostReport, style: Style) -> str:
    if host.verdict is Verdict.UNREACHABLE:
        return style("unreachable", "red")
    if host.verdict is Verdict.IN_SYNC:
        return style(_coverage(host.checked, host.checkable), "green")
    counts = [
        style(f"{host.tasks[verdict]} {verdict}", SIGNS[verdict][1])
        for verdict in (Verdict.DRIFTED, Verdict.PENDING, Verdict.FAILED, Verdict.UNKNOWN)
        if host.tasks.get(verdict)
    ]
    return " · ".join(counts) or style(str(host.verdict), SIGNS[host.verdict][1])


def _in_sync(report: ScanReport, style: Style) -> Iterator[str]:
    for (checked, checkable), hosts in in_sync(report).items():
        sign, color = SIGNS[Verdict.IN_SYNC]
        yield f"  {style(sign, color)} {style(_coverage(checked, checkable), color)}   {names(hosts)}"


def _coverage(checked: int, checkable: int) -> str:
    return f"{WORDS[Verdict.IN_SYNC]}, {checked} of {checkable} checked" if checkable else "no task applied"
