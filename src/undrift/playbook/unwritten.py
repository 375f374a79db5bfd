"""Lookups that would write on the controller are held back: a scan writes nothing. Those that run commands are named."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, NoReturn

from ansible.errors import AnsibleError


class WouldWrite(AnsibleError):
    """A lookup would have written a file, or run a command that is held back."""


class Commands:
    """What lookup('pipe') and lookup('lines') run here. held: they are not to be run (--no-run)."""

    def __init__(self) -> None:
        self.ran: dict[str, None] = {}
        self.held = False

    def note(self, terms: list[Any]) -> None:
        """Raises WouldWrite."""
        for term in terms:
            if self.held:
                raise WouldWrite(f"a lookup would run {term!s} on the controller, and --no-run holds it back")
            self.ran[str(term)] = None


commands = Commands()


@functools.cache
def hold_back_writing() -> None:
    """Let lookup('password') read the passwords that are there, and make none. Imported only when a lookup is used."""
    from ansible.plugins.lookup import lines, password, pipe  # noqa: PLC0415 - 2 ms that hardly any playbook needs

    password._get_lock = _no_lock
    password._write_password_file = _refuse
    for plugin in (pipe, lines):
        plugin.LookupModule.run = _noted(plugin.LookupModule.run)


def _noted(run: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(run)
    def noted(self: Any, terms: list[Any], *args: Any, **kwargs: Any) -> Any:
        commands.note(terms)
        return run(self, terms, *args, **kwargs)

    return noted


def _no_lock(_path: bytes) -> tuple[bool, None]:
    return False, None


def _refuse(path: bytes, _content: Any) -> NoReturn:
    raise WouldWrite(f"lookup('password') would make a new password in {path.decode(errors='replace')}")
