"""A scan from its options to its report."""

from __future__ import annotations

from undrift.scan import pipes
from undrift.scan.events import Phase
from undrift.scan.options import ScanOptions
from undrift.scan.session import Observer, Result, Session


async def scan(options: ScanOptions, observe: Observer, reader: pipes.Child) -> Result:
    """
    Look at every host of the playbook. reader: a child that start_reading has started. Raises as Session.walk. When
    cancelled, comes back with what is known.
    """
    observe(Phase("reading the playbook"))
    async with Session(reader, observe) as session:
        return await session.walk(options)
