"""JSON, format_version 1.0: scan.schema.json beside this file is its contract. Only additions within a major version."""

from __future__ import annotations

import json
import re
from typing import Any

from undrift.model.correction import Correction, outcome_of
from undrift.model.finding import Finding
from undrift.model.report import HostReport, ScanReport
from undrift.model.verdict import Verdict
from undrift.render.texts import encodable, every_text

FORMAT_VERSION = "1.0"

#: The verdicts that are counted for every host, in this order.
COUNTED = (
    Verdict.IN_SYNC,
    Verdict.DRIFTED,
    Verdict.PENDING,
    Verdict.UNKNOWN,
    Verdict.FAILED,
    Verdict.SKIPPED,
    Verdict.ACCEPTED,
    Verdict.ACT,
)


#: Valid in JSON as they are, and orders to a terminal that shows it.
ORDERS = re.compile("[\x7f-\x9f]")


def render(report: ScanReport) -> str:
    """The whole report as one indented document, with a newline at its end."""
    return _text(whole(report), indent=2)


def render_lines(report: ScanReport) -> str:
    """A line a host, then one with the summary."""
    lines = [{"type": "host", **host(one)} for one in report.hosts]
    return "".join(map(_text, [*lines, {"type": "summary", **head(report)}]))


def render_correction(correction: Correction) -> str:
    """The plan as a scan is rendered; of what became of it also each finding's outcome, and each host's."""
    done = correction.done
    document = {
        "format_version": FORMAT_VERSION,
        "command": "correct",
        "run_id": correction.run_id,
        "declined": correction.declined,
        "plan": {**whole(correction.plan), "touches": list(correction.hosts)},
        "done": None,
    }
    if done is not None:
        hosts = [{**host(one), "outcome": outcome_of(one).value} for one in done.hosts]
        document["done"] = {**head(done), "command": "correct", "hosts": hosts}
    return _text(document, indent=2)


def _text(value: dict[str, Any], indent: int | None = None) -> str:
    """JSON that is UTF-8 whatever the servers said."""
    text = json.dumps(value, indent=indent, ensure_ascii=False)
    if encodable(text) != text:
        text = json.dumps(every_text(value, encodable), indent=indent, ensure_ascii=False)
    return ORDERS.sub(lambda found: f"\\u{ord(found.group()):04x}", text) + "\n"


def whole(report: ScanReport) -> dict[str, Any]:
    """The document as scan.schema.json has it, before it is text."""
    return {**head(report), "hosts": [host(one) for one in report.hosts]}


def head(report: ScanReport) -> dict[str, Any]:
    """The document without its hosts: what is said of the scan as a whole."""
    return {
        "format_version": FORMAT_VERSION,
        "command": "scan",
        "run_id": report.run_id,
        "playbook": report.playbook,
        "revision": report.revision,
        "dirty": report.dirty,
        "started_at": report.started_at,
        "duration_s": report.duration_s,
        "interrupted": report.interrupted,
        "versions": dict(report.versions),
        "summary": summary(report),
        "ran": list(report.ran),
        "warnings": list(report.warnings),
    }


def summary(report: ScanReport) -> dict[str, Any]:
    """Hosts by verdict, tasks that apply, and the share of them that was checked, in percent."""
    verdicts = [one.verdict for one in report.hosts]
    words = (
        Verdict.IN_SYNC,
        Verdict.DRIFTED,
        Verdict.PENDING,
        Verdict.UNKNOWN,
        Verdict.FAILED,
        Verdict.ACCEPTED,
        Verdict.UNREACHABLE,
    )
    return {
        "hosts": len(report.hosts),
        **{word.value: verdicts.count(word) for word in words},
        "tasks": sum(one.checkable for one in report.hosts),
        "coverage": round(report.coverage, 1),
    }


def host(report: HostReport) -> dict[str, Any]:
    """A host's entry; its tasks are counted for each verdict of COUNTED, be it 0."""
    error = report.error
    return {
        "name": report.name,
        "verdict": report.verdict.value,
        "error": None if error is None else {"code": error.code, "text": error.text, "help": error.help},
        "tasks": {verdict.value: report.tasks.get(verdict, 0) for verdict in COUNTED},
        "notes": list(report.notes),
        "findings": [finding(one) for one in report.findings],
    }


def finding(one: Finding) -> dict[str, Any]:
    """A finding's entry. `class` is the reason's kind; null: there is none."""
    reason = one.reason
    return {
        "task": one.task,
        "action": one.action,
        "file": one.file,
        "line": one.line,
        "fingerprint": one.fingerprint,
        "resource": {"kind": one.resource.kind, "id": one.resource.id},
        "verdict": one.verdict.value,
        "item": one.item,
        "cause": one.cause,
        "reason": None if reason is None else {"class": reason.kind.value, "text": reason.text},
        "would_notify": list(one.would_notify),
        "differences": [
            {"field": each.field, "want": each.want, "have": each.have} for each in one.differences
        ],
        "diff": one.diff,
        "truncated": one.truncated,
        "concealed": one.concealed,
        "after_failure": one.after_failure,
        **({} if one.outcome is None else {"outcome": one.outcome, "undo": one.undo}),
    }
