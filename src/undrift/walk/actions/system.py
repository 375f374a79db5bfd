"""ansible.builtin.cron, hostname and getent."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from undrift.walk.actions.arguments import Argument, BadArgument, read
from undrift.walk.actions.ask import Ask, Occasion, Told

CRON = {
    "name": Argument(required=True),
    "job": Argument(aliases=("value",)),
    "user": Argument(),
    "cron_file": Argument(kind="path"),
    "state": Argument(default="present", choices=("present", "absent")),
    "disabled": Argument(kind="bool", default=False),
    "special_time": Argument(
        choices=("reboot", "yearly", "annually", "monthly", "weekly", "daily", "hourly")
    ),
    "minute": Argument(default="*"),
    "hour": Argument(default="*"),
    "day": Argument(aliases=("dom",), default="*"),
    "month": Argument(default="*"),
    "weekday": Argument(aliases=("dow",), default="*"),
    "backup": Argument(kind="bool", default=False),
}
GETENT = {
    "database": Argument(required=True),
    "key": Argument(),
    "service": Argument(),
    "split": Argument(),
    "fail_key": Argument(kind="bool", default=True),
}
HOSTNAME = {"name": Argument(required=True), "use": Argument()}


def ask_cron(args: Mapping[str, Any], _occasion: Occasion) -> Ask | Told | None:
    """
    Asks `cron`; None for arguments beyond CRON, and an absolute cron_file. Raises BadArgument as the module
    would.
    """
    values = read(args, CRON)
    if values is None or (values["cron_file"] or "").startswith("/"):
        return None
    if values["state"] == "present" and values["job"] is None:
        raise BadArgument("You must specify 'job' to install a new cron job or variable")
    fixed = any(values[field] != "*" for field in ("minute", "hour", "day", "month", "weekday"))
    if values["special_time"] and fixed:
        raise BadArgument("You must specify time and date fields or special time.")
    if values["cron_file"] and not values["user"]:
        raise BadArgument("To use cron_file=... parameter you must specify user=... as well")
    return Ask(kind="cron", args=values)


def ask_getent(args: Mapping[str, Any], _occasion: Occasion) -> Ask | Told | None:
    """Asks `getent`; None for arguments beyond GETENT. Raises BadArgument."""
    values = read(args, GETENT)
    return None if values is None else Ask(kind="getent", args=values)


def ask_hostname(args: Mapping[str, Any], occasion: Occasion) -> Ask | Told | None:
    """
    Asks `hostname` where systemd manages the services; None elsewhere, for another `use`, and for arguments
    beyond HOSTNAME. Raises BadArgument, StillOut for the fact service_mgr.
    """
    values = read(args, HOSTNAME)
    if values is None or values["use"] not in {None, "systemd"} or occasion.fact("service_mgr") != "systemd":
        return None
    return Ask(kind="hostname", args={"name": values["name"]})


ACTIONS = {
    "ansible.builtin.cron": ask_cron,
    "ansible.builtin.getent": ask_getent,
    "ansible.builtin.hostname": ask_hostname,
}
