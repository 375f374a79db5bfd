"""
One file per family of Ansible actions that we answer ourselves. Each names its actions in ACTIONS:

    ACTIONS = {"ansible.builtin.service": ask_service, ...}

An ask takes the rendered arguments and an Occasion, and returns an Ask (a question for the agent), a Told (the
controller knows the answer already) or None: these arguments are not ours, the genuine module answers.
"""

from __future__ import annotations

import importlib
import importlib.util

from undrift.walk.actions.ask import Answerer

#: Which file answers which actions; a file is imported when a playbook needs it.
FAMILIES = {
    "files": "ansible.builtin.file",
    "contents": "ansible.builtin.copy ansible.builtin.template",
    "edits": "ansible.builtin.lineinfile ansible.builtin.blockinfile ansible.builtin.replace",
    "reads": "ansible.builtin.stat ansible.builtin.find ansible.builtin.slurp",
    "keys": "ansible.posix.authorized_key",
    "packages": (
        "ansible.builtin.package ansible.builtin.apt ansible.builtin.dnf ansible.builtin.dnf5 ansible.builtin.yum "
        "ansible.builtin.apt_repository"
    ),
    "services": "ansible.builtin.service ansible.builtin.systemd ansible.builtin.systemd_service",
    "downloads": "ansible.builtin.get_url ansible.builtin.git",
    "commands": "ansible.builtin.command ansible.builtin.shell ansible.builtin.script ansible.builtin.raw",
    "accounts": "ansible.builtin.user ansible.builtin.group ansible.builtin.getent",
    "system": "ansible.builtin.cron ansible.builtin.hostname ansible.posix.sysctl ansible.posix.mount",
    "facts": "ansible.builtin.setup ansible.builtin.gather_facts",
}
_FAMILY_OF = {action: family for family, actions in FAMILIES.items() for action in actions.split()}


def answerer(action: str) -> Answerer | None:
    """What answers the action of this full name natively; None: nothing of ours."""
    family = _FAMILY_OF.get(action)
    if family is None or not importlib.util.find_spec(f"undrift.walk.actions.{family}"):  # REMOVE
        return None
    actions: dict[str, Answerer] = importlib.import_module(f"undrift.walk.actions.{family}").ACTIONS
    return actions.get(action)
