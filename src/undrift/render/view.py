"""How people see a report: what they want of it, and the signs and colors of the verdicts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from undrift.model.finding import Finding
from undrift.model.report import HostReport, is_failed_check
from undrift.model.verdict import Verdict
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
#: So many hosts are named where many are alike.
NAMED = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """What the user wants to see of it."""

    style: Style = PLAIN
    unknown: bool = False  #: list what could not be checked by nature
    diff: bool = True
    whole_diff: bool = False
    next_command: str = ""  #: the command line so far but its --limit, to build the next one from
    limit: str = ""
    strict: bool = False  #: what cannot be previewed makes the answer incomplete
    min_coverage: float | None = None  #: so does a coverage below this, in percent


def told(host: HostReport, view: View) -> list[Finding]:
    """
    What is listed of a host: acts never, what nobody can preview on demand, what could not be checked because of the
    host's error by that error alone.
    """
    return [one for one in host.findings if _is_told(one, view) and not is_of_error(one, host)]


def is_of_error(finding: Finding, host: HostReport) -> bool:
    """Whether it could not be checked for the reason that the host's error gives."""
    return (
        host.error is not None
        and is_failed_check(finding)
        and finding.reason is not None
        and finding.reason.text == host.error.text
    )


def _is_told(finding: Finding, view: View) -> bool:
    if finding.verdict is Verdict.ACT:
        return False
    return finding.verdict is not Verdict.UNKNOWN or view.unknown or is_failed_check(finding)


def names(hosts: Sequence[str]) -> str:
    """The first NAMED of the hosts, and how many more there are."""
    more = len(hosts) - NAMED
    return ", ".join(hosts[:NAMED]) + (f" and {more} more" if more > 0 else "")


def count(number: int, word: str) -> str:
    """`1 host`, `2 hosts`: the word takes an s for all but one."""
    return f"{number} {word}" if number == 1 else f"{number} {word}s"
