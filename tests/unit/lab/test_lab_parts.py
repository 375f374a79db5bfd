from __future__ import annotations

import os
from pathlib import Path

import pytest

from undrift.errors import LabError, UsageError
from undrift.lab import engine
from undrift.lab.image import recipe_digest
from undrift.lab.inventory import inventory_text
from undrift.lab.names import ROOM, check_lab, parse_groups
from undrift.lab.namespace import hybrid_mount
from undrift.lab.network import SUBNETS, addresses
from undrift.lab.servers import Server

V1 = "33 31 0:30 / /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu\n"
V2 = "41 31 0:38 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n"


@pytest.mark.parametrize(
    ("mounts", "found"),
    [
        (V1 + V2, "/sys/fs/cgroup/unified"),
        (V1, None),
        ("31 23 0:28 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n", None),
        ("", None),
        ("garbage", None),
    ],
)
def test_a_mount_namespace_is_needed_only_beside_old_controllers(mounts: str, found: str | None) -> None:
    assert hybrid_mount(mounts) == found


def test_the_inventory_groups_servers_and_knows_their_keys() -> None:
    servers = [
        Server(name="web-1", group="web", address="10.231.0.10", container="a"),
        Server(name="web-2", group="web", address="10.231.0.11", container="b"),
        Server(name="db-1", group="db", address="10.231.0.12", container="c"),
    ]
    text = inventory_text(Path("/labs/x"), servers)
    assert text.splitlines()[:5] == [
        "[web]",
        "web-1 ansible_host=10.231.0.10",
        "web-2 ansible_host=10.231.0.11",
        "",
        "[db]",
    ]
    assert "UserKnownHostsFile=/labs/x/known_hosts" in text
    assert "StrictHostKeyChecking=yes" in text


def test_the_image_has_a_name_of_its_recipe() -> None:
    assert len(recipe_digest()) == 12


@pytest.mark.parametrize(
    ("words", "groups"),
    [
        (["web=3", "db=1"], {"web": 3, "db": 1}),
        (["web"], {"web": 1}),
        (["Web_2=245"], {"Web_2": 245}),
    ],
)
def test_groups_are_read(words: list[str], groups: dict[str, int]) -> None:
    assert parse_groups(words) == groups


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["web=1", "web=2"], "the group web is named twice"),
        (["wéb=1"], "is no group with a count"),
        (["all=1"], "is no group with a count"),
        (["ungrouped"], "is no group with a count"),
        (["web-a=1"], "is no group with a count"),
        (["1web=1"], "is no group with a count"),
        (["=1"], "is no group with a count"),
        (["web=0"], "is no group with a count"),
        (["web=many"], "is no group with a count"),
        (["web=²"], "is no group with a count"),
        (["web=9999999"], "is no group with a count"),
        (["web=200", "db=46"], "246 servers are too many: a lab has room for 245"),
    ],
)
def test_groups_that_cannot_be_are_refused(words: list[str], says: str) -> None:
    with pytest.raises(UsageError, match=says):
        parse_groups(words)


@pytest.mark.parametrize("name", ["", "Web", "a b", "../..", "-a", "a" * 32, "wéb", "a\n"])
def test_a_lab_has_a_name_that_is_a_folder_and_a_host_name(name: str) -> None:
    with pytest.raises(UsageError, match="is no name for a lab"):
        check_lab(name)


def test_there_is_an_address_for_every_server_of_the_largest_lab() -> None:
    assert len(addresses(SUBNETS[0])) == ROOM


@pytest.mark.parametrize(
    ("commands", "root", "says", "hint"),
    [
        ([], True, "neither is here", "apt-get install podman"),
        ([], False, "neither is here", "sudo apt-get install podman"),
        (["podman"], False, "needs root", "sudo undrift lab"),
        (["docker"], False, "right to use Docker", "group docker"),
    ],
)
def test_what_the_lab_needs_and_has_not_is_named(
    commands: list[str], root: bool, says: str, hint: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for command in commands:
        (tmp_path / command).touch(mode=0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("os.geteuid", lambda: 0 if root else 1000)
    monkeypatch.setattr("os.access", lambda path, mode: str(path).startswith(str(tmp_path)))
    monkeypatch.setattr(engine, "DOCKER", Path(os.devnull))
    with pytest.raises(LabError, match=says) as error:
        engine.find_engine()
    assert hint in error.value.help
