"""A real SSH server in the test's own process, on loopback, and a home of its own for whoever logs in."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import subprocess
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import asyncssh
import pytest

from undrift.channel.configuration import Configuration
from undrift.channel.fleet import Fleet
from undrift.model.target import Target

CLIENT_KEY = asyncssh.generate_private_key("ssh-ed25519")


@dataclass
class World:
    """home: where ~/.ssh is. said, warned: what -v shows, and what everybody sees."""

    home: Path
    said: list[str] = field(default_factory=list)
    warned: list[str] = field(default_factory=list)

    @property
    def known_hosts(self) -> Path:
        return self.home / ".ssh/known_hosts"

    @property
    def key(self) -> Path:
        return self.home / ".ssh/id_ed25519"

    def configure(self, text: str | bytes) -> None:
        data = text if isinstance(text, bytes) else text.encode()
        (self.home / ".ssh/config").write_bytes(data)

    def fleet(self, **more) -> Fleet:
        return Fleet(
            settings={},
            observe=self.said.append,
            warn=self.warned.append,
            configuration=Configuration(system=os.devnull),
            **more,
        )

    @asynccontextmanager
    async def connected(self, target: Target, **more) -> AsyncIterator:
        fleet = self.fleet(**more)
        try:
            yield await fleet.connect(target)
        finally:
            await fleet.close()

    async def output(self, target: Target, command: str = "echo $LOGGED_IN_AS", **more) -> str:
        """Log in, run a command, and its output."""
        async with self.connected(target, **more) as connection:
            pipe = await connection._login.start(command, tty=False)
            said = b""
            while piece := await pipe.read():
                said += piece
            await pipe.close()
            return said.decode().strip()


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    (tmp_path / ".ssh").mkdir(mode=0o700)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("SSH_AUTH_SOCK", raising=False)
    monkeypatch.delenv("SHELL", raising=False)
    made = World(tmp_path)
    made.key.touch(mode=0o600)
    CLIENT_KEY.write_private_key(str(made.key))
    # ssh looks for its files below the home of the password database, whatever HOME says.
    real, folder = shutil.which("ssh"), tmp_path / "bin"
    folder.mkdir()
    (folder / "ssh").write_text(_wrapper(real or "ssh", tmp_path))
    (folder / "ssh").chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")
    return made


def _wrapper(real: str, home: Path) -> str:
    """The true ssh, with a home of the test's own."""
    last = f"{home}/.ssh/config-$$"
    return f"""\
#!/bin/sh
echo "$@" >> {home}/runs-of-ssh
[ -e {home}/.ssh/config ] && cat {home}/.ssh/config > {last} || : > {last}
printf 'Match all\\nUserKnownHostsFile {home}/.ssh/known_hosts\\nIdentityFile {home}/.ssh/id_ed25519\\n' >> {last}
case "$*" in
    "-G -F /dev/null localhost") exec {real} "$@" ;;
    "-G "*) shift; exec {real} -G -F {last} "$@" ;;
    *) exec {real} -F {last} "$@" ;;
esac
"""


class _Door(asyncssh.SSHServer):
    def __init__(self, server: Server) -> None:
        self._server = server

    def connection_made(self, connection: asyncssh.SSHServerConnection) -> None:
        self._server.logins += 1
        self._server.busy += 1
        self._server.most = max(self._server.most, self._server.busy)

    def begin_auth(self, username: str) -> bool:
        self._server.users.append(username)
        return True

    def auth_completed(self) -> None:
        self._server.busy -= 1

    def password_auth_supported(self) -> bool:
        return self._server.password is not None

    def validate_password(self, username: str, password: str) -> bool:
        return password == self._server.password

    def public_key_auth_supported(self) -> bool:
        return True

    def validate_public_key(self, username: str, key: asyncssh.SSHKey) -> bool:
        return key.public_data in self._server.welcome

    def connection_requested(self, *where: object) -> bool:
        self._server.forwarded.append(where[1])
        return True


@dataclass
class Server:
    """key: its host key. port: once it listens. users: who tried to log in. most:
    how many did at once. forwarded: the ports it was a jump host to."""

    key: asyncssh.SSHKey
    password: str | None = None
    welcome: set[bytes] = field(default_factory=lambda: {CLIENT_KEY.public_data})
    port: int = 0
    logins: int = 0
    busy: int = 0
    most: int = 0
    users: list[str] = field(default_factory=list)
    forwarded: list = field(default_factory=list)
    sessions: list = field(default_factory=list)

    @property
    def address(self) -> str:
        return "127.0.0.1"

    def line(self, name: str = "") -> str:
        return f"{name or f'[{self.address}]:{self.port}'} {self.key.export_public_key().decode().strip()}\n"

    def target(self, **more) -> Target:
        return Target(**{"host": "web", "address": self.address, "port": self.port, "timeout": 5.0, **more})


async def _run(server: Server, process: asyncssh.SSHServerProcess) -> None:
    server.sessions.append(asyncio.current_task())
    environment = {
        **os.environ,
        "LOGGED_IN_AS": process.get_extra_info("username"),
        "TERMINAL_ASKED_FOR": process.term_type or "none",
        **process.env,
    }
    child = await asyncio.create_subprocess_exec(
        "/bin/sh",
        "-c",
        process.command or "",
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env=environment,
    )
    feeding = asyncio.create_task(_fed(process, child.stdin))
    try:
        await asyncio.gather(_passed(child.stdout, process.stdout), _passed(child.stderr, process.stderr))
        process.exit(await child.wait())
    finally:
        feeding.cancel()
        if child.returncode is None:
            child.kill()
        await child.wait()
        child._transport.close()


async def _fed(process: asyncssh.SSHServerProcess, stdin: asyncio.StreamWriter) -> None:
    with contextlib.suppress(asyncssh.Error, OSError):
        while piece := await process.stdin.read(65536):
            stdin.write(piece)
    stdin.close()


async def _passed(reader: asyncio.StreamReader, writer: asyncssh.SSHWriter) -> None:
    while piece := await reader.read(65536):
        with contextlib.suppress(asyncssh.Error, OSError):
            writer.write(piece)


@asynccontextmanager
async def serving(kind: str = "ssh-ed25519", **more) -> AsyncIterator[Server]:
    """A server for as long as the block lasts."""
    server = Server(asyncssh.generate_private_key(kind), **more)
    listener = await asyncssh.create_server(
        lambda: _Door(server),
        "127.0.0.1",
        0,
        server_host_keys=[server.key],
        process_factory=lambda process: _run(server, process),
        encoding=None,
        login_timeout=10,
    )
    server.port = listener.get_port()
    try:
        yield server
    finally:
        listener.close()
        await listener.wait_closed()
        for session in server.sessions:
            session.cancel()
        await asyncio.gather(*server.sessions, return_exceptions=True)


@pytest.fixture
def served() -> Callable[..., object]:
    return serving


@pytest.fixture
def agent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """A real ssh-agent, to be given keys."""
    path = tmp_path / "agent"
    process = subprocess.Popen(["ssh-agent", "-D", "-a", str(path)], stdout=subprocess.DEVNULL)
    monkeypatch.setenv("SSH_AUTH_SOCK", str(path))

    def add(key: asyncssh.SSHKey) -> None:
        file = tmp_path / "to-add"
        file.touch(mode=0o600)
        key.write_private_key(str(file))
        while not path.is_socket():
            process.poll()
        subprocess.run(["ssh-add", "-q", str(file)], check=True)
        file.unlink()

    yield add
    process.terminate()
    process.wait()
