"""The end of a report for people: totals, why it is not whole, what was left out, and what to type next."""

from __future__ import annotations

import shlex
from collections import Counter
from collections.abc import Iterator

from undrift.model.report import ScanReport, is_failed_check
from undrift.model.verdict import ReasonClass, Verdict
from undrift.render.details import is_cut
from undrift.render.style import Style
from undrift.render.texts import indented
from undrift.render.view import SIGNS, WORDS, View, count, is_of_error, told

ORDER = (
    Verdict.IN_SYNC,
    Verdict.DRIFTED,
    Verdict.PENDING,
    Verdict.FAILED,
    Verdict.UNKNOWN,
    Verdict.ACCEPTED,
    Verdict.UNREACHABLE,
)
#: A note names so many of its hosts.
NAMED = 5
#: The next command names the hosts that differ, up to so many of them.
NAMED_NEXT = 20


def ending(report: ScanReport, view: View) -> Iterator[str]:
    """Its lines: the totals, and of the rest what there is to say."""
    style = view.style
    yield _totals(report, style)
    reasons = list(_reasons(report, view))
    if reasons:
        status = "" if report.interrupted else ", so the exit status is 4"
        yield style(f"incomplete{status}: {' · '.join(reasons)}", "red")
    for note in _notes(report, view):
        yield style(note, "dim")
    for warning in report.warnings:
        yield style(f"warning: {indented(warning, 2)}", "yellow")
    command = _next(report, view)
    if command:
        yield f"next: {command}"


def _totals(report: ScanReport, style: Style) -> str:
    hosts = Counter(host.verdict for host in report.hosts)
    counts = [
        style(f"{hosts[verdict]} {WORDS.get(verdict, str(verdict))}", SIGNS[verdict][1])
        for verdict in ORDER
        if hosts[verdict]
    ]
    return f"{' · '.join(counts) or 'no hosts'}     {_coverage(report)} in {report.duration_s:.1f} s"


def _coverage(report: ScanReport) -> str:
    total = sum(host.checkable for host in report.hosts)
    checked = sum(host.checked for host in report.hosts)
    if not total:
        return "no task applied, nothing was checked"
    return f"{checked} of {total} tasks checked ({_percent(checked, total)} %)"


def _percent(part: int, total: int) -> int:
    """999 of 1000 are not 100 %."""
    return min(round(100 * part / total), 99) if part < total else 100


def _reasons(report: ScanReport, view: View) -> Iterator[str]:
    """Why the answer is not whole; see scan.outcome for the exit status that goes with it."""
    failed = report.tasks.get(Verdict.FAILED, 0)
    if failed:
        yield f"{count(failed, 'task')} would fail"
    broken = sum(
        is_failed_check(one) and not is_of_error(one, host) for host in report.hosts for one in host.findings
    )
    if broken:
        yield f"{broken} could not be checked because something failed"
    silent = sum(host.error is not None for host in report.hosts)
    if silent:
        yield f"{count(silent, 'host')} gave no whole answer"
    if view.strict and _unpreviewable(report):
        yield f"{_unpreviewable(report)} could not be previewed (--strict)"
    if view.min_coverage is not None and report.coverage < view.min_coverage:
        yield f"less than {view.min_coverage:g} % was checked (--min-coverage)"


def _unpreviewable(report: ScanReport) -> int:
    return sum(
        one.verdict is Verdict.UNKNOWN
        and one.reason is not None
        and one.reason.kind is ReasonClass.UNPREVIEWABLE
        for host in report.hosts
        for one in host.findings
    )


def _notes(report: ScanReport, view: View) -> Iterator[str]:
    unknown = _unpreviewable(report)
    if unknown and not view.unknown:
        more = f"{_with_limit(view)} --unknown" if view.next_command else "--unknown"
        yield f"{unknown} could not be previewed: {more} lists them and says why"
    if report.probes_held_back:
        yield _probes(report)
    yield from _judged(report)
    acts = sum(one.verdict is Verdict.ACT for host in report.hosts for one in host.findings)
    if acts:
        yield f"{acts} are acts and no state (a restart, a touch): a run would do them, they are no drift"


def _judged(report: ScanReport) -> Iterator[str]:
    """By what some of it was judged, with the hosts where that is so."""
    hosts: dict[str, list[str]] = {}
    for host in report.hosts:
        for note in host.notes:
            hosts.setdefault(note, []).append(host.name)
    for note, names in hosts.items():
        more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
        yield f"{note}: {', '.join(names[:NAMED])}{more}"


def _probes(report: ScanReport) -> str:
    """What --run-probes would bring."""
    number = report.probes_held_back
    held = f"{count(number, 'command')} with changed_when: false {'was' if number == 1 else 'were'} not run"
    would = report.probes_would_check
    total = sum(host.checkable for host in report.hosts)
    checked = sum(host.checked for host in report.hosts)
    more = f"; {_percent(checked + would, total)} % would be checked" if would and total else ""
    return f"{held}: --run-probes runs what says so{more}"


def _next(report: ScanReport, view: View) -> str:
    """The command that looks again at what differs, and shows whole what was cut; empty when nothing differs."""
    differing = [host for host in report.hosts if host.verdict in {Verdict.DRIFTED, Verdict.PENDING}]
    if not differing or not view.next_command:
        return ""
    names = shlex.quote(",".join(host.name for host in differing))
    command = f"{view.next_command} -l {names}" if len(differing) <= NAMED_NEXT else _with_limit(view)
    cut = any(is_cut(one, view) for host in differing for one in told(host, view))
    return f"{command} -v" if cut else command


def _with_limit(view: View) -> str:
    return f"{view.next_command} -l {shlex.quote(view.limit)}" if view.limit else view.next_command
