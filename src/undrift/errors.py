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
  x LabError                 the lab could not be built, started or removed
"""

from __future__ import annotations

from typing import ClassVar

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


class LabError(UndriftError):
    code = "lab"
