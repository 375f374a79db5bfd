"""All hosts of a run: how many logins at once, who shares what, which way each is reached."""

from __future__ import annotations

import asyncio
import shlex
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Protocol

import asyncssh

from undrift.channel import openssh, package
from undrift.channel.agent import Agent
from undrift.channel.become import WantsTty
from undrift.channel.known_hosts import KnownHosts
from undrift.channel.local import LocalPipe
from undrift.channel.options import SshOptions, beyond_us, keywords_of_config, read_arguments
from undrift.channel.pipe import Pipe
from undrift.channel.plugin import PluginAgent, PluginLogin, Relay
from undrift.channel.ssh import SshLogin, login
from undrift.errors import AgentError, Unreachable
from undrift.model.target import Become, Target

#: How often a login is tried again after a reset before the banner: sshd's MaxStartups drops some of many.
RETRIES = 2

CONFIGS = ("~/.ssh/config", "/etc/ssh/ssh_config")


class Login(Protocol):
    """A host that programs can be started on."""

    async def start(self, command: str, *, tty: bool) -> Pipe: ...

    async def close(self) -> None: ...


class LocalLogin:
    async def start(self, command: str, *, tty: bool) -> Pipe:
        if tty:
            command = f"script -qec {shlex.quote(command)} /dev/null"
        return await LocalPipe.start(command)

    async def close(self) -> None:
        """There is nothing to close."""


class Connection:
    """One host, logged in: agents by identity, each started when it is first asked for."""

    def __init__(self, target: Target, login: Login | PluginLogin, settings: Mapping[str, Any]) -> None:
        self.host = target.host
        self._target = target
        self._login = login
        self._settings = settings
        self._agents: dict[str, asyncio.Task[Agent | PluginAgent]] = {}

    async def agent(self, become: Become | None) -> Agent | PluginAgent:
        """Raises AgentError: no Python, no rights."""
        key = become.key if become else ""
        if key not in self._agents:
            self._agents[key] = asyncio.create_task(self._start(become))
        return await asyncio.shield(self._agents[key])

    async def _start(self, become: Become | None) -> Agent | PluginAgent:
        try:
            return await self._greeted(become, tty=become is not None and become.needs_tty)
        except WantsTty:
            return await self._greeted(become, tty=True)

    async def _greeted(self, become: Become | None, *, tty: bool) -> Agent | PluginAgent:
        command = (package.command_on_tty if tty else package.command)(self._target.python)
        line = f"/bin/sh -c {shlex.quote(command)}" if become is None else become.wrap(command)
        agent = await self._begin(line, become, tty=tty)
        try:
            await agent.greet(self._settings)
        except BaseException:
            agent.close()
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

    async def close(self) -> None:
        for task in self._agents.values():
            task.cancel()
            if task.done() and not task.cancelled() and task.exception() is None:
                task.result().close()
        await self._login.close()


