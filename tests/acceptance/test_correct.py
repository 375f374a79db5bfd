"""A correction brings a server to what the playbook says, and the server remembers what was done to it."""

from __future__ import annotations

import json
import os
import pty
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from labs import BIN, TestLab, undrift

pytestmark = pytest.mark.lab

SITE = """\
- hosts: web-3
  gather_facts: false
  tasks:
    - ansible.builtin.lineinfile: {path: /etc/nginx/nginx.conf, regexp: worker_connections, line: "\\tworker_connections 77;"}
      notify: reload nginx
    - ansible.builtin.copy: {content: "wanted\\n", dest: /etc/wanted, mode: "0640"}
    - ansible.builtin.systemd: {name: nginx, state: started, enabled: true}
    - ansible.builtin.user: {name: mallory, state: absent}
  handlers:
    - name: reload nginx
      ansible.builtin.systemd: {name: nginx, state: reloaded}
    - name: never
      ansible.builtin.file: {path: /srv/never, state: directory}
"""


@pytest.fixture
def site(project: Path, lab: TestLab) -> str:
    (project / "site.yml").write_text(SITE)
    lab.fresh("web-3")
    lab.sh("web-3", "useradd mallory; echo other > /etc/wanted")
    return "site.yml"


def _correct(lab: TestLab, site: str, *options: str):
    return undrift("correct", site, "-i", str(lab.inventory), *options)


def _asked(
    lab: TestLab, site: str, before_the_answer: Callable[[], object], answer: bytes
) -> tuple[int, str]:
    """Correct with a person at the terminal, who answers after a while. Returns the exit status and what is printed."""
    ours, theirs = pty.openpty()
    command = [str(BIN / "undrift"), "correct", site, "-i", str(lab.inventory)]
    correction = subprocess.Popen(
        command, stdin=theirs, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True
    )
    try:
        said = b""
        while b"Only `yes` will do" not in said:
            piece = os.read(correction.stderr.fileno(), 1 << 16)
            assert piece, said
            said += piece
        before_the_answer()
        if answer == b"Ctrl-C":
            correction.send_signal(2)
        else:
            os.write(ours, answer)
        out, _ = correction.communicate(timeout=60)
        return correction.returncode, out.decode()
    finally:
        correction.kill()
        os.close(ours)
        os.close(theirs)


def test_what_differs_is_corrected_and_then_there_is_nothing_left_to_do(site: str, lab: TestLab) -> None:
    first = _correct(lab, site, "--yes")
    assert first.status == 0, first.stdout + first.stderr
    assert "1 corrected" in first.stdout
    assert "still differs" not in first.stdout
    assert lab.sh(
        "web-3", "cat /etc/wanted; stat -c %a /etc/wanted; grep -c 'connections 77' /etc/nginx/nginx.conf"
    ) == ("wanted\n640\n1\n")
    assert "nginx" in first.stdout
    assert lab.sh("web-3", "ls /srv/never 2>&1 || true").startswith("ls: cannot access")
    second = _correct(lab, site, "--yes")
    assert second.status == 0, second.stdout + second.stderr
    assert "nothing to change on 1 host" in second.stdout


def test_without_a_yes_nothing_is_changed(site: str, lab: TestLab) -> None:
    asked = _correct(lab, site)
    assert asked.status == 64
    assert "file /etc/wanted" in asked.stderr
    assert "add --yes" in asked.stderr
    assert lab.sh("web-3", "cat /etc/wanted; ls /var/lib/undrift 2>/dev/null || true") == "other\n"


@pytest.mark.parametrize(("answer", "status"), [(b"no\n", 7), (b"y\n", 7), (b"Ctrl-C", 130)])
def test_whoever_does_not_say_yes_keeps_the_server_as_it_is(
    answer: bytes, status: int, site: str, lab: TestLab
) -> None:
    ended, said = _asked(lab, site, lambda: None, answer)
    assert (ended, said) == (status, "nothing was changed\n")
    assert lab.sh("web-3", "cat /etc/wanted") == "other\n"


