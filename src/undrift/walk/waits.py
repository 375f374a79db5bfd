"""What a host's walk waits for."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from typing import TypeVar

from undrift.walk.slots import Slot

T = TypeVar("T")
Position = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Answers:
    """Go on when all of these are answered."""

    slots: Sequence[Slot]


@dataclass(frozen=True, slots=True)
class Reached:
    """Go on when the walks of these hosts have come to this place of the play, or past it."""

    hosts: Sequence[str]
    place: Position
    #: and all that they have asked until then is answered
    answered: bool = False


@dataclass(frozen=True, slots=True)
class Pause:
    """Go on at this time of time.monotonic()."""

    until: float


Wait = Answers | Reached | Pause
Walking = Generator[Wait, None, T]


def behind(place: Position) -> Position:
    """The place next to this one, with all that stands in this one before it."""
    return (*place[:-1], place[-1] + 1)
