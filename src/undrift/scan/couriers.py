"""Carry batches to the agents and answers back, each host at its own pace."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Callable
from typing import Any

from undrift.channel.fleet import Connection, Fleet
from undrift.channel.identities import Identities
from undrift.errors import HostError as ChannelError
from undrift.errors import Unreachable
from undrift.model.mail import Answered, Batch, Lost, Mail
from undrift.model.report import HostError
from undrift.model.target import Target


class Couriers:
    """deliver: takes what goes back to the walk."""

    def __init__(self, fleet: Fleet, deliver: Callable[[Mail], None]) -> None:
        self._fleet = fleet
        self._deliver = deliver
        self._connections: dict[str, asyncio.Task[Connection]] = {}
        self._identities: defaultdict[str, Identities] = defaultdict(Identities)
        #: a host's batches are asked one after another, in the order of the play
        self._turns: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._rounds: set[asyncio.Task[None]] = set()

    def reach(self, target: Target) -> asyncio.Task[Connection]:
        """Log in, once for each host; ahead of the first batch, as soon as the host is known."""
        task = self._connections.get(target.host)
        if task is None:
            task = asyncio.create_task(self._fleet.connect(target))
            # Nobody may come to ask: a host whose tasks need no server is not unreachable.
            task.add_done_callback(lambda done: done.cancelled() or done.exception())
            self._connections[target.host] = task
        return task

    def carry(self, batch: Batch) -> None:
        """
        Ask a batch behind the host's earlier ones, and come back at once; Answered or Lost goes to `deliver`.
        """
        task = asyncio.create_task(self._carry(batch))
        self._rounds.add(task)
        task.add_done_callback(self._rounds.discard)

    async def close(self) -> None:
        """Break off all batches and logins that are under way; what is connected the fleet closes."""
        tasks = [*self._rounds, *self._connections.values()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _carry(self, batch: Batch) -> None:
        left = [int(request["id"]) for request in batch.requests]
        try:
            async with self._turns[batch.target.host]:
                async for answer in self._ask(batch):
                    if answer.get("id") in left:
                        left.remove(int(answer["id"]))
                        self._deliver(Answered(answer))
        except ChannelError as problem:
            self._lose(batch, left, problem)
        except Exception as problem:  # noqa: BLE001 - one host's trouble, whatever it is, must not stop the others
            self._lose(batch, left, ChannelError(batch.target.host, f"{type(problem).__name__}: {problem}"))

    async def _ask(self, batch: Batch) -> AsyncIterator[dict[str, Any]]:
        connection = await asyncio.shield(self.reach(batch.target))
        if batch.run is None:
            agent = await connection.agent(batch.become)
            await self._identities[batch.target.host].prepare(agent)
        else:
            agent = await connection.agent(batch.become, batch.run["run"])
            await agent.take({**batch.run, "planned_at": connection.planned_at})
        if batch.archive is not None:
            await agent.payload(batch.archive.name, batch.archive.content)
        async for answer in agent.ask(batch.requests):
            yield answer

    def _lose(self, batch: Batch, left: list[int], problem: ChannelError) -> None:
        error = HostError(code=problem.code, text=problem.what, help=problem.help)
        gone = isinstance(problem, Unreachable)
        self._deliver(Lost(host=batch.target.host, requests=tuple(left), error=error, unreachable=gone))
