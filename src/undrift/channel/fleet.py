"""All hosts of a run: how many logins at once, who shares what, which way each is reached."""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from typing import Any, TypeVar

import asyncssh

from undrift.channel.configuration import Configuration
from undrift.channel.connection import Connection, Login
from undrift.channel.local import LocalLogin
from undrift.channel.openssh import OpenSshLogin
from undrift.channel.plugin import PluginLogin, Relay
from undrift.channel.route import Route, Router, jump_target
from undrift.channel.ssh import Gate, SshLogin
from undrift.errors import Unreachable
from undrift.model.target import Target

__all__ = ["Connection", "Fleet"]

#: Before a login is tried again after a reset before the banner, in seconds: sshd's MaxStartups drops some of many.
PAUSES = (0.2, 1.0)

Entered = TypeVar("Entered")


class Fleet:
    """
    logins: at once in all. logins_per_jump: at once through one jump host. settings: for the agents' hello.
    accept_new_host_keys: record a key that is not known yet; a changed one is refused all the same. observe: told
    what -v shows. warn: told, once, what the user should know without
    it; None: as observe. configuration: of ssh, the user's own.
    """

    def __init__(
        self,
        *,
        settings: Mapping[str, Any],
        logins: int = 50,
        logins_per_jump: int = 10,
        accept_new_host_keys: bool = False,
        observe: Callable[[str], None] = lambda _text: None,
        warn: Callable[[str], None] | None = None,
        configuration: Configuration | None = None,
    ) -> None:
        self._settings = settings
        self._logins = asyncio.Semaphore(logins)
        self._per_jump = logins_per_jump
        self._observe = observe
        self._warn = warn or observe
        self._warned: set[str] = set()
        self._router = Router(configuration or Configuration())
        self._gate = Gate(accept_new=accept_new_host_keys)
        self._jumps: dict[tuple[str, ...], asyncio.Task[SshLogin]] = {}
        self._jump_routes: dict[tuple[str, ...], asyncio.Task[Route]] = {}
        self._jump_turns: dict[str, asyncio.Semaphore] = {}
        self._open: list[Connection] = []

    async def connect(self, target: Target) -> Connection:
        """Log in. Raises Unreachable."""
        if target.others:
            raise Unreachable(
                target.host,
                f"connection variables that undrift does not know: {_listed(target.others)}",
                help="remove them, or say what they do with ansible_ssh_common_args",
            )
        for name in target.idle:
            self._observe(f"{target.host}: {name} changes nothing about a scan")
        found = await self._login(target)
        connection = Connection(target, found, self._settings)
        self._open.append(connection)
        return connection

    async def close(self) -> None:
        """Close all connections, then those to the jump hosts."""
        await asyncio.gather(*(one.close() for one in self._open), return_exceptions=True)
        # The last of several jump hosts is reached through those before it: it goes first.
        for places in sorted(self._jumps, key=len, reverse=True):
            task = self._jumps[places]
            task.cancel()
            with contextlib.suppress(Unreachable, asyncio.CancelledError):
                await (await task).close()

    async def _login(self, target: Target) -> Login | PluginLogin:
        if target.connection == "local":
            return LocalLogin()
        if target.connection != "ssh":
            self._observe(f"{target.host}: through the connection plugin {target.connection}")
            async with self._logins:
                return PluginLogin(await Relay.connect(target))
        if not target.check_host_key:
            self._warn_once("host_key_checking = False is not followed: host keys are always checked")
        route = await self._router.route(target)
        if route.options.first("stricthostkeychecking").lower() in {"no", "off", "false"}:
            self._warn_once("StrictHostKeyChecking=no is not followed: host keys are always checked")
        beyond = route.beyond or await self._beyond_of_jumps(route)
        if beyond:
            self._observe(f"{target.host}: through the system's ssh, because of {', '.join(beyond)}")
            return await self._retried(route, self._by_ssh)
        return await self._retried(route, self._by_us)

    def _warn_once(self, text: str) -> None:
        if text not in self._warned:
            self._warned.add(text)
            self._warn(text)

    async def _beyond_of_jumps(self, route: Route, behind: tuple[str, ...] = ()) -> Sequence[str]:
        """What on the way to a host only the system's ssh can do. behind: the steps that were found on the way."""
        if not route.jumps:
            return ()
        through = await self._route_of_jump(route)
        step = f"{through.where} by {','.join(through.jumps)}"
        if step in behind:
            raise Unreachable(
                route.target.host, f"the jump host {route.jumps[-1]} would be reached through itself"
            )
        beyond = [f"{name} of {route.jumps[-1]}" for name in through.beyond]
        return beyond or await self._beyond_of_jumps(through, (*behind, step))

    async def _retried(self, route: Route, enter: Callable[[Route], Awaitable[Entered]]) -> Entered:
        for pause in [*PAUSES, *[PAUSES[-1]] * max(0, route.target.retries - len(PAUSES))]:
            try:
                return await enter(route)
            except Unreachable as problem:
                if not isinstance(problem.__cause__, ConnectionResetError | asyncssh.ConnectionLost):
                    raise
                self._observe(f"{route.target.host}: {problem.what}; trying again")
            await asyncio.sleep(pause * random.uniform(0.5, 1.5))  # noqa: S311 - spreads the logins, guards nothing
        return await enter(route)

    async def _by_ssh(self, route: Route) -> OpenSshLogin:
        async with self._turn(route):
            return await OpenSshLogin.open(route, accept_new=self._gate.accept_new)

    async def _by_us(self, route: Route) -> SshLogin:
        through = await self._jump(route) if route.jumps else None
        async with self._turn(route):
            try:
                return await self._gate.enter(route, through.connection if through else None)
            except ValueError as problem:
                raise _senseless(route.target, problem) from None

    @contextlib.asynccontextmanager
    async def _turn(self, route: Route) -> AsyncIterator[None]:
        """The jump host's turn comes first: those who wait for it must not hold the turns of all."""
        async with contextlib.AsyncExitStack() as turns:
            if route.jumps:
                jump = ",".join(route.jumps)
                await turns.enter_async_context(
                    self._jump_turns.setdefault(jump, asyncio.Semaphore(self._per_jump))
                )
            await turns.enter_async_context(self._logins)
            yield

    async def _route_of_jump(self, route: Route) -> Route:
        """How the last jump host of a route is reached itself."""
        if route.jumps not in self._jump_routes:
            try:
                through = jump_target(route.target, route.jumps)
            except ValueError as problem:
                raise _senseless(route.target, problem) from None
            self._jump_routes[route.jumps] = asyncio.create_task(self._router.route(through))
        return await asyncio.shield(self._jump_routes[route.jumps])

    async def _jump(self, route: Route) -> SshLogin:
        """The connection to the last jump host of a route, shared by all behind it."""
        if route.jumps not in self._jumps:
            self._jumps[route.jumps] = asyncio.create_task(self._jumped(route))
        try:
            return await asyncio.shield(self._jumps[route.jumps])
        except Unreachable as problem:
            raise Unreachable(
                route.target.host,
                f"the jump host {route.jumps[-1]} cannot be reached: {problem.what}",
                help=problem.help,
            ) from problem

    async def _jumped(self, route: Route) -> SshLogin:
        return await self._retried(await self._route_of_jump(route), self._by_us)


def _senseless(target: Target, problem: ValueError) -> Unreachable:
    return Unreachable(target.host, f"the ssh settings cannot be used: {problem}")


def _listed(others: Mapping[str, str]) -> str:
    return ", ".join(f"{name} ({hint})" if hint else name for name, hint in sorted(others.items()))
