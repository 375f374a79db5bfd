"""What is seen of a scan while it goes on: one live line on a terminal, elsewhere a line for each change of state."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Self, TextIO

from undrift.cli import terminal
from undrift.model.correction import outcome_of
from undrift.model.verdict import Verdict
from undrift.render.texts import visible
from undrift.scan.events import SCANNING, Event, HostDone, Note, Phase, Started

#: So many hosts that are still out are named.
NAMED = 3


async def _a_second() -> None:
    await asyncio.sleep(1)


class Progress:
    """
    stream: standard error. live: a line can be drawn over there. verbosity: how many -v. phase: what stands there
    already. As a context it takes its live line away at the end.
    """

    def __init__(
        self,
        stream: TextIO,
        *,
        live: bool,
        verbosity: int,
        phase: str = "",
        clock: Callable[[], float] = time.monotonic,
        columns: Callable[[TextIO], int] = terminal.columns,
    ) -> None:
        self.hosts: frozenset[str] = frozenset()  #: that take part, as far as known
        self._stream = stream
        self._live = live
        self._verbosity = verbosity
        self._clock = clock
        self._columns = columns
        self._begun = clock()
        self._doing = SCANNING
        self._done: set[str] = set()
        self._differing = 0
        self._phase = phase
        self._shown = live and bool(phase)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.clear()

    def __call__(self, event: Event) -> None:
        if isinstance(event, Phase):
            self._enter(event.text)
        elif isinstance(event, Started):
            self._start(event)
        elif isinstance(event, HostDone):
            self._host_done(event)
        elif isinstance(event, Note) and event.verbosity <= self._verbosity:
            self._line(event.text)

    async def tick(self, pause: Callable[[], Awaitable[None]] = _a_second) -> None:
        """Keep the clock of the live line going, until cancelled."""
        while True:
            await pause()
            self._draw()

    def clear(self) -> None:
        """Take the live line away."""
        if self._shown:
            self._stream.write("\r\033[K")
            self._stream.flush()
            self._shown = False

    def _enter(self, phase: str) -> None:
        changed, self._phase = phase != self._phase, phase
        if self._live:
            self._draw()
        elif changed:
            self._line(phase)

    def _start(self, event: Started) -> None:
        if event.doing != self._doing:
            self._doing = event.doing
            self._done.clear()
        self.hosts = frozenset(event.hosts)
        self._enter(f"{self._doing} {len(self.hosts)} host{'s' * (len(self.hosts) != 1)}")

    def _host_done(self, event: HostDone) -> None:
        self._done.add(event.report.name)
        scanning = self._doing == SCANNING
        word: str = event.report.verdict if scanning else outcome_of(event.report)
        self._differing += scanning and word in {Verdict.DRIFTED, Verdict.PENDING}
        if self._verbosity or (word != Verdict.IN_SYNC and not self._live):
            self._line(f"{event.report.name}: {word.replace('_', ' ')}")
        self._draw()

    def _words(self) -> str:
        seconds = self._clock() - self._begun
        if not self.hosts:
            return f"{self._phase} · {seconds:.0f} s" if seconds >= 1 else self._phase
        waiting = sorted(self.hosts - self._done)
        last = f" · waiting for {', '.join(waiting)}" if 0 < len(waiting) <= NAMED else ""
        counts = f"{len(self._done)} of {len(self.hosts)} hosts"
        drifted = f" · {self._differing} drifted" if self._doing == SCANNING else ""
        return f"{self._doing}: {counts}{drifted} · {seconds:.0f} s{last}"

    def _draw(self) -> None:
        if self._live:
            # A line that reaches the last column would wrap, and could not be drawn over.
            text = visible(self._words())[: self._columns(self._stream) - 1]
            self._stream.write(f"\r\033[K{text}")
            self._stream.flush()
            self._shown = True

    def _line(self, text: str) -> None:
        self.clear()
        self._stream.write(visible(text) + "\n")
        self._stream.flush()
