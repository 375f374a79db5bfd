"""For people: what differs, where, what is not known and why, and what to type next."""

from __future__ import annotations

import os
import shlex
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from undrift.model.finding import Difference, Finding
from undrift.model.report import HostReport, ScanReport, is_failed_check
from undrift.model.verdict import ReasonClass, Verdict
from undrift.render.style import PLAIN, Style

#: Symbol and color; the word stands beside it, so that neither is needed.
SIGNS = {
    Verdict.DRIFTED: ("~", "yellow"),
    Verdict.PENDING: ("+", "blue"),
    Verdict.FAILED: ("!", "red"),
    Verdict.UNKNOWN: ("?", "cyan"),
    Verdict.UNREACHABLE: ("!", "red"),
    Verdict.IN_SYNC: ("=", "green"),
    Verdict.ACCEPTED: ("=", "green"),
    Verdict.ACT: ("*", "dim"),
}
WORDS = {Verdict.IN_SYNC: "in sync"}
#: Drift on at least so many hosts is told once for all of them.
SHARED = 3
#: The longest diff that is shown whole without --diff, in lines.
DIFF_LINES = 24


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """What the user wants to see of it."""

    style: Style = PLAIN
    unknown: bool = False  #: list what could not be checked by nature
    diff: bool = True
    whole_diff: bool = False
    next_command: str = ""  #: the command line so far but its --limit, to build the next one from
    limit: str = ""


def render(report: ScanReport, view: View | None = None) -> str:
    return "\n".join(_lines(report, view or View())) + "\n"


def _lines(report: ScanReport, view: View) -> Iterator[str]:
    style = view.style
    for what in report.ran:
        yield style("ran, because it says check_mode: false: ", "yellow") + what
    shared = _shared(report)
    first = {one.fingerprint: one for host in reversed(report.hosts) for one in host.findings}
    for hosts, fingerprints in _by_hosts(shared).items():
        yield from _on_many([first[one] for one in fingerprints], hosts, len(report.hosts), view)
    for host in report.hosts:
        yield from _host(host, shared, view)
    if report.interrupted:
        yield style("interrupted: what follows is what was known by then", "red")
    yield ""
    yield _totals(report, style)
    yield from _after(report, view)


# -- one host ---------------------------------------------------------------------------------------------------


def _host(host: HostReport, shared: dict[str, list[str]], view: View) -> Iterator[str]:
    style = view.style
    told = [one for one in host.findings if _is_told(one, view) and one.fingerprint not in shared]
    if not told and host.error is None:
        return
    yield f"  {style(host.name, 'bold')}   {_verdict_words(host, style)}"
    if host.error is not None:
        yield f"    {style('!', 'red')} {host.error.text}"
        if host.error.help:
            yield f"      help: {host.error.help}"
    for number, finding in enumerate(told):
        if finding.after_failure and not any(one.after_failure for one in told[:number]):
            yield style("    from here on checked all the same: a run would stop before it", "dim")
        yield from _finding(finding, view)


def _is_told(finding: Finding, view: View) -> bool:
    if finding.verdict is Verdict.ACT:
        return False
    return finding.verdict is not Verdict.UNKNOWN or view.unknown or is_failed_check(finding)


def _verdict_words(host: HostReport, style: Style) -> str:
    if host.verdict is Verdict.UNREACHABLE:
        return style("unreachable", "red")
    counts = [
        style(f"{host.tasks[verdict]} {verdict}", SIGNS[verdict][1])
        for verdict in (Verdict.DRIFTED, Verdict.PENDING, Verdict.FAILED, Verdict.UNKNOWN)
        if host.tasks.get(verdict)
    ]
    return " · ".join(counts) or "in sync"


def _finding(finding: Finding, view: View) -> Iterator[str]:
    style = view.style
    sign, color = SIGNS[finding.verdict]
    place = style(f"{_short(finding.file)}:{finding.line}", "dim")
    what = style(str(finding.resource) or finding.task, "bold")
    item = f" [{finding.item}]" if finding.item and finding.item not in str(finding.resource) else ""
    head = f"    {style(sign, color)} {what}{item}  {_headline(finding)}"
    yield f"{head}  {place}"
    yield from _details(finding, view)


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
        for line in finding.reason.text.splitlines():
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
        yield style(f"        would notify: {', '.join(finding.would_notify)}", "dim")


