"""ansible.builtin.systemd, and ansible.builtin.service where systemd manages the services."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from undrift.walk.actions.arguments import Argument, BadArgument, read
from undrift.walk.actions.ask import Ask, Occasion, Told

STATES = ("started", "stopped", "restarted", "reloaded")

SYSTEMD = {
    "name": Argument(aliases=("service", "unit")),
    "state": Argument(choices=STATES),
    "enabled": Argument(kind="bool"),
    "masked": Argument(kind="bool"),
    "daemon_reload": Argument(kind="bool", aliases=("daemon-reload",), default=False),
    "daemon_reexec": Argument(kind="bool", aliases=("daemon-reexec",), default=False),
    "scope": Argument(default="system", choices=("system", "user", "global")),
    "no_block": Argument(kind="bool", default=False),
    "force": Argument(kind="bool"),
}
#: What the action leaves out where systemd manages the services (ansible.plugins.action.service).
UNUSED = ("pattern", "runlevel", "sleep", "arguments", "args")
SERVICE = {
    "name": Argument(required=True),
    "state": Argument(choices=STATES),
    "enabled": Argument(kind="bool"),
    "use": Argument(default="auto"),
    **{name: Argument(kind="raw") for name in UNUSED},
}


def ask_systemd(args: Mapping[str, Any], _occasion: Occasion) -> Ask | Told | None:
    """
    Asks `service`; None for arguments beyond SYSTEMD, a scope other than system, and neither a name nor
    daemon_reload nor daemon_reexec. Raises BadArgument as the module would.
    """
    values = read(args, SYSTEMD)
    if values is None or values["scope"] != "system":
        return None
    return _ask(values)


def ask_service(args: Mapping[str, Any], occasion: Occasion) -> Ask | Told | None:
    """
    Asks `service` where systemd manages the services; None elsewhere, and for arguments beyond SERVICE.
    Raises BadArgument as the module would, StillOut for the fact service_mgr.
    """
    values = read(args, SERVICE)
    if values is None:
        return None
    manager = values["use"] if values["use"] != "auto" else occasion.fact("service_mgr")
    if manager != "systemd":
        return None
    if values["state"] is None and values["enabled"] is None:
        raise BadArgument("one of the following is required: state, enabled")
    return _ask({**values, "masked": None})


def _ask(values: Mapping[str, Any]) -> Ask | None:
    name = values["name"]
    if name is not None and any(char in name for char in "*?["):
        raise BadArgument(
            "This module does not currently support using glob patterns, "
            f"found '{name}' in service name: {name}"
        )
    if name is None and not values.get("daemon_reload") and not values.get("daemon_reexec"):
        return None
    wanted = {key: values[key] for key in ("name", "state", "enabled", "masked")}
    return Ask(kind="service", args=wanted)


ACTIONS = {
    "ansible.builtin.systemd": ask_systemd,
    "ansible.builtin.systemd_service": ask_systemd,
    "ansible.builtin.service": ask_service,
}
