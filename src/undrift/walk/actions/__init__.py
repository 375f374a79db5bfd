"""
One file per family of Ansible actions that we answer ourselves. Each names its actions in ACTIONS:

    ACTIONS = {"ansible.builtin.service": ask_service, ...}

An ask takes the rendered arguments and an Occasion, and returns an Ask (a question for the agent), a Told (the
controller knows the answer already) or None: these arguments are not ours, the genuine module answers.
"""

from __future__ import annotations

import importlib

from undrift.walk.actions.ask import Answerer

#: Which file answers which actions; a file is imported when a playbook needs it.
FAMILIES = {
    "files": "ansible.builtin.file",
    "contents": "ansible.builtin.copy ansible.builtin.template",
    "edits": "ansible.builtin.blockinfile ansible.builtin.lineinfile ansible.builtin.replace",
    "reads": "ansible.builtin.find ansible.builtin.slurp ansible.builtin.stat",
    "packages": (
        "ansible.builtin.apt ansible.builtin.dnf ansible.builtin.dnf5 ansible.builtin.package ansible.builtin.yum"
    ),
    "facts": "ansible.builtin.setup",
    "posix": "ansible.posix.authorized_key ansible.posix.mount ansible.posix.sysctl",
    "sources": "ansible.builtin.apt_repository ansible.builtin.git",
    "services": "ansible.builtin.service ansible.builtin.systemd ansible.builtin.systemd_service",
    "commands": "ansible.builtin.command ansible.builtin.raw ansible.builtin.script ansible.builtin.shell",
    "downloads": "ansible.builtin.get_url",
    "system": "ansible.builtin.cron ansible.builtin.getent ansible.builtin.hostname",
    "accounts": "ansible.builtin.group ansible.builtin.user",
}
_FAMILY_OF = {action: family for family, actions in FAMILIES.items() for action in actions.split()}


def answerer(action: str) -> Answerer | None:
    """What answers the action of this full name natively; None: nothing of ours."""
    family = _FAMILY_OF.get(action)
    if family is None:
        return None
    actions: dict[str, Answerer] = importlib.import_module(f"undrift.walk.actions.{family}").ACTIONS
    return actions.get(action)
