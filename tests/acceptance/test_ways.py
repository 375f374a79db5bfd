"""However a host is reached, the answers are the same."""

from __future__ import annotations

from pathlib import Path

import pytest
from labs import WITH_COLLECTIONS, TestLab

from undrift.lab.engine import find_engine

pytestmark = pytest.mark.lab

PLAYBOOK = """\
- hosts: target
  gather_facts: true
  tasks:
    - ansible.builtin.file: {path: /etc, state: directory}
    - ansible.builtin.file: {path: /srv/not-there, state: directory}
    - ansible.builtin.tempfile: {state: file}
    - ansible.builtin.assert: {that: ansible_facts.system == 'Linux'}
    - ansible.builtin.command: id -un
      changed_when: false
      register: me
    - ansible.builtin.assert: {that: me.stdout == 'root'}
"""

WAYS = {
    "asyncssh": ("", "-o ServerAliveInterval=5"),
    "the system's ssh": ("ansible_ssh_executable=ssh", ""),
    "the system's ssh, for an option only it knows": ("", "-o VersionAddendum=x"),
    "a jump host": ("", "-o ProxyJump=root@{jump}"),
    "the same jump host twice": ("", "-J root@{jump},root@{jump}:22"),
    "a proxy command": (
        "",
        '-o ProxyCommand="ssh -F /dev/null -i {key} -o UserKnownHostsFile={known} -W %h:%p -q root@{jump} 2>/dev/null"',
    ),
    "a login by another user, becoming root": ("ansible_user=admin ansible_become=true", ""),
    "this machine": ("ansible_connection=local", ""),
    "a connection plugin of a collection": ("ansible_connection=containers.podman.podman {engine}", ""),
    "a connection plugin, becoming root": (
        "ansible_connection=containers.podman.podman {engine} ansible_user=admin ansible_become=true",
        "",
    ),
}


@pytest.mark.parametrize("way", WAYS)
def test_every_way_gives_the_same_answers(way: str, project: Path, lab: TestLab) -> None:
    variables, options = WAYS[way]
    known = f"-o UserKnownHostsFile={lab.folder / 'known_hosts'} -o IdentitiesOnly=yes"
    address = lab.server("web-1").container if "{engine}" in variables else lab.address("web-1")
    variables = variables.format(engine=f"ansible_podman_executable={_engine(project)}")
    inventory = project / "inventory.ini"
    inventory.write_text(
        f"target ansible_host={address} {variables}\n[all:vars]\nansible_user=root\n"
        f"ansible_ssh_private_key_file={lab.lab.key}\n"
        f"ansible_ssh_common_args='{known} {options.format(**_places(lab))}'\n"
    )
    (project / "site.yml").write_text(PLAYBOOK)
    scan = lab.scan("site.yml", "-v", inventory=inventory, HOME=str(_home(project, lab)), **WITH_COLLECTIONS)
    if way.endswith("only it knows"):
        # ssh itself does not know it either: it says so, and we say it.
        assert scan.status == 4
        assert "versionaddendum" in scan.stdout.lower() + scan.stderr.lower()
        return
    assert scan.status == 2, scan.stdout + scan.stderr
    assert not any(word in scan.stderr for word in ("Traceback", "Event loop", "child process"))
    (host,) = scan.report["hosts"]
    assert host["verdict"] == "drifted", host
    assert [one["resource"]["kind"] for one in host["findings"]] == ["file", "tempfile"]
    assert ("through the system's ssh" in scan.stderr) is way.startswith("the system's ssh")
    assert ("through the connection plugin" in scan.stderr) is way.startswith("a connection plugin")
    assert "undrift-" not in lab.sh("web-1", "ls /dev/shm /tmp /var/tmp")


def _places(lab: TestLab) -> dict[str, object]:
    return {"jump": lab.address("web-2"), "key": lab.lab.key, "known": lab.folder / "known_hosts"}


def _home(project: Path, lab: TestLab) -> Path:
    """A home whose ssh configuration knows the jump host: none of the target's own settings are for it."""
    (project / ".ssh").mkdir()
    (project / ".ssh/config").write_text(
        f"Host {lab.address('web-2')}\n  IdentityFile {lab.lab.key}\n"
        f"  UserKnownHostsFile {lab.folder / 'known_hosts'}\n"
    )
    return project


def _engine(project: Path) -> Path:
    """A command that is the lab's engine, wherever that runs."""
    command = project / "engine"
    command.write_text(f'#!/bin/sh\nexec {find_engine().line()} "$@"\n')
    command.chmod(0o755)
    return command


def test_what_earlier_tasks_would_make_is_carried_from_batch_to_batch_through_a_plugin(
    project: Path, lab: TestLab
) -> None:
    (project / "site.yml").write_text("""\
- hosts: target
  gather_facts: false
  tasks:
    - ansible.builtin.file: {path: /srv/later, state: directory}
    - ansible.builtin.stat: {path: /etc/hostname}
      register: seen
    - ansible.builtin.copy: {dest: "/srv/later/{{ seen.stat.exists }}", content: x}
""")
    inventory = project / "inventory.ini"
    inventory.write_text(
        f"target ansible_host={lab.server('web-2').container} ansible_connection=containers.podman.podman"
        f" ansible_podman_executable={_engine(project)}\n"
    )
    (host,) = lab.scan("site.yml", inventory=inventory, **WITH_COLLECTIONS).report["hosts"]
    assert [(one["line"], one["verdict"]) for one in host["findings"]] == [(4, "drifted"), (7, "drifted")]
