"""The child of a scan: reads the playbook, walks it for every host, and says what came of it."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from undrift.errors import UndriftError
from undrift.model.report import HostReport
from undrift.model.target import Target
from undrift.scan import pipes
from undrift.scan.options import ScanOptions
from undrift.scan.pipes import ChildEnd


@dataclass(frozen=True, slots=True)
class Reach:
    """These hosts take part, and are reached so."""

    targets: tuple[Target, ...]
    hosts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Conceal:
    """More values that must not be seen."""

    values: frozenset[str]


@dataclass(frozen=True, slots=True)
class Finished:
    """The walk is over."""

    ran: tuple[str, ...]
    probes_held_back: int
    warnings: tuple[str, ...]
    core_version: str
    cpu_s: float


@dataclass(frozen=True, slots=True)
class Refused:
    """There is nothing to walk; the error that the user is to see."""

    error: UndriftError


@dataclass(frozen=True, slots=True)
class Crashed:
    """What nobody expected."""

    text: str


class Pipe:
    """The walk's post (see walk.walker.Post), over the pipe to the parent."""

    def __init__(self, end: ChildEnd) -> None:
        self._end = end

    def send(self, batch: Any) -> None:
        self._end.send(batch)

    def receive(self, limit: float | None = None) -> Any:
        return self._end.receive(limit)

    def conceal(self, values: frozenset[str]) -> None:
        self._end.send(Conceal(values))

    def report(self, report: HostReport) -> None:
        self._end.send(report)

    def reach(self, targets: Sequence[Target], hosts: Sequence[str]) -> None:
        self._end.send(Reach(tuple(targets), tuple(hosts)))


def start_reading() -> pipes.Child:
    """
    Start the child. It imports ansible-core while its parent reads the command line, and waits for the options.
    """
    return pipes.fork(read_and_walk)


def read_and_walk(end: ChildEnd) -> None:
    """The child's whole work: a walk for each set of options that it hears, as long as the parent is there."""
    verbose = True
    signal.signal(signal.SIGTERM, _end_at_once)
    try:
        _import_core()
        while True:
            options: ScanOptions = end.receive()
            verbose = options.verbosity > 0
            _walk(end, options)
    except UndriftError as error:
        end.send(Refused(error))
    except (EOFError, BrokenPipeError):
        raise
    except Exception as problem:  # noqa: BLE001 - told as a defect by the parent
        import traceback  # noqa: PLC0415 - for a defect only

        last = traceback.extract_tb(problem.__traceback__)[-1]
        if verbose:
            traceback.print_exception(problem, file=sys.stderr)
        end.send(Crashed(f"{type(problem).__name__}: {problem} ({last.name}:{last.lineno})"))
    finally:
        # The parent's word to end comes with the end of its messages: one of the two is enough.
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        _leave_nothing()


def _end_at_once(_signal: int, _frame: Any) -> None:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    _leave_nothing()
    os._exit(0)


def _leave_nothing() -> None:
    from undrift.playbook.traceless import leave_nothing  # noqa: PLC0415 - it imports ansible-core

    leave_nothing()


def _import_core() -> None:
    """0.3 s that the parent has for asyncssh."""
    import undrift.walk.walker  # noqa: F401, PLC0415 - for its loading


def _walk(end: ChildEnd, options: ScanOptions) -> None:
    from undrift.playbook.boot import boot, core_version, without_collecting  # noqa: PLC0415
    from undrift.walk.desk import WalkOptions  # noqa: PLC0415
    from undrift.walk.walker import Walker  # noqa: PLC0415

    with without_collecting():
        core = boot(options.read)
    wanted = WalkOptions(
        deadline=options.deadline,
        run_probes=options.run_probes,
        probe_patterns=options.probes,
        hold_runs=options.hold_runs,
        run=options.run,
    )
    walker = Walker(core, wanted, Pipe(end))
    walker.walk()
    desk = walker.desk
    finished = Finished(
        ran=desk.all_ran,
        probes_held_back=desk.probes_held_back,
        warnings=tuple(core.warnings),
        core_version=str(core_version),
        cpu_s=time.process_time(),
    )
    end.send(finished)
