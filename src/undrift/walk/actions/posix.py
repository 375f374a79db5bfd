"""ansible.posix.authorized_key, mount and sysctl."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from undrift.playbook.truth import as_bool
from undrift.walk.actions.arguments import Argument, BadArgument, read
from undrift.walk.actions.ask import Ask, Occasion, Told

SYSCTL = {
    "name": Argument(aliases=("key",), required=True),
    "value": Argument(aliases=("val",)),
    "state": Argument(default="present", choices=("present", "absent")),
    "reload": Argument(kind="bool", default=True),
    "sysctl_set": Argument(kind="bool", default=False),
    "ignoreerrors": Argument(kind="bool", default=False),
    "sysctl_file": Argument(kind="path", default="/etc/sysctl.conf"),
}
MOUNT = {
    "path": Argument(kind="path", aliases=("name",), required=True),
    "state": Argument(
        required=True,
        choices=(
            "absent",
            "absent_from_fstab",
            "mounted",
            "present",
            "unmounted",
            "remounted",
            "ephemeral",
        ),
    ),
    "src": Argument(kind="path"),
    "fstype": Argument(),
    "opts": Argument(default="defaults"),
    "opts_no_log": Argument(kind="bool", default=False),
    "dump": Argument(default="0"),
    "passno": Argument(default="0"),
    "boot": Argument(kind="bool", default=True),
    "fstab": Argument(default="/etc/fstab"),
    "backup": Argument(kind="bool", default=False),
}
KEY = {
    "user": Argument(required=True),
    "key": Argument(required=True),
    "path": Argument(kind="path"),
    "manage_dir": Argument(kind="bool", default=True),
    "state": Argument(default="present", choices=("absent", "present")),
    "key_options": Argument(),
    "exclusive": Argument(kind="bool", default=False),
    "comment": Argument(),
    "validate_certs": Argument(kind="bool", default=True),
    "follow": Argument(kind="bool", default=False),
}


def ask_sysctl(args: Mapping[str, Any], _occasion: Occasion) -> Ask | Told | None:
    """
    Asks `sysctl`; None for arguments beyond SYSCTL, and a sysctl_file that is relative or holds a variable.
    Raises BadArgument as the module would.
    """
    values = read(args, SYSCTL)
    if values is None or not _is_plain(values["sysctl_file"]):
        return None
    if values["state"] == "present" and values["value"] is None:
        raise BadArgument("state is present but all of the following are missing: value")
    question = {
        "name": values["name"].strip(),
        "value": _sysctl_value(values["value"] or ""),
        "state": values["state"],
        "path": values["sysctl_file"],
        "set": values["sysctl_set"],
        "live": values["reload"] or values["sysctl_set"],
    }
    return Ask(kind="sysctl", args=question)


def _sysctl_value(value: str) -> str:
    """The module reads the words for yes and no as 1 and 0."""
    read_as = as_bool(value)
    return value.strip() if read_as is None else str(int(read_as))


def ask_mount(args: Mapping[str, Any], _occasion: Occasion) -> Ask | Told | None:
    """
    Asks `mount`; None for arguments beyond MOUNT, state ephemeral, opts_no_log, and a path (but for `none`)
    or an fstab that is relative or holds a variable. Raises BadArgument as the module would.
    """
    values = read(args, MOUNT)
    if values is None or values["state"] == "ephemeral" or values["opts_no_log"]:
        return None
    if not (_is_plain(values["path"]) or values["path"] == "none") or not _is_plain(values["fstab"]):
        return None
    if values["state"] in {"mounted", "present"}:
        missing = [name for name in ("src", "fstype") if values[name] is None]
        if missing:
            raise BadArgument(
                f"state is {values['state']} but all of the following are missing: {', '.join(missing)}"
            )
    if not values["boot"] and "noauto" not in values["opts"].split(","):
        values["opts"] += ",noauto"
    return Ask(kind="mount", args=values)


def ask_authorized_key(args: Mapping[str, Any], _occasion: Occasion) -> Ask | Told | None:
    """
    Asks `authorized_key`; None for arguments beyond KEY, a key that is an address, and a path that is
    relative or holds a variable. Raises BadArgument.
    """
    values = read(args, KEY)
    # A key that has to be fetched or read first is the module's own business.
    if values is None or values["key"].startswith(("http", "file")):
        return None
    if values["path"] is not None and not _is_plain(values["path"]):
        return None
    return Ask(kind="authorized_key", args=values)


def _is_plain(path: str) -> bool:
    return path.startswith("/") and "$" not in path


ACTIONS = {
    "ansible.posix.authorized_key": ask_authorized_key,
    "ansible.posix.mount": ask_mount,
    "ansible.posix.sysctl": ask_sysctl,
}
