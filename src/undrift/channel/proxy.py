"""ProxyCommand: a program whose standard streams are the way to a host, run as ssh runs it."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket

#: What is kept of what the command says on standard error, in bytes.
KEPT = 4096
#: How long a command may take to end when it is told to, in seconds.
PATIENCE = 2.0


class Proxy:
    """socket: the way to the host, for whoever connects through it."""

    def __init__(self, process: asyncio.subprocess.Process, end: socket.socket) -> None:
        self.socket = end
        self._process = process
        self._said = b""
        self._listening = asyncio.create_task(self._listen())

    @classmethod
    async def start(cls, command: str) -> Proxy:
        """By the user's shell, which is replaced by the command where it is a simple one. Raises OSError."""
        ours, theirs = socket.socketpair()
        shell = os.environ.get("SHELL") or "/bin/sh"
        line = command if command.startswith("exec ") else f"exec {command}"
        try:
            process = await asyncio.create_subprocess_exec(
                shell,
                "-c",
                line,
                stdin=theirs.fileno(),
                stdout=theirs.fileno(),
                stderr=asyncio.subprocess.PIPE,
                start_new_session=True,
            )
        except BaseException:
            ours.close()
            raise
        finally:
            theirs.close()
        ours.setblocking(False)  # noqa: FBT003 - Python's own signature
        return cls(process, ours)

    async def close(self) -> None:
        """End the command and whatever it started. Nothing of it is left afterwards."""
        for number in (signal.SIGTERM, signal.SIGKILL):
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, number)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(PATIENCE):
                    await self._process.wait()
                    break
        self._listening.cancel()
        # Whoever inherited standard error may hold it open: asyncio offers no other way to let go of it.
        self._process._transport.close()  # type: ignore[attr-defined]  # noqa: SLF001
        await asyncio.sleep(0)
        self._let_go()

    def _let_go(self) -> None:
        """Close our end, unless a transport has taken it over: it closes it itself, now that the other end is gone."""
        if self.socket.fileno() >= 0:
            with contextlib.suppress(RuntimeError):
                asyncio.get_running_loop().remove_reader(self.socket)
                self.socket.close()

    async def last_words(self) -> str:
        """The last line of what the command said on standard error, once it has ended."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(0.5):
                await asyncio.shield(self._listening)
        lines = [line for line in self._said.decode("utf-8", "replace").splitlines() if line.strip()]
        return lines[-1].strip()[:200] if lines else ""

    async def _listen(self) -> None:
        stream = self._process.stderr
        while stream is not None and (piece := await stream.read(KEPT)):
            self._said = (self._said + piece)[-KEPT:]
