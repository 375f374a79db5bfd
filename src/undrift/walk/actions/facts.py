"""ansible.builtin.setup, where it asks by name for facts that our own reader knows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from undrift.walk.actions.arguments import Argument, read
from undrift.walk.actions.ask import Ask, Occasion, Told

#: Facts, without the prefix ansible_, that agent/resources/facts.py reads exactly as the real setup does.
NATIVE = frozenset(
    [
        "architecture",
        "machine",
        "system",
        "kernel",
        "kernel_version",
        "hostname",
        "nodename",
        "fqdn",
        "domain",
        "distribution",
        "distribution_version",
        "distribution_major_version",
        "distribution_release",
        "os_family",
        "pkg_mgr",
        "service_mgr",
        "user_id",
        "user_uid",
        "user_gid",
        "user_dir",
        "user_shell",
        "user_gecos",
        "python_version",
        "env",
        "processor_nproc",
        "memtotal_mb",
        "swaptotal_mb",
    ]
)

SETUP = {
    "filter": Argument(kind="list", default=()),
    "gather_subset": Argument(kind="list", default=("all",)),
    "gather_timeout": Argument(kind="int"),
}


def ask_setup(args: Mapping[str, Any], _occasion: Occasion) -> Ask | Told | None:
    """
    Asks `facts` where `filter` names facts of NATIVE alone; None for all else, and a gather_subset without
    `all`. Raises BadArgument.
    """
    values = read(args, SETUP)
    if values is None or "all" not in values["gather_subset"]:
        return None
    names = {name.removeprefix("ansible_") for name in values["filter"]}
    return Ask(kind="facts", args={"names": sorted(names)}) if names and names <= NATIVE else None


ACTIONS = {"ansible.builtin.setup": ask_setup}
