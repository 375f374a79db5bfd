"""Says how a host is reached with the variables given as JSON: ansible-core starts once in a process, so this is one."""

from __future__ import annotations

import dataclasses
import json
import sys
import tempfile
from pathlib import Path

from undrift.errors import PlaybookError
from undrift.model.secret import Secret
from undrift.playbook.boot import boot
from undrift.playbook.connections import become_of, target_of
from undrift.playbook.options import ReadOptions
from undrift.playbook.plays import load_plays
from undrift.playbook.scope import Memory

PLAYBOOK = "- hosts: all\n  tasks:\n    - ansible.builtin.ping:\n      become: true\n"


def main(folder: Path) -> None:
    (folder / "site.yml").write_text(PLAYBOOK)
    (folder / "inventory.ini").write_text("web ansible_shell_executable=/bin/bash\n")
    options = ReadOptions(playbook=str(folder / "site.yml"), inventory=(str(folder / "inventory.ini"),))
    core = boot(options)
    story = next(load_plays(core))
    step = next(step for step in story.steps() if "ping" in str(step.task.action))
    scope = story.scope(step, Memory("web"))
    said = []
    for variables in json.load(sys.stdin):
        try:
            target = target_of(core, variables, scope, "web")
        except PlaybookError as problem:
            said.append({"refused": problem.what})
        else:
            said.append({one.name: _plain(getattr(target, one.name)) for one in dataclasses.fields(target)})
    become = become_of(core, scope)
    sys.stdout.write(json.dumps({"targets": said, "become": become.line if become else ""}))


def _plain(value):
    return value.reveal if isinstance(value, Secret) else value


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as name:
        main(Path(name))
