"""JUnit XML: a suite a host. Drift is a failure, a failed check an error, what nobody can preview is skipped."""

from __future__ import annotations

from xml.etree import ElementTree as ET

from undrift.model.finding import Finding
from undrift.model.report import HostReport, ScanReport, is_failed_check
from undrift.model.verdict import Verdict
from undrift.render.details import difference_line
from undrift.render.texts import every_text, on_one_line, visible

FAILURES = frozenset({Verdict.DRIFTED, Verdict.PENDING})


def render(report: ScanReport) -> str:
    """The document as text; control characters, which XML cannot carry, are made visible."""
    suites = ET.Element("testsuites", name="undrift scan", time=f"{report.duration_s:.3f}")
    for host in every_text(report, visible).hosts:
        suites.append(_suite(host))
    ET.indent(suites)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(suites, encoding="unicode") + "\n"


def _suite(host: HostReport) -> ET.Element:
    cases = [_case(host, finding) for finding in host.findings]
    in_sync = host.tasks.get(Verdict.IN_SYNC, 0)
    if in_sync:
        cases.append(_in_sync(host, in_sync))
    if host.error is not None:
        case = ET.Element("testcase", classname=host.name, name="reached")
        ET.SubElement(case, "error", type=host.error.code, message=host.error.text)
        cases.append(case)
    suite = ET.Element(
        "testsuite",
        name=host.name,
        tests=str(len(cases)),
        failures=str(sum(case.find("failure") is not None for case in cases)),
        errors=str(sum(case.find("error") is not None for case in cases)),
        skipped=str(sum(case.find("skipped") is not None for case in cases)),
    )
    suite.extend(cases)
    return suite


def _in_sync(host: HostReport, tasks: int) -> ET.Element:
    """One case for all tasks in sync: it passes, so that the host is seen, and keeps its name from scan to scan."""
    case = ET.Element("testcase", classname=host.name, name="in sync")
    ET.SubElement(
        case, "system-out"
    ).text = f"{tasks} tasks in sync, {host.checked} of {host.checkable} checked"
    return case


def _case(host: HostReport, finding: Finding) -> ET.Element:
    name = f"{finding.resource} ({finding.task})" + (f" [{finding.item}]" if finding.item else "")
    case = ET.Element(
        "testcase", classname=host.name, name=on_one_line(name), file=finding.file, line=str(finding.line)
    )
    text = "\n".join([*map(difference_line, finding.differences), finding.diff]).strip()
    if finding.verdict in FAILURES:
        ET.SubElement(case, "failure", type=finding.verdict.value, message=str(finding.resource)).text = text
    elif finding.verdict is Verdict.FAILED or is_failed_check(finding):
        message = finding.reason.text if finding.reason else "failed"
        ET.SubElement(case, "error", type=finding.verdict.value, message=message)
    elif finding.verdict is Verdict.UNKNOWN and finding.reason:
        ET.SubElement(case, "skipped", message=finding.reason.text)
    return case
