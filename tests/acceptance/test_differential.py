"""
The same tasks through `ansible-playbook --check --diff` and through `undrift scan`, on the same server: they agree, or
the case says why Ansible is wrong. A file of cases in tests/cases/differential is all it takes to add one.
"""

from __future__ import annotations

import json
import shutil
from itertools import cycle
from pathlib import Path

import pytest
import yaml
from labs import WITH_COLLECTIONS, TestLab

pytestmark = pytest.mark.lab

CASES = Path(__file__).parents[1] / "cases" / "differential"
FILES = sorted(CASES.glob("*.yml"))
HOSTS = dict(zip([file.stem for file in FILES], cycle(["web-1", "web-2", "web-3", "db-1"])))

#: What Ansible calls what we call so.
SAME = {
    "in_sync": {"ok"},
    "drifted": {"changed"},
    "act": {"changed"},
    "failed": {"failed"},
    "unknown": {"skipped"},
    "skipped": {"skipped"},
}


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_undrift_says_what_ansible_says(file: Path, project: Path, lab: TestLab) -> None:
    cases = yaml.safe_load(file.read_text())
    assert len({case["case"] for case in cases}) == len(cases), "two cases of one name"
    host = HOSTS[file.stem]
    for folder in ("templates", "files"):
        shutil.copytree(CASES / folder, project / folder)
    _prepare(cases, host, project, lab)
    theirs = _ansible(cases, host, project, lab)
    ours = _undrift(cases, host, project, lab)
    wrong = []
    for number, case in enumerate(cases):
        for step in range(len(case["check"])):
            name = f"case {number}.{step}"
            wrong += _compare(case, step, theirs.get(name, "nothing"), ours.get(name, ("in_sync", "")))
    assert not wrong, "\n".join(wrong)


def _compare(case: dict, step: int, theirs: str, ours: tuple[str, str]) -> list[str]:
    """
    Complaints about one task of a case. `expect` speaks of the last one, and so does `differs`, unless it names the
    tasks by their numbers.
    """
    verdict, why = ours
    said = f"{case['case']}, task {step}: ansible {theirs}, undrift {verdict} {why}"
    agrees = theirs in SAME[verdict]
    last = len(case["check"]) - 1
    if step == last and verdict != case["expect"]:
        return [f"{said}; expected {case['expect']}"]
    differs = case.get("differs", {})
    if step in (differs if isinstance(differs, dict) else {last}):
        return [f"{said}: they agree, so that `differs` is out of date"] if agrees else []
    return [] if agrees else [said]


def _playbook(cases: list, host: str, *, part: str, ignore: bool) -> str:
    plays = []
    for number, case in enumerate(cases):
        tasks = [
            {"name": f"case {number}.{step}", **task, "ignore_errors": ignore} if part == "check" else task
            for step, task in enumerate(case.get(part, []))
        ]
        if tasks:
            plays.append(
                {
                    "hosts": host,
                    "gather_facts": bool(case.get("facts")),
                    "vars": case.get("vars", {}),
                    "tasks": tasks,
                }
            )
    return yaml.safe_dump(plays, sort_keys=False)


def _prepare(cases: list, host: str, project: Path, lab: TestLab) -> None:
    text = _playbook(cases, host, part="prepare", ignore=False)
    if text.strip() == "[]":
        return
    playbook = project / "prepare.yml"
    playbook.write_text(text)
    done = lab.play(playbook)
    assert done.status == 0, done.stdout


def _ansible(cases: list, host: str, project: Path, lab: TestLab) -> dict[str, str]:
    playbook, trace = project / "ansible.yml", project / "trace"
    playbook.write_text(_playbook(cases, host, part="check", ignore=True))
    done = lab.play(
        playbook,
        "--check",
        "--diff",
        UNDRIFT_TRACE=str(trace),
        ANSIBLE_CALLBACK_PLUGINS=str(Path(__file__).parents[1] / "callback"),
        ANSIBLE_CALLBACKS_ENABLED="trace",
    )
    assert trace.exists(), done.stdout + done.stderr
    lines = [json.loads(line) for line in trace.read_text().splitlines()]
    return {line["task"]: line["outcome"] for line in lines}


def _undrift(cases: list, host: str, project: Path, lab: TestLab) -> dict[str, tuple[str, str]]:
    """Task to (verdict, why): the worst of a task's findings."""
    playbook = project / "undrift.yml"
    playbook.write_text(_playbook(cases, host, part="check", ignore=False))
    scan = lab.scan(playbook, **WITH_COLLECTIONS)
    assert scan.stdout, scan.stderr
    told = sum(scan.report["hosts"][0]["tasks"].values())
    assert told >= sum(len(case["check"]) for case in cases), "the scan has lost a task"
    order = ["in_sync", "act", "drifted", "unknown", "failed"]
    found: dict[str, tuple[str, str]] = {}
    for finding in scan.report["hosts"][0]["findings"]:
        verdict = finding["verdict"]
        known = found.get(finding["task"], ("in_sync", ""))[0]
        if order.index(verdict) >= order.index(known):
            why = (finding["reason"] or {}).get("text", "") or str(finding["differences"])
            found[finding["task"]] = (verdict, why)
    return found
