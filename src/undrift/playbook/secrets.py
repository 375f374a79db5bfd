"""What must not be seen: by its value, and by the names of the variables that hold it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ansible.parsing.vault import EncryptedString

from undrift.playbook.needs import Analyst, Needs


class Secrets:
    """
    values: plain texts, for the mask. names: variables that hold a secret on some host, whoever reads them in a
    roundabout way.
    """

    def __init__(self) -> None:
        self.values: set[str] = set()
        self.names: set[str] = set()

    def note_vaulted(self, name: str, value: Any, analyst: Analyst) -> None:
        """A variable: every text and number in it that was encrypted."""
        if analyst.of_value(value).secret:
            self.names.add(name)
            self.values |= {plain(leaf) for leaf in leaves(value) if analyst.is_vaulted(leaf)}

    def note_derived(self, value: Any) -> None:
        """Something that a secret took part in: every text in it that is long enough to be told from a word."""
        self.values |= {plain(leaf) for leaf in leaves(value) if len(plain(leaf)) >= SHORTEST_DERIVED}

    def reach(self, needs: Needs) -> bool:
        """Whether what is read in a roundabout way may be a secret."""
        return bool(self.names) and (needs.blind or not needs.words.isdisjoint(self.names))


#: Shorter texts that come of a secret are words as likely as not: `yes`, `sudo`.
SHORTEST_DERIVED = 6


def leaves(value: Any) -> Iterator[Any]:
    """Every text and number in a value; a template is none."""
    if isinstance(value, Mapping):
        for one in value.values():
            yield from leaves(one)
    elif isinstance(value, list | tuple | set):
        for one in value:
            yield from leaves(one)
    elif isinstance(value, EncryptedString) or (
        isinstance(value, str | int | float) and not isinstance(value, bool)
    ):
        yield value


def plain(leaf: Any) -> str:
    """What `leaves` yields as text, decrypted."""
    return leaf._decrypt() if isinstance(leaf, EncryptedString) else str(leaf)
