"""Words for yes and no, as ansible-core reads them."""

from __future__ import annotations

from typing import Any

from ansible.module_utils.parsing.convert_bool import boolean


def is_true(value: Any) -> bool:
    """Where any other word means no: in keywords, and in what an action plugin of the controller reads."""
    return bool(boolean(value, strict=False))


def as_bool(value: Any) -> bool | None:
    """Where no other word will do: in a module's arguments. None: it is refused."""
    try:
        return bool(boolean(value))
    except TypeError:
        return None
