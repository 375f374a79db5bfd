"""A value that must not be seen is in no output, nor is the server's side of it."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest
from labs import BIN, TestLab, findings, run, undrift

from undrift.model.secret import HIDDEN

pytestmark = pytest.mark.lab

PASSWORD = "correct-horse-7"
ON_SERVER = "battery-staple-9"
KEY = "-----BEGIN KEY-----\nMIIEvQIBADANBgkqhkiG9w0\nqhkiG9w0BAQEFAASCBKcwgg\n-----END KEY-----\n"

PLAYBOOK = """\
- hosts: web-1
  gather_facts: false
  vars_files: [secrets.yml]
  tasks:
    - name: a password in a file
      ansible.builtin.copy: {dest: /srv/secret/plain, content: "password={{ db_password }}\\n", mode: "0644"}
    - name: a password on its way through filters
      ansible.builtin.copy: {dest: /srv/secret/encoded, content: "{{ ('user:' ~ db_password) | b64encode }}\\n", mode: "0644"}
    - name: a template that holds it
      ansible.builtin.template: {src: conf.j2, dest: /srv/secret/conf, mode: "0644"}
    - name: a line that holds it
      ansible.builtin.lineinfile: {path: /srv/secret/lines, regexp: "^pw=", line: "pw={{ db_password }}"}
    - name: a key of many lines
      ansible.builtin.copy: {dest: /srv/secret/key, content: "{{ private_key }}", mode: "0644"}
    - name: a hash of it
      ansible.builtin.user:
        name: hashed
        password: "{{ db_password | password_hash('sha512', 'saltysaltysalty') }}"
    - name: a hash of it in a file
      ansible.builtin.copy:
        dest: /srv/secret/hash
        content: "{{ db_password | password_hash('sha512', 'saltysaltysalty') }}\\n"
        mode: "0644"
    - name: not to be logged
      ansible.builtin.copy: {dest: /srv/secret/nolog, content: "token {{ token }}\\n", mode: "0644"}
      no_log: true
    - name: a genuine module that is told one
      ansible.builtin.cron: {name: backup, job: "backup --password {{ db_password }}"}
    - name: a genuine module that fails with one
      ansible.builtin.cron: {name: "{{ db_password }}", nonsense: "{{ db_password }}"}
    - name: a file that others may not read
      ansible.builtin.copy: {dest: /srv/secret/private, content: "wanted\\n", mode: "0600"}
    - name: a file of a path that is never shown
      ansible.builtin.copy: {dest: /srv/secret/server.key, content: "wanted\\n", mode: "0644"}
    - name: a message with one
      ansible.builtin.fail: {msg: "cannot use {{ db_password }}"}
