"""What goes wrong ends in a clear error for that host or file, and keeps every other host's result."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
from pathlib import Path

import asyncssh
import pytest
from labs import BIN, TestLab, findings, undrift

pytestmark = pytest.mark.lab

LOOK = "- hosts: all\n  gather_facts: false\n  tasks:\n    - ansible.builtin.file: {path: /etc, state: directory}\n"


@pytest.fixture
def look(project: Path) -> Path:
    """A playbook that asks for next to nothing."""
    (project / "look.yml").write_text(LOOK)
    return project / "look.yml"


def _inventory(project: Path, lab: TestLab, line: str) -> Path:
    """web-1 as it is, and a host `ill` that is reached as the line says."""
    common = f"-o UserKnownHostsFile={lab.folder / 'known_hosts'} -o IdentitiesOnly=yes"
    file = project / "inventory.ini"
    file.write_text(
        f"web-1 ansible_host={lab.address('web-1')} ansible_ssh_common_args='{common}'\nill {line}\n"
        f"[all:vars]\nansible_user=root\nansible_ssh_private_key_file={lab.lab.key}\n"
    )
    return file


def _known(lab: TestLab) -> str:
    return (
        f"ansible_ssh_common_args='-o UserKnownHostsFile={lab.folder / 'known_hosts'} -o IdentitiesOnly=yes'"
    )


def _other_key(project: Path) -> Path:
    key = asyncssh.generate_private_key("ssh-ed25519")
    file = project / "other_key"
    file.touch(mode=0o600)
    key.write_private_key(str(file))
    return file


def _wrong_known_hosts(project: Path, lab: TestLab) -> Path:
    key = asyncssh.generate_private_key("ssh-ed25519").export_public_key().decode()
    (project / "wrong_known_hosts").write_text(f"{lab.address('web-2')} {key}\n")
    return project / "wrong_known_hosts"


REASONS = {
    "wrong key": "login refused for root",
    "unknown host key": "is not known",
    "changed host key": "is not the one that is known",
    "unresolvable name": "does not resolve",
    "closed port": "connection refused",
    "silent port": "timed out after 2 s",
    "unknown connection variable": "ansible_ssh_no_such_variable",
    "unknown connection plugin": "'telepathy' is not supported",
    "no python": "no Python 3.6 or newer",
}


@pytest.mark.parametrize("trouble", REASONS)
def test_a_host_that_cannot_be_reached_says_why_and_the_others_are_scanned(
    trouble: str, project: Path, lab: TestLab, look: Path
) -> None:
    address = f"ansible_host={lab.address('web-2')}"
    silent = socket.create_server(("127.0.0.1", 0))
    lines = {
        "wrong key": f"{address} ansible_ssh_private_key_file={_other_key(project)} {_known(lab)}",
        "unknown host key": f"{address} ansible_ssh_common_args='-o UserKnownHostsFile=/dev/null'",
        "changed host key": f"{address} ansible_ssh_common_args='-o UserKnownHostsFile={_wrong_known_hosts(project, lab)}'",
        "unresolvable name": "ansible_host=no-such-host.invalid",
        "closed port": f"{address} ansible_port=1",
        "silent port": f"ansible_host=127.0.0.1 ansible_port={silent.getsockname()[1]}",
        "unknown connection variable": f"{address} ansible_ssh_no_such_variable=1 {_known(lab)}",
        "unknown connection plugin": f"{address} ansible_connection=telepathy",
        "no python": f"{address} ansible_python_interpreter=/no/python {_known(lab)}",
    }
    with silent:
        scan = lab.scan(look, "--timeout", "2", inventory=_inventory(project, lab, lines[trouble]))
    assert scan.status == 4, scan.stderr
    verdicts = {host["name"]: host["verdict"] for host in scan.report["hosts"]}
    assert verdicts["web-1"] == "in_sync"
    ill = next(host for host in scan.report["hosts"] if host["name"] == "ill")
    assert ill["verdict"] in {"unreachable", "unknown"}
    assert REASONS[trouble] in ill["error"]["text"], ill["error"]


def test_a_new_host_key_is_recorded_when_that_is_asked_for_and_a_changed_one_never(
    project: Path, lab: TestLab, look: Path
) -> None:
    known = project / "known"
    inventory = _inventory(
        project,
        lab,
        f"ansible_host={lab.address('web-2')} ansible_ssh_common_args='-o UserKnownHostsFile={known}'",
    )
    assert lab.scan(look, "--accept-new-host-keys", inventory=inventory).status == 0
    assert lab.address("web-2") in known.read_text()
    assert lab.scan(look, inventory=inventory).status == 0
    known.write_text(_wrong_known_hosts(project, lab).read_text())
    assert lab.scan(look, "--accept-new-host-keys", inventory=inventory).status == 4


BECOME = {
    "sudo without a password": ("admin", "", "", None),
    "sudo with its password": ("asked", "-e ansible_become_password=open-sesame", "", None),
    "sudo without the password it wants": ("asked", "", "", "a password is required"),
    "sudo with a wrong password": (
        "asked",
        "-e ansible_become_password=wrong",
        "",
        "the password was refused",
    ),
    "sudo that wants a terminal": ("terminal", "", "", None),
    "sudo with a limited list": ("limited", "", "", "password is required"),
    "su with its password": ("asked", "-e ansible_become_password=root-word", "su", None),
}


@pytest.fixture(scope="session")
def users(lab: TestLab) -> None:
    """Users on web-3 with sudo of every kind."""
    lab.sh(
        "web-3",
        """
        for user in asked terminal limited; do useradd --create-home --shell /bin/bash $user; done
        printf 'asked:open-sesame\\nroot:root-word\\n' | chpasswd
        printf 'asked ALL=(ALL) ALL\\nDefaults:terminal requiretty\\nterminal ALL=(ALL) NOPASSWD: ALL\\n' > /etc/sudoers.d/kinds
        printf 'limited ALL=(root) NOPASSWD: /usr/bin/id\\n' >> /etc/sudoers.d/kinds
        """,
    )


@pytest.mark.usefixtures("users")
@pytest.mark.parametrize("kind", BECOME)
def test_becoming_root_works_or_says_why_not(kind: str, project: Path, lab: TestLab) -> None:
    user, extra, method, complaint = BECOME[kind]
    playbook = project / "become.yml"
    playbook.write_text(
        "- hosts: web-3\n  gather_facts: false\n  become: true\n  tasks:\n"
        "    - ansible.builtin.command: id -un\n      check_mode: false\n      changed_when: false\n      register: me\n"
        "    - ansible.builtin.assert: {that: me.stdout == 'root'}\n"
    )
    options = ["-u", user, "-e", f"ansible_user={user}", *extra.split()]
    if method:
        options += ["--become-method", method]
    scan = lab.scan(playbook, *options)
    if complaint is None:
        assert scan.status == 0, scan.stdout
    else:
        assert scan.status == 4
        assert complaint in scan.report["hosts"][0]["error"]["text"]
    assert "open-sesame" not in scan.stdout + scan.stderr


def test_odd_files_are_told_and_hang_nothing(project: Path, lab: TestLab) -> None:
    lab.sh(
        "web-2",
        """
        mkdir -p /srv/odd && cd /srv/odd
        truncate -s 2G huge; printf '\\377\\376binary' > binary; printf 'caf\\351\\n' > latin1
        mkfifo fifo; ln -s /nowhere dangling; python3 -c 'import socket; socket.socket(socket.AF_UNIX).bind("socket")'
        """,
    )
    names = ["huge", "binary", "latin1", "fifo", "dangling", "socket"]

    def told(task: str) -> dict[str, dict]:
        """What a task of this form says of each of the files."""
        tasks = "".join(f"    - ansible.builtin.{task.format(name)}\n" for name in names)
        (project / "odd.yml").write_text(f"- hosts: web-2\n  gather_facts: false\n  tasks:\n{tasks}")
        scan = lab.scan("odd.yml", "--deadline", "10")
        return {names[one["line"] - 4]: one for one in findings(scan.report, "web-2")}

    copied = told("copy: {{dest: /srv/odd/{}, content: wanted}}")
    assert {name: one["verdict"] for name, one in copied.items()} == {
        "huge": "drifted",
        "binary": "drifted",
        "latin1": "drifted",
        "fifo": "failed",
        "dangling": "drifted",
        "socket": "failed",
    }
    assert all("bytes, digest" in str(copied[name]["differences"]) for name in ("huge", "binary", "latin1"))
    edited = told("lineinfile: {{path: /srv/odd/{}, line: wanted}}")
    assert {name: one["verdict"] for name, one in edited.items()} == {
        "huge": "unknown",
        "binary": "drifted",
        "latin1": "drifted",
        "fifo": "unknown",
        "dangling": "failed",
        "socket": "unknown",
    }
    assert "larger than" in edited["huge"]["reason"]["text"]
    assert "is a fifo" in edited["fifo"]["reason"]["text"]


FULL = """\
- hosts: web-2
  gather_facts: false
  tasks:
    - ansible.builtin.copy: {dest: /srv/full/file, content: wanted}
    - ansible.builtin.file: {path: /srv/full/there, state: directory}
    - ansible.builtin.known_hosts: {name: x.example, state: absent}
    - ansible.builtin.command: cat /etc/hostname
      changed_when: false
