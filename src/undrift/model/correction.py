"""A correction: the plan, and what became of it."""

from __future__ import annotations

import enum
from dataclasses import dataclass

from undrift.model.finding import Finding
from undrift.model.report import HostReport, ScanReport
from undrift.model.verdict import Verdict


class Outcome(enum.StrEnum):
    """What became of a host."""

    CORRECTED = "corrected"  #: all that the plan says is done, and was seen to be
    UNCHANGED = "unchanged"  #: nothing was left to do
    FAILED = "failed"  #: a task failed: what came before it is done, what comes after it is not
    UNREACHABLE = "unreachable"  #: no session could be opened, or it was lost
    LOCKED = "locked"  #: another correction is at work there


@dataclass(frozen=True, kw_only=True)
class Correction:
    """
    plan: as scanned, before anything was done. done: of the hosts that were touched; None when nothing was to be done,
    or the plan was declined.
    """

    run_id: str
    plan: ScanReport
    hosts: tuple[str, ...]  #: those that the plan touches
    done: ScanReport | None = None
    declined: bool = False


def is_planned(finding: Finding) -> bool:
    """Whether a correction would change something for it that is known now."""
    return finding.verdict in {Verdict.DRIFTED, Verdict.PENDING}


def outcome_of(report: HostReport) -> Outcome:
    if report.error is not None:
        return Outcome.LOCKED if report.error.code == "host.locked" else Outcome.UNREACHABLE
    outcomes = {finding.outcome for finding in report.findings}
    if "failed" in outcomes or report.tasks.get(Verdict.FAILED):
        return Outcome.FAILED
    return Outcome.CORRECTED if "changed" in outcomes else Outcome.UNCHANGED
