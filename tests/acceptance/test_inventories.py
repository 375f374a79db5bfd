"""Inventories and vaults of every kind that ansible-core reads."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from labs import BIN, TestLab, run

pytestmark = pytest.mark.lab

PLAY = """\
- hosts: all
  gather_facts: false
  tasks:
    - ansible.builtin.assert: {that: "word == 'yes' and 'web' in group_names"}
    - ansible.builtin.file: {path: /etc, state: directory}
"""


def _variables(lab: TestLab) -> dict[str, str]:
    known = f"-o UserKnownHostsFile={lab.folder / 'known_hosts'} -o IdentitiesOnly=yes"
    return {
        "ansible_host": lab.address("web-1"),
        "ansible_user": "root",
        "ansible_ssh_private_key_file": str(lab.lab.key),
        "ansible_ssh_common_args": known,
    }


def _ini(project: Path, lab: TestLab) -> str:
    words = " ".join(f"{name}='{value}'" for name, value in _variables(lab).items())
    (project / "hosts.ini").write_text(f"[web]\none {words}\n[web:vars]\nword=yes\n")
    return "hosts.ini"


def _yaml(project: Path, lab: TestLab) -> str:
    web = {"hosts": {"one": _variables(lab)}, "vars": {"word": "yes"}}
    (project / "hosts.yml").write_text(yaml.safe_dump({"all": {"children": {"web": web}}}))
    return "hosts.yml"


def _script(project: Path, lab: TestLab) -> str:
    said = {
        "web": {"hosts": ["one"], "vars": {"word": "yes"}},
        "_meta": {"hostvars": {"one": _variables(lab)}},
    }
    (project / "hosts.py").write_text(f"#!{BIN / 'python'}\nimport json\nprint(json.dumps({said!r}))\n")
    (project / "hosts.py").chmod(0o755)
    return "hosts.py"


def _folder(project: Path, lab: TestLab) -> str:
    folder = project / "inventory"
    folder.mkdir()
    words = " ".join(f"{name}='{value}'" for name, value in _variables(lab).items())
    (folder / "10-hosts").write_text(f"[machines]\none kind=web {words}\n")
    (folder / "20-constructed.yml").write_text(
        "plugin: ansible.builtin.constructed\nstrict: true\nkeyed_groups: [{key: kind, prefix: '', separator: ''}]\n"
        "compose: {composed: \"'y' ~ 'es'\"}\n"
    )
    (folder / "group_vars").mkdir()
    (folder / "group_vars" / "web.yml").write_text("word: '{{ composed }}'\n")
    return "inventory"


KINDS = {"INI": _ini, "YAML": _yaml, "an executable": _script, "a folder with a plugin": _folder}


@pytest.mark.parametrize("kind", KINDS)
def test_an_inventory_of_each_kind_is_read(kind: str, project: Path, lab: TestLab) -> None:
    (project / "site.yml").write_text(PLAY)
    scan = lab.scan("site.yml", inventory=project / KINDS[kind](project, lab))
    assert scan.status == 0, scan.stdout + scan.stderr
    assert scan.report["hosts"][0]["tasks"]["in_sync"] == 2


def test_a_limit_is_a_pattern(project: Path, lab: TestLab) -> None:
    (project / "site.yml").write_text(PLAY.replace("word == 'yes' and ", ""))
    scan = lab.scan("site.yml", "-l", "web:!web-3:&~web-[12]")
    assert [host["name"] for host in scan.report["hosts"]] == ["web-1", "web-2"]
    nobody = lab.scan("site.yml", "-l", "no-such-host")
    assert nobody.status == 1
    assert "no-such-host" in nobody.stderr


def test_several_vaults_are_opened_each_by_its_own_password(project: Path, lab: TestLab) -> None:
    (project / "one").write_text("first-word")
    (project / "two").write_text("#!/bin/sh\necho second-word\n")
    (project / "two").chmod(0o755)
    (project / "group_vars" / "web").mkdir(parents=True)
    for label in ("one", "two"):
        file = project / "group_vars" / "web" / f"{label}.yml"
        file.write_text(f"{label}: secret-of-{label}\n")
        done = run([str(BIN / "ansible-vault"), "encrypt", "--vault-id", f"{label}@{label}", str(file)])
        assert done.status == 0, done.stderr
    (project / "site.yml").write_text(
        "- hosts: web-1\n  gather_facts: false\n  tasks:\n"
        "    - ansible.builtin.assert: {that: \"one == 'secret-of-one' and two == 'secret-of-two'\"}\n"
    )
    assert lab.scan("site.yml", "--vault-id", "one@one", "--vault-id", "two@two").status == 0
    closed = lab.scan("site.yml", "--vault-id", "one@one")
    assert closed.status == 1
    assert "error[vault]" in closed.stderr
    assert "secret-of" not in closed.stdout + closed.stderr
