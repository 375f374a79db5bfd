"""ansible.builtin.file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from undrift.walk.actions.arguments import Argument, BadArgument, read
from undrift.walk.actions.ask import Ask, Occasion, Told

#: What every module that makes files takes beside its own.
ATTRIBUTES = {
    "owner": Argument(),
    "group": Argument(),
    "mode": Argument(kind="raw"),
    "unsafe_writes": Argument(kind="bool", default=False),
}

SPEC = {
    "path": Argument(kind="path", aliases=("dest", "name"), required=True),
    "state": Argument(choices=("absent", "directory", "file", "hard", "link", "touch")),
    "src": Argument(kind="path"),
    "recurse": Argument(kind="bool", default=False),
    "follow": Argument(kind="bool", default=True),
    "force": Argument(kind="bool", default=False),
    "modification_time": Argument(),
    "access_time": Argument(),
    "modification_time_format": Argument(default="%Y%m%d%H%M.%S"),
    "access_time_format": Argument(default="%Y%m%d%H%M.%S"),
    **ATTRIBUTES,
}


def ask_file(args: Mapping[str, Any], _occasion: Occasion) -> Ask | Told | None:
    """
    Asks `file`; None for arguments beyond SPEC, a mode that plain_mode does not read, src without a state,
    times but for now and preserve, and a path with a home folder or a variable in it. Raises BadArgument as
    the module would.
    """
    values = read(args, SPEC)
    if values is None or not plain_mode(values["mode"]):
        return None
    if values["recurse"] and values["state"] not in {"directory", None}:
        raise BadArgument("recurse option requires state to be 'directory'")
    if values["src"] and values["state"] not in {"link", "hard", None}:
        raise BadArgument("src option requires state to be 'link' or 'hard'")
    if values["src"] and values["state"] is None:
        return None
    if _times_that_we_do_not_read(values):
        return None
    values["path"] = expanded(values["path"])
    if values["path"].startswith("~") or "$" in values["path"]:
        return None
    return Ask(kind="file", args=values)


def _times_that_we_do_not_read(values: Mapping[str, Any]) -> bool:
    known = {None, "preserve", "now"}
    return values["modification_time"] not in known or values["access_time"] not in known


def plain_mode(mode: Any) -> bool:
    """Whether the mode is a form that we read: octal text, a number, symbolic; not `preserve`."""
    return mode is None or isinstance(mode, int) or (isinstance(mode, str) and mode != "preserve")


def expanded(path: str) -> str:
    """A path as the modules see it: without a slash at the end."""
    return path.rstrip("/") or "/" if path else path


ACTIONS = {"ansible.builtin.file": ask_file}
