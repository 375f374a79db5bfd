from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from undrift.model.finding import Finding
from undrift.model.verdict import ReasonClass, Verdict

#: The verdicts that a task was checked with.
CHECKED = frozenset(
    {Verdict.IN_SYNC, Verdict.DRIFTED, Verdict.PENDING, Verdict.ACCEPTED, Verdict.FAILED, Verdict.ACT}
)

#: The code of errors.Unreachable: the model imports nothing of ours.
UNREACHABLE = "host.unreachable"


@dataclass(frozen=True, kw_only=True)
class HostError:
    """Why a host gave no whole answer. `code` as in undrift.errors, or `interrupted`."""

    code: str
    text: str
    help: str = ""


@dataclass(frozen=True, kw_only=True)
class HostReport:
    """All that was found on one host. `tasks` counts findings by verdict; skipped tasks have no finding."""

    name: str
    findings: tuple[Finding, ...] = ()
    error: HostError | None = None
    tasks: Mapping[Verdict, int] = field(default_factory=dict)
    notes: tuple[str, ...] = ()  #: by what some of it was judged

    @property
    def verdict(self) -> Verdict:
        """
        The word for the whole host: the worst that is said of any of its tasks, unknown last of the bad ones. A host
        that gave no whole answer is never in sync; nor does what the controller alone can tell (a set_fact) make a
        host reachable.
        """
        for word in (Verdict.DRIFTED, Verdict.PENDING, Verdict.FAILED):
            if self.tasks.get(word):
                return word
        if self.error is not None and self.error.code == UNREACHABLE:
            return Verdict.UNREACHABLE
        if self.error is not None or any(is_failed_check(finding) for finding in self.findings):
            return Verdict.UNKNOWN
        return Verdict.ACCEPTED if self.tasks.get(Verdict.ACCEPTED) else Verdict.IN_SYNC

    @property
    def checked(self) -> int:
        """How many of the tasks have a verdict of CHECKED."""
        return sum(count for verdict, count in self.tasks.items() if verdict in CHECKED)

    @property
    def checkable(self) -> int:
        """All tasks that apply to this host: what was skipped is none of them."""
        return sum(count for verdict, count in self.tasks.items() if verdict is not Verdict.SKIPPED)


@dataclass(frozen=True, kw_only=True)
class ScanReport:
    """
    What one scan looked with, and a report for each host that took part. versions: of undrift and
    ansible_core.
    """

    run_id: str
    playbook: str
    revision: str  #: of the git repository the playbook lies in; empty when it lies in none
    dirty: bool  #: the repository has changes that are not committed
    started_at: str  #: ISO 8601, UTC
    duration_s: float
    versions: Mapping[str, str]
    hosts: tuple[HostReport, ...]
    interrupted: bool = False
    probes_held_back: int = 0  #: probes that were not run, for want of --run-probes
    #: what was run on the servers because the playbook says check_mode: false; task and file:line
    ran: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()

    @property
    def tasks(self) -> Mapping[Verdict, int]:
        """The tasks of all hosts together, counted by verdict."""
        total: Counter[Verdict] = Counter()
        for host in self.hosts:
            total.update(host.tasks)
        return total

    @property
    def probes_would_check(self) -> int:
        """How many tasks are unknown for want of a probe's answer, the probes themselves among them."""
        findings = [one for host in self.hosts for one in host.findings]
        return sum(one.reason is not None and one.reason.probe for one in findings)

    @property
    def coverage(self) -> float:
        """The checked share of all tasks that apply, 0 to 100; 100 when there are none."""
        checkable = sum(host.checkable for host in self.hosts)
        return 100.0 if not checkable else 100.0 * sum(host.checked for host in self.hosts) / checkable


def is_failed_check(finding: Finding) -> bool:
    """Whether we tried to check it and could not: that is never in sync."""
    return (
        finding.verdict is Verdict.UNKNOWN
        and finding.reason is not None
        and finding.reason.kind is ReasonClass.FAILED
    )
