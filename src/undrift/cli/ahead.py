"""The process that reads the playbook, started before the command line is."""

from __future__ import annotations

from undrift.scan import pipes
from undrift.scan.reading import start_reading

_started: list[pipes.Child] = []


def start() -> None:
    """Start the child that `take` hands out; to be called while there is one thread (scan.pipes.fork)."""
    _started.append(start_reading())


def take() -> pipes.Child:
    """The child that was started, or one started now."""
    return _started.pop() if _started else start_reading()
