"""This machine, without SSH (ansible_connection: local), and the programs that are run on it."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shlex
import signal

#: How long a program may take to end when it is told to, in seconds.
PATIENCE = 2.0


class LocalPipe:
    """A Pipe (channel.pipe) to a program on this machine that leads a process group of its own."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    @classmethod
    async def start(cls, *argv: str) -> LocalPipe:
        """Raises OSError."""
        process = await asyncio.create_subprocess_exec(
            *argv,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            start_new_session=True,
        )
        return cls(process)

    async def write(self, data: bytes) -> None:
        stdin = self._process.stdin
        if stdin is None:
            raise ConnectionError
        stdin.write(data)
        await stdin.drain()

    async def read(self) -> bytes:
        return await self._process.stdout.read(1 << 16) if self._process.stdout else b""

    async def read_error(self) -> bytes:
        return await self._process.stderr.read(1 << 16) if self._process.stderr else b""

    async def wait(self) -> int:
        return await self._process.wait()

    async def close(self) -> None:
        """End the program and what it started; its streams are closed before the event loop may end."""
        if self._process.stdin is not None:
            self._process.stdin.close()
        for number in (signal.SIGTERM, signal.SIGKILL):
            if self._process.returncode is not None:
                break
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, number)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(PATIENCE):
                    await self._process.wait()
        # Whatever the program left behind may hold its output open: asyncio offers no other way to let go of it.
        self._process._transport.close()  # type: ignore[attr-defined]  # noqa: SLF001
        await asyncio.sleep(0)


class LocalLogin:
    """This machine as a Login (channel.connection)."""

    async def start(self, command: str, *, tty: bool) -> LocalPipe:
        """Start a shell command. tty: on a terminal that `script` (util-linux) makes. Raises OSError."""
        if tty:
            command = f"script -qec {shlex.quote(command)} /dev/null"
        return await LocalPipe.start("/bin/sh", "-c", command)

    async def close(self) -> None:
        """There is nothing to close."""
