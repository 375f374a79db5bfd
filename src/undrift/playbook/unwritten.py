"""Lookups that would write on the controller are held back: a scan writes nothing."""

from __future__ import annotations

import functools
from typing import Any, NoReturn

from ansible.errors import AnsibleError


class WouldWrite(AnsibleError):
    """A lookup would have written a file."""


@functools.cache
def hold_back_writing() -> None:
    """Let lookup('password') read the passwords that are there, and make none. Imported only when a lookup is used."""
    from ansible.plugins.lookup import password  # noqa: PLC0415 - 2 ms that hardly any playbook needs

    password._get_lock = _no_lock
    password._write_password_file = _refuse


def _no_lock(_path: bytes) -> tuple[bool, None]:
    return False, None


def _refuse(path: bytes, _content: Any) -> NoReturn:
    raise WouldWrite(f"lookup('password') would make a new password in {path.decode(errors='replace')}")
