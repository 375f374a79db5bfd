"""
Everything we expect to go wrong.

* UndriftError
  x UsageError               the command line or undrift.yaml makes no sense
  x PlaybookError            ansible-core refuses the playbook; knows its file and line
    + InventoryError         the inventory, or a pattern that matches no host
    + VaultError             a secret cannot be opened
  x HostError                one host failed, the others go on; knows its host
    + Unreachable            no session could be opened
    + AgentError             a session was there, but the agent could not start or broke off
    + Locked                 another correction is at work there; knows whose
  x LabError                 the lab could not be built, started or removed
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any, ClassVar

from undrift.exits import Exit


class UndriftError(Exception):
    """
    what: one line, what happened. where: `file:line` or a host, may be empty. kept: what was not lost or
    not changed, may be empty. help: the next command to type, may be empty.
    """

    code: ClassVar[str] = "error"
    exit: ClassVar[Exit] = Exit.ERROR

    def __init__(self, what: str, *, where: str = "", kept: str = "", help: str = "") -> None:  # noqa: A002 - the word users see
        super().__init__(what)
        self.what = what
        self.where = where
        self.kept = kept
        self.help = help

    def __reduce__(self) -> tuple[object, ...]:
        """An error travels between the processes of a scan."""
        return _rebuild, (type(self), dict(self.__dict__))


def _rebuild(kind: type[UndriftError], fields: dict[str, str]) -> UndriftError:
    error = kind.__new__(kind, fields["what"])
    error.__dict__.update(fields)
    return error


class UsageError(UndriftError):
    code = "usage"
    exit = Exit.USAGE


class PlaybookError(UndriftError):
    """ansible-core would refuse it, too; the words are ansible-core's."""

    code = "playbook"


class InventoryError(PlaybookError):
    code = "inventory"


class VaultError(PlaybookError):
    code = "vault"


class HostError(UndriftError):
    code = "host"
    exit = Exit.INCOMPLETE

    def __init__(self, host: str, what: str, *, help: str = "") -> None:  # noqa: A002 - the word users see
        super().__init__(what, where=host, help=help)
        self.host = host


class Unreachable(HostError):
    """No session: name, route, port, host key, login or time-out."""

    code = "host.unreachable"


class AgentError(HostError):
    """Logged in, but no Python, no rights (become), or the agent broke off."""

    code = "host.agent"


class Locked(HostError):
    """Another correction is at work on the server. holder: {"run", "by", "playbook", "since", "pid"} as it says."""

    code = "host.locked"
    exit = Exit.DECLINED

    def __init__(self, host: str, holder: Mapping[str, Any]) -> None:
        since = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(float(holder.get("since", 0))))
        who = f"{holder.get('by', 'somebody')} since {since} (run {holder.get('run', 'unknown')})"
        super().__init__(
            host,
            f"another correction is at work here: {who}",
            help="wait for it, or `undrift runs` to see it",
        )
        self.holder = dict(holder)


class LabError(UndriftError):
    code = "lab"
