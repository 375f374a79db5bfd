"""Roles that others wrote and many use: nothing crashes, and how much could be checked is said."""

from __future__ import annotations

from pathlib import Path

import pytest
from labs import WITH_COLLECTIONS, TestLab

pytestmark = pytest.mark.lab

ROLES = {
    "grafana.grafana.tempo": {},
    "community.mongodb.mongodb_linux": {},
    "community.mongodb.mongodb_mongod": {},
    "community.mongodb.mongodb_repository": {},
    "community.proxysql.proxysql": {},
    "community.sops.install": {},
    "community.zabbix.zabbix_agent": {"zabbix_agent_server": "192.0.2.1", "zabbix_api_create_hosts": False},
    "grafana.grafana.alloy": {},
    "grafana.grafana.loki": {},
    "grafana.grafana.promtail": {},
}


@pytest.mark.parametrize("role", ROLES)
def test_a_role_of_others_is_scanned(role: str, project: Path, lab: TestLab) -> None:
    variables = "".join(f"    {name}: {value}\n" for name, value in ROLES[role].items())
    (project / "site.yml").write_text(
        f"- hosts: web-3\n  vars:\n    unused: 1\n{variables}  roles:\n    - role: {role}\n"
    )
    scan = lab.scan("site.yml", "--deadline", "20", **WITH_COLLECTIONS)
    assert scan.status in {0, 2, 4}, scan.stderr
    assert "defect" not in scan.stderr
    (host,) = scan.report["hosts"]
    assert host["error"] is None
    assert sum(host["tasks"].values()) > 3
    assert scan.report["summary"]["coverage"] > 0
    crashes = [
        one["reason"]["text"]
        for one in host["findings"]
        if one["reason"]
        and any(word in one["reason"]["text"] for word in ("Error:", "broke off", "unspeakable"))
    ]
    assert not crashes
