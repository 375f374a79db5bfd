"""A scan from its options to its report."""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from undrift import __version__
from undrift.errors import InventoryError
from undrift.model.report import HostReport, ScanReport
from undrift.scan.events import Event, HostDone, Note, Phase, Started
from undrift.scan.options import ScanOptions
from undrift.scan.revision import revision_of

if TYPE_CHECKING:  # imported in a thread, beside the loading of the playbook: 160 ms each
    from undrift.scan.couriers import Couriers
    from undrift.walk.walker import Walker

Observer = Callable[[Event], None]


@dataclass(slots=True)
class Result:
    """The report, and the values that must be masked wherever it is shown."""

    report: ScanReport
    secrets: frozenset[str] = frozenset()


@dataclass(slots=True)
class Progress:
    """What is known while the scan goes on."""

    observe: Observer
    hosts: dict[str, None] = field(default_factory=dict)
    reports: dict[str, HostReport] = field(default_factory=dict)

    def started(self, names: Any) -> None:
        self.hosts.update(dict.fromkeys(names))
        self.observe(Started(tuple(self.hosts)))

    def done(self, report: HostReport) -> None:
        self.reports[report.name] = report
        self.observe(HostDone(report, len(self.reports), len(self.hosts)))


async def scan(options: ScanOptions, observe: Observer) -> Result:
    """
    Look at every host of the playbook. Raises PlaybookError, InventoryError, VaultError, UsageError when there is
    nothing to look with; whatever happens to a host is in its report. When cancelled, comes back with what is known.
    """
    begun, clock = datetime.now(UTC), time.monotonic()
    progress = Progress(observe)
    observe(Phase("reading the playbook"))
    revision = asyncio.create_task(revision_of(options.read.playbook))
    walker, interrupted = await _walk(options, progress)
    commit, dirty = await revision
    report = ScanReport(
        run_id=secrets.token_hex(8),
        playbook=options.read.playbook,
        revision=commit,
        dirty=dirty,
        started_at=begun.isoformat(timespec="seconds"),
        duration_s=round(time.monotonic() - clock, 3),
        versions={"undrift": __version__, "ansible_core": _core_version()},
        hosts=tuple(progress.reports[name] for name in progress.hosts if name in progress.reports),
        interrupted=interrupted,
        ran=tuple(walker.desk.ran),
        probes_held_back=walker.desk.probes_held_back,
        warnings=tuple(walker.warnings),
    )
    return Result(report, frozenset(walker.desk.secrets))


async def _walk(options: ScanOptions, progress: Progress) -> tuple[Walker, bool]:
    """Everything between reading the playbook and the last answer; True when it was interrupted."""
    channel = asyncio.create_task(asyncio.to_thread(_import_channel))
    walker_of = await asyncio.to_thread(_read, options)
    await channel
    from undrift.channel.fleet import Fleet  # noqa: PLC0415 - imported in the thread above
    from undrift.scan.couriers import Couriers  # noqa: PLC0415 - as above

    fleet = Fleet(
        settings={"conceal": list(options.conceal), "key": secrets.token_hex(16)},
        logins=options.read.forks or options.logins,
        logins_per_jump=options.logins_per_jump,
        accept_new_host_keys=options.accept_new_host_keys,
        observe=lambda text: progress.observe(Note(text)),
    )
    couriers = Couriers(fleet, started=progress.started, done=progress.done)
    walker = walker_of(couriers)
    try:
        interrupted = await _until_walked(walker, couriers)
    finally:
        await couriers.close()
        await fleet.close()
    if not progress.hosts:
        raise InventoryError("no host of the inventory matches any play", kept="nothing was scanned")
    return walker, interrupted


async def _until_walked(walker: Walker, couriers: Couriers) -> bool:
    """Wait for the walk in its thread; a cancellation stops it, and what it knows by then is kept."""
    walking = asyncio.create_task(asyncio.to_thread(walker.walk))
    try:
        await asyncio.shield(walking)
    except asyncio.CancelledError:
        couriers.stop()
        await walking
        return True
    return False


def _read(options: ScanOptions) -> Callable[[Any], Walker]:
    """Start ansible-core; in a thread of its own, because it is 0.3 s of CPU."""
    from undrift.playbook.boot import boot, without_collecting  # noqa: PLC0415 - in the thread
    from undrift.walk.desk import WalkOptions  # noqa: PLC0415 - in the thread
    from undrift.walk.walker import Walker  # noqa: PLC0415 - in the thread

    with without_collecting():
        core = boot(options.read)
    wanted = WalkOptions(
        deadline=options.deadline,
        run_probes=options.run_probes,
        probe_patterns=options.probes,
        hold_runs=options.hold_runs,
    )
    return lambda post: Walker(core, wanted, post)


def _import_channel() -> None:
    import undrift.scan.couriers  # noqa: F401, PLC0415 - 165 ms of asyncssh, beside the reading


def _core_version() -> str:
    from undrift.playbook.boot import core_version  # noqa: PLC0415 - loaded by now

    return str(core_version)
