"""A correction for people: the plan before it, and what became of it."""

from __future__ import annotations

from collections.abc import Iterator

from undrift.model.correction import Correction, Outcome, is_planned, outcome_of
from undrift.model.finding import Finding
from undrift.model.report import HostReport
from undrift.model.verdict import ReasonClass, Verdict
from undrift.render.details import finding_lines, short_path
from undrift.render.style import Style
from undrift.render.texts import every_text, indented, visible
from undrift.render.view import View, count, names

SIGNS = {
    Outcome.CORRECTED: ("✔", "green"),
    Outcome.UNCHANGED: ("=", "green"),
    Outcome.FAILED: ("!", "red"),
    Outcome.UNREACHABLE: ("!", "red"),
    Outcome.LOCKED: ("!", "yellow"),
}


def plan(correction: Correction, view: View) -> str:
    """What would be changed, and what else would run."""
    return "\n".join(_plan(every_text(correction, visible), view)) + "\n"


def render(correction: Correction, view: View) -> str:
    """What became of it."""
    return "\n".join(_done(every_text(correction, visible), view)) + "\n"


def _plan(correction: Correction, view: View) -> Iterator[str]:
    style = view.style
    for host in correction.plan.hosts:
        if host.name not in correction.hosts:
            continue
        differing = [one for one in host.findings if is_planned(one)]
        yield f"  {style(host.name, 'bold')}   {style(f'{len(differing)} to change', 'yellow')}"
        yield from finding_lines([one for one in host.findings if _is_shown(one)], view)
        blind = [one for one in host.findings if _runs_blindly(one)]
        if blind:
            yield style(f"    will run, effect unknown: {', '.join(map(_named, blind))}", "cyan")
    yield ""
    yield f"{count(len(correction.hosts), 'host')} of {len(correction.plan.hosts)} would be changed: {names(correction.hosts)}"
    yield from _silent(correction, style)


def _is_shown(finding: Finding) -> bool:
    return is_planned(finding) or finding.verdict is Verdict.FAILED


def _runs_blindly(finding: Finding) -> bool:
    reason = finding.reason
    return (
        finding.verdict is Verdict.UNKNOWN and reason is not None and reason.kind is ReasonClass.UNPREVIEWABLE
    )


def _named(finding: Finding) -> str:
    return f"{finding.task} ({short_path(finding.file)}:{finding.line})"


def _silent(correction: Correction, style: Style) -> Iterator[str]:
    for host in correction.plan.hosts:
        if host.error is not None:
            yield style(f"{host.name} is left alone: {host.error.text}", "red")


def _done(correction: Correction, view: View) -> Iterator[str]:
    style = view.style
    if correction.declined:
        yield "nothing was changed"
        return
    if correction.done is None:
        yield from _nothing(correction, style)
        return
    for host in correction.done.hosts:
        yield from _host(host, view)
    yield ""
    yield _totals(correction, style)
    yield from _silent(correction, style)
    for warning in correction.done.warnings:
        yield style(f"warning: {indented(warning, 2)}", "yellow")
    yield style(
        f"run {correction.run_id}: remembered on each server in /var/lib/undrift/{correction.run_id}", "dim"
    )


def _nothing(correction: Correction, style: Style) -> Iterator[str]:
    yield from _silent(correction, style)
    checked = sum(host.checked for host in correction.plan.hosts)
    total = sum(host.checkable for host in correction.plan.hosts)
    yield f"nothing to change on {count(len(correction.plan.hosts), 'host')}: {checked} of {total} tasks checked"


def _host(host: HostReport, view: View) -> Iterator[str]:
    outcome = outcome_of(host)
    sign, color = SIGNS[outcome]
    yield f"  {view.style(sign, color)} {view.style(host.name, 'bold')}   {view.style(str(outcome), color)}"
    if host.error is not None:
        yield f"    {view.style('!', 'red')} {indented(host.error.text, 6)}"
        if host.error.help:
            yield f"      help: {indented(host.error.help, 8)}"
    told = [one for one in host.findings if one.outcome is not None or one.verdict is Verdict.FAILED]
    for one in told:
        yield from _finding(one, view)


def _finding(finding: Finding, view: View) -> Iterator[str]:
    resource = str(finding.resource) if finding.resource.id else finding.task
    item = f" [{finding.item}]" if finding.item and finding.item not in resource else ""
    place = view.style(f"{short_path(finding.file)}:{finding.line}", "dim")
    failed = finding.outcome == "failed" or finding.verdict is Verdict.FAILED
    sign = view.style("!", "red") if failed else view.style("✔", "green")
    yield f"    {sign} {resource}{item}   {'failed' if failed else 'changed'}  {place}"
    if finding.reason is not None:
        yield f"        {indented(finding.reason.text, 8)}"


def _totals(correction: Correction, style: Style) -> str:
    hosts = correction.done.hosts if correction.done is not None else ()
    outcomes = [outcome_of(host) for host in hosts]
    counts = [
        style(f"{outcomes.count(word)} {word}", SIGNS[word][1]) for word in Outcome if outcomes.count(word)
    ]
    seconds = correction.done.duration_s if correction.done is not None else 0.0
    return f"{' · '.join(counts)}     in {seconds:.1f} s"
