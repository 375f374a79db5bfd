"""A scan writes nothing, logs in once, and asks as few questions as it can."""

from __future__ import annotations

import re
import subprocess
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
    - local_action: {module: ansible.builtin.file, path: "{{ playbook_dir }}/local", state: touch}
    - ansible.builtin.copy: {content: "{{ lookup('password', 'credentials/made length=12') }}", dest: /srv/password}
    - ansible.builtin.user: {name: "{{ item }}"}
      with_password: credentials/other
    - ansible.builtin.apt: {name: "nginx*"}
    - ansible.builtin.apt_repository: {repo: "deb http://127.0.0.1:1 x main"}
    - ansible.builtin.git: {repo: /srv/none, dest: /srv/tree}
    - ansible.builtin.setup: {gather_subset: [min]}
"""

#: Where a running system comes and goes without being asked.
ELSEWHERE = "! -path '/proc/*' ! -path '/sys/*' ! -path '/run/*' ! -path '/dev/*'"


def _files(lab: TestLab, host: str) -> dict[str, str]:
    """Path to what lstat says of it, of the whole file system."""
    listed = lab.sh(host, f"find / -xdev {ELSEWHERE} -printf '%p\\t%s %m %U %G %T@ %C@\\n' 2>/dev/null")
    return dict(line.split("\t") for line in listed.splitlines())


def _changed(before: dict[str, str], after: dict[str, str]) -> set[str]:
    return {path for path in before.keys() | after.keys() if before.get(path) != after.get(path)}


def _left_behind() -> set[Path]:
    """Folders of ansible-core's whose process is gone: other tests run beside this one."""
    found = {
        path: path.name.removeprefix("ansible-local-") for path in Path("/dev/shm").glob("ansible-local-*")
    }
    pids = {path: re.match(r"\d+", rest).group() for path, rest in found.items()}
    return {path for path, pid in pids.items() if not _is_of_a_process(pid, path) and path.exists()}


def _is_of_a_process(pid: str, folder: Path) -> bool:
    """The random part of the name begins behind the number, and may begin with a digit."""
    return (
        any(Path(f"/proc/{pid[:length]}").exists() for length in range(3, len(pid) + 1)) and folder.exists()
    )


def _log_in(lab: TestLab, host: str, user: str) -> None:
    options = ["-i", str(lab.lab.key), "-o", f"UserKnownHostsFile={lab.folder / 'known_hosts'}"]
    command = ["ssh", *options, f"{user}@{lab.address(host)}", "sudo -n python3 -c pass"]
    done = subprocess.run(command, check=False, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    assert done.returncode == 0, done.stderr


def test_a_password_that_would_have_to_be_made_is_unknown_and_one_that_is_there_is_used(
    project: Path, lab: TestLab
) -> None:
    (project / "password.yml").write_text("""\
- hosts: web-3
  gather_facts: false
  tasks:
    - ansible.builtin.copy: {content: "{{ lookup('password', 'there') }}", dest: /srv/password-there}
    - ansible.builtin.copy: {content: "{{ lookup('password', 'made') }}", dest: /srv/password-made}
""")
    (project / "there").write_text("open-sesame\n")
    lab.sh("web-3", "printf open-sesame > /srv/password-there")
    report = lab.scan("password.yml").report
    (finding,) = report["hosts"][0]["findings"]
    assert (finding["line"], finding["verdict"]) == (5, "unknown")
    assert "would make a new password in" in finding["reason"]["text"]


@pytest.mark.parametrize("user", ["root", "admin"])
def test_a_scan_leaves_no_trace_on_the_server_or_here(
    user: str, project: Path, lab: TestLab, tmp_path_factory: pytest.TempPathFactory
) -> None:
    (project / "all.yml").write_text(EVERYTHING)
    (project / "ansible.cfg").write_text(
        "[defaults]\nlog_path = log\nfact_caching = jsonfile\nfact_caching_connection = facts\n"
    )
    home = project.parent / "home"
    home.mkdir()
    here, shared = sorted(project.parent.rglob("*")), _left_behind()
    before = _files(lab, "web-1")
    _log_in(lab, "web-1", user)
    of_logins = _files(lab, "web-1")
    own = {"HOME": str(home), "TMPDIR": str(home), "XDG_CACHE_HOME": str(tmp_path_factory.mktemp("cache"))}
    scan = lab.scan("all.yml", "-e", f"ansible_user={user}", **own)
    assert scan.status in {2, 4}, scan.stderr
    # A bare login writes its own records, and nothing else does.
    assert _changed(of_logins, _files(lab, "web-1")) <= _changed(before, of_logins)
    assert sorted(project.parent.rglob("*")) == here
    assert _left_behind() <= shared


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
    # The supervisor is the parent of whoever runs a command, and stays for the whole run.
    agent = "    - ansible.builtin.shell: ps -o ppid= -p $PPID; nice\n      check_mode: false\n      changed_when: false\n"
    (project / "registers.yml").write_text(
        "- hosts: web\n  gather_facts: false\n  tasks:\n"
        f"{agent}      register: first\n{tasks}{agent}      register: last\n"
        "    - ansible.builtin.assert: {that: [first.stdout == last.stdout, 10 == first.stdout_lines.1 | int]}\n"
    )
    count = "journalctl --no-pager | grep -c 'Accepted publickey' || true"
    before = [int(lab.sh(host, count)) for host in ("web-1", "web-2", "web-3")]
    scan = lab.scan("registers.yml")
    assert scan.status == 0, scan.stdout
    assert scan.report["summary"]["tasks"] == 3 * 27
    after = [int(lab.sh(host, count)) for host in ("web-1", "web-2", "web-3")]
    assert [now - then for now, then in zip(after, before, strict=True)] == [1, 1, 1]
    assert all("UNDRIFT" not in lab.sh(host, "ps -eo args") for host in ("web-1", "web-2", "web-3"))


def test_a_command_that_a_lookup_runs_here_is_named_and_can_be_held_back(project: Path, lab: TestLab) -> None:
    (project / "pipe.yml").write_text(
        "- hosts: web-3\n  gather_facts: false\n  tasks:\n"
        "    - ansible.builtin.file: {path: \"/srv/{{ lookup('pipe', 'touch here; echo x') }}\", state: absent}\n"
    )
    held = lab.scan("pipe.yml", "--no-run")
    assert "--no-run" in held.report["hosts"][0]["findings"][0]["reason"]["text"]
    assert not (project / "here").exists()
    ran = lab.scan("pipe.yml")
    assert "touch here; echo x" in ran.report["ran"][0]
    assert (project / "here").exists()


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