def _diff(diff: str, view: View) -> Iterator[str]:
    lines = [line for line in diff.splitlines() if not line.startswith(("--- ", "+++ ", "@@"))]
    shown = lines if view.whole_diff else lines[:DIFF_LINES]
    for line in shown:
        color = {"+": "green", "-": "red"}.get(line[:1])
        yield "        " + (view.style(line, color) if color else line)
    if len(lines) > len(shown):
        yield view.style(f"        ... {len(lines) - len(shown)} more lines (-v shows them)", "dim")


def difference_line(each: Difference) -> str:
    return f"{each.field}: want {_value(each.want)}, have {_value(each.have)}"


def _value(value: Any) -> str:
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(map(_value, value)) or "nothing"
    return str(value)


# -- the same on many hosts ---------------------------------------------------------------------------------------


def _shared(report: ScanReport) -> dict[str, list[str]]:
    """{fingerprint: hosts} of the drift that is the same on many hosts, the most hosts first."""
    found: dict[str, list[str]] = {}
    for host in report.hosts:
        for finding in host.findings:
            if finding.verdict in {Verdict.DRIFTED, Verdict.PENDING, Verdict.FAILED}:
                found.setdefault(finding.fingerprint, []).append(host.name)
    many = {key: hosts for key, hosts in found.items() if len(hosts) >= SHARED}
    return dict(sorted(many.items(), key=lambda entry: -len(entry[1])))


def _by_hosts(shared: dict[str, list[str]]) -> dict[tuple[str, ...], list[str]]:
    """{hosts: what they share}, in the same order."""
    found: dict[tuple[str, ...], list[str]] = {}
    for fingerprint, hosts in shared.items():
        found.setdefault(tuple(hosts), []).append(fingerprint)
    return found


def _on_many(findings: Sequence[Finding], hosts: Sequence[str], total: int, view: View) -> Iterator[str]:
    names = ", ".join(hosts[:5]) + (f" and {len(hosts) - 5} more" if len(hosts) > 5 else "")
    yield f"  {view.style(f'{len(hosts)} of {total} hosts the same', 'bold')}   {names}"
    for finding in findings:
        yield from _finding(finding, view)


# -- the end ------------------------------------------------------------------------------------------------------


def _totals(report: ScanReport, style: Style) -> str:
    hosts = Counter(host.verdict for host in report.hosts)
    order = (
        Verdict.IN_SYNC,
        Verdict.DRIFTED,
        Verdict.PENDING,
        Verdict.FAILED,
        Verdict.UNKNOWN,
        Verdict.ACCEPTED,
        Verdict.UNREACHABLE,
    )
    counts = [
        style(f"{hosts[verdict]} {WORDS.get(verdict, str(verdict))}", SIGNS[verdict][1])
        for verdict in order
        if hosts[verdict]
    ]
    total = sum(host.checkable for host in report.hosts)
    checked = sum(host.checked for host in report.hosts)
    coverage = f"{checked} of {total} tasks checked ({report.coverage:.0f} %)"
    return f"{' · '.join(counts) or 'no hosts'}     {coverage} in {report.duration_s:.1f} s"


def _after(report: ScanReport, view: View) -> Iterator[str]:
    style = view.style
    unknown = [
        (host.name, one)
        for host in report.hosts
        for one in host.findings
        if one.verdict is Verdict.UNKNOWN and one.reason and one.reason.kind is ReasonClass.UNPREVIEWABLE
    ]
    if unknown and not view.unknown:
        limit = f" -l {shlex.quote(view.limit)}" if view.limit else ""
        more = f"{view.next_command}{limit} --unknown" if view.next_command else "--unknown"
        yield style(f"{len(unknown)} could not be previewed: {more} lists them and says why", "dim")
    if report.probes_held_back:
        yield style(
            f"{report.probes_held_back} read-only commands were not run; --run-probes runs them and would tell more",
            "dim",
        )
    acts = sum(one.verdict is Verdict.ACT for host in report.hosts for one in host.findings)
    if acts:
        yield style(
            f"{acts} are acts and no state (a restart, a touch): a run would do them, they are no drift",
            "dim",
        )
    for warning in report.warnings:
        yield style(f"warning: {warning}", "yellow")
    drifted = [host.name for host in report.hosts if host.verdict in {Verdict.DRIFTED, Verdict.PENDING}]
    if drifted and view.next_command:
        yield f"next: {view.next_command} -l {','.join(drifted[:5])} -v"


def _short(path: str) -> str:
    """The path as seen from here, when that is shorter."""
    if not path:
        return ""
    relative = os.path.relpath(path)
    return relative if len(relative) < len(path) else path
