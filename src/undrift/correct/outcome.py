"""What a correction means for the shell."""

from __future__ import annotations

from collections.abc import Iterator

from undrift.exits import Exit, strongest
from undrift.model.correction import Correction, Outcome, outcome_of

EXITS = {
    Outcome.FAILED: Exit.INCOMPLETE,
    Outcome.UNREACHABLE: Exit.INCOMPLETE,
    Outcome.LOCKED: Exit.DECLINED,
}


def exit_of(correction: Correction) -> Exit:
    """The exit code: what is left undone, of the hosts that could not even be looked at as well."""
    return strongest(_exits(correction))


def _exits(correction: Correction) -> Iterator[Exit]:
    if correction.plan.interrupted or (correction.done is not None and correction.done.interrupted):
        yield Exit.INTERRUPTED
    if correction.declined:
        yield Exit.DECLINED
    if any(host.error is not None for host in correction.plan.hosts):
        yield Exit.INCOMPLETE
    for host in correction.done.hosts if correction.done is not None else ():
        yield EXITS.get(outcome_of(host), Exit.DONE)
