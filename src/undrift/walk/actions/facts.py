"""The facts that our own reader knows; a task that asks for facts by itself gets the real setup."""

from __future__ import annotations

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
