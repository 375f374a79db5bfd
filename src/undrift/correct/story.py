"""A correction from its options to what became of it: look, show the plan, ask, bring it about."""

from __future__ import annotations

import asyncio
import getpass
import secrets
import socket
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace

from undrift.model.correction import Correction, is_planned
from undrift.model.report import ScanReport
from undrift.scan import pipes
from undrift.scan.events import Phase
from undrift.scan.options import ScanOptions
from undrift.scan.session import Observer, Session

#: Shows the plan and says whether it is to be brought about.
Confirm = Callable[[Correction, frozenset[str]], Awaitable[bool]]


@dataclass(frozen=True, slots=True)
class Corrected:
    """What became of it, and the values that must be masked wherever it is shown."""

    correction: Correction
    secrets: frozenset[str]


async def correct(
    options: ScanOptions, observe: Observer, reader: pipes.Child, confirm: Confirm, *, include_unknown: bool
) -> Corrected:
    """
    Bring every host to what the playbook says. include_unknown: also hosts of which nothing is known but that some task
    cannot be previewed. Raises as Session.walk; whatever happens to a host is in its report.
    """
    observe(Phase("reading the playbook"))
    run_id = secrets.token_hex(6)
    async with Session(reader, observe) as session:
        looked = await session.walk(options)
        plan = looked.report
        hosts = touched(plan, include_unknown=include_unknown)
        correction = Correction(run_id=run_id, plan=plan, hosts=hosts)
        if not hosts or plan.interrupted:
            return Corrected(correction, looked.secrets)
        try:
            agreed = await confirm(correction, looked.secrets)
        except asyncio.CancelledError:
            left = replace(correction, plan=replace(plan, interrupted=True), declined=True)
            return Corrected(left, looked.secrets)
        if not agreed:
            return Corrected(replace(correction, declined=True), looked.secrets)
        run = {"run": run_id, "by": who(), "playbook": plan.playbook}
        order = replace(options, run=run, read=replace(options.read, hosts=hosts, check=False))
        done = await session.walk(order, run_id)
    return Corrected(replace(correction, done=done.report), looked.secrets | done.secrets)


def touched(plan: ScanReport, *, include_unknown: bool) -> tuple[str, ...]:
    """The hosts on which something differs."""
    return tuple(
        host.name
        for host in plan.hosts
        if any(map(is_planned, host.findings)) or (include_unknown and host.findings and host.error is None)
    )


def who() -> str:
    """As the servers remember it."""
    return f"{getpass.getuser()}@{socket.gethostname()}"
