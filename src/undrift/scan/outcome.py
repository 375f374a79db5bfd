"""What a scan's report means for the shell."""

from __future__ import annotations

from collections.abc import Iterator

from undrift.exits import Exit, strongest
from undrift.model.report import ScanReport, is_failed_check
from undrift.model.verdict import Verdict


def exit_of(report: ScanReport, *, strict: bool = False, min_coverage: float | None = None) -> Exit:
    """
    The exit code. strict: what cannot be previewed by nature makes the answer incomplete, too; so does a coverage
    below min_coverage (percent).
    """
    return strongest(_exits(report, strict=strict, min_coverage=min_coverage))


def _exits(report: ScanReport, *, strict: bool, min_coverage: float | None) -> Iterator[Exit]:
    if report.interrupted:
        yield Exit.INTERRUPTED
    tasks = report.tasks
    if tasks.get(Verdict.DRIFTED) or tasks.get(Verdict.PENDING):
        yield Exit.DIFFERS
    for host in report.hosts:
        if host.error is not None or tasks.get(Verdict.FAILED) or any(map(is_failed_check, host.findings)):
            yield Exit.INCOMPLETE
    if strict and tasks.get(Verdict.UNKNOWN):
        yield Exit.INCOMPLETE
    if min_coverage is not None and report.coverage < min_coverage:
        yield Exit.INCOMPLETE
