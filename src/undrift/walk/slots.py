"""A task, or one item of its loop, that was asked and will be answered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from undrift.model.finding import Reason
from undrift.playbook.scope import Scope
from undrift.playbook.steps import Step


@dataclass(slots=True, eq=False)
class Slot:
    """
    result: as `register` holds it, once it is there. reason: why it is unknown; then there is no result. resources:
    as in the agent's answer. At most one of result and reason is there when `done`.
    """

    number: int
    host: str  #: whose walk it belongs to
    step: Step
    scope: Scope
    item: Any = None
    label: str | None = None
    target: str = ""  #: the host that was asked: another one when delegated
    identity: str = ""  #: as whom: model.target.Become.key, empty for who logs in
    secret: bool = False
    no_log: bool = False
    secret_item: bool = False  #: the loop's items hold a secret
    secret_id: bool = False  #: what the task is about is named by a secret: shown as the playbook has it
    ran: bool = False  #: done for real, because the playbook says check_mode: false
    done: bool = False
    skipped: bool = False
    unseen: bool = False  #: what it would do is not carried forward to the tasks after it
    in_our_words: bool = False  #: what it says is said by a check of ours, which repeats no content
    quiet: bool = False  #: asked for our own sake: it makes no finding
    discarded: bool = False  #: a task before it in its block would fail: it would not be reached
    place: tuple[int, ...] = ()  #: where in the play it stands
    guarded: bool = False  #: a block around it has a rescue
    rescued: bool = False  #: it fails, and its block has a rescue
    ignored: bool = False
    is_applied: bool = False  #: it is brought about, and not only checked
    applied: Mapping[str, Any] | None = (
        None  #: its number in the server's journal, and whether it can be undone
    )
    disagrees: str = ""  #: what our own check still finds after it was done
    deferred: bool = False  #: it fails, and the block's `always` is done before that counts
    result: dict[str, Any] = field(default_factory=dict)
    resources: list[dict[str, Any]] = field(default_factory=list)
    reason: Reason | None = None
    about: tuple[str, str] = ("", "")  #: kind and id, when the answer names no resource

    @property
    def hidden(self) -> bool:
        """Nothing of what it is told or says may be shown."""
        return self.secret or self.no_log

    @property
    def owner(self) -> str:
        """The host that gets the variables which the task sets."""
        return self.target if self.step.delegates_facts else self.host

    @property
    def failed(self) -> bool:
        return self.done and bool(self.result.get("failed"))

    @property
    def breaks(self) -> bool:
        """It fails, and neither the playbook goes on nor an inner block has taken care of it."""
        return self.failed and not (self.ignored or self.rescued or self.discarded or self.deferred)

    @property
    def expels(self) -> bool:
        """It fails, and Ansible takes its host out of the play."""
        return self.breaks and not (self.guarded or self.quiet)

    @property
    def changed(self) -> bool:
        return self.done and bool(self.result.get("changed"))

    def tell(self, result: Mapping[str, Any]) -> Slot:
        """Take the result, as `register` holds it. Returns the slot, which is done."""
        self.result = dict(result)
        self.done = True
        return self

    def tell_unknown(self, reason: Reason) -> Slot:
        """Take why nobody knows, in the place of a result. Returns the slot, which is done."""
        self.reason = reason
        self.result = {}
        self.done = True
        return self

    def tell_failed(self, message: str) -> Slot:
        """Take the result of a module that fails with this message. Returns the slot, which is done."""
        return self.tell({"failed": True, "changed": False, "msg": message})

    def skip(self, condition: Any) -> Slot:
        """
        Take the result that ansible-core's task_executor gives a task whose condition is false. Returns the
        slot.
        """
        self.skipped = True
        return self.tell(
            {
                "changed": False,
                "skipped": True,
                "skip_reason": "Conditional result was False",
                "false_condition": condition,
            }
        )


@dataclass(slots=True, eq=False)
class Pending:
    """A step whose slots are not all answered, and that registers its result."""

    step: Step
    slots: list[Slot]
    looped: bool

    @property
    def done(self) -> bool:
        return all(slot.done for slot in self.slots)

    def reason(self) -> Reason | None:
        """Why the whole is unknown: the first of its parts that is."""
        return next((slot.reason for slot in self.slots if slot.reason is not None), None)

    def value(self) -> dict[str, Any]:
        """What `register` holds, as Ansible composes it."""
        if not self.looped:
            return self.slots[0].result
        return looped_result([_item_result(slot) for slot in self.slots])


def looped_result(results: list[dict[str, Any]]) -> dict[str, Any]:
    """The result of a loop from those of its items (ansible-core's task_executor)."""
    if not results:
        return {
            "changed": False,
            "skipped": True,
            "skipped_reason": "No items in the list",
            "results": [],
        }
    failed = any(one.get("failed") for one in results)
    skipped = all(one.get("skipped") for one in results)
    whole: dict[str, Any] = {
        "results": results,
        "changed": any(one.get("changed") for one in results),
        "skipped": skipped,
        "msg": "One or more items failed" if failed else "All items completed",
    }
    if failed:
        whole["failed"] = True
    if skipped:
        whole["msg"] = "All items skipped"
    return whole


def _item_result(slot: Slot) -> dict[str, Any]:
    control = slot.step.loop_control
    name = control.loop_var if control else "item"
    result = dict(slot.result)
    result.update({name: slot.item, "ansible_loop_var": name})
    for one in ("ansible_index_var", control.index_var if control else None, "ansible_loop"):
        if one in slot.scope.local:
            result[one] = slot.scope.local[one]
    return result