"""


@pytest.fixture
def vaulted(project: Path, lab: TestLab) -> Path:
    """A project whose secrets are in a vaulted file, and a server where each was changed by hand."""
    (project / "site.yml").write_text(PLAYBOOK)
    (project / "templates").mkdir()
    (project / "templates" / "conf.j2").write_text("[db]\npassword = {{ db_password }}\n")
    indented = KEY.replace("\n", "\n  ").rstrip()
    (project / "secrets.yml").write_text(
        f"db_password: {PASSWORD}\ntoken: hidden-token-5\nprivate_key: |\n  {indented}\n"
    )
    (project / "pass").write_text("vault-word")
    done = run([str(BIN / "ansible-vault"), "encrypt", "--vault-password-file", "pass", "secrets.yml"])
    assert done.status == 0, done.stderr
    lab.sh(
        "web-1",
        f"""
        mkdir -p /srv/secret && cd /srv/secret
        echo password={ON_SERVER} > plain; printf 'user:{ON_SERVER}' | base64 > encoded
        printf '[db]\\npassword = {ON_SERVER}\\n' > conf; echo pw={ON_SERVER} > lines
        echo {ON_SERVER} > key; echo token {ON_SERVER} > nolog
        echo {ON_SERVER} > private; chmod 0600 private; echo {ON_SERVER} > server.key
        id hashed >/dev/null 2>&1 || useradd -m hashed
        usermod -p '$6$othersalt$hash-on-the-server' hashed; echo '$6$othersalt$hash-on-the-server' > hash
        chmod 0644 hash plain encoded conf lines key nolog server.key
        """,
    )
    return project


SEEN = (
    PASSWORD,
    ON_SERVER,
    "hidden-token-5",
    base64.b64encode(f"user:{PASSWORD}".encode()).decode(),
    base64.b64encode(f"user:{ON_SERVER}".encode()).decode(),
    "qhkiG9w0BAQEFAASCBKcwgg",
    "saltysaltysalty$",
    "hash-on-the-server",
)


@pytest.mark.parametrize(
    "options",
    [["-o", "human"], ["-o", "json"], ["-o", "jsonl"], ["-o", "junit"], ["-o", "human", "-vvv", "--unknown"]],
)
def test_no_output_shows_a_secret_or_what_stands_in_its_place(
    options: list[str], vaulted: Path, lab: TestLab
) -> None:
    scan = undrift("scan", "site.yml", "-i", str(lab.inventory), "--vault-password-file", "pass", *options)
    assert scan.status in {2, 4}, scan.stderr
    for value in SEEN:
        assert value not in scan.stdout, f"{value} in the output"
        assert value not in scan.stderr, f"{value} in what -v says"


def test_the_drift_of_a_secret_is_told_by_digest_and_number_of_lines(vaulted: Path, lab: TestLab) -> None:
    scan = lab.scan("site.yml", "--vault-password-file", "pass")
    concealed = [one for one in scan.report["hosts"][0]["findings"] if one["concealed"]]
    assert {one["resource"]["id"].rsplit("/", 1)[-1] for one in concealed} >= {
        "plain",
        "encoded",
        "conf",
        "lines",
        "key",
        "private",
        "server.key",
        "hash",
        "hashed",
    }
    assert all(not one["diff"] for one in concealed)


def test_a_password_is_compared_and_not_shown_whoever_wrote_it_down(project: Path, lab: TestLab) -> None:
    lab.sh("web-1", "useradd -m open; usermod -p '$6$salt$hash-on-the-server' open")
    (project / "open.yml").write_text(
        "- hosts: web-1\n  gather_facts: false\n  tasks:\n"
        "    - ansible.builtin.user: {name: open, password: $6$salt$hash-in-the-playbook}\n"
    )
    scan = lab.scan("open.yml")
    (finding,) = findings(scan.report, "web-1")
    assert finding["differences"] == [{"field": "password", "want": HIDDEN, "have": HIDDEN}]
    assert "hash-" not in scan.stdout


ROUNDABOUT = """\
- hosts: web-1:web-2
  gather_facts: false
  tasks:
    - name: inside of a structure
      ansible.builtin.fail: {msg: "cannot use {{ nested.db.password }}"}
    - name: items of a loop
      ansible.builtin.file: {path: /srv/none, state: file}
      loop: "{{ nested.users }}"
    - name: by the name of a variable
      ansible.builtin.copy: {content: "pw={{ lookup('vars', 'pass') | upper }}\\n", dest: /srv/round/vars, mode: "0644"}
    - name: out of all variables
      ansible.builtin.copy: {content: "pw={{ vars['pass'] | upper }}\\n", dest: /srv/round/all, mode: "0644"}
    - name: of another host
      ansible.builtin.copy: {content: "pw={{ hostvars['web-2'].pass | upper }}\\n", dest: /srv/round/host, mode: "0644"}
    - name: of all hosts
      ansible.builtin.copy:
        content: "{{ ansible_play_hosts | map('extract', hostvars, 'pass') | join | upper }}\\n"
        dest: /srv/round/hosts
        mode: "0644"
    - name: in an included template
      ansible.builtin.template: {src: outer.j2, dest: /srv/round/include, mode: "0644"}
    - name: a whole encrypted file
      ansible.builtin.copy: {content: "{{ lookup('file', 'vaulted.txt') | upper }}", dest: /srv/round/file, mode: "0644"}
    - name: a number
      ansible.builtin.copy: {content: "pin={{ pin }}\\n", dest: /srv/round/pin, mode: "0644"}
    - name: what a silent task said
      ansible.builtin.command: echo silent-word-1
      changed_when: false
      check_mode: false
      no_log: true
      register: silent
    - ansible.builtin.fail: {msg: "{{ silent.stdout | upper }}"}
    - ansible.builtin.set_fact: {kept: "kept-{{ silent.stdout }}"}
      no_log: true
    - ansible.builtin.file: {path: "/srv/{{ kept | upper }}", state: directory}
    - name: a long line
      ansible.builtin.command: "curl -H 'Authorization: Bearer {{ long }}' http://127.0.0.1"
    - name: turned round
      ansible.builtin.assert: {that: false, fail_msg: "{{ pass | reverse }}"}
    - name: a path in a silent task
      ansible.builtin.file: {path: "/srv/{{ item }}", state: directory}
      no_log: true
      loop: [silent-path-2]
