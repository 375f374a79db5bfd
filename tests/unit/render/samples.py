"""Findings, hosts and reports to render."""

from __future__ import annotations

from undrift.model.finding import Difference, Finding, Reason, Resource
from undrift.model.report import HostError, HostReport, ScanReport
from undrift.model.verdict import ReasonClass, Verdict


def finding(verdict: Verdict, **more) -> Finding:
    fields = {
        "task": "nginx configuration",
        "action": "ansible.builtin.template",
        "file": "/play/site.yml",
        "line": 7,
        "resource": Resource(kind="file", id="/etc/nginx.conf"),
        "fingerprint": "f1",
    }
    return Finding(verdict=verdict, **{**fields, **more})


DRIFT = finding(
    Verdict.DRIFTED,
    differences=(Difference(field="mode", want="0644", have="0600"),),
    diff="--- a\n+++ b\n@@ -1 +1 @@\n-old\n+new\n",
    would_notify=("restart nginx",),
)
UNKNOWN = finding(
    Verdict.UNKNOWN, reason=Reason(kind=ReasonClass.UNPREVIEWABLE, text="nobody knows"), fingerprint="f2"
)
BROKEN = finding(
    Verdict.UNKNOWN, reason=Reason(kind=ReasonClass.FAILED, text="no answer in 30 s"), fingerprint="f3"
)
FAILED = finding(
    Verdict.FAILED,
    reason=Reason(kind=ReasonClass.FAILED, text="Destination does not exist"),
    fingerprint="f4",
)
ACT = finding(Verdict.ACT, fingerprint="f5")


def report(*hosts: HostReport, **more) -> ScanReport:
    fields = {
        "run_id": "r1",
        "playbook": "site.yml",
        "revision": "",
        "dirty": False,
        "started_at": "2026-01-01T00:00:00+00:00",
        "duration_s": 1.5,
        "versions": {"undrift": "0", "ansible_core": "2.19"},
    }
    return ScanReport(hosts=hosts, **{**fields, **more})


def host(name: str, *findings: Finding, in_sync: int = 1, error: HostError | None = None) -> HostReport:
    tasks = {Verdict.IN_SYNC: in_sync}
    for one in findings:
        tasks[one.verdict] = tasks.get(one.verdict, 0) + 1
    return HostReport(name=name, findings=findings, tasks=tasks, error=error)


GONE = HostReport(
    name="db", error=HostError(code="host.unreachable", text="connection refused", help="is sshd running?")
)
