"""
What the walk and the couriers say to each other. Without slots, here and in the findings: a dataclass that has them is
pickled by Python code, which took as long as everything else that is done to an answer.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from undrift.model.report import HostError
from undrift.model.target import Become, Target


@dataclass(frozen=True)
class Archive:
    """Genuine modules, packed. The name changes with the content."""

    name: str
    content: bytes


@dataclass
class Batch:
    """Requests (see agent.wire) that travel together, to one identity on one host."""

    target: Target
    become: Become | None
    requests: list[dict[str, Any]] = field(default_factory=list)
    archive: Archive | None = None
    #: the correction that the requests belong to, as the agent is to take the server for; None: of a scan
    run: Mapping[str, str] | None = None


@dataclass(frozen=True)
class Answered:
    """One answer of an agent, as in agent.wire; its `id` says to which request."""

    answer: Mapping[str, Any]


@dataclass(frozen=True)
class Lost:
    """These requests will never be answered. unreachable: nothing will be, on this host."""

    host: str
    requests: Sequence[int]
    error: HostError
    unreachable: bool


@dataclass(frozen=True)
class Stop:
    """The user wants no more: what is known by now is what there is."""


Mail = Answered | Lost | Stop