def test_a_file_that_somebody_changes_between_the_plan_and_the_yes_is_left_alone(
    site: str, lab: TestLab
) -> None:
    status, said = _asked(lab, site, lambda: lab.sh("web-3", "echo by hand > /etc/wanted"), b"yes\n")
    assert status == 4
    assert "/etc/wanted was changed by somebody else since the plan was made" in said
    assert lab.sh("web-3", "cat /etc/wanted; id -un mallory") == "by hand\nmallory\n"


def test_a_yes_brings_about_what_the_plan_says(site: str, lab: TestLab) -> None:
    status, said = _asked(lab, site, lambda: None, b"yes\n")
    assert (status, "1 corrected" in said) == (0, True)
    assert lab.sh("web-3", "cat /etc/wanted") == "wanted\n"


def test_programs_read_the_plan_and_what_became_of_it(site: str, lab: TestLab) -> None:
    done = _correct(lab, site, "--yes", "-o", "json")
    assert done.status == 0
    assert "file /etc/wanted" in done.stderr
    document = json.loads(done.stdout)
    assert document["plan"]["touches"] == ["web-3"]
    (host,) = document["done"]["hosts"]
    outcomes = {one["resource"]["id"]: (one["outcome"], one["undo"]) for one in host["findings"]}
    assert host["outcome"] == "corrected"
    assert outcomes["/etc/wanted"] == outcomes["mallory"] == ("changed", "yes")
    assert json.loads(_correct(lab, site, "--yes", "-o", "json").stdout)["done"] is None


def test_a_report_that_a_correction_does_not_have_is_refused(site: str, lab: TestLab) -> None:
    refused = _correct(lab, site, "--yes", "-o", "junit")
    assert (refused.status, "formats: human, json" in refused.stderr) == (64, True)


def test_the_server_remembers_what_was_there_before_and_only_root_may_read_it(
    site: str, lab: TestLab
) -> None:
    assert _correct(lab, site, "--yes").status == 0
    journal = lab.sh("web-3", "cat /var/lib/undrift/*/journal")
    begun = [entry for entry in map(json.loads, journal.splitlines()) if entry["say"] == "begin"]
    ended = {entry["n"] for entry in map(json.loads, journal.splitlines()) if entry["say"] == "end"}
    assert {entry["n"] for entry in begun} == ended
    (wanted,) = [image for entry in begun for image in entry["before"] if image["path"] == "/etc/wanted"]
    assert lab.sh("web-3", f"cat /var/lib/undrift/*/images/{wanted['image']}") == "other\n"
    assert (
        lab.sh("web-3", "stat -c '%a %U' /var/lib/undrift /var/lib/undrift/*/journal")
        == "700 root\n600 root\n"
    )


def test_a_second_correction_is_told_whose_the_first_one_is(site: str, lab: TestLab) -> None:
    holder = json.dumps({"run": "abc", "by": "ada@desk", "playbook": "site.yml", "since": 1, "pid": 1})
    lab.sh("web-3", f"mkdir -p -m 700 /run/undrift; echo '{holder}' > /run/undrift/lock")
    lab.sh("web-3", "setsid flock /run/undrift/lock sleep 20 >/dev/null 2>&1 & sleep 1")
    refused = _correct(lab, site, "--yes")
    assert refused.status == 7, refused.stdout + refused.stderr
    assert "another correction is at work here: ada@desk" in refused.stdout
    assert lab.sh("web-3", "cat /etc/wanted") == "other\n"


def test_what_comes_after_a_failing_task_is_not_done(project: Path, lab: TestLab) -> None:
    (project / "failing.yml").write_text("""\
- hosts: web-3
  gather_facts: false
  tasks:
    - ansible.builtin.copy: {content: before, dest: /srv/before-it}
    - ansible.builtin.command: /bin/false
    - ansible.builtin.copy: {content: after, dest: /srv/after-it}
""")
    lab.sh("web-3", "rm -f /srv/before-it /srv/after-it")
    done = _correct(lab, "failing.yml", "--yes")
    assert done.status == 4, done.stdout + done.stderr
    assert "1 failed" in done.stdout
    assert lab.sh("web-3", "ls /srv/before-it /srv/after-it 2>/dev/null || true") == "/srv/before-it\n"
