"""Several identities on one host (root, the login user ...): each agent sees what the others' tasks would have done."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol


class Identity(Protocol):
    """An agent, as one identity."""

    async def effects(self) -> Sequence[Any]:
        """What its tasks would have done, as far as it was not told yet."""

    async def learn(self, effects: Sequence[Any]) -> None:
        """Take in what the others' tasks would have done: effects as in agent.overlay."""


class Identities:
    """The agents of one host. Batches are asked one after another, so that the order of their effects is the play's."""

    def __init__(self) -> None:
        self._agents: list[Identity] = []
        self._effects: list[tuple[Identity, Any]] = []
        self._learned: dict[int, int] = {}

    async def prepare(self, agent: Identity) -> None:
        """Before a batch for `agent`: hand on what the others would have done by now. Raises AgentError."""
        if agent not in self._agents:
            self._agents.append(agent)
        others = [other for other in self._agents if other is not agent]
        for other in others:
            self._effects += [(other, effect) for effect in await other.effects()]
        begin = self._learned.get(id(agent), 0)
        unseen = [effect for origin, effect in self._effects[begin:] if origin is not agent]
        self._learned[id(agent)] = len(self._effects)
        if unseen:
            await agent.learn(unseen)