"""


@pytest.mark.parametrize("trouble", ["full", "read-only"])
def test_a_disk_that_is_full_or_read_only_is_scanned_like_any_other(
    trouble: str, project: Path, lab: TestLab
) -> None:
    lab.fresh("web-2")
    lab.sh("web-2", "mkdir -p /srv/full")
    lab.mount("web-2", "-t", "tmpfs", "-o", "size=64k", "tmpfs", "/srv/full")
    lab.sh("web-2", "mkdir /srv/full/there; echo present > /srv/full/file")
    if trouble == "full":
        lab.sh(
            "web-2",
            "for there in /srv/full /dev/shm; do cat /dev/zero > $there/fill || true; done 2>/dev/null",
        )
    else:
        lab.mount("web-2", "-o", "remount,ro", "/srv/full")
        lab.mount("web-2", "-o", "remount,ro", "/dev/shm")
    (project / "full.yml").write_text(FULL)
    scan = lab.scan("full.yml")
    told = [(one["verdict"], one["resource"]["id"], one["reason"]) for one in findings(scan.report, "web-2")]
    assert told == [("drifted", "/srv/full/file", None)]
    assert scan.report["summary"]["coverage"] == 100
    lab.fresh("web-2")


@pytest.mark.parametrize("hours", [-1, 1])
def test_a_clock_an_hour_off_changes_no_verdict(hours: int, project: Path, lab: TestLab) -> None:
    # A container has the clock of its host: what the program on the server takes for the time is moved instead.
    lab.sh(
        "web-3",
        f"""
        printf '%s\\n' '#!/bin/sh' 'shift 3' \
            'exec /usr/bin/python3 -I -S -c "import time; now = time.time; time.time = lambda: now() + {hours * 3600}' \
            '$1"' > /usr/local/bin/python-off
        chmod 0755 /usr/local/bin/python-off; echo there > /srv/clock; touch /srv/clock
        """,
    )
    (project / "clock.yml").write_text("""\
