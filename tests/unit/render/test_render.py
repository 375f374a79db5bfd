"""Reports as text."""

from __future__ import annotations

import base64
import html
import json
import shlex
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from jsonschema import validate

import undrift
from undrift.exits import Exit
from undrift.model.finding import Difference, Finding, Reason, Resource
from undrift.model.report import HostError, HostReport, ScanReport
from undrift.model.verdict import ReasonClass, Verdict
from undrift.render import as_json, human, junit
from undrift.render.human import View
from undrift.render.mask import Mask
from undrift.render.style import Style, wants_color
from undrift.scan.outcome import exit_of

SCHEMA = json.loads((Path(undrift.__file__).parent / "render" / "scan.schema.json").read_text())


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


@pytest.mark.parametrize(
    ("one", "options", "status"),
    [
        (report(host("a")), {}, Exit.DONE),
        (report(host("a", DRIFT)), {}, Exit.DIFFERS),
        (report(host("a", UNKNOWN)), {}, Exit.DONE),
        (report(host("a", UNKNOWN)), {"strict": True}, Exit.INCOMPLETE),
        (report(host("a", UNKNOWN)), {"min_coverage": 90}, Exit.INCOMPLETE),
        (report(host("a", UNKNOWN)), {"min_coverage": 50}, Exit.DONE),
        (report(host("a", BROKEN)), {}, Exit.INCOMPLETE),
        (report(host("a", FAILED)), {}, Exit.INCOMPLETE),
        (report(host("a", ACT)), {"strict": True}, Exit.DONE),
        (report(host("a", DRIFT), GONE), {}, Exit.INCOMPLETE),
        (report(host("a", DRIFT), interrupted=True), {}, Exit.INTERRUPTED),
    ],
)
def test_the_exit_code_says_the_worst_that_is_true(one: ScanReport, options: dict, status: Exit) -> None:
    assert exit_of(one, **options) == status


@pytest.mark.parametrize(
    ("one", "verdict"),
    [
        (host("a"), "in_sync"),
        (host("a", ACT), "in_sync"),
        (host("a", UNKNOWN), "in_sync"),
        (host("a", BROKEN), "unknown"),
        (host("a", FAILED), "failed"),
        (host("a", DRIFT, FAILED), "drifted"),
        (GONE, "unreachable"),
    ],
)
def test_a_hosts_verdict_is_the_worst_of_its_tasks(one: HostReport, verdict: str) -> None:
    assert one.verdict == verdict


def test_json_keeps_to_its_schema_and_the_schema_to_our_words() -> None:
    validate(as_json.whole(report(host("a", DRIFT, UNKNOWN, FAILED, ACT), GONE, ran=("x",))), SCHEMA)
    words = SCHEMA["properties"]["hosts"]["items"]["properties"]["verdict"]["enum"]
    assert set(words) == set(Verdict) - {Verdict.SKIPPED, Verdict.ACT}


def test_json_lines_are_a_line_a_host_and_a_summary() -> None:
    lines = [json.loads(line) for line in as_json.render_lines(report(host("a"), host("b"))).splitlines()]
    assert [line["type"] for line in lines] == ["host", "host", "summary"]


def test_junit_counts_drift_as_failures_and_failed_checks_as_errors() -> None:
    suites = ET.fromstring(junit.render(report(host("a", DRIFT, UNKNOWN, BROKEN), GONE)))
    counts = {
        suite.get("name"): [suite.get(key) for key in ("tests", "failures", "errors", "skipped")]
        for suite in suites
    }
    assert counts == {"a": ["4", "1", "1", "1"], "db": ["1", "0", "1", "0"]}


def test_junit_carries_what_xml_cannot() -> None:
    odd = finding(Verdict.DRIFTED, diff="\x00\x1b[31m\ud800", resource=Resource(kind="file", id="/a&<b>\x01"))
    ET.fromstring(junit.render(report(host("a", odd))))


