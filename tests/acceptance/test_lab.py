"""Labs come, break, reboot and go."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import pytest
from labs import BIN, TestLab, findings, run, undrift

from undrift.lab.engine import find_engine

pytestmark = pytest.mark.lab


def _engine(*words: str) -> str:
    return asyncio.run(find_engine().run(*words)).stdout


def test_a_lab_comes_says_what_to_type_and_leaves_nothing_behind(tmp_path: Path, lab: TestLab) -> None:
    state = {"XDG_STATE_HOME": str(tmp_path)}
    name = f"brief-{os.getpid()}"
    up = undrift("lab", "up", "app=1", "--name", name, **state)
    try:
        assert up.status == 0, up.stderr
        assert up.stderr.startswith(f"starting a lab\nstarting 1 server for the lab {name}\n")
        inventory = next(line.split()[1] for line in up.stdout.splitlines() if line.startswith("inventory:"))
        command = up.stdout.splitlines()[-1].removeprefix("next: ")
        scan = run(["sh", "-c", command], PATH=f"{BIN}:{os.environ['PATH']}", **state)
        assert scan.status == 0, scan.stderr
        assert "in sync, 5 of 5 checked   app-1" in scan.stdout
        assert "app-1" in undrift("lab", "status", **state).stdout
        assert name in _engine("ps", "--format", "{{.Names}}")
        assert name in _engine("network", "ls")
        assert undrift("lab", "up", "app=1", "--name", name, **state).status == 1
        login = undrift("lab", "ssh", "--name", name, "app-1", "--", "hostname", **state)
        assert login.stdout.strip() == "app-1", login.stderr
        assert Path(inventory).exists()
    finally:
        down = undrift("lab", "down", "--name", name, **state)
    assert down.status == 0
    assert name not in _engine("ps", "--all", "--format", "{{.Names}}")
    assert name not in _engine("network", "ls")
    assert list(tmp_path.iterdir()) == []
    # The session's lab beside it was not touched.
    assert lab.sh("web-1", "hostname").strip() == "web-1"


def test_a_rebooted_server_is_the_same_server(lab: TestLab, project: Path) -> None:
    (project / "look.yml").write_text(
        "- hosts: db\n  gather_facts: false\n  tasks:\n    - ansible.builtin.file: {path: /srv/stays, state: directory}\n"
    )
    lab.sh("db-1", "mkdir -p /srv/stays")
    state = {"XDG_STATE_HOME": str(lab.folder.parents[2])}
    assert undrift("lab", "reboot", "db-1", "--name", lab.lab.name, **state).status == 0
    assert lab.scan("look.yml").status == 0


def test_break_makes_each_kind_of_drift_and_a_scan_finds_it(lab: TestLab, project: Path) -> None:
    lab.fresh("db-1")
    (project / "all.yml").write_text("""\
- hosts: db
  gather_facts: false
  tasks:
    - ansible.builtin.lineinfile: {path: /etc/nginx/nginx.conf, regexp: worker_connections, line: "        worker_connections 768;"}
    - ansible.builtin.systemd: {name: cron, state: started, enabled: true}
    - ansible.builtin.apt: {name: rsync}
    - ansible.builtin.file: {path: /etc/crontab, mode: "0644"}
    - ansible.builtin.user: {name: mallory, state: absent}
""")
    before = lab.scan("all.yml").report["hosts"][0]["tasks"]["drifted"]
    assert before <= 1
    state = {"XDG_STATE_HOME": str(lab.folder.parents[2])}
    broken = undrift("lab", "break", "db-1", "--name", lab.lab.name, **state)
    assert broken.stdout.count("db-1: ") == 5, broken.stderr
    found = {one["resource"]["id"] for one in findings(lab.scan("all.yml").report, "db-1")}
    assert found == {"/etc/nginx/nginx.conf", "cron", "rsync", "/etc/crontab", "mallory"}
    lab.fresh("db-1")


def test_a_lab_of_the_same_name_elsewhere_is_not_touched(lab: TestLab, tmp_path: Path) -> None:
    state = {"XDG_STATE_HOME": str(tmp_path)}
    for words in (["up", "web=1"], ["down"]):
        other = undrift("lab", *words, "--name", lab.lab.name, **state)
        assert other.status == 1
        assert "none of " in other.stderr
        assert (
            f"help: take another --name, or remove that one: XDG_STATE_HOME={lab.folder.parents[2]}"
            in other.stderr
        )
        assert list(tmp_path.iterdir()) == []
    assert lab.sh("web-1", "hostname").strip() == "web-1"
    assert lab.lab.name in _engine("network", "ls")


def test_a_lab_that_is_up_stays_when_it_is_asked_for_again(lab: TestLab) -> None:
    again = undrift("lab", "up", "web=1", "--name", lab.lab.name)
    assert again.status == 1
    assert "is up already" in again.stderr
    assert lab.sh("web-1", "hostname").strip() == "web-1"


def test_what_is_left_of_a_killed_start_can_be_removed(lab: TestLab, tmp_path: Path) -> None:
    state = {"XDG_STATE_HOME": str(tmp_path)}
    name = f"killed-{os.getpid()}"
    (tmp_path / "undrift" / "labs" / name).mkdir(parents=True)
    _engine("network", "create", f"undrift-{name}")
    assert "left half made" in undrift("lab", "up", "web=1", "--name", name, **state).stderr
    assert undrift("lab", "down", "--name", name, **state).status == 0
    assert name not in _engine("network", "ls")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("words", "status", "says"),
    [
        (["ssh", "web-9"], 1, "error[lab]: there is no lab default"),
        (["break", "--name", "none"], 1, "error[lab]: there is no lab none"),
        (["down", "--name", "none"], 1, "error[lab]: there is no lab none"),
        (["down", "--name", "../.."], 64, "error[usage]: '../..' is no name for a lab"),
        (["up", "web=1", "--name", "Web 1"], 64, "error[usage]: 'Web 1' is no name for a lab"),
        (["up", "web=0"], 64, "error[usage]: web=0 is no group with a count"),
        (["up", "web=246"], 64, "error[usage]: 246 servers are too many"),
    ],
)
def test_a_mistake_is_told(words: list[str], status: int, says: str, tmp_path: Path, lab: TestLab) -> None:
    done = undrift("lab", *words, XDG_STATE_HOME=str(tmp_path))
    assert done.status == status
    assert says in done.stderr
    assert list(tmp_path.iterdir()) == []
