"""The whole of a scan, against real servers."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from jsonschema import validate
from labs import TestLab, findings, undrift

import undrift as package

pytestmark = pytest.mark.lab

NGINX = """\
- name: Web servers
  hosts: web
  tasks:
    - name: Ensure nginx config is correct
      ansible.builtin.template:
        src: nginx.conf.j2
        dest: /etc/nginx/nginx.conf
      notify: restart nginx
    - name: Verify service is running
      ansible.builtin.systemd:
        name: nginx
        state: started
        enabled: true
  handlers:
    - name: restart nginx
      ansible.builtin.systemd: {name: nginx, state: restarted}
"""
TEMPLATE = """\
worker_processes 2;
events { worker_connections {{ connections | default(512) }}; }
http { server { listen 80; location / { return 200 "{{ inventory_hostname }}"; } } }
"""


@pytest.fixture
def nginx(project: Path, lab: TestLab) -> Path:
    """The playbook of an ordinary web server, applied to all of them."""
    (project / "templates").mkdir()
    (project / "templates" / "nginx.conf.j2").write_text(TEMPLATE)
    playbook = project / "site.yml"
    playbook.write_text(NGINX)
    applied = lab.play(playbook)
    assert applied.status == 0, applied.stdout
    return playbook


def test_servers_as_the_playbook_wants_them_are_in_sync(lab: TestLab, nginx: Path) -> None:
    scan = lab.scan(nginx)
    assert scan.status == 0, scan.stdout
    assert scan.report["summary"] | {"coverage": 0} == {
        "hosts": 3,
        "in_sync": 3,
        "drifted": 0,
        "pending": 0,
        "unknown": 0,
        "failed": 0,
        "accepted": 0,
        "unreachable": 0,
        "tasks": 6,
        "coverage": 0,
    }
    assert scan.report["summary"]["coverage"] == 100


def test_drift_by_hand_is_told_with_its_diff_and_the_line_that_asks_otherwise(
    lab: TestLab, nginx: Path
) -> None:
    lab.sh("web-2", "sed -i 's/512/42/' /etc/nginx/nginx.conf; systemctl disable --now nginx")
    scan = lab.scan(nginx)
    assert scan.status == 2
    assert {host["name"]: host["verdict"] for host in scan.report["hosts"]} == {
        "web-1": "in_sync",
        "web-2": "drifted",
        "web-3": "in_sync",
    }
    config, service = findings(scan.report, "web-2")
    assert (config["resource"], config["line"]) == ({"kind": "file", "id": "/etc/nginx/nginx.conf"}, 4)
    assert "-events { worker_connections 42; }" in config["diff"]
    assert "+events { worker_connections 512; }" in config["diff"]
    assert config["would_notify"] == ["restart nginx"]
    assert service["resource"] == {"kind": "service", "id": "nginx"}
    assert {one["field"]: (one["want"], one["have"]) for one in service["differences"]} == {
        "state": ("started", "stopped"),
        "enabled": (True, False),
    }


def test_a_report_keeps_to_the_schema_that_is_shipped(lab: TestLab, nginx: Path) -> None:
    lab.sh("web-3", "chmod 0600 /etc/nginx/nginx.conf; rm -f /etc/nginx/nginx.conf")
    report = lab.scan(nginx).report
    schema = json.loads((Path(package.__file__).parent / "render" / "scan.schema.json").read_text())
    validate(report, schema)


def test_what_people_read_names_the_host_the_file_and_the_next_command(lab: TestLab, nginx: Path) -> None:
    lab.sh("web-1", "echo '# by hand' >> /etc/nginx/nginx.conf")
    told = undrift("scan", str(nginx), "-i", str(lab.inventory), "-l", "web-1")
    assert told.status == 2
    assert "web-1" in told.stdout
    assert "-# by hand" in told.stdout
    assert "site.yml:4" in told.stdout
    assert "next: undrift scan" in told.stdout
    assert "\033[" not in told.stdout