- hosts: web-3
  vars: {ansible_python_interpreter: /usr/local/bin/python-off}
  tasks:
    - ansible.builtin.copy: {dest: /srv/clock, content: "there\\n"}
    - ansible.builtin.file: {path: /srv/clock, state: touch, modification_time: preserve, access_time: preserve}
    - ansible.builtin.apt: {name: curl, update_cache: true, cache_valid_time: 3600}
    - ansible.builtin.find: {paths: /srv, age: 1d}
      register: old
    - ansible.builtin.assert: {that: ansible_facts.distribution == 'Debian'}
    - ansible.builtin.tempfile: {state: file}
""")
    scan = lab.scan("clock.yml")
    assert [(one["line"], one["verdict"]) for one in findings(scan.report, "web-3")] == [(10, "unknown")]


def _old_python() -> str | None:
    folder = Path.home() / ".pyenv" / "versions"
    return next((str(one) for one in sorted(folder.glob("3.[67].*/bin/python")) if one.exists()), None)


@pytest.mark.skipif(_old_python() is None, reason="no Python 3.6 or 3.7 is here")
def test_a_python_too_old_for_genuine_modules_answers_what_is_ours(project: Path) -> None:
    (project / "old.yml").write_text(
        "- hosts: all\n  gather_facts: false\n  tasks:\n"
        "    - ansible.builtin.file: {path: /etc, state: directory}\n    - ansible.builtin.tempfile: {state: file}\n"
    )
    (project / "inventory.ini").write_text(
        f"here ansible_connection=local ansible_python_interpreter={_old_python()}\n"
    )
    report = undrift("scan", "old.yml", "-i", "inventory.ini", "-o", "json").report
    (finding,) = report["hosts"][0]["findings"]
    assert (finding["line"], finding["verdict"]) == (5, "unknown")
    assert "needs Python 3." in finding["reason"]["text"]
    assert report["hosts"][0]["tasks"]["in_sync"] == 1


def test_one_task_that_never_ends_is_unknown_and_its_siblings_are_answered(
    project: Path, lab: TestLab
) -> None:
    playbook = project / "slow.yml"
    playbook.write_text(
        "- hosts: web\n  gather_facts: false\n  tasks:\n"
        "    - ansible.builtin.command: sleep 300\n      check_mode: false\n      changed_when: false\n"
        "      when: inventory_hostname == 'web-1'\n"
        "    - ansible.builtin.file: {path: /srv/never, state: directory}\n"
    )
    scan = lab.scan(playbook, "--deadline", "1")
    assert scan.status == 4
    slow, file = findings(scan.report, "web-1")
    assert slow["reason"] == {"class": "failed", "text": "no answer in 1 s"}
    assert file["verdict"] == "drifted"
    assert "sleep 300" not in lab.sh("web-1", "ps -eo args")


@pytest.mark.parametrize(
    ("victim", "says"), [("$PPID", "killed by signal 9"), ("$(ps -o ppid= -p $PPID)", "broke off")]
)
def test_an_agent_that_is_killed_costs_that_host_alone(
    victim: str, says: str, project: Path, lab: TestLab
) -> None:
    playbook = project / "kill.yml"
    playbook.write_text(
        "- hosts: web\n  gather_facts: false\n  tasks:\n"
        f"    - ansible.builtin.shell: kill -9 {victim}; sleep 5\n      check_mode: false\n      changed_when: false\n"
        "      when: inventory_hostname == 'web-1'\n"
        "    - ansible.builtin.file: {path: /etc, state: directory}\n"
    )
    scan = lab.scan(playbook, "--deadline", "10")
    assert scan.status == 4
    verdicts = {host["name"]: host["verdict"] for host in scan.report["hosts"]}
    assert verdicts == {"web-1": "unknown", "web-2": "in_sync", "web-3": "in_sync"}
    assert says in findings(scan.report, "web-1")[0]["reason"]["text"]


def test_ctrl_c_prints_what_is_known_and_exits_130(project: Path, lab: TestLab) -> None:
    playbook = project / "slow.yml"
    playbook.write_text(
        "- hosts: web\n  gather_facts: false\n  tasks:\n"
        "    - ansible.builtin.command: sleep 100\n      check_mode: false\n      changed_when: false\n"
        "      when: inventory_hostname == 'web-1'\n"
        "    - ansible.builtin.file: {path: /srv/never, state: directory}\n"
    )
    with subprocess.Popen(
        [BIN / "undrift", "scan", playbook, "-i", lab.inventory, "-v"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as scan:
        for line in scan.stderr:
            if line.startswith("web-3"):
                break
        os.killpg(scan.pid, signal.SIGINT)
        out, _ = scan.communicate(timeout=30)
    assert scan.returncode == 130
    assert "interrupted" in out
    assert "/srv/never" in out


REFUSED = {
    "broken YAML": ("- hosts: all\n  tasks:\n    - name: [\n", "error[playbook]", "play.yml"),
    "a misspelt keyword": (
        "- hosts: all\n  tasks:\n    - ansible.builtin.ping:\n      wehn: true\n",
        "conflicting action statements",
        "play.yml:3",
    ),
    "a missing role": ("- hosts: all\n  roles: [no_such_role]\n", "no_such_role", "play.yml:2"),
    "a module that is not there": (
        "- hosts: all\n  tasks:\n    - no_such_module:\n",
        "no_such_module",
        "play.yml:3",
    ),
    "a pattern that matches nothing": (
        "- hosts: no_such_group\n  tasks:\n    - ansible.builtin.ping:\n",
        "no_such_group",
        "",
    ),
    "a vault without its password": (
        "- hosts: web-1\n  vars_files: [vault.yml]\n  tasks:\n    - ansible.builtin.ping:\n",
        "error[vault]",
        "",
    ),
}
VAULTED = """\
$ANSIBLE_VAULT;1.1;AES256
33396330303366646464346636653464636432303630663432643165376630333866313965343538
6438613736333533353530636165363261613664663031300a613964643332393930306662313430
31393936336263643565643562396266633038396134653234356364376434383637653334343630
3032613739303935310a316438613465613539383261616266376666376534616661333061613961
3535
"""


@pytest.mark.parametrize("trouble", REFUSED)
def test_what_ansible_would_refuse_is_refused_with_file_and_line(
    trouble: str, project: Path, lab: TestLab
) -> None:
    text, says, where = REFUSED[trouble]
    (project / "play.yml").write_text(text)
    (project / "vault.yml").write_text(VAULTED)
    scan = undrift("scan", "play.yml", "-i", str(lab.inventory))
    assert scan.status == 1, scan.stdout
    assert says in scan.stderr
    assert where in scan.stderr
    assert "Traceback" not in scan.stderr
    assert scan.stdout == ""


@pytest.mark.parametrize(
    ("words", "status", "says"),
    [
        (["scan"], 64, "no playbook"),
        (["scan", "none.yml"], 64, "there is no playbook"),
        (["scan", "look.yml", "-i", "none.ini"], 1, "there is no inventory"),
        (["scan", "look.yml", "-o", "xml"], 64, "there is no format"),
        (["scan", "look.yml", "--no-such-option"], 64, "No such option"),
        (["lab", "up", "web=many"], 64, "no group with a count"),
    ],
)
def test_a_command_line_that_makes_no_sense_says_what_does(
    words: list[str], status: int, says: str, look: Path
) -> None:
    run = undrift(*words)
    assert run.status == status
    assert says in run.stderr
    assert "Traceback" not in run.stderr
