"""What a lab leaves on disk for those who use it: keys, known hosts, an inventory."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from itertools import groupby
from pathlib import Path

from undrift.lab.servers import Server


def write_keys(folder: Path, servers: Sequence[Server]) -> None:
    """The lab's own key, and for each server a host key that is known before the first login."""
    import asyncssh  # noqa: PLC0415 - 165 ms that only a new lab needs

    login = asyncssh.generate_private_key("ssh-ed25519", comment="undrift-lab")
    _write_secret(folder / "id_ed25519", login.export_private_key())
    public = login.export_public_key()
    (folder / "id_ed25519.pub").write_bytes(public)
    known = []
    for server in servers:
        host_key = asyncssh.generate_private_key("ssh-ed25519")
        mounted = folder / "hosts" / server.name
        mounted.mkdir(parents=True)
        _write_secret(mounted / "ssh_host_ed25519_key", host_key.export_private_key())
        (mounted / "authorized_keys").write_bytes(public)
        known.append(f"{server.address},{server.name} {host_key.export_public_key().decode().strip()}\n")
    (folder / "known_hosts").write_text("".join(known))


def inventory_text(folder: Path, servers: Sequence[Server]) -> str:
    """An INI inventory with a group per kind of server; plain ssh and ansible-playbook work with it as it stands."""
    lines = []
    for group, members in groupby(servers, key=lambda server: server.group):
        lines += [f"[{group}]", *(f"{one.name} ansible_host={one.address}" for one in members), ""]
    options = (
        f"-o UserKnownHostsFile={folder / 'known_hosts'} -o StrictHostKeyChecking=yes -o IdentitiesOnly=yes"
    )
    lines += [
        "[all:vars]",
        "ansible_user=root",
        f"ansible_ssh_private_key_file={folder / 'id_ed25519'}",
        f"ansible_ssh_common_args='{options}'",
        "",
    ]
    return "\n".join(lines)


def write_servers(folder: Path, servers: Sequence[Server]) -> None:
    """Write inventory.ini for Ansible, and servers.json for read_servers."""
    (folder / "inventory.ini").write_text(inventory_text(folder, servers))
    (folder / "servers.json").write_text(json.dumps([asdict(server) for server in servers], indent=1))


def read_servers(folder: Path) -> list[Server]:
    """The servers of the lab in `folder`; empty when there is none."""
    file = folder / "servers.json"
    return [Server(**fields) for fields in json.loads(file.read_text())] if file.exists() else []


def _write_secret(path: Path, content: bytes) -> None:
    path.touch(mode=0o600)
    path.write_bytes(content)
