"""The story of a scan with Ctrl-C: once to end it with what is known, twice to end at once."""

from __future__ import annotations

import asyncio
import os
import signal

from undrift.cli import ahead
from undrift.cli.progress import Progress
from undrift.errors import UndriftError
from undrift.exits import Exit
from undrift.scan.options import ScanOptions
from undrift.scan.pipes import Child
from undrift.scan.story import Result
from undrift.scan.story import scan as story


class Interrupted(UndriftError):
    """Ctrl-C before any host was known: there is nothing to report."""

    code = "interrupted"
    exit = Exit.INTERRUPTED


def run(options: ScanOptions, progress: Progress) -> Result:
    """Raises Interrupted, and what the story raises."""
    return asyncio.run(_run(options, progress, ahead.take()))


async def _run(options: ScanOptions, progress: Progress, reader: Child) -> Result:
    presses = _Presses(progress)
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGINT, presses.press)
    ticking = asyncio.create_task(progress.tick())
    try:
        return await story(options, progress, reader)
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
