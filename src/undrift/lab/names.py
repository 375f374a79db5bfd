"""What a lab and its groups may be called, and how many servers there may be."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from undrift.errors import UsageError

LAB = re.compile(r"[a-z0-9][a-z0-9-]{0,30}", re.ASCII)
#: As Ansible wants them; short enough for a host name with its number.
GROUP = re.compile(r"[a-z][a-z0-9_]{0,30}", re.ASCII | re.IGNORECASE)
#: Ansible has these by itself.
RESERVED = frozenset({"all", "ungrouped"})
#: The addresses of a lab's network that are for servers.
ROOM = 245

EXAMPLE = "undrift lab up web=3 db=1"


def check_lab(name: str) -> None:
    """Raises UsageError."""
    if not LAB.fullmatch(name):
        raise UsageError(f"{name!r} is no name for a lab", help="use small letters, digits and dashes")


def check_groups(groups: Mapping[str, int]) -> None:
    """Raises UsageError."""
    for group, count in groups.items():
        if not GROUP.fullmatch(group) or group in RESERVED or count < 1:
            raise UsageError(f"{group}={count} is no group with a count", help=EXAMPLE)
    if sum(groups.values()) > ROOM:
        raise UsageError(
            f"{sum(groups.values())} servers are too many: a lab has room for {ROOM}",
            help="several labs can live side by side, by --name",
        )


def parse_groups(words: Sequence[str]) -> dict[str, int]:
    """`web=3 db` is {web: 3, db: 1}. Raises UsageError."""
    groups: dict[str, int] = {}
    for word in words:
        name, _, count = word.partition("=")
        if not re.fullmatch("[0-9]{1,6}", count or "1"):
            raise UsageError(f"{word!r} is no group with a count", help=EXAMPLE)
        if name in groups:
            raise UsageError(f"the group {name} is named twice", help=EXAMPLE)
        groups[name] = int(count or 1)
    check_groups(groups)
    return groups
