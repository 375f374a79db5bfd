"""JUnit XML: a suite a host. Drift is a failure, a failed check an error, what nobody can preview is skipped."""

from __future__ import annotations

from xml.etree import ElementTree as ET

from undrift.model.finding import Finding
from undrift.model.report import HostReport, ScanReport, is_failed_check
from undrift.model.verdict import Verdict
from undrift.render.human import difference_line

FAILURES = frozenset({Verdict.DRIFTED, Verdict.PENDING})


def render(report: ScanReport) -> str:
    suites = ET.Element("testsuites", name="undrift scan", time=f"{report.duration_s:.3f}")
    for host in report.hosts:
        suites.append(_suite(host))
    ET.indent(suites)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(suites, encoding="unicode") + "\n"


def _suite(host: HostReport) -> ET.Element:
    cases = [_case(host, finding) for finding in host.findings]
    in_sync = host.tasks.get(Verdict.IN_SYNC, 0)
    cases += [ET.Element("testcase", classname=host.name, name=f"in sync {n + 1}") for n in range(in_sync)]
    if host.error is not None:
        case = ET.Element("testcase", classname=host.name, name="reached")
        ET.SubElement(case, "error", type=host.error.code, message=_clean(host.error.text))
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


def _case(host: HostReport, finding: Finding) -> ET.Element:
    name = f"{finding.resource} ({finding.task})" + (f" [{finding.item}]" if finding.item else "")
    case = ET.Element(
        "testcase", classname=host.name, name=_clean(name), file=finding.file, line=str(finding.line)
    )
    text = _clean("\n".join([*map(difference_line, finding.differences), finding.diff]).strip())
    if finding.verdict in FAILURES:
        ET.SubElement(
            case, "failure", type=finding.verdict.value, message=_clean(str(finding.resource))
        ).text = text
    elif finding.verdict is Verdict.FAILED or is_failed_check(finding):
        message = finding.reason.text if finding.reason else "failed"
        ET.SubElement(case, "error", type=finding.verdict.value, message=_clean(message))
    elif finding.verdict is Verdict.UNKNOWN and finding.reason:
        ET.SubElement(case, "skipped", message=_clean(finding.reason.text))
    return case


def _clean(text: str) -> str:
    """Without the characters that XML cannot carry."""
    return "".join(char for char in text if char in "\t\n" or (" " <= char <= "\ud7ff") or char >= "\ue000")
