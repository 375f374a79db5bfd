"""The last gate for secrets: whatever is printed passes through here."""

from __future__ import annotations

import base64
import html
import json
import re
import shlex
import urllib.parse
from collections.abc import Iterable, Iterator
from typing import TypeVar

from undrift.model.secret import Secret
from undrift.render.texts import every_text

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
        """The text with MASKED in the place of the values, in whatever form they stand in it."""
        return self._pattern.sub(MASKED, text) if self._pattern else text

    def value(self, value: T) -> T:
        """The same value with every text in it masked: frozen dataclasses, lists, dictionaries."""
        return every_text(value, self.text) if self._pattern else value


def _forms(value: str) -> Iterator[str]:
    """How the value may stand in an output: plain, per line, in base64, in a URL, in JSON, Python, XML or a shell."""
    plain = value.strip()
    if len(plain) < SHORTEST:
        return
    yield plain
    yield from _in_base64(value)
    yield from _in_base64(plain)
    yield urllib.parse.quote_from_bytes(_bytes(plain), safe="")
    yield repr(plain)[1:-1]
    yield repr(plain + "'")[1:-2]
    yield html.escape(plain)
    yield shlex.quote(plain)
    yield json.dumps(plain)[1:-1]
    yield json.dumps(plain, ensure_ascii=False)[1:-1]
    for line in plain.splitlines()[: 1000 if "\n" in plain else 0]:
        if len(line.strip()) >= SHORTEST_LINE:
            yield line.strip()


def _in_base64(value: str) -> Iterator[str]:
    """The value as it stands in the base64 of a longer text: it may begin at any of three places of a group."""
    data = _bytes(value)
    yield base64.b64encode(data).decode()
    for before in range(3 if len(data) >= SHORTEST_LINE else 0):
        inside = base64.b64encode(bytes(before) + data).decode().rstrip("=")
        # Characters that also hold bits of the neighbours are not the value's own.
        yield inside[(0, 2, 3)[before] : len(inside) - (1 if (before + len(data)) % 3 else 0)]


def _bytes(value: str) -> bytes:
    """As it stands on the server, where it need not be UTF-8."""
    try:
        return value.encode(errors="surrogateescape")
    except UnicodeEncodeError:
        return value.encode(errors="surrogatepass")
