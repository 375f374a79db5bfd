"""
Through the system's own ssh: for what asyncssh does not do. One ssh logs in and stays; every program on the host is a
session of it, so that a host costs one login here, too.
"""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from pathlib import Path

from undrift.channel.local import LocalPipe
from undrift.channel.route import Route, arguments
from undrift.channel.troubles import timed_out
from undrift.channel.words import why_ssh_ended
from undrift.errors import Unreachable

#: What a host says once the login is there.
READY = b"UNDRIFT-LOGGED-IN"
#: How long ssh may take beyond its own time-out, for keys that have to be touched, in seconds.
PATIENCE = 50.0
#: What is kept of ssh's standard error, and how much a login shell may print, in bytes.
KEPT = 1 << 16
NOISE = 1 << 20


class OpenSshLogin:
    """A Login (channel.connection) by the system's ssh. accept_new: see Route.may_record."""

    def __init__(self, route: Route, *, accept_new: bool) -> None:
        self._route = route
        self._accept_new = accept_new
        self._folder: Path | None = None
        self._master: LocalPipe | None = None

    @classmethod
    async def open(cls, route: Route, *, accept_new: bool) -> OpenSshLogin:
        """Raises Unreachable."""
        login = cls(route, accept_new=accept_new)
        try:
            await login._log_in()
        except BaseException:
            await login.close()
            raise
        return login

    async def start(self, command: str, *, tty: bool) -> LocalPipe:
        """Start a shell command by an ssh of its own. tty: on a terminal (-tt). Raises OSError."""
        return await LocalPipe.start(*self._argv("-tt" if tty else "-T", master=False), command)

    async def close(self) -> None:
        """End the ssh that stays, and remove the folder of its control socket."""
        if self._master is not None:
            await self._master.close()
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)

    async def _log_in(self) -> None:
        if "controlpath" not in self._route.beyond:
            self._folder = Path(tempfile.mkdtemp(prefix="undrift-"))
        command = f"/bin/sh -c 'echo {READY.decode()}; exec cat'"
        try:
            self._master = await LocalPipe.start(*self._argv("-T", master=True), command)
        except OSError as problem:
            raise Unreachable(self._route.target.host, f"ssh cannot be started: {problem}") from None
        errors = asyncio.create_task(_heard_of(self._master))
        try:
            async with asyncio.timeout(self._route.timeout + PATIENCE):
                await self._hear_ready(self._master, errors)
        except TimeoutError:
            raise timed_out(self._route) from None
        # Both are read for as long as ssh lives, so that it never waits for us.
        self._drains = (errors, asyncio.create_task(_drained(self._master)))

    async def _hear_ready(self, master: LocalPipe, errors: asyncio.Task[bytes]) -> None:
        said = b""
        while READY not in said:
            piece = await master.read()
            said += piece
            if not piece:
                status = await master.wait()
                raise why_ssh_ended(self._route, status, (await errors).decode("utf-8", "replace"))
            if len(said) > NOISE:
                raise Unreachable(
                    self._route.target.host,
                    "the login shell prints without end",
                    help="check what its start-up files print",
                )

    def _argv(self, mode: str, *, master: bool) -> list[str]:
        """Ours come first, since ssh takes the first: whatever the user's options say, host keys are checked."""
        route = self._route
        strict = "accept-new" if route.may_record(accept_new=self._accept_new) else "yes"
        ours = {
            "StrictHostKeyChecking": strict,
            "NoHostAuthenticationForLocalhost": "no",
            "UpdateHostKeys": "no",
            "BatchMode": "yes",
            "LogLevel": "INFO",
        }
        if self._folder is not None:
            ours |= {
                "ControlPath": str(self._folder / "s"),
                "ControlMaster": "yes" if master else "no",
                "ControlPersist": "no",
            }
        theirs = {"ConnectTimeout": f"{max(1, round(route.timeout))}", "ServerAliveInterval": "15"}
        return [
            route.target.ssh_executable or "ssh",
            *_as_options(ours),
            *arguments(route.target),
            *_as_options(theirs),
            # The last word about a terminal counts.
            mode,
            "--",
            route.target.address or route.target.host,
        ]


def _as_options(options: dict[str, str]) -> list[str]:
    return [word for name, value in options.items() for word in ("-o", f"{name}={value}")]


async def _heard_of(pipe: LocalPipe) -> bytes:
    said = b""
    while piece := await pipe.read_error():
        said = (said + piece)[-KEPT:]
    return said


async def _drained(pipe: LocalPipe) -> None:
    while await pipe.read():
        pass
