"""ansible.builtin.find, slurp and stat."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from undrift.walk.actions.arguments import Argument, BadArgument, read
from undrift.walk.actions.ask import Ask, Occasion, Told

STAT = {
    "path": Argument(kind="path", aliases=("dest", "name"), required=True),
    "follow": Argument(kind="bool", default=False),
    "get_checksum": Argument(kind="bool", default=True),
    "get_mime": Argument(kind="bool", aliases=("mime", "mime_type", "mime-type"), default=True),
    "get_attributes": Argument(kind="bool", aliases=("attr", "attributes"), default=True),
    "checksum_algorithm": Argument(
        aliases=("checksum", "checksum_algo"),
        default="sha1",
        choices=("md5", "sha1", "sha224", "sha256", "sha384", "sha512"),
    ),
}
FIND = {
    "paths": Argument(kind="list", aliases=("name", "path"), required=True),
    "patterns": Argument(kind="list", aliases=("pattern",), default=()),
    "excludes": Argument(kind="list", aliases=("exclude",), default=()),
    "contains": Argument(),
    "read_whole_file": Argument(kind="bool", default=False),
    "file_type": Argument(default="file", choices=("any", "directory", "file", "link")),
    "age": Argument(),
    "age_stamp": Argument(default="mtime", choices=("atime", "ctime", "mtime")),
    "size": Argument(),
    "recurse": Argument(kind="bool", default=False),
    "hidden": Argument(kind="bool", default=False),
    "follow": Argument(kind="bool", default=False),
    "get_checksum": Argument(kind="bool", default=False),
    "checksum_algorithm": STAT["checksum_algorithm"],
    "use_regex": Argument(kind="bool", default=False),
    "depth": Argument(kind="int"),
    "mode": Argument(),
    "exact_mode": Argument(kind="bool", default=True),
    "limit": Argument(kind="int"),
}
AGES = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
SIZES = {"b": 1, "k": 1 << 10, "m": 1 << 20, "g": 1 << 30, "t": 1 << 40}
SLURP = {"src": Argument(kind="path", aliases=("path",), required=True)}


def ask_stat(args: Mapping[str, Any], _occasion: Occasion) -> Ask | Told | None:
    """
    Asks `stat`; None for arguments beyond STAT, and a path that is relative or holds a variable. Raises
    BadArgument.
    """
    values = read(args, STAT)
    if values is None or not _is_plain(values["path"]):
        return None
    return Ask(kind="stat", args=values)


def ask_slurp(args: Mapping[str, Any], _occasion: Occasion) -> Ask | Told | None:
    """
    Asks `slurp`; None for arguments beyond SLURP, and a src that is relative or holds a variable. Raises
    BadArgument.
    """
    values = read(args, SLURP)
    if values is None or not _is_plain(values["src"]):
        return None
    return Ask(kind="slurp", args=values)


def ask_find(args: Mapping[str, Any], _occasion: Occasion) -> Ask | Told | None:
    """
    Asks `find`, with age in seconds, size in bytes, mode as a number; None for arguments beyond FIND, a mode
    that is not octal, and paths that are relative or hold a variable. Raises BadArgument as the module would.
    """
    values = read(args, FIND)
    if values is None or not all(map(_is_plain, values["paths"])):
        return None
    mode = values["mode"]
    if mode is not None and not re.fullmatch("[0-7]+", mode):
        return None
    if values["limit"] is not None and values["limit"] <= 0:
        raise BadArgument(f"limit cannot be {values['limit']} (use None for unlimited)")
    amounts = {"age": _amount("age", values["age"], AGES), "size": _amount("size", values["size"], SIZES)}
    return Ask(kind="find", args={**values, **amounts, "mode": int(mode, 8) if mode else None})


def _amount(name: str, text: str | None, units: Mapping[str, int]) -> int | None:
    """A number with a unit; below zero it means at most."""
    if text is None:
        return None
    match = re.fullmatch(rf"(-?\d+)([{''.join(units)}])?", text.lower())
    if match is None:
        raise BadArgument(f"failed to process {name}")
    return int(match[1]) * units[match[2] or next(iter(units))]


def _is_plain(path: str) -> bool:
    return path.startswith("/") and "$" not in path


ACTIONS = {
    "ansible.builtin.find": ask_find,
    "ansible.builtin.slurp": ask_slurp,
    "ansible.builtin.stat": ask_stat,
}
