"""ansible.builtin.user and ansible.builtin.group."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from undrift.walk.actions.arguments import Argument, read
from undrift.walk.actions.ask import Ask, Occasion, Told

STATE = Argument(default="present", choices=("absent", "present"))

USER = {
    "name": Argument(aliases=("user",), required=True),
    "state": STATE,
    "uid": Argument(kind="int"),
    "group": Argument(),
    "groups": Argument(kind="list"),
    "append": Argument(kind="bool", default=False),
    "comment": Argument(),
    "home": Argument(kind="path"),
    "shell": Argument(kind="path"),
    "password": Argument(),
    "update_password": Argument(default="always", choices=("always", "on_create")),
    "create_home": Argument(kind="bool", aliases=("createhome",), default=True),
    "move_home": Argument(kind="bool", default=False),
    "system": Argument(kind="bool", default=False),
    "force": Argument(kind="bool", default=False),
    "remove": Argument(kind="bool", default=False),
    "non_unique": Argument(kind="bool", default=False),
    "skeleton": Argument(),
    "umask": Argument(),
}
GROUP = {
    "name": Argument(required=True),
    "state": STATE,
    "gid": Argument(kind="int"),
    "system": Argument(kind="bool", default=False),
    "force": Argument(kind="bool", default=False),
    "non_unique": Argument(kind="bool", default=False),
}


def ask_user(args: Mapping[str, Any], _occasion: Occasion) -> Ask | Told | None:
    """Asks `account`; None for arguments beyond USER, and a home with ~ or $ in front. Raises BadArgument."""
    values = read(args, USER)
    if values is None or (values["home"] or "").startswith(("~", "$")):
        return None
    if values["groups"] is not None:
        values["groups"] = [group.strip() for group in values["groups"] if group.strip()]
    return Ask(kind="account", args={**values, "account": "user"})


def ask_group(args: Mapping[str, Any], _occasion: Occasion) -> Ask | Told | None:
    """Asks `account`; None for arguments beyond GROUP. Raises BadArgument."""
    values = read(args, GROUP)
    if values is None:
        return None
    return Ask(kind="account", args={**values, "account": "group"})


ACTIONS = {"ansible.builtin.user": ask_user, "ansible.builtin.group": ask_group}
