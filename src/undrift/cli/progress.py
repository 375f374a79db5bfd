"""What is seen of a scan while it goes on: one live line on a terminal, notes for those who asked for them."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable

from undrift.model.verdict import Verdict
from undrift.scan.events import Event, HostDone, Note, Phase, Started


class Progress:
    """terminal: whether standard error is one. mask: applied to every text."""

    def __init__(self, *, terminal: bool, verbosity: int) -> None:
        self._terminal = terminal
        self._verbosity = verbosity
        self._hosts: set[str] = set()
        self._done: set[str] = set()
        self._drifted = 0
        self._begun = time.monotonic()
        self._shown = False
        self.mask: Callable[[str], str] = str

    def __call__(self, event: Event) -> None:
        if isinstance(event, Phase):
            self._live(event.text)
        elif isinstance(event, Started):
            self._hosts = set(event.hosts)
            self._live(self._words())
        elif isinstance(event, HostDone):
            self._host_done(event)
        elif isinstance(event, Note) and event.verbosity <= self._verbosity:
            self._line(event.text)

    def clear(self) -> None:
        """Take the live line away."""
        if self._shown:
            sys.stderr.write("\r\033[K")
            sys.stderr.flush()
            self._shown = False

    def _host_done(self, event: HostDone) -> None:
        self._done.add(event.report.name)
        self._drifted += event.report.verdict in {Verdict.DRIFTED, Verdict.PENDING}
        if self._terminal:
            self._live(self._words())
        elif self._verbosity:
            self._line(f"{event.report.name}: {event.report.verdict}")

    def _words(self) -> str:
        waiting = sorted(self._hosts - self._done)
        seconds = time.monotonic() - self._begun
        last = f" · waiting for {', '.join(waiting[:3])}" if waiting and len(waiting) <= 3 else ""
        return f"scanning: {len(self._done)} of {len(self._hosts)} hosts · {self._drifted} drifted · {seconds:.0f} s{last}"

    def _live(self, text: str) -> None:
        if self._terminal:
            sys.stderr.write(f"\r\033[K{self.mask(text)[:120]}")
            sys.stderr.flush()
            self._shown = True

    def _line(self, text: str) -> None:
        self.clear()
        sys.stderr.write(self.mask(text) + "\n")
