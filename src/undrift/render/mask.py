"""The last gate for secrets: whatever is printed passes through here."""

from __future__ import annotations

import base64
import json
import re
import urllib.parse
from collections.abc import Iterable, Iterator
from dataclasses import fields, is_dataclass, replace
from enum import Enum
from typing import Any, TypeVar

from undrift.model.secret import Secret

MASKED = str(Secret("x"))

#: Shorter values are words like `yes` and `web`: masking those would make every output unreadable and hide nothing.
SHORTEST = 4
#: A line of a multi-line secret is masked by itself from this length on.
SHORTEST_LINE = 8

T = TypeVar("T")


class Mask:
    """values: what must not be seen, in plain text."""

    def __init__(self, values: Iterable[str]) -> None:
        forms = sorted({form for value in values for form in _forms(value)}, key=len, reverse=True)
        self._pattern = re.compile("|".join(map(re.escape, forms))) if forms else None

    def text(self, text: str) -> str:
        return self._pattern.sub(MASKED, text) if self._pattern else text

    def value(self, value: T) -> T:
        """The same value with every text in it masked: frozen dataclasses, lists, dictionaries."""
        return self._of(value) if self._pattern else value

    def _of(self, value: Any) -> Any:
        if isinstance(value, str):
            return value if isinstance(value, Enum) else self.text(value)
        if is_dataclass(value) and not isinstance(value, type):
            return replace(value, **{one.name: self._of(getattr(value, one.name)) for one in fields(value)})
        if isinstance(value, dict):
            return {self._of(key): self._of(one) for key, one in value.items()}
        if isinstance(value, list | tuple):
            return type(value)(self._of(one) for one in value)
        return value


def _forms(value: str) -> Iterator[str]:
    """How the value may stand in an output: plain, per line, in base64, in a URL, in JSON."""
    plain = value.strip()
    if len(plain) < SHORTEST:
        return
    yield plain
    encoded = base64.b64encode(value.encode()).decode()
    yield encoded
    yield base64.b64encode(plain.encode()).decode()
    yield urllib.parse.quote(plain, safe="")
    yield json.dumps(plain)[1:-1]
    yield json.dumps(plain, ensure_ascii=False)[1:-1]
    for line in plain.splitlines()[: 1000 if "\n" in plain else 0]:
        if len(line.strip()) >= SHORTEST_LINE:
            yield line.strip()
