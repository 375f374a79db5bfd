from __future__ import annotations

import enum


class Verdict(enum.StrEnum):
    """What a scan says of a resource, a task or a host. Unknown never counts as in sync."""

    IN_SYNC = "in_sync"
    DRIFTED = "drifted"  #: the server differs, and the playbook did not move on since it was last in sync
    PENDING = "pending"  #: the playbook moved on since
    UNKNOWN = "unknown"  #: could not be checked; Reason says why
    FAILED = "failed"  #: the task itself would fail
    ACT = "act"  #: an act and no state (a restart, a touch): a consequence, never drift
    SKIPPED = "skipped"  #: its `when` was false
    ACCEPTED = "accepted"  #: differs, and a recorded exception covers it
    UNREACHABLE = "unreachable"  #: of a host only


class ReasonClass(enum.StrEnum):
    """Why a task is unknown."""

    UNPREVIEWABLE = "unpreviewable"  #: by nature: nobody can tell without doing it
    FAILED = "failed"  #: we tried, and could not
