"""A scan writes nothing, logs in once, and asks as few questions as it can."""

from __future__ import annotations

from pathlib import Path

import pytest
from labs import TestLab

pytestmark = pytest.mark.lab

EVERYTHING = """\
- hosts: web-1
  tasks:
    - ansible.builtin.file: {path: /srv/made, state: directory}
    - ansible.builtin.copy: {dest: /srv/made/file, content: x}
    - ansible.builtin.copy: {dest: /etc/hostname, content: x}
    - ansible.builtin.lineinfile: {path: /etc/hosts, line: "10.0.0.1 x"}
    - ansible.builtin.apt: {name: tree, update_cache: true}
    - ansible.builtin.systemd: {name: cron, state: stopped, enabled: false}
    - ansible.builtin.user: {name: newcomer}
    - ansible.builtin.cron: {name: nightly, job: "true"}
    - ansible.builtin.command: touch /srv/touched
    - ansible.builtin.shell: touch /srv/touched
      changed_when: false
    - ansible.builtin.get_url: {url: "http://127.0.0.1:1/none", dest: /srv/fetched}
    - ansible.builtin.unarchive: {src: /srv/none.tar, dest: /srv, remote_src: true}
    - ansible.builtin.hostname: {name: another}
    - ansible.builtin.wait_for: {timeout: 100}
    - ansible.builtin.pause: {seconds: 100}
    - ansible.builtin.command: touch {{ playbook_dir }}/touched
      delegate_to: localhost
    - ansible.builtin.copy: {dest: "{{ playbook_dir }}/copied", content: x}
      delegate_to: localhost
"""

#: What a login writes by itself, and what a running system does without being asked.
OF_LOGINS = "! -path '/proc/*' ! -path '/sys/*' ! -path '/run/*' ! -path '/dev/*' ! -path '/var/log/*' ! -path '*/systemd-private-*'"
#: Folders in which the system itself comes and goes.
BUSY = ("/run ", "/tmp ", "/var/tmp ", "/var ")


def _files(lab: TestLab, host: str) -> str:
    listed = lab.sh(host, f"find / -xdev {OF_LOGINS} -printf '%p %s %m %U %G %T@ %C@\\n' 2>/dev/null | sort")
    return "\n".join(line for line in listed.splitlines() if not line.startswith(BUSY))


@pytest.mark.parametrize("user", ["root", "admin"])
def test_a_scan_leaves_no_trace_on_the_server_or_here(user: str, project: Path, lab: TestLab) -> None:
    (project / "all.yml").write_text(EVERYTHING)
    before, here = _files(lab, "web-1"), sorted(project.rglob("*"))
    scan = lab.scan("all.yml", "-e", f"ansible_user={user}")
    assert scan.status in {2, 4}, scan.stderr
    after = _files(lab, "web-1")
    assert set(after.splitlines()) - set(before.splitlines()) == set()
    assert sorted(project.rglob("*")) == here


def test_what_a_user_may_not_read_is_unknown_and_not_drifted(project: Path, lab: TestLab) -> None:
    lab.sh("web-2", "echo x > /srv/locked; chmod 0600 /srv/locked")
    (project / "locked.yml").write_text(
        "- hosts: web-2\n  gather_facts: false\n  tasks:\n    - ansible.builtin.copy: {dest: /srv/locked, content: y}\n"
    )
    scan = lab.scan("locked.yml", "-e", "ansible_user=admin")
    finding = scan.report["hosts"][0]["findings"][0]
    assert (finding["verdict"], finding["reason"]["class"]) == ("unknown", "failed")
    assert "permission denied" in finding["reason"]["text"]


def test_twelve_registers_cost_one_login_and_one_agent_a_host(project: Path, lab: TestLab) -> None:
    tasks = "".join(
        f"    - ansible.builtin.stat: {{path: /etc/hosts}}\n      register: r{n}\n"
        f"    - ansible.builtin.file: {{path: '/etc/{{{{ r{n}.stat.exists }}}}', state: absent}}\n"
        for n in range(12)
    )
    (project / "registers.yml").write_text(f"- hosts: web\n  gather_facts: false\n  tasks:\n{tasks}")
    count = "journalctl --no-pager | grep -c 'Accepted publickey'"
    before = [int(lab.sh(host, count)) for host in ("web-1", "web-2", "web-3")]
    scan = lab.scan("registers.yml")
    assert scan.status == 0, scan.stdout
    assert scan.report["summary"]["tasks"] == 3 * 24
    after = [int(lab.sh(host, count)) for host in ("web-1", "web-2", "web-3")]
    assert [now - then for now, then in zip(after, before, strict=True)] == [1, 1, 1]
    assert all("UNDRIFT" not in lab.sh(host, "ps -eo args") for host in ("web-1", "web-2", "web-3"))


def test_what_says_check_mode_false_runs_is_named_and_can_be_held_back(project: Path, lab: TestLab) -> None:
    (project / "runs.yml").write_text(
        "- hosts: web-3\n  gather_facts: false\n  tasks:\n    - name: leaves a mark\n"
        "      ansible.builtin.command: touch /srv/mark\n      check_mode: false\n"
    )
    held = lab.scan("runs.yml", "--no-run")
    assert "--no-run" in held.report["hosts"][0]["findings"][0]["reason"]["text"]
    assert "mark" not in lab.sh("web-3", "ls /srv")
    ran = lab.scan("runs.yml")
    assert "leaves a mark" in ran.report["ran"][0]
    assert "mark" in lab.sh("web-3", "ls /srv")