class Fleet:
    """
    logins: at once in all. logins_per_jump: at once through one jump host. settings: for the agents' hello.
    accept_new_host_keys: record a key that is not known yet; a changed one is refused all the same. observe: told
    what -v shows.
    """

    def __init__(
        self,
        *,
        settings: Mapping[str, Any],
        logins: int = 50,
        logins_per_jump: int = 10,
        accept_new_host_keys: bool = False,
        observe: Callable[[str], None] = lambda _text: None,
    ) -> None:
        self._settings = settings
        self._logins = asyncio.Semaphore(logins)
        self._per_jump = logins_per_jump
        self._accept_new = accept_new_host_keys
        self._observe = observe
        self._known_hosts = KnownHosts()
        self._jumps: dict[str, asyncio.Task[SshLogin]] = {}
        self._jump_turns: dict[str, asyncio.Semaphore] = {}
        self._open: list[Connection] = []
        self._config = [str(path) for path in map(_expanded, CONFIGS) if path.is_file()]
        self._beyond = beyond_us(
            keywords_of_config(Path(path).read_text(errors="replace") for path in self._config)
        )

    async def connect(self, target: Target) -> Connection:
        """Log in. Raises Unreachable."""
        if target.others:
            raise Unreachable(
                target.host,
                f"connection variables that undrift does not know: {', '.join(sorted(target.others))}",
                help="remove them, or say what they do with ansible_ssh_common_args",
            )
        async with self._logins:
            found = await self._login(target)
        connection = Connection(target, found, self._settings)
        self._open.append(connection)
        return connection

    async def close(self) -> None:
        await asyncio.gather(*(one.close() for one in self._open), return_exceptions=True)
        for task in self._jumps.values():
            if task.done() and not task.cancelled() and task.exception() is None:
                await task.result().close()

    async def _login(self, target: Target) -> Login | PluginLogin:
        if target.connection == "local":
            return LocalLogin()
        if target.connection != "ssh":
            self._observe(f"{target.host}: through the connection plugin {target.connection}")
            return PluginLogin(await Relay.connect(target))
        if not target.check_host_key:
            self._observe("host_key_checking = False is not followed: host keys are always checked")
        try:
            options = read_arguments(f"{target.common_args} {target.ssh_args}")
        except ValueError as problem:
            raise Unreachable(target.host, f"ssh arguments cannot be read: {problem}") from None
        beyond = [*options.beyond, *await self._beyond_config(target)]
        if beyond or target.ssh_executable:
            why = ", ".join(beyond) or target.ssh_executable
            self._observe(f"{target.host}: through the system's ssh, because of {why}")
            return openssh.OpenSshLogin(target, accept_new=self._accept_new)
        return await self._retried(target, options)

    async def _beyond_config(self, target: Target) -> list[str]:
        """What the user's ssh configuration says for this host and only ssh can do."""
        if not self._beyond:
            return []
        in_force = await openssh.configured(target.address or target.host)
        return [word for word in self._beyond if in_force.get(word, "no") not in {"no", "none", "false"}]

    async def _retried(self, target: Target, options: SshOptions) -> SshLogin:
        for attempt in range(RETRIES + 1):
            try:
                return await self._once(target, options)
            except Unreachable as problem:
                if attempt == RETRIES or not isinstance(
                    problem.__cause__, ConnectionResetError | asyncssh.ConnectionLost
                ):
                    raise
                self._observe(f"{target.host}: {problem.what}; trying again")
        raise AssertionError

    async def _once(self, target: Target, options: SshOptions) -> SshLogin:
        jump = options.first("proxyjump") or self._configured_jump(target)
        if not jump:
            return await self._enter(target, options, None)
        turns = self._jump_turns.setdefault(jump, asyncio.Semaphore(self._per_jump))
        async with turns:
            through = await self._jump(jump, target)
            return await self._enter(target, options, through.connection)

    async def _enter(
        self, target: Target, options: SshOptions, tunnel: asyncssh.SSHClientConnection | None
    ) -> SshLogin:
        return await login(
            target,
            options,
            self._known_hosts,
            accept_new=self._accept_new,
            tunnel=tunnel,
            config=self._config,
        )

    def _configured_jump(self, target: Target) -> str:
        """ProxyJump of ~/.ssh/config for this host; empty when it has none."""
        if not self._config:
            return ""
        found = asyncssh.SSHClientConnectionOptions(host=target.address or target.host, config=self._config)
        return str(found.tunnel) if isinstance(found.tunnel, str) else ""

    async def _jump(self, name: str, target: Target) -> SshLogin:
        """The connection to a jump host, shared by all behind it."""
        if name not in self._jumps:
            user, _, place = name.rpartition("@")
            host, _, port = place.partition(":")
            through = Target(
                host=host,
                user=user or target.user,
                port=int(port) if port else None,
                key_file=target.key_file,
                timeout=target.timeout,
            )
            options = read_arguments(f"{target.common_args} {target.ssh_args}")
            options.values.pop("proxyjump", None)
            self._jumps[name] = asyncio.create_task(self._enter(through, options, None))
        try:
            return await asyncio.shield(self._jumps[name])
        except Unreachable as problem:
            raise Unreachable(
                target.host, f"the jump host {name} cannot be reached: {problem.what}"
            ) from problem


def _expanded(path: str) -> Path:
    return Path(path).expanduser()
