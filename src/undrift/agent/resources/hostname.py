"""ansible.builtin.hostname on Linux with systemd: the name in force and the name at the next boot."""

import os

from undrift.agent.answer import answer, difference, resource

MYPY = False
if MYPY:
    from typing import Any

    from undrift.agent.host import Host


def check(args: "dict[str, Any]", host: "Host") -> "dict[str, Any]":
    """args: name."""
    wanted = args["name"]
    current = os.uname().nodename
    permanent = ""
    if host.stat("/etc/hostname") is not None:
        permanent = host.read("/etc/hostname").decode("utf-8", "replace").strip()
    found = []
    if current != wanted:
        found.append(difference("current name", wanted, current))
    if permanent != wanted:
        found.append(difference("name at boot", wanted, permanent or None))
    facts = {
        "ansible_hostname": wanted.split(".")[0],
        "ansible_nodename": wanted,
        "ansible_fqdn": wanted,
        "ansible_domain": ".".join(wanted.split(".")[1:]),
    }
    return answer({"name": wanted, "ansible_facts": facts}, resource("hostname", wanted, found))
