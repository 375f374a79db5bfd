"""Answers become findings."""

from __future__ import annotations

import difflib
import hashlib
import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from undrift.agent.wire import UNSHOWN
from undrift.errors import PlaybookError
from undrift.model.finding import Difference, Finding, Reason, Resource
from undrift.model.report import HostError, HostReport
from undrift.model.secret import HIDDEN
from undrift.model.verdict import ReasonClass, Verdict
from undrift.playbook.faults import Fault
from undrift.playbook.memory import StillOut, Untellable
from undrift.playbook.plays import Story, no_handler
from undrift.walk.keywords import notifications
from undrift.walk.slots import Slot

#: What is said of a message that may hold a secret.
NOT_SHOWN = "what it says may hold a secret and is not shown"
#: Findings of these verdicts are told one by one; the others are counted.
TOLD = frozenset(
    {Verdict.DRIFTED, Verdict.PENDING, Verdict.UNKNOWN, Verdict.FAILED, Verdict.ACCEPTED, Verdict.ACT}
)


def report(host: str, slots: Sequence[tuple[Story, Slot]], error: HostError | None) -> HostReport:
    """All that was found on one host, in the order of the playbook."""
    counts: Counter[Verdict] = Counter()
    told: list[Finding] = []
    notes: dict[str, None] = {}
    failed = False
    for story, slot in slots:
        if slot.quiet or slot.discarded or slot.rescued or not slot.done:
            continue
        # The walks are over: what names and notifications read of other hosts is in.
        slot.scope.fallen = slot.scope.fallen or frozenset()
        notes.update({str(one["note"]): None for one in slot.resources if one.get("note")})
        for finding in findings(story, slot, after_failure=failed):
            counts[finding.verdict] += 1
            if finding.verdict in TOLD:
                told.append(finding)
        failed |= slot.failed and not slot.ignored
    return HostReport(name=host, findings=tuple(told), error=error, tasks=dict(counts), notes=tuple(notes))


def findings(story: Story, slot: Slot, *, after_failure: bool) -> Iterator[Finding]:
    """One for each resource that the task is about; at least one."""
    if slot.skipped:
        yield _finding(slot, slot.about, Verdict.SKIPPED)
    elif slot.reason is not None:
        yield _finding(slot, slot.about, Verdict.UNKNOWN, reason=slot.reason, after_failure=after_failure)
    elif slot.failed:
        yield _failure(slot, after_failure=after_failure)
    elif not slot.resources:
        acted = slot.ran or slot.is_applied
        verdict = Verdict.ACT if acted and slot.changed else Verdict.IN_SYNC
        yield _finding(slot, slot.about, verdict, after_failure=after_failure)
    else:
        notified = _notified(story, slot)
        nobody = [name for name in notified if story.insists_on_handlers and not story.handler_names(name)]
        for resource in slot.resources:
            finding = _of_resource(slot, resource, notified, after_failure=after_failure)
            yield _unhandled(finding, nobody[0]) if nobody and finding.would_notify else finding


def _of_resource(
    slot: Slot, resource: dict[str, Any], notified: tuple[str, ...], *, after_failure: bool
) -> Finding:
    evidence = resource.get("evidence") or {}
    differs = bool(resource["differences"] or evidence)
    verdict = Verdict.DRIFTED if differs else Verdict.ACT if resource.get("act") else Verdict.IN_SYNC
    if slot.step.changed_when and not slot.changed:
        # The playbook says that what differs here is none of its business.
        verdict = Verdict.IN_SYNC
    hidden = slot.hidden
    return _finding(
        slot,
        slot.about if slot.secret_id else (str(resource["kind"]), str(resource["id"])),
        verdict,
        differences=[*_differences(resource["differences"], hidden=hidden), *_content(evidence)],
        diff="" if hidden else unified(evidence),
        truncated=bool(evidence.get("truncated")),
        concealed=bool(evidence.get("concealed")) or (hidden and differs),
        would_notify=notified if verdict in {Verdict.DRIFTED, Verdict.ACT} else (),
        after_failure=after_failure,
        cause="unknown" if verdict is Verdict.DRIFTED else None,
    )


def _unhandled(finding: Finding, name: str) -> Finding:
    """A handler that is not there: Ansible ends the whole run with this, once the task has changed something."""
    text = no_handler(name)
    return replace(finding, verdict=Verdict.FAILED, reason=Reason(kind=ReasonClass.FAILED, text=text))


def _failure(slot: Slot, *, after_failure: bool) -> Finding:
    silent = slot.no_log or (slot.secret and not slot.in_our_words)
    text = f"the task would fail; {NOT_SHOWN}" if silent else _words_of(slot.result)
    if slot.ignored:
        reason = Reason(
            kind=ReasonClass.UNPREVIEWABLE, text=f"would fail, which the playbook ignores: {text}"
        )
        verdict = Verdict.IN_SYNC if slot.about[0] == "command" else Verdict.UNKNOWN
        return _finding(slot, slot.about, verdict, reason=reason, after_failure=after_failure)
    reason = Reason(kind=ReasonClass.FAILED, text=text)
    return _finding(slot, slot.about, Verdict.FAILED, reason=reason, after_failure=after_failure)