def test_people_see_host_line_diff_handler_and_what_to_type_next() -> None:
    text = human.render(
        report(host("web-2", DRIFT), host("web-1")), View(next_command="undrift scan site.yml")
    )
    for part in (
        "web-2",
        "1 drifted",
        "site.yml:7",
        "mode: want 0644, have 0600",
        "-old",
        "+new",
        "restart nginx",
    ):
        assert part in text
    assert "1 in sync · 1 drifted" in text
    assert text.rstrip().endswith("next: undrift scan site.yml -l web-2 -v")


def test_with_unknowns_the_end_never_says_just_in_sync() -> None:
    text = human.render(report(host("a", UNKNOWN)))
    assert "1 of 2 tasks checked (50 %)" in text
    assert "could not be previewed" in text
    assert "nobody knows" not in text
    assert "nobody knows" in human.render(report(host("a", UNKNOWN)), View(unknown=True))


def test_the_same_drift_on_many_hosts_is_told_once() -> None:
    text = human.render(report(*(host(f"web-{n}", DRIFT) for n in range(40))))
    assert text.count("mode: want 0644") == 1
    assert "40 of 40 hosts the same" in text


def test_an_unreachable_host_says_why_and_what_to_try() -> None:
    text = human.render(report(GONE))
    assert "connection refused" in text
    assert "help: is sshd running?" in text


@pytest.mark.parametrize(
    ("environment", "terminal", "color"),
    [
        ({}, True, True),
        ({}, False, False),
        ({"NO_COLOR": "1"}, True, False),
        ({"FORCE_COLOR": "1"}, False, True),
        ({"TERM": "dumb"}, True, False),
        ({"NO_COLOR": "1", "FORCE_COLOR": "1"}, True, False),
    ],
)
def test_color_follows_the_environment(environment: dict, terminal: bool, color: bool) -> None:
    assert wants_color(environment, terminal=terminal) is color


def test_without_color_there_is_no_escape() -> None:
    assert "\033" not in human.render(report(host("a", DRIFT, UNKNOWN), GONE))
    assert "\033" in human.render(report(host("a", DRIFT)), View(style=Style(color=True)))


@pytest.mark.parametrize(
    "shown",
    ["s3cret-word", "czNjcmV0LXdvcmQ=", "x s3cret-word y", '{"a": "s3cret-word"}', "https://u:s3cret-word@h"],
)
def test_a_secret_is_masked_in_whatever_form(shown: str) -> None:
    masked = Mask(["s3cret-word"]).text(shown)
    assert "s3cret" not in masked
    assert "czNj" not in masked


@pytest.mark.parametrize("before", ["", "u", "us", "user:"])
@pytest.mark.parametrize("behind", ["", "!", "!!"])
def test_a_secret_is_masked_inside_the_base64_of_a_longer_text(before: str, behind: str) -> None:
    shown = base64.b64encode(f"{before}s3cret-word-9{behind}".encode()).decode()
    masked = Mask(["s3cret-word-9"]).text(shown)
    assert "«secret»" in masked
    assert len(masked) - len("«secret»") <= len(shown) - 15


@pytest.mark.parametrize("form", [repr, json.dumps, html.escape, shlex.quote, lambda text: repr([text, "'"])])
def test_a_secret_with_quotes_is_masked_as_programs_quote_it(form) -> None:
    secret = "pa\"ss\\wo'rd & <9>"
    assert "ss" not in Mask([secret]).text(form(secret)).replace("«secret»", "")


def test_a_masked_report_is_still_one() -> None:
    masked = Mask(["old"]).value(report(host("a", DRIFT)))
    assert "-old" in masked.hosts[0].findings[0].diff
    masked = Mask(["nginx configuration"]).value(report(host("a", DRIFT)))
    assert masked.hosts[0].findings[0].task == "«secret»"
    validate(as_json.whole(masked), SCHEMA)


def test_every_line_of_a_long_secret_is_masked() -> None:
    mask = Mask(["first-line-of-it\nsecond-line-of-it\n"])
    assert mask.text("xx second-line-of-it") == "xx «secret»"
