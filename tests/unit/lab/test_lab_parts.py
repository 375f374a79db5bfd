from __future__ import annotations

from pathlib import Path

import pytest

from undrift.lab.image import recipe_digest
from undrift.lab.inventory import inventory_text
from undrift.lab.namespace import hybrid_mount
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
