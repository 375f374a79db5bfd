from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from undrift.agent.wire import CONCEAL as AGENT_CONCEAL
from undrift.playbook.options import ReadOptions

#: Paths whose content is compared and never shown.
CONCEAL: tuple[str, ...] = tuple(AGENT_CONCEAL)


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanOptions:
    """What the user asked of a scan."""

    read: ReadOptions
    deadline: float = 30.0  #: seconds for one request
    logins: int = 50  #: at once
    logins_per_jump: int = 10
    run_probes: bool = False
    probes: Sequence[str] = ()  #: patterns of commands that may be run as probes, from undrift.yaml
    hold_runs: bool = False  #: --no-run
    accept_new_host_keys: bool = False
    conceal: Sequence[str] = CONCEAL
    verbosity: int = 0
    #: the correction that is to be brought about, as the servers are taken for it; None: it is only looked
    run: Mapping[str, str] | None = None
