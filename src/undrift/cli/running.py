"""A story with Ctrl-C: once to end it with what is known, twice to end at once."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable
from typing import TypeVar

from undrift.cli import ahead
from undrift.cli.progress import Progress
from undrift.errors import UndriftError
from undrift.exits import Exit
from undrift.scan.pipes import Child

T = TypeVar("T")


class Interrupted(UndriftError):
    """Ctrl-C before any host was known: there is nothing to report."""

    code = "interrupted"
    exit = Exit.INTERRUPTED


def run(story: Callable[[Child], Awaitable[T]], progress: Progress) -> T:
    """story: takes the child that reads the playbook. Raises Interrupted, and what the story raises."""
    return asyncio.run(_run(story, progress, ahead.take()))


async def _run(story: Callable[[Child], Awaitable[T]], progress: Progress, reader: Child) -> T:
    presses = _Presses(progress)
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGINT, presses.press)
    ticking = asyncio.create_task(progress.tick())
    try:
        return await story(reader)
    except (UndriftError, asyncio.CancelledError):
        if not presses.count:
            raise
        raise Interrupted("interrupted before any host was known", kept="nothing was scanned") from None
    finally:
        ticking.cancel()
        loop.remove_signal_handler(signal.SIGINT)


class _Presses:
    """The presses of Ctrl-C."""

    def __init__(self, progress: Progress) -> None:
        self.count = 0
        self._progress = progress
        self._task = asyncio.current_task()

    def press(self) -> None:
        self.count += 1
        if self.count > 1:
            self._progress.clear()
            os._exit(Exit.INTERRUPTED)
        if self._task is not None:
            self._task.cancel()
