"""What an agent's answer means for the task that was asked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from undrift.model.finding import Reason
from undrift.model.verdict import ReasonClass
from undrift.walk.keywords import judge, note_ignored
from undrift.walk.slots import Slot

#: The agent's word for a task that it did not begin, because one before it has failed.
NOT_BEGUN = "not_begun"


def complete(slot: Slot, answer: Mapping[str, Any], unknown_before: Slot | None) -> None:
    """
    Take in the answer. unknown_before: a task before this one of which nobody knows what it does; what is missing
    here may be its work.
    """
    unknown = answer.get("unknown")
    if unknown and unknown["class"] == NOT_BEGUN:
        slot.discarded = True
        slot.tell({})
        return
    if unknown and slot.is_applied:
        # What could not be told to be done is not done.
        slot.resources = list(answer["resources"])
        slot.tell_failed(str(unknown["text"]))
        note_ignored(slot)
        return
    if unknown:
        slot.tell_unknown(Reason(kind=ReasonClass(unknown["class"]), text=str(unknown["text"])))
        return
    result = dict(answer["result"])
    result.setdefault("failed", result.get("rc", 0) not in {0, "0"})
    result.setdefault("changed", False)
    slot.resources = list(answer["resources"])
    slot.applied = answer.get("applied")
    slot.disagrees = str(answer.get("disagrees", ""))
    slot.tell(result)
    judge(slot)
    note_ignored(slot)
    if slot.failed and answer.get("missing") and unknown_before is not None:
        step = unknown_before.step
        slot.tell_unknown(
            Reason(
                kind=ReasonClass.UNPREVIEWABLE,
                text=f"{result.get('msg')}; {step.title!r} ({step.file}:{step.line}) may provide it",
            )
        )


def acts_unseen(slot: Slot) -> bool:
    """Whether the task may do something to the server that nobody can preview, or that is not carried forward."""
    unpreviewable = slot.reason is not None and slot.reason.kind is ReasonClass.UNPREVIEWABLE
    return not slot.discarded and (unpreviewable or (slot.unseen and slot.changed))
