"""ansible.builtin.setup, and the facts that our own reader knows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

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


def ask_setup(_args: Mapping[str, Any], _occasion: Occasion) -> Ask | Told | None:
    """A task that asks for facts gets all that it asks for: the real module."""
    return None


ACTIONS = {"ansible.builtin.setup": ask_setup}
