"""ansible.builtin.stat and ansible.builtin.slurp."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from undrift.walk.actions.arguments import Argument, read
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
SLURP = {"src": Argument(kind="path", aliases=("path",), required=True)}


def ask_stat(args: Mapping[str, Any], _occasion: Occasion) -> Ask | Told | None:
    values = read(args, STAT)
    if values is None or not _is_plain(values["path"]):
        return None
    return Ask(kind="stat", args=values)


def ask_slurp(args: Mapping[str, Any], _occasion: Occasion) -> Ask | Told | None:
    values = read(args, SLURP)
    if values is None or not _is_plain(values["src"]):
        return None
    return Ask(kind="slurp", args=values)


def _is_plain(path: str) -> bool:
    return path.startswith("/") and "$" not in path


ACTIONS = {"ansible.builtin.stat": ask_stat, "ansible.builtin.slurp": ask_slurp}
