"""What is the same on several hosts, so that it is told once."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TypeVar

from undrift.model.finding import Finding
from undrift.model.report import HostError, HostReport, ScanReport
from undrift.model.verdict import Verdict
from undrift.render.view import View, told

#: What is alike on at least so many hosts is told once for all of them.
SHARED = 3

#: A fingerprint, why, and whether a run would have stopped before it.
Likeness = tuple[str, str, bool]
#: Code, text and help of an error, without what is the host's own in them.
Trouble = tuple[str, str, str]
K = TypeVar("K")

PLACE = re.compile(r"([^\s()\[\]]+|\[[^\s\]]+\]):\d+\b")
ADDRESS = re.compile(r"\b\d{1,3}(?:\.\d{1,3}){3}\b")


def likeness(finding: Finding) -> Likeness:
    """The same for findings that read alike."""
    return finding.fingerprint, finding.reason.text if finding.reason else "", finding.after_failure


def trouble(host: HostReport, error: HostError) -> Trouble:
    """The same for errors that read alike but for the host's own name and address."""
    own = {host.name, *(found.strip("[]") for found in PLACE.findall(error.text))}

    def without(text: str) -> str:
        for word in sorted(own, key=len, reverse=True):
            text = text.replace(word, "…")
        return ADDRESS.sub("…", text)

    return error.code, without(error.text), without(error.help)


def shared_findings(report: ScanReport, view: View) -> dict[Likeness, tuple[str, ...]]:
    """The hosts of what is told and alike on many of them, the most hosts first."""
    found: dict[Likeness, dict[str, None]] = {}
    for host in report.hosts:
        for finding in told(host, view):
            found.setdefault(likeness(finding), {})[host.name] = None
    return _of_many(found)


def shared_errors(report: ScanReport) -> dict[Trouble, tuple[str, ...]]:
    """The hosts of an error that is alike on many of them, the most hosts first."""
    found: dict[Trouble, dict[str, None]] = {}
    for host in report.hosts:
        if host.error is not None:
            found.setdefault(trouble(host, host.error), {})[host.name] = None
    return _of_many(found)


def by_hosts(shared: Mapping[K, tuple[str, ...]]) -> dict[tuple[str, ...], list[K]]:
    """{hosts: what they share}, in the same order."""
    found: dict[tuple[str, ...], list[K]] = {}
    for key, hosts in shared.items():
        found.setdefault(hosts, []).append(key)
    return found


def in_sync(report: ScanReport) -> dict[tuple[int, int], list[str]]:
    """{(checked, checkable): hosts in sync}, the most hosts first."""
    found: dict[tuple[int, int], list[str]] = {}
    for host in report.hosts:
        if host.verdict is Verdict.IN_SYNC:
            found.setdefault((host.checked, host.checkable), []).append(host.name)
    return dict(sorted(found.items(), key=lambda entry: -len(entry[1])))


def _of_many(found: Mapping[K, Mapping[str, None]]) -> dict[K, tuple[str, ...]]:
    many = {key: tuple(hosts) for key, hosts in found.items() if len(hosts) >= SHARED}
    return dict(sorted(many.items(), key=lambda entry: -len(entry[1])))