def _words_of(result: Mapping[str, Any]) -> str:
    """Why it fails, with what a program said to it."""
    said = str(result.get("stderr") or "").strip()
    msg = str(result.get("msg") or "the task would fail")
    return f"{msg}\n{said}" if said and said not in msg else msg


def _finding(
    slot: Slot,
    about: tuple[str, str],
    verdict: Verdict,
    *,
    differences: Sequence[Difference] = (),
    diff: str = "",
    **more: Any,
) -> Finding:
    step = slot.step
    resource = Resource(kind=about[0], id=about[1])
    return Finding(
        task=title(slot),
        action=step.action,
        file=step.file,
        line=step.line,
        resource=resource,
        verdict=verdict,
        item=_label(slot),
        differences=tuple(differences),
        diff=diff,
        fingerprint=fingerprint(slot, resource, verdict, differences, diff),
        **{**_outcome(slot), **more},
    )


def _outcome(slot: Slot) -> dict[str, Any]:
    """What a correction made of it."""
    if not slot.is_applied:
        return {}
    undo = str(slot.applied["undo"]) if slot.applied is not None else ""
    if slot.disagrees:
        reason = Reason(kind=ReasonClass.FAILED, text=slot.disagrees)
        return {"outcome": "changed", "undo": undo, "reason": reason}
    if slot.failed and not slot.ignored:
        return {"outcome": "failed", "undo": undo}
    return {"outcome": "changed" if slot.changed else None, "undo": undo}


def title(slot: Slot) -> str:
    """The task's name, rendered as far as it can be."""
    try:
        name = str(slot.scope.value(slot.step.name))
    except (Fault, StillOut, Untellable, PlaybookError):
        name = str(slot.step.name)
    return f"{slot.step.trail} : {name}" if slot.step.trail else name


def _label(slot: Slot) -> str | None:
    """The item of the loop as it may be shown; a label that the playbook gives is the author's choice."""
    if slot.label is None:
        return None
    chosen = slot.step.loop_control is not None and slot.step.loop_control.label is not None
    return HIDDEN if slot.no_log or (slot.secret_item and not chosen) else slot.label


def fingerprint(
    slot: Slot, resource: Resource, verdict: Verdict, differences: Sequence[Difference], diff: str
) -> str:
    """
    The same for the same drift of the same task, on whatever host and in whatever run. Of a content that is not shown
    it knows only that it differs.
    """
    what = [
        slot.step.file,
        slot.step.line,
        _label(slot),
        str(resource),
        verdict,
        [
            [one.field] if one.field.startswith("content") else [one.field, one.want, one.have]
            for one in differences
        ],
        diff,
    ]
    return hashlib.sha256(json.dumps(what, default=str).encode()).hexdigest()[:16]


def _differences(raw: Sequence[Sequence[Any]], *, hidden: bool) -> Iterator[Difference]:
    for field, *sides in raw:
        want, have = (HIDDEN if side == UNSHOWN or (hidden and side is not None) else side for side in sides)
        yield Difference(field=str(field), want=want, have=have)


def _content(evidence: dict[str, Any]) -> Iterator[Difference]:
    """A content that is not shown: its digests, and how many lines differ."""
    if "before_digest" not in evidence:
        return
    sides = {}
    for side in ("before", "after"):
        digest, size = evidence.get(f"{side}_digest"), evidence.get(f"{side}_size")
        sides[side] = None if digest is None else f"{size} bytes, digest {digest}"
    lines = evidence.get("lines")
    field = "content" if lines is None else f"content ({lines} lines differ)"
    yield Difference(field=field, want=sides["after"], have=sides["before"])


def unified(evidence: dict[str, Any]) -> str:
    """The unified diff from what is there to what is wanted; empty when the content is not shown."""
    if "before" not in evidence and "after" not in evidence:
        return ""
    before, after = evidence.get("before"), evidence.get("after")
    path = str(evidence.get("path", ""))
    lines = difflib.unified_diff(
        (before or "").splitlines(keepends=True),
        (after or "").splitlines(keepends=True),
        fromfile=f"{path} (on the server)" if before is not None else "/dev/null",
        tofile=f"{path} (wanted)" if after is not None else "/dev/null",
        n=2,
    )
    return "".join(
        line if line.endswith("\n") else line + "\n\\ No newline at end of file\n" for line in lines
    )


def _notified(story: Story, slot: Slot) -> tuple[str, ...]:
    try:
        wanted = notifications(slot)
    except (Fault, StillOut, Untellable):
        wanted = [str(one) for one in slot.step.notify]
    names = [name for each in wanted for name in story.handler_names(each) or [each]]
    return tuple(dict.fromkeys(names))
