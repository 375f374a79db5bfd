"""This machine, without SSH (ansible_connection: local)."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal


class LocalPipe:
    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    @classmethod
    async def start(cls, command: str) -> LocalPipe:
        process = await asyncio.create_subprocess_exec(
            "/bin/sh",
            "-c",
            command,
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

    def close(self) -> None:
        if self._process.stdin is not None:
            self._process.stdin.close()
        if self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGTERM)