"""
LONG = "eyJhbGciOi" * 30


def test_a_secret_that_is_read_in_a_roundabout_way_is_hidden_all_the_same(
    project: Path, lab: TestLab
) -> None:
    (project / "site.yml").write_text(ROUNDABOUT)
    (project / "templates").mkdir()
    (project / "templates" / "outer.j2").write_text("{% include 'inner.j2' %}\n")
    (project / "templates" / "inner.j2").write_text("pw={{ pass | upper }}")
    (project / "files").mkdir()
    (project / "files" / "vaulted.txt").write_text("file-horse-4\n")
    (project / "group_vars").mkdir()
    (project / "group_vars" / "all.yml").write_text(
        f"pass: '{PASSWORD}'\npin: 47114711\nlong: {LONG}\nnested:\n  db: {{password: nested-horse-8}}\n"
        "  users: [{name: ann, password: list-horse-1}]\n"
    )
    (project / "pass").write_text("vault-word")
    for name in ("group_vars/all.yml", "files/vaulted.txt"):
        run([str(BIN / "ansible-vault"), "encrypt", "--vault-password-file", "pass", name])
    for host in ("web-1", "web-2"):
        lab.sh(
            host,
            f"mkdir -p /srv/round && cd /srv/round && for f in vars all host hosts include file pin; do "
            f"echo {ON_SERVER.upper()} > $f; chmod 0644 $f; done",
        )
    seen = [PASSWORD, PASSWORD[::-1], ON_SERVER, "nested-horse", "list-horse", "file-horse", "47114711"]
    seen += ["silent-word", "silent-path", "kept-silent", LONG[:20]]
    for options in (["-o", "human", "-vvv", "--unknown"], ["-o", "json"], ["-o", "junit"]):
        scan = undrift(
            "scan", "site.yml", "-i", str(lab.inventory), "--vault-password-file", "pass", *options
        )
        assert scan.status == 4, scan.stderr
        told = (scan.stdout + scan.stderr).lower()
        assert [value for value in seen if value.lower() in told] == []
        assert "/srv/round/hosts" in told


def test_nothing_that_a_server_answers_is_evaluated(project: Path, lab: TestLab) -> None:
    evil = "{{ lookup('pipe', 'touch evaluated') }}"
    lab.sh("web-2", f"printf '%s' \"{evil}\" > /srv/evil")
    (project / "evil.yml").write_text("""\
- hosts: web-2
  gather_facts: false
  tasks:
    - ansible.builtin.command: cat /srv/evil
      changed_when: false
      register: answer
    - ansible.builtin.slurp: {src: /srv/evil}
      register: slurped
    - ansible.builtin.set_fact: {kept: "{{ answer.stdout }}", decoded: "{{ slurped.content | b64decode }}"}
    - ansible.builtin.copy: {dest: /srv/copied, content: "{{ kept }}{{ decoded }}{{ answer.stdout_lines[0] }}"}
    - ansible.builtin.file: {path: "/srv/{{ answer.stdout | hash('md5') }}", state: absent}
      when: answer.stdout is defined
""")
    scan = lab.scan("evil.yml")
    assert scan.status == 2, scan.stdout
    (copied,) = findings(scan.report, "web-2")
    assert copied["diff"].count("lookup('pipe'") == 3
    assert not (project / "evaluated").exists()
