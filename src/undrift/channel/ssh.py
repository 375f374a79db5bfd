"""Logins by asyncssh: thousands in one process."""

from __future__ import annotations

import asyncio
from typing import Any

import asyncssh

from undrift.channel.algorithms import host_key_algorithms
from undrift.channel.arguments import asyncssh_arguments
from undrift.channel.keyguard import KeyGuard
from undrift.channel.keyring import Keyring
from undrift.channel.known_hosts import KnownHosts
from undrift.channel.proxy import Proxy
from undrift.channel.route import Route
from undrift.channel.troubles import unreachable


class SshPipe:
    """A Pipe (channel.pipe) to a program that asyncssh has started."""

    def __init__(self, process: asyncssh.SSHClientProcess[bytes]) -> None:
        self._process = process

    async def write(self, data: bytes) -> None:
        try:
            self._process.stdin.write(data)
            await self._process.stdin.drain()
        except (OSError, asyncssh.Error) as problem:
            raise ConnectionError(str(problem)) from problem

    async def read(self) -> bytes:
        return await self._read(self._process.stdout)

    async def read_error(self) -> bytes:
        return await self._read(self._process.stderr)

    @staticmethod
    async def _read(stream: asyncssh.SSHReader[bytes]) -> bytes:
        try:
            return await stream.read(1 << 16)
        except (OSError, asyncssh.Error):
            return b""

    async def wait(self) -> int:
        """As Pipe.wait; -2 for any signal, since SSH tells its name and no number (RFC 4254, 6.10)."""
        await self._process.wait_closed()
        if self._process.exit_signal is not None:
            return -2
        return -1 if self._process.exit_status is None else int(self._process.exit_status)

    async def close(self) -> None:
        self._process.stdin.write_eof()
        self._process.close()


class SshLogin:
    """An open connection to a host. proxy: the command that it goes through."""

    def __init__(self, connection: asyncssh.SSHClientConnection, proxy: Proxy | None = None) -> None:
        self.connection = connection
        self._proxy = proxy

    async def start(self, command: str, *, tty: bool) -> SshPipe:
        """Start a shell command. tty: on a terminal that changes no byte and echoes none."""
        more: dict[str, Any] = {"term_type": "dumb"} if tty else {}
        process = await self.connection.create_process(command, encoding=None, **more)
        return SshPipe(process)

    async def close(self) -> None:
        """Close the connection, then end the proxy's command."""
        self.connection.close()
        try:
            await self.connection.wait_closed()
        finally:
            if self._proxy is not None:
                await self._proxy.close()


class Gate:
    """Logs in. One for the whole fleet: keys and known hosts are read once. accept_new: record unknown host keys."""

    def __init__(self, *, accept_new: bool) -> None:
        self.accept_new = accept_new
        self.known_hosts = KnownHosts()
        self._keyring = Keyring()

    async def enter(self, route: Route, tunnel: asyncssh.SSHClientConnection | None) -> SshLogin:
        """Raises Unreachable with the reason, ValueError for settings that make no sense."""
        guard = KeyGuard.of(route, self.known_hosts, accept_new=self.accept_new)
        offer = self._keyring.offer(route)
        arguments = {
            "server_host_key_algs": host_key_algorithms(guard.trusted),
            **asyncssh_arguments(route),
            **offer.arguments,
        }
        if route.target.password:
            arguments["password"] = route.target.password.reveal
        proxy: Proxy | None = None
        try:
            async with asyncio.timeout(route.timeout + 1):
                if route.proxy_command:
                    proxy = await Proxy.start(route.proxy_command)
                    arguments["sock"] = proxy.socket
                connection = await asyncssh.connect(
                    route.host,
                    route.port,
                    known_hosts=guard.known,
                    client_factory=lambda: guard,
                    config=None,
                    tunnel=tunnel or (),
                    **arguments,
                )
        except (OSError, asyncssh.Error, TimeoutError, ValueError) as problem:
            said = await proxy.last_words() if proxy else ""
            if proxy:
                await proxy.close()
            raise unreachable(route, problem, guard, offer.troubles, said) from problem
        except BaseException:
            if proxy:
                await proxy.close()
            raise
        return SshLogin(connection, proxy)
