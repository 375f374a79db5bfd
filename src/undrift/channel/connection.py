"""One host, logged in, and the agents that run there."""

from __future__ import annotations

import asyncio
import shlex
from collections.abc import Mapping
from typing import Any, Protocol

import asyncssh

from undrift.channel import compiled, package
from undrift.channel.agent import Agent
from undrift.channel.become import WantsTty
from undrift.channel.pipe import Pipe
from undrift.channel.plugin import PluginAgent, PluginLogin
from undrift.errors import AgentError
from undrift.model.target import Become, Target


class Login(Protocol):
    """A host that programs can be started on."""

    async def start(self, command: str, *, tty: bool) -> Pipe:
        """Start a shell command. tty: on a terminal. Raises OSError, asyncssh.Error."""

    async def close(self) -> None: ...


class Connection:
    """One host, logged in: agents by identity, each started when it is first asked for."""

    def __init__(self, target: Target, login: Login | PluginLogin, settings: Mapping[str, Any]) -> None:
        self.host = target.host
        self._target = target
        self._login = login
        self._settings = settings
        self._agents: dict[tuple[str, str], asyncio.Task[Agent | PluginAgent]] = {}

    async def agent(self, become: Become | None, run: str = "") -> Agent | PluginAgent:
        """
        The agent of an identity; a correction (run: its id) has agents of its own. Raises AgentError: no Python, no
        rights, or a host that has fallen silent.
        """
        silent = next((agent.silent for agent in self._ready() if agent.silent), None)
        if silent is not None:
            raise silent
        key = (run, become.key if become else "")
        if key not in self._agents:
            self._agents[key] = asyncio.create_task(self._start(become))
        return await asyncio.shield(self._agents[key])

    @property
    def planned_at(self) -> float:
        """When the first agent said hello, by the server's clock: what was looked at was looked at later."""
        return min((agent.greeted_at for agent in self._ready()), default=0.0)

    async def close(self) -> None:
        """End all agents, also those that are still being started, then the login."""
        tasks = list(self._agents.values())
        ready = self._ready()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, *(agent.close() for agent in ready), return_exceptions=True)
        await self._login.close()

    def _ready(self) -> list[Agent | PluginAgent]:
        return [
            task.result()
            for task in self._agents.values()
            if task.done() and not task.cancelled() and task.exception() is None
        ]

    async def _start(self, become: Become | None) -> Agent | PluginAgent:
        try:
            return await self._greeted(become, tty=become is not None and become.needs_tty)
        except WantsTty:
            if not self._target.tty:
                raise
            return await self._greeted(become, tty=True)

    async def _greeted(self, become: Become | None, *, tty: bool) -> Agent | PluginAgent:
        try:
            command = (package.command_on_tty if tty else package.command)(
                self._target.python, len(compiled.core())
            )
        except ValueError as problem:
            raise AgentError(self.host, f"ansible_python_interpreter: {problem}") from None
        line = f"{self._target.shell} -c {shlex.quote(command)}" if become is None else become.wrap(command)
        agent = await self._begin(line, become, tty=tty)
        try:
            await agent.greet(self._settings)
        except BaseException:
            await agent.close()
            raise
        return agent

    async def _begin(self, line: str, become: Become | None, *, tty: bool) -> Agent | PluginAgent:
        if isinstance(self._login, PluginLogin):
            return self._login.agent(line, become)
        try:
            pipe = await self._login.start(line, tty=tty)
        except (OSError, asyncssh.Error) as problem:
            raise AgentError(self.host, f"no session could be opened: {problem}") from problem
        return Agent(self._target, become, pipe, tty=tty)
