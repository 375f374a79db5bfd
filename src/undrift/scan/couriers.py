"""Carry batches from the walk to the agents and answers back, each host at its own pace."""

from __future__ import annotations

import asyncio
import queue
from collections.abc import Callable, Sequence

from undrift.channel.fleet import Connection, Fleet
from undrift.errors import HostError as ChannelError
from undrift.errors import Unreachable
from undrift.model.report import HostError, HostReport
from undrift.walk.desk import Batch
from undrift.walk.walker import Answered, Lost, Mail, Stop


class Couriers:
    """
    The walk's post: `send`, `receive`, `report` and `hosts` are called in the walk's thread, all else in the event
    loop's. early: what to do with the names of hosts as soon as they are known. done: told of each host's report.
    """

    def __init__(
        self,
        fleet: Fleet,
        *,
        started: Callable[[Sequence[str]], None],
        done: Callable[[HostReport], None],
    ) -> None:
        self._fleet = fleet
        self._loop = asyncio.get_running_loop()
        self._mail: queue.SimpleQueue[Mail] = queue.SimpleQueue()
        self._started = started
        self._done = done
        self._connections: dict[str, asyncio.Task[Connection]] = {}
        self._rounds: set[asyncio.Task[None]] = set()

    # -- in the walk's thread ---------------------------------------------------------------------------------

    def send(self, batch: Batch) -> None:
        self._loop.call_soon_threadsafe(self._take, batch)

    def receive(self) -> Mail:
        return self._mail.get()

    def report(self, report: HostReport) -> None:
        self._loop.call_soon_threadsafe(self._done, report)

    def hosts(self, names: Sequence[str]) -> None:
        self._loop.call_soon_threadsafe(self._started, tuple(names))

    # -- in the event loop ------------------------------------------------------------------------------------

    def stop(self) -> None:
        """The walk is to end with what it knows."""
        self._mail.put(Stop())

    async def close(self) -> None:
        for task in (*self._rounds, *self._connections.values()):
            task.cancel()
        await asyncio.gather(*self._rounds, *self._connections.values(), return_exceptions=True)

    def _take(self, batch: Batch) -> None:
        task = self._loop.create_task(self._carry(batch))
        self._rounds.add(task)
        task.add_done_callback(self._rounds.discard)

    async def _carry(self, batch: Batch) -> None:
        left = [int(request["id"]) for request in batch.requests]
        try:
            connection = await self._connection(batch)
            agent = await connection.agent(batch.become)
            if batch.archive is not None:
                await agent.payload(batch.archive.name, batch.archive.content)
            async for answer in agent.ask(batch.requests):
                if answer.get("id") in left:
                    left.remove(int(answer["id"]))
                    self._mail.put(Answered(answer))
        except ChannelError as problem:
            self._lose(batch, left, problem)
        except Exception as problem:  # noqa: BLE001 - one host's trouble, whatever it is, must not stop the others
            self._lose(batch, left, ChannelError(batch.target.host, f"{type(problem).__name__}: {problem}"))

    async def _connection(self, batch: Batch) -> Connection:
        host = batch.target.host
        if host not in self._connections:
            self._connections[host] = self._loop.create_task(self._fleet.connect(batch.target))
        return await asyncio.shield(self._connections[host])

    def _lose(self, batch: Batch, left: list[int], problem: ChannelError) -> None:
        error = HostError(code=problem.code, text=problem.what, help=problem.help)
        self._mail.put(
            Lost(
                host=batch.target.host,
                requests=tuple(left),
                error=error,
                unreachable=isinstance(problem, Unreachable),
            )
        )
