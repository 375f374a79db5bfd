"""What servers say may hold anything: nothing of it reaches a terminal or a file as more than text."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import fields, is_dataclass, replace
from enum import Enum
from typing import Any, TypeVar

T = TypeVar("T")

#: A byte that is no UTF-8 comes as one half of a pair of surrogates (Python's surrogateescape).
HALVES = re.compile("[\ud800-\udfff]")
#: What a terminal takes for an order or another direction of writing, and what XML cannot carry; tabs and line ends are neither.
ORDERS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]")


def visible(text: str) -> str:
    r"""For people: control characters as \x1b, bytes that are not UTF-8 as \xff; tabs and line ends stay."""
    return ORDERS.sub(_escaped, text)


def encodable(text: str) -> str:
    r"""For programs: bytes that are not UTF-8 as \xff, anything else as it is."""
    return HALVES.sub(_escaped, text)


def on_one_line(text: str) -> str:
    """A name or a value, where a line break would look like a line of ours."""
    return text.replace("\n", "\\n")


def indented(text: str, by: int) -> str:
    """Of several lines, those after the first under the first."""
    return text.rstrip("\n").replace("\n", "\n" + " " * by)


def every_text(value: T, change: Callable[[str], str]) -> T:
    """The same value with every text in it changed: frozen dataclasses, lists, dictionaries."""
    changed: T = _changed(value, change)
    return changed


def _changed(value: Any, change: Callable[[str], str]) -> Any:
    if isinstance(value, str):
        return value if isinstance(value, Enum) else change(value)
    if is_dataclass(value) and not isinstance(value, type):
        parts = {one.name: _changed(getattr(value, one.name), change) for one in fields(value)}
        return replace(value, **parts)
    if isinstance(value, dict):
        return {_changed(key, change): _changed(one, change) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(_changed(one, change) for one in value)
    return value


def _escaped(found: re.Match[str]) -> str:
    code = ord(found.group())
    if 0xDC80 <= code <= 0xDCFF:
        code -= 0xDC00
    return f"\\x{code:02x}" if code <= 0xFF else f"\\u{code:04x}"
