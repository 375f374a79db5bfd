"""What a host's walk waits for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from undrift.walk.slots import Slot

Position = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Answers:
    """Go on when all of these are answered."""

    slots: Sequence[Slot]


@dataclass(frozen=True, slots=True)
class Passed:
    """Go on when the walks of these hosts have come past this place of the play."""

    hosts: Sequence[str]
    place: Position
    #: and all that they have asked until then is answered
    answered: bool = False


@dataclass(frozen=True, slots=True)
class Pause:
    """Go on at this time of time.monotonic()."""

    until: float


Wait = Answers | Passed | Pause
