"""
The workload of the speed figures: 47 tasks (15 templates of 40 lines, 11 directories, 5 lineinfile, 8 apt, 3 systemd,
5 user), as an Ansible playbook and as the equivalent pyinfra deploy.
"""

from __future__ import annotations

from pathlib import Path

import yaml

PACKAGES = ("curl", "git", "sudo", "cron", "procps", "acl", "rsync", "iproute2")
SERVICES = ("cron", "ssh", "dbus")


def tasks() -> list[dict]:
    made: list[dict] = [
        {
            "name": f"directory {n}",
            "ansible.builtin.file": {"path": f"/srv/bench/d{n}", "state": "directory", "mode": "0755"},
        }
        for n in range(11)
    ]
    made += [
        {
            "name": f"template {n}",
            "ansible.builtin.template": {
                "src": f"t{n}.j2",
                "dest": f"/srv/bench/d1/t{n}.conf",
                "mode": "0644",
            },
        }
        for n in range(15)
    ]
    made += [
        {
            "name": f"line {n}",
            "ansible.builtin.lineinfile": {
                "path": "/etc/environment",
                "regexp": f"^BENCH_{n}=",
                "line": f"BENCH_{n}=1",
            },
        }
        for n in range(5)
    ]
    made += [
        {"name": f"package {name}", "ansible.builtin.apt": {"name": name, "state": "present"}}
        for name in PACKAGES
    ]
    made += [
        {
            "name": f"service {name}",
            "ansible.builtin.systemd": {"name": name, "state": "started", "enabled": True},
        }
        for name in SERVICES
    ]
    made += [
        {"name": f"user {n}", "ansible.builtin.user": {"name": f"bench{n}", "shell": "/bin/bash"}}
        for n in range(5)
    ]
    return made


def write(folder: Path, *, facts: bool, host_specific: bool) -> Path:
    """The playbook with its templates; returns its path."""
    templates = folder / "templates"
    templates.mkdir(parents=True, exist_ok=True)
    for n in range(15):
        values = [f"{{{{ http_port + {line} }}}}" for line in range(40)]
        own = "{{ inventory_hostname }}"
        lines = [
            f"setting_{line} = {value} {own if host_specific or line == 0 else ''}\n"
            for line, value in enumerate(values)
        ]
        (templates / f"t{n}.j2").write_text("".join(lines))
    playbook = folder / "site.yml"
    play = {"hosts": "all", "gather_facts": facts, "vars": {"http_port": 8000}, "tasks": tasks()}
    playbook.write_text(yaml.safe_dump([play], sort_keys=False))
    return playbook


def write_pyinfra(folder: Path, hosts: dict[str, str], key: Path, known_hosts: Path) -> None:
    """inventory.py and deploy.py that ask for the same."""
    entries = [
        (
            address,
            {
                "ssh_user": "root",
                "ssh_key": str(key),
                "ssh_known_hosts_file": str(known_hosts),
                "inventory_hostname": name,
            },
        )
        for name, address in hosts.items()
    ]
    (folder / "inventory.py").write_text(f"servers = {entries!r}\n")
    (folder / "deploy.py").write_text(f"""\
from pyinfra import host
from pyinfra.operations import apt, files, server, systemd

for n in range(11):
    files.directory(path=f"/srv/bench/d{{n}}", mode="755")
for n in range(15):
    files.template(
        src=f"templates/t{{n}}.j2", dest=f"/srv/bench/d1/t{{n}}.conf", mode="644",
        http_port=8000, inventory_hostname=host.data.inventory_hostname,
    )
for n in range(5):
    files.line(path="/etc/environment", line=f"^BENCH_{{n}}=.*$", replace=f"BENCH_{{n}}=1")
for name in {PACKAGES!r}:
    apt.packages(packages=[name])
for name in {SERVICES!r}:
    systemd.service(service=name, running=True, enabled=True)
for n in range(5):
    server.user(user=f"bench{{n}}", shell="/bin/bash")
""")
