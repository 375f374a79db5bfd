"""A started program on a host, as three streams of bytes: what every way of reaching a host gives."""

from __future__ import annotations

from typing import Protocol


class Pipe(Protocol):
    """read_* return what has come, at least one byte, or b"" at the end."""

    async def write(self, data: bytes) -> None:
        """Raises ConnectionError when nobody reads any more."""

    async def read(self) -> bytes:
        """From standard output; on a terminal from standard error, too."""

    async def read_error(self) -> bytes:
        """From standard error."""

    async def wait(self) -> int:
        """The exit status, once it has ended; negative for a signal, -1 when the connection was lost."""

    async def close(self) -> None:
        """Close its standard input and the channel: what runs there ends."""
