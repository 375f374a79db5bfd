"""What a task's keywords mean for a scan."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from undrift.model.finding import Reason
from undrift.model.verdict import ReasonClass
from undrift.playbook.faults import Fault
from undrift.playbook.memory import StillOut, Untellable
from undrift.playbook.scope import Scope
from undrift.playbook.steps import Step, listed
from undrift.walk.actions.ask import Told
from undrift.walk.slots import Slot

if TYPE_CHECKING:  # the two need each other: a course walks, a keyword bends its way
    from undrift.walk.course import Course

#: Actions that only read: check_mode makes no difference to them.
ONLY_READS = frozenset(
    "ansible.builtin." + name for name in ["stat", "find", "slurp", "getent", "setup", "gather_facts"]
)
#: What we answer ourselves is right for these with check_mode: false as well.
READS = ONLY_READS | {"ansible.builtin." + name for name in ["command", "shell", "script", "raw"]}

#: Arguments that say best what a task is about, the first that is given.
ID_ARGUMENTS = (
    "path",
    "dest",
    "name",
    "service",
    "pkg",
    "unit",
    "user",
    "group",
    "repo",
    "key",
    "src",
    "cmd",
)


def delegated_to(course: Course, scope: Scope) -> str:
    """The host that the task is asked of. Raises Fault for an empty or unknown name."""
    wanted = scope.value(scope.step.delegate_to)
    if wanted is None:
        return course.host
    name = str(wanted)
    if not name:
        raise Fault(f"Empty hostname produced from delegate_to: {scope.step.delegate_to!r}")
    if course.desk.core.inventory.get_host(name) is None:
        raise Fault(f"delegate_to names {name!r}, which is not in the inventory")
    return name


def hold_run(course: Course, slot: Slot) -> Told | None:
    """check_mode: false runs for real, as in Ansible, and is named; unless --no-run holds it back."""
    if slot.step.action not in ONLY_READS and course.desk.options.hold_runs:
        return Told(unpreviewable="says check_mode: false, and --no-run holds it back")
    return None


def note_ignored(slot: Slot) -> None:
    """Whether the playbook goes on after this failure."""
    if not slot.failed:
        return
    try:
        slot.ignored = slot.scope.flag(slot.step.ignore_errors)
    except (Fault, StillOut, Untellable):
        slot.ignored = False


def prepare_judging(slot: Slot) -> None:
    """Raise StillOut for what changed_when, failed_when and until need beside the task's own answer."""
    step = slot.step
    for condition in (*step.changed_when, *step.failed_when, *step.until):
        with contextlib.suppress(Fault, Untellable):
            slot.scope.ready(condition, but=frozenset(step.registers))


def judge(slot: Slot) -> None:
    """changed_when and failed_when, once the result is there. They see it under its registered name."""
    step, scope, result = slot.step, slot.scope, slot.result
    if slot.reason is not None:
        return
    if step.until or step.retries:
        result["attempts"] = 1
    seen = dict.fromkeys(step.registers, result)
    try:
        if not result.get("skipped"):
            _judge(slot, seen)
        if (
            step.until
            and not slot.is_applied
            and not all(scope.holds(condition, extra=seen) for condition in step.until)
        ):
            slot.tell_unknown(Reason(kind=ReasonClass.UNPREVIEWABLE, text=_waits(step)))
    except Fault as fault:
        result.update({"failed": True, "msg": fault.what})
    except StillOut as out:
        slot.tell_unknown(Reason(kind=ReasonClass.FAILED, text=f"changed_when or failed_when needs {out}"))
    except Untellable as why:
        slot.tell_unknown(why.reason)


def _judge(slot: Slot, seen: Mapping[str, Any]) -> None:
    step, scope, result = slot.step, slot.scope, slot.result
    if step.changed_when:
        result["changed"] = all(scope.holds(condition, extra=seen) for condition in step.changed_when)
    if step.failed_when:
        fails = all(scope.holds(condition, extra=seen) for condition in step.failed_when)
        result["failed"] = result["failed_when_result"] = fails


def _waits(step: Step) -> str:
    conditions = " and ".join(str(one) for one in step.until)
    return f"it waits until {conditions}, which does not hold now; a scan asks once"


def take_told(slot: Slot, told: Told, *, probe: bool) -> None:
    """An answer that needed no server. probe: a command that reads only, they say, and was held back."""
    if told.resource != ("", ""):
        slot.about = told.resource
    if told.act:
        resource = {"kind": slot.about[0], "id": slot.about[1], "differences": [], "act": True}
        slot.resources = [resource]
        slot.tell({"changed": False, "skipped": True, **told.result})
    elif told.unpreviewable:
        slot.tell_unknown(Reason(kind=ReasonClass.UNPREVIEWABLE, text=told.unpreviewable, probe=probe))
    else:
        slot.tell(told.result)
        judge(slot)
        note_ignored(slot)


def notifications(slot: Slot) -> list[str]:
    """What `notify` says, rendered. Raises Fault, StillOut, Untellable."""
    rendered = [slot.scope.value(wanted) for wanted in slot.step.notify]
    return [str(name) for each in rendered for name in listed(each)]


def note_what_it_is_about(slot: Slot, args: Mapping[str, Any]) -> None:
    """For what is shown of it, once its arguments are rendered."""
    slot.secret |= slot.scope.secret
    slot.secret_id = slot.hidden and named_by_secret(slot, args)
    slot.about = about(slot.step, slot.step.args if slot.secret_id else args)


def named_by_secret(slot: Slot, args: Mapping[str, Any]) -> bool:
    """Whether the name of what the task is about comes of a secret, or of anything in a task that says no_log."""
    raw = slot.step.args
    for name in (*ID_ARGUMENTS, "_raw_params"):
        if name in raw and (slot.scope.is_secret(raw[name]) or (slot.no_log and args.get(name) != raw[name])):
            return True
    return False


def about(step: Step, args: Mapping[str, Any]) -> tuple[str, str]:
    """Kind and id of a task whose answer will name no resource. args: rendered, or as they stand."""
    kind = step.action.rpartition(".")[2]
    if kind in {"command", "shell", "script", "raw"}:
        kind = "command"
    for name in (*ID_ARGUMENTS, "_raw_params"):
        value = args.get(name)
        if isinstance(value, str) and value:
            return kind, value if len(value) <= 120 else value[:117] + "..."
    return kind, ""
