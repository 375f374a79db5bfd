"""Which of setup's subsets hold a fact, as ansible-core's own collectors say."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

from ansible.module_utils.facts.default_collectors import collectors


@cache
def _collectors_by_fact() -> dict[str, str]:
    found: dict[str, str] = {}
    for collector in collectors:
        for fact in {collector.name, *collector._fact_ids}:
            found.setdefault(fact, collector.name)
    return found


#: Facts whose collector does not list them, because their names depend on the host.
BY_PREFIX = {
    "default_ip": "network",
    "all_ip": "network",
    "interfaces": "network",
    "eth": "network",
    "en": "network",
    "lo": "network",
    "mem": "hardware",
    "swap": "hardware",
    "processor": "hardware",
    "device": "hardware",
    "mounts": "hardware",
    "bios": "hardware",
    "product": "hardware",
    "system_vendor": "hardware",
    "uptime": "hardware",
    "virtualization": "virtual",
    "distribution": "distribution",
    "os_family": "distribution",
    "user": "user",
    "env": "env",
    "python": "python",
    "date_time": "date_time",
    "local": "local",
    "dns": "dns",
    "ssh_host_key": "ssh_pub_keys",
}


def subsets_of(names: Iterable[str]) -> list[str]:
    """
    gather_subset for these facts (without the prefix ansible_). A fact that no collector names is asked of all: its
    name may depend on the host.
    """
    by_fact = _collectors_by_fact()
    subsets = ["!all", "!min"]
    for name in sorted(names):
        prefix = next((known for known in BY_PREFIX if name.startswith(known)), None)
        collector = by_fact.get(name) or (BY_PREFIX[prefix] if prefix else None)
        if collector is None:
            return ["all"]
        if collector not in subsets:
            subsets.append(collector)
    return subsets
