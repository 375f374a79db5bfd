"""What the shell learns from us."""

from __future__ import annotations

import enum
from collections.abc import Iterable


class Exit(enum.IntEnum):
    """Documented, tested, never reused."""

    DONE = 0  #: in sync, or done
    ERROR = 1  #: we could not do the work
    DIFFERS = 2  #: we did the work, and something differs
    INCOMPLETE = 4  #: a host gave no answer, or a task could not be checked
    ROLLED_BACK = 5  #: the rollout failed, and what was before serves again
    STRANDED = 6  #: the rollout failed and could not be undone: a human is needed
    DECLINED = 7  #: refused by the user, by a lock or by a change window
    USAGE = 64  #: the command line made no sense
    INTERRUPTED = 130  #: Ctrl-C; what was learned until then was printed


#: When several apply, the first of these wins.
PRECEDENCE = (
    Exit.STRANDED,
    Exit.ROLLED_BACK,
    Exit.INTERRUPTED,
    Exit.DECLINED,
    Exit.USAGE,
    Exit.ERROR,
    Exit.INCOMPLETE,
    Exit.DIFFERS,
    Exit.DONE,
)


def strongest(exits: Iterable[Exit]) -> Exit:
    """The one exit code that a run with several outcomes ends with; DONE for none."""
    return min(exits, key=PRECEDENCE.index, default=Exit.DONE)
