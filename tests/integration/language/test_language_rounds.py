"""
Random playbooks through `ansible-playbook --check` and through `undrift scan`: every register and every variable holds
the same at the end, on every host. A seeded part is in every `make test`; `make long` goes on.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from labs import BIN, run, undrift
from plays import HOSTS, Writer

#: What differs from run to run, or is said by one of the two alone.
PASSING = {
    "start",
    "end",
    "delta",
    "invocation",
    "warnings",
    "deprecations",
    "diff",
    "exception",
    "failed_when_suppressed_exception",
    "stat",
}
ROLE = {
    "defaults/main.yml": {"size": 0, "from_role": "default {{ size }}"},
    "vars/main.yml": {"role_word": "inside"},
    "tasks/main.yml": [
        {"ansible.builtin.set_fact": {"from_role": "{{ size }} {{ role_word }} {{ role_name }}"}}
    ],
    "tasks/other.yml": [{"ansible.builtin.set_fact": {"from_role": "other {{ size }} {{ layered }}"}}],
}


@pytest.mark.parametrize("seed", range(6))
def test_a_playbook_means_what_it_means_to_ansible(seed: int, project: Path) -> None:
    _round(seed, project)


@pytest.mark.long
@pytest.mark.parametrize("seed", range(100, 220))
def test_a_playbook_means_what_it_means_to_ansible_in_many_forms(seed: int, project: Path) -> None:
    _round(seed, project)


def _round(seed: int, project: Path) -> None:
    writer = Writer(seed)
    plays = writer.playbook()
    _write(project, {"site.yml": plays, **writer.files})
    options = writer.random.choice(
        [[], [], [], ["-t", "a"], ["--skip-tags", "b"], ["-e", "layered=extra"], ["-l", "h1,h3"]]
    )
    theirs = _ansible(project, options)
    ours = _undrift(project, options)
    mine, wanted = dict(_leaves("", ours)), dict(_leaves("", theirs))
    differ = {
        path: f"{mine.get(path, '(none)')!r} and not {wanted.get(path, '(none)')!r}"
        for path in sorted(mine.keys() | wanted.keys())
        if mine.get(path, "(none)") != wanted.get(path, "(none)")
    }
    assert not differ, "\n".join(f"{path}: {said}" for path, said in differ.items())


def _write(project: Path, files: dict[str, Any]) -> None:
    lines = [f"{host} ansible_connection=local ansible_python_interpreter={BIN / 'python'}" for host in HOSTS]
    (project / "inventory.ini").write_text("\n".join([*lines, "[blue]", "h2", "h3"]) + "\n")
    files = {
        "group_vars/all.yml": {"layered": "group"},
        "host_vars/h3.yml": {"layered": "host"},
        "extra-h2.yml": {"extra": 2},
        "extra.yml": {"extra": 1},
        **{f"roles/small/{name}": content for name, content in ROLE.items()},
        **files,
    }
    for name, content in files.items():
        path = project / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(yaml.safe_dump(content, sort_keys=False, allow_unicode=True))
    (project / "files").mkdir()
    (project / "files" / "there.txt").write_text("there\n")
    (project / "templates").mkdir()
    (project / "templates" / "text.j2").write_text(
        "{% for one in words %}{{ one }} {{ layered }}\n{% endfor %}"
    )


def _ansible(project: Path, options: list[str]) -> dict[str, Any]:
    trace = project / "trace"
    done = run(
        [str(BIN / "ansible-playbook"), "site.yml", "-i", "inventory.ini", "--check", "--diff", *options],
        UNDRIFT_TRACE=str(trace),
        ANSIBLE_CALLBACK_PLUGINS=str(Path(__file__).parents[2] / "callback"),
        ANSIBLE_CALLBACKS_ENABLED="trace",
    )
    assert trace.exists(), done.stdout + done.stderr
    lines = [json.loads(line) for line in trace.read_text().splitlines()]
    dumps = {line["host"]: line["after"] for line in lines if line["task"] == "dump"}
    assert dumps, done.stdout[-3000:] + done.stderr
    return {host: _steady(json.loads(text)) for host, text in dumps.items()}


def _undrift(project: Path, options: list[str]) -> dict[str, Any]:
    scan = undrift("scan", "site.yml", "-i", "inventory.ini", "-o", "json", "--run-probes", *options)
    assert scan.stdout, scan.stderr
    found = {}
    for host in scan.report["hosts"]:
        for finding in host["findings"]:
            if finding["task"] == "dump":
                assert finding["diff"], finding
                text = "".join(line[1:] for line in finding["diff"].splitlines()[3:] if line.startswith("+"))
                found[host["name"]] = _steady(json.loads(text))
    assert found, scan.stdout[-3000:]
    return found


def _steady(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _steady(one) for key, one in value.items() if key not in PASSING}
    return [_steady(one) for one in value] if isinstance(value, list) else value


def _leaves(path: str, value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict | list) and value:
        pairs = value.items() if isinstance(value, dict) else enumerate(value)
        for key, one in pairs:
            yield from _leaves(f"{path}/{key}", one)
    else:
        yield path, value
