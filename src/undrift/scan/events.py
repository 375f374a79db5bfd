"""What a scan says while it goes on: the terminal, and later the store and the dashboard, listen."""

from __future__ import annotations

from dataclasses import dataclass

from undrift.model.report import HostReport

#: What a walk does, in a word for people.
SCANNING, CORRECTING = "scanning", "correcting"


@dataclass(frozen=True, slots=True)
class Phase:
    """What is being done, in a few words."""

    text: str


@dataclass(frozen=True, slots=True)
class Started:
    """These hosts take part (with those of an earlier play). doing: SCANNING or CORRECTING."""

    hosts: tuple[str, ...]
    doing: str = SCANNING


@dataclass(frozen=True, slots=True)
class HostDone:
    """A host's report is here. done, total: hosts reported, hosts known by now."""

    report: HostReport
    done: int
    total: int


@dataclass(frozen=True, slots=True)
class Note:
    """A line for those who asked for it with so many -v."""

    text: str
    verbosity: int = 1


Event = Phase | Started | HostDone | Note
