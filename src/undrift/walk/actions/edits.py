"""ansible.builtin.lineinfile, blockinfile and replace."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from undrift.walk.actions.arguments import Argument, BadArgument, Spec, exclude, read
from undrift.walk.actions.ask import Ask, Occasion, Told
from undrift.walk.actions.files import ATTRIBUTES, plain_mode

PATH = {
    "path": Argument(kind="path", aliases=("dest", "destfile", "name"), required=True),
    "backup": Argument(kind="bool", default=False),
    "validate": Argument(),
    **ATTRIBUTES,
}
LINE = {
    **PATH,
    "state": Argument(default="present", choices=("absent", "present")),
    "regexp": Argument(aliases=("regex",)),
    "search_string": Argument(),
    "line": Argument(aliases=("value",)),
    "insertafter": Argument(),
    "insertbefore": Argument(),
    "backrefs": Argument(kind="bool", default=False),
    "create": Argument(kind="bool", default=False),
    "firstmatch": Argument(kind="bool", default=False),
}
BLOCK = {
    **PATH,
    "state": Argument(default="present", choices=("absent", "present")),
    "marker": Argument(default="# {mark} ANSIBLE MANAGED BLOCK"),
    "marker_begin": Argument(default="BEGIN"),
    "marker_end": Argument(default="END"),
    "block": Argument(aliases=("content",), default=""),
    "insertafter": Argument(),
    "insertbefore": Argument(),
    "create": Argument(kind="bool", default=False),
    "append_newline": Argument(kind="bool", default=False),
    "prepend_newline": Argument(kind="bool", default=False),
}
REPLACE = {
    **PATH,
    "regexp": Argument(required=True),
    "replace": Argument(default=""),
    "after": Argument(),
    "before": Argument(),
    "encoding": Argument(default="utf-8"),
}


def ask_lineinfile(args: Mapping[str, Any], _occasion: Occasion) -> Ask | Told | None:
    """
    Asks `edit`; None for arguments beyond LINE, a mode that plain_mode does not read, and a path that is
    relative or holds a variable. Raises BadArgument as the module would.
    """
    values = _read(args, LINE)
    if values is None:
        return None
    places, patterns = ("insertbefore", "insertafter"), ("regexp", "search_string")
    exclude(args, LINE, places, patterns, ("backrefs", "search_string"))
    if values["state"] == "present":
        if values["backrefs"] and values["regexp"] is None:
            raise BadArgument("regexp is required with backrefs=true")
        if values["line"] is None:
            raise BadArgument("line is required with state=present")
        if values["insertbefore"] is None and values["insertafter"] is None:
            values["insertafter"] = "EOF"
    elif values["regexp"] is None and values["search_string"] is None and values["line"] is None:
        raise BadArgument("one of line, search_string, or regexp is required with state=absent")
    return Ask(kind="edit", args={**values, "edit": "line"})


def ask_blockinfile(args: Mapping[str, Any], _occasion: Occasion) -> Ask | Told | None:
    """As ask_lineinfile, by BLOCK."""
    values = _read(args, BLOCK)
    if values is None:
        return None
    exclude(args, BLOCK, ("insertbefore", "insertafter"))
    if values["insertbefore"] is None and values["insertafter"] is None:
        values["insertafter"] = "EOF"
    return Ask(kind="edit", args={**values, "edit": "block"})


def ask_replace(args: Mapping[str, Any], _occasion: Occasion) -> Ask | Told | None:
    """As ask_lineinfile, by REPLACE."""
    values = _read(args, REPLACE)
    if values is None:
        return None
    return Ask(kind="edit", args={**values, "edit": "replace", "state": "present", "create": False})


def _read(args: Mapping[str, Any], spec: Spec) -> dict[str, Any] | None:
    values = read(args, spec)
    if (
        values is None
        or not plain_mode(values["mode"])
        or not values["path"].startswith("/")
        or "$" in values["path"]
    ):
        return None
    return values


ACTIONS = {
    "ansible.builtin.lineinfile": ask_lineinfile,
    "ansible.builtin.blockinfile": ask_blockinfile,
    "ansible.builtin.replace": ask_replace,
}
