"""The two processes and the connections of one command: a walk over the playbook, or several, one after another."""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Self

from undrift import __version__
from undrift.errors import InventoryError, UndriftError
from undrift.model.mail import Batch, Stop
from undrift.model.report import HostError, HostReport, ScanReport
from undrift.scan import pipes
from undrift.scan.events import CORRECTING, SCANNING, Event, HostDone, Note, Started
from undrift.scan.options import ScanOptions
from undrift.scan.reading import Conceal, Crashed, Finished, Reach, Refused
from undrift.scan.revision import revision_of

if TYPE_CHECKING:  # imported beside the child's reading: 160 ms
    from undrift.channel.fleet import Fleet
    from undrift.scan.couriers import Couriers

#: How long a child that was told to stop has for its last words, in seconds.
STOP_LIMIT = 2.0

Observer = Callable[[Event], None]


@dataclass(slots=True)
class Result:
    """The report, and the values that must be masked wherever it is shown."""

    report: ScanReport
    secrets: frozenset[str] = frozenset()


@dataclass(slots=True)
class Progress:
    """What is known while a walk goes on."""

    observe: Observer
    doing: str = SCANNING
    hosts: dict[str, None] = field(default_factory=dict)
    reports: dict[str, HostReport] = field(default_factory=dict)
    secrets: set[str] = field(default_factory=set)
    warnings: list[str] = field(default_factory=list)

    def started(self, names: tuple[str, ...]) -> None:
        """More hosts take part: tell the observer all of them."""
        self.hosts.update(dict.fromkeys(names))
        self.observe(Started(tuple(self.hosts), self.doing))

    def done(self, report: HostReport) -> None:
        """Keep a host's report, and tell the observer."""
        self.reports[report.name] = report
        self.observe(HostDone(report, len(self.reports), len(self.hosts)))


class Session:
    """reader: a child that start_reading has started. As a context it ends the child and closes all connections."""

    def __init__(self, reader: pipes.Child, observe: Observer) -> None:
        self._reader = reader
        self._observe = observe
        self._child: pipes.ParentEnd | None = None
        self._fleet: Fleet | None = None
        self._couriers: Couriers | None = None
        self._warnings: list[str] = []

    async def __aenter__(self) -> Self:
        self._child = await self._reader.connect()
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._couriers is not None:
            await self._couriers.close()
        if self._fleet is not None:
            await self._fleet.close()
        if self._child is not None:
            await self._child.close()

    async def walk(self, options: ScanOptions, run_id: str = "") -> Result:
        """
        All plays over all hosts. Raises PlaybookError, InventoryError, VaultError, UsageError when there is nothing to
        look with; whatever happens to a host is in its report. When cancelled, comes back with what is known.
        """
        child = self._child
        if child is None:
            raise RuntimeError("a session is entered before it walks")
        begun, clock = datetime.now(UTC), time.monotonic()
        child.send(options)
        progress = Progress(self._observe, CORRECTING if options.run else SCANNING)
        revision = asyncio.create_task(revision_of(options.read.playbook))
        finished, interrupted = await self._converse(child, options, progress)
        commit, dirty = await revision
        if not progress.hosts and not interrupted:
            raise InventoryError("no host of the inventory matches any play", kept="nothing was scanned")
        report = ScanReport(
            run_id=run_id or secrets.token_hex(8),
            playbook=options.read.playbook,
            revision=commit,
            dirty=dirty,
            started_at=begun.isoformat(timespec="seconds"),
            duration_s=round(time.monotonic() - clock, 3),
            versions={"undrift": __version__, "ansible_core": finished.core_version},
            hosts=tuple(progress.reports.get(name, _never_told(name)) for name in progress.hosts),
            interrupted=interrupted,
            ran=finished.ran,
            probes_held_back=finished.probes_held_back,
            warnings=(*finished.warnings, *self._warnings),
        )
        return Result(report, frozenset(progress.secrets))

    async def _converse(
        self, child: pipes.ParentEnd, options: ScanOptions, progress: Progress
    ) -> tuple[Finished, bool]:
        """Everything between the first word of a walk and its last; True when the user interrupted it."""
        couriers = self._open(child, options)
        hearing = asyncio.create_task(_hear(child, couriers, progress))
        try:
            return await asyncio.shield(hearing), False
        except asyncio.CancelledError:
            child.send(Stop())
            return await _last_words(hearing), True
        finally:
            hearing.cancel()

    def _open(self, child: pipes.ParentEnd, options: ScanOptions) -> Couriers:
        """The connections: those of the walk before are kept."""
        from undrift.channel.fleet import Fleet  # noqa: PLC0415 - while the child imports ansible-core
        from undrift.scan.couriers import Couriers  # noqa: PLC0415 - as above

        if self._couriers is None:
            self._fleet = Fleet(
                settings={"conceal": list(options.conceal), "key": secrets.token_hex(16)},
                logins=options.read.forks or options.logins,
                logins_per_jump=options.logins_per_jump,
                accept_new_host_keys=options.accept_new_host_keys,
                observe=lambda text: self._observe(Note(text)),
                warn=self._warnings.append,
            )
            self._couriers = Couriers(self._fleet, child.send)
        return self._couriers


def _never_told(host: str) -> HostReport:
    """A host that the walk could not say anything of before it was ended."""
    return HostReport(
        name=host, error=HostError(code="interrupted", text="interrupted before it was checked")
    )


async def _last_words(hearing: asyncio.Task[Finished]) -> Finished:
    """What the child says once it was told to stop; nothing when it is busy (a slow inventory script, a lookup)."""
    try:
        async with asyncio.timeout(STOP_LIMIT):
            return await asyncio.shield(hearing)
    except (TimeoutError, UndriftError):
        return Finished(ran=(), probes_held_back=0, warnings=(), core_version="", cpu_s=0.0)


async def _hear(child: pipes.ParentEnd, couriers: Couriers, progress: Progress) -> Finished:
    """Do what the child asks for until it has finished. Raises what it was refused with."""
    while True:
        try:
            message = await child.receive()
        except EOFError:
            how = await child.close()
            raise UndriftError(
                f"the process that reads the playbook broke off: {how}", help="run it again with -v"
            ) from None
        if isinstance(message, Finished):
            return message
        _attend(message, couriers, progress)


def _attend(message: Any, couriers: Couriers, progress: Progress) -> None:
    """Do what one message asks for. Raises what the child was refused with."""
    if isinstance(message, Batch):
        couriers.carry(message)
    elif isinstance(message, Conceal):
        progress.secrets |= message.values
    elif isinstance(message, HostReport):
        progress.done(message)
    elif isinstance(message, Reach):
        progress.started(message.hosts)
        for target in message.targets:
            couriers.reach(target)
    elif isinstance(message, Refused):
        raise message.error
    elif isinstance(message, Crashed):
        raise UndriftError(f"this is a defect of undrift: {message.text}", help="run it again with -v")
    else:
        raise UndriftError(f"this is a defect of undrift: the child said {type(message).__name__}")
