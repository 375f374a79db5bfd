"""Logins by asyncssh: thousands in one process."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import asyncssh

from undrift.channel.known_hosts import GLOBAL_FILES, USER_FILES, KnownHosts, line_of
from undrift.channel.options import SshOptions, asyncssh_arguments
from undrift.errors import Unreachable
from undrift.model.target import Target

#: Asked for first, where the user's configuration does not say: what costs least. Nothing is taken away.
FAST = {
    "kex_algs": "^curve25519-sha256",
    "encryption_algs": "^aes128-gcm@openssh.com",
    "compression_algs": "none",
}


class KeyGuard(asyncssh.SSHClient):
    """Is asked about a host key that no known_hosts entry trusts. verdict: what it found."""

    def __init__(
        self, known: asyncssh.SSHKnownHosts, record: Callable[[asyncssh.SSHKey], None] | None
    ) -> None:
        self._known = known
        self._record = record
        self.verdict = ""

    def validate_host_public_key(self, host: str, addr: str, port: int, key: asyncssh.SSHKey) -> bool:
        entries = self._known.match(host, addr, port)
        if any(entries[:3]):
            self.verdict = "changed"
            return False
        self.verdict = "unknown"
        if self._record is None:
            return False
        self._record(key)
        return True


class SshPipe:
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
        await self._process.wait_closed()
        if self._process.exit_signal is not None:
            return -2
        return -1 if self._process.exit_status is None else int(self._process.exit_status)

    def close(self) -> None:
        self._process.stdin.write_eof()
        self._process.close()


class SshLogin:
    """An open connection to a host."""

    def __init__(self, connection: asyncssh.SSHClientConnection) -> None:
        self.connection = connection

    async def start(self, command: str, *, tty: bool) -> SshPipe:
        """Start a shell command. tty: on a terminal that changes no byte and echoes none."""
        more: dict[str, Any] = {"term_type": "dumb"} if tty else {}
        process = await self.connection.create_process(command, encoding=None, **more)
        return SshPipe(process)

    async def close(self) -> None:
        self.connection.close()
        await self.connection.wait_closed()


async def login(
    target: Target,
    options: SshOptions,
    known_hosts: KnownHosts,
    *,
    accept_new: bool,
    tunnel: asyncssh.SSHClientConnection | None,
    config: Sequence[str],
) -> SshLogin:
    """
    Log in. options: of the inventory. config: ssh configuration files to read. Raises Unreachable with the reason.
    """
    user_files = options.first("userknownhostsfile").split() or list(USER_FILES)
    known = known_hosts.of(user_files, options.first("globalknownhostsfile").split() or list(GLOBAL_FILES))
    host = target.address or target.host
    port = target.port or int(options.first("port") or 0)

    def record(key: asyncssh.SSHKey) -> None:
        known_hosts.record(user_files[0], host, port or 22, key)

    may_record = accept_new or options.first("stricthostkeychecking") == "accept-new"
    guard = KeyGuard(known, record if may_record else None)
    arguments = _arguments(target, options)
    try:
        async with asyncio.timeout(target.timeout + 1):
            connection = await asyncssh.connect(
                host,
                **({"port": port} if port else {}),
                known_hosts=known,
                client_factory=lambda: guard,
                config=list(config),
                tunnel=tunnel or (),
                **arguments,
            )
    except (OSError, asyncssh.Error, TimeoutError, ValueError) as problem:
        raise _unreachable(target, problem, guard, f"{host}:{port or 22}", user_files) from problem
    return SshLogin(connection)


def _arguments(target: Target, options: SshOptions) -> dict[str, Any]:
    found: dict[str, Any] = {**FAST, **asyncssh_arguments(options)}
    # The port is given by itself, and a jump host's connection is shared by all behind it.
    for name in ("port", "tunnel"):
        found.pop(name, None)
    found.setdefault("connect_timeout", target.timeout)
    found["login_timeout"] = target.timeout
    found["keepalive_interval"] = found.get("keepalive_interval") or 15
    if target.user:
        found["username"] = target.user
    if target.key_file:
        found["client_keys"] = [str(Path(target.key_file).expanduser()), *found.get("client_keys", [])]
    if options.first("identitiesonly") == "yes":
        found["agent_path"] = None
    if target.password:
        found["password"] = target.password.reveal
    if target.key_passphrase:
        found["passphrase"] = target.key_passphrase.reveal
    return found


def _unreachable(  # noqa: PLR0911 - one line per way to fail
    target: Target, problem: BaseException, guard: KeyGuard, where: str, known_files: Sequence[str]
) -> Unreachable:
    """What went wrong in words that say what to do next."""
    name = target.host

    def unreachable(text: str, help: str = "") -> Unreachable:  # noqa: A002 - the word users see
        return Unreachable(name, text, help=help)

    if isinstance(problem, asyncssh.HostKeyNotVerifiable):
        return _bad_key(guard, where, known_files, unreachable)
    if isinstance(problem, asyncssh.PermissionDenied):
        user = target.user or "the user of the ssh configuration"
        return unreachable(f"login refused for {user} at {where}: {problem.reason}", f"try: ssh -v {name}")
    if isinstance(problem, asyncssh.KeyImportError | asyncssh.KeyEncryptionError):
        return unreachable(f"a private key cannot be used: {problem}")
    if isinstance(problem, socket.gaierror):
        return unreachable(
            f"the name {where.rpartition(':')[0]} does not resolve", "check ansible_host in the inventory"
        )
    if isinstance(problem, ConnectionRefusedError):
        return unreachable(f"connection refused ({where})", "is sshd running there, and on that port?")
    if isinstance(problem, TimeoutError) or "timeout" in str(problem).lower():
        return unreachable(
            f"connection timed out after {target.timeout:g} s ({where})", "raise it with --timeout"
        )
    if isinstance(problem, asyncssh.Error):
        return unreachable(f"{problem.reason or type(problem).__name__} ({where})")
    return unreachable(f"{problem} ({where})")


def _bad_key(
    guard: KeyGuard, where: str, known_files: Sequence[str], unreachable: Callable[[str, str], Unreachable]
) -> Unreachable:
    host = where.rpartition(":")[0]
    if guard.verdict == "changed":
        place = line_of(known_files, host) or " or ".join(known_files)
        return unreachable(
            f"the host key of {where} is not the one that is known: another server, or somebody in between",
            f"when the server was set up anew, remove its line in {place}",
        )
    return unreachable(
        f"the host key of {where} is not known",
        "record it with: undrift scan ... --accept-new-host-keys (or: ssh-keyscan -H {host} >> ~/.ssh/known_hosts)".replace(
            "{host}", host
        ),
    )
