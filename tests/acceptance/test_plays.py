"""
What a play means: each case is a playbook, and the verdict of every task that is not in sync. A case more in
tests/cases/plays is a test more.
"""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from labs import TestLab

pytestmark = pytest.mark.lab

CASES = [
    case
    for file in sorted((Path(__file__).parents[1] / "cases" / "plays").glob("*.yml"))
    for case in yaml.safe_load(file.read_text())
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["case"])
def test_a_play_means_what_its_case_says(case: dict, project: Path, lab: TestLab) -> None:
    for name, content in case.get("files", {}).items():
        path = project / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content if isinstance(content, str) else yaml.safe_dump(content))
    (project / "site.yml").write_text(yaml.safe_dump(case["play"], sort_keys=False))
    scan = lab.scan("site.yml")
    assert scan.stdout, scan.stderr
    told = [finding for host in scan.report["hosts"] for finding in host["findings"]]
    verdicts = {one["task"].rpartition(" : ")[2]: one["verdict"] for one in told}
    reasons = [one["reason"] for one in told if one["reason"]]
    assert verdicts == case.get("expect", {}), reasons
    why = {one["task"]: one["reason"]["text"].replace(f"{project}/", "") for one in told if one["reason"]}
    assert case.get("because", {}).items() <= why.items()
    assert [one["reason"] for one in told if (one["reason"] or {}).get("class") == "failed"] == [
        one["reason"] for one in told if one["verdict"] == "failed"
    ]
    assert all(host["error"] is None for host in scan.report["hosts"])
    assert case.get("noted", "") in "".join(scan.report["hosts"][0]["notes"])
    for name in case.get("notified", []):
        assert name in told[0]["would_notify"]
