"""
Two processes of one scan: this one talks to servers, its child reads and evaluates the playbook. Both are CPU work, so
that threads would only take turns; here each has a core, and rendering for 1,000 hosts starves no connection. Messages
are pickled, which is safe between a process and its own child.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import pickle
import select
import signal
import socket
import struct
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

_LENGTH = struct.Struct("!Q")


class ChildEnd:
    """The child's side: blocking. `receive` gives one message at a time, however they were sent."""

    def __init__(self, end: socket.socket) -> None:
        self._end = end
        self._unread = bytearray()
        self._waiting: Iterator[Any] = iter(())

    def send(self, message: Any) -> None:
        """Send anything that can be pickled. Raises BrokenPipeError when the parent is gone."""
        data = pickle.dumps(message, protocol=pickle.HIGHEST_PROTOCOL)
        self._end.sendall(_LENGTH.pack(len(data)) + data)

    def receive(self, limit: float | None = None) -> Any:
        """
        The next message, waited for at most `limit` seconds; None when there was none by then. Raises EOFError when the
        parent is gone.
        """
        while True:
            for message in self._waiting:
                return message
            if limit is not None and not self._unread and not select.select([self._end], [], [], limit)[0]:
                return None
            size = _LENGTH.unpack(self._read(_LENGTH.size))[0]
            self._waiting = iter(pickle.loads(self._read(size)))  # noqa: S301 - our own parent

    def _read(self, size: int) -> bytes:
        while len(self._unread) < size:
            piece = self._end.recv(1 << 16)
            if not piece:
                raise EOFError
            self._unread += piece
        found = bytes(self._unread[:size])
        del self._unread[:size]
        return found


class ParentEnd:
    """The parent's side, in the event loop. What is sent in one turn of the loop travels together."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, pid: int) -> None:
        self._reader = reader
        self._writer = writer
        self._pid = pid
        self._outgoing: list[Any] = []
        self._ending = ""

    def send(self, message: Any) -> None:
        """
        Send anything that can be pickled, at the end of this turn of the loop; once closed, nothing is sent.
        """
        if not self._outgoing:
            asyncio.get_running_loop().call_soon(self._flush)
        self._outgoing.append(message)

    def _flush(self) -> None:
        data = pickle.dumps(self._outgoing, protocol=pickle.HIGHEST_PROTOCOL)
        self._outgoing = []
        if not self._writer.is_closing():
            self._writer.write(_LENGTH.pack(len(data)) + data)

    async def receive(self) -> Any:
        """The child's next message. Raises EOFError when it has ended."""
        try:
            size = _LENGTH.unpack(await self._reader.readexactly(_LENGTH.size))[0]
            return pickle.loads(await self._reader.readexactly(size))  # noqa: S301 - our own child
        except (asyncio.IncompleteReadError, ConnectionError):
            raise EOFError from None

    async def close(self) -> str:
        """Let the child end, by force when it must; how it ended, in words."""
        if not self._ending:
            self._writer.close()
            with contextlib.suppress(ProcessLookupError):
                os.kill(self._pid, signal.SIGTERM)
            status = (await asyncio.to_thread(os.waitpid, self._pid, 0))[1]
            self._ending = (
                f"signal {os.WTERMSIG(status)}"
                if os.WIFSIGNALED(status)
                else (f"exit status {os.WEXITSTATUS(status)}")
            )
        return self._ending


@dataclass(frozen=True, slots=True)
class Child:
    """A child that has been started; `connect` makes it the parent's other end."""

    pid: int
    end: socket.socket

    async def connect(self) -> ParentEnd:
        reader, writer = await asyncio.open_connection(sock=self.end, limit=1 << 20)
        return ParentEnd(reader, writer, self.pid)


def fork(work: Callable[[ChildEnd], None]) -> Child:
    """
    Start a child that does `work` with its end of the pipe and then ends. To be called while there is one thread, and
    no event loop.
    """
    ours, theirs = socket.socketpair()
    sys.stdout.flush()
    sys.stderr.flush()
    pid = os.fork()
    if pid == 0:
        ours.close()
        _be_child(work, theirs)
    theirs.close()
    return Child(pid, ours)


def _be_child(work: Callable[[ChildEnd], None], end: socket.socket) -> None:
    """The child's life; never returns. Ctrl-C is the parent's business."""
    status = 1
    try:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        work(ChildEnd(end))
        status = 0
    except (EOFError, BrokenPipeError):
        status = 0
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)
