"""Brings a task about: by our own hand where we have one, by the genuine module everywhere else."""

from __future__ import annotations

import functools
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from undrift.playbook.scope import Scope
from undrift.playbook.steps import Step
from undrift.walk import remembering
from undrift.walk.actions import answerer
from undrift.walk.actions.ask import Ask, Told
from undrift.walk.blocks import settle
from undrift.walk.desk import Desk
from undrift.walk.genuine import ask_genuine
from undrift.walk.keywords import ONLY_READS, judge, note_ignored, note_what_it_is_about, take_told
from undrift.walk.occasion import TaskOccasion
from undrift.walk.slots import Slot
from undrift.walk.waits import Pause, Walking

if TYPE_CHECKING:  # as in blocks
    from undrift.walk.course import Course

#: So long may a task take that changes something, in seconds: Ansible sets no limit either.
DAY = 86400.0
#: So often it is seen whether an action of ansible-core's has ended, in seconds.
LOOK_AGAIN = 0.05
#: Actions that are run and tell what they did; there is nothing to check before.
RUN = frozenset({"ansible.builtin.command", "ansible.builtin.shell"})
#: Kinds of the agent that bring about what they check.
OUR_HAND = frozenset({"file", "content", "edit", "service"})
#: States of a path that the agent makes itself.
OUR_STATES = frozenset({None, "file", "directory", "absent", "link"})


@dataclass(frozen=True, slots=True)
class Work:
    """
    ask: what is checked first, and run where there is nothing to check. do: what brings it about when it differs;
    None: the asked kind does itself. reads: nothing is to be brought about.
    """

    ask: Ask
    do: Ask | None = None
    reads: bool = False


def bring_about(course: Course, slot: Slot, args: Mapping[str, Any]) -> Walking[None]:
    """Ask for it, and wait for the answer where the next step hangs on how it is judged here."""
    desk, scope, step = course.desk, slot.scope, slot.step
    work = yield from course.evaluate(scope, lambda: work_of(desk, scope, args))
    note_what_it_is_about(slot, args)
    slot.is_applied = True
    if isinstance(work, Told):
        yield from _by_ansible(course, slot, args, work)
        return
    if desk.changes_identity(slot):
        # As another user, or elsewhere: not ahead of what may still fail.
        yield from settle(course, before=slot)
    judged = bool(step.failed_when or step.until or step.retries or step.changed_when)
    goes_on = judged or (yield from course.evaluate(scope, lambda: scope.flag(step.ignore_errors)))
    how = {
        "task": step.title,
        "at": f"{step.file}:{step.line}",
        "goes_on": goes_on,
        "reads": work.reads,
        "do": None if work.do is None else {"kind": work.do.kind, "args": dict(work.do.args)},
    }
    slot.in_our_words = work.ask.kind not in {"genuine", "command"}
    remembering.note_secrets(course, slot, args)
    if step.sets_facts:
        course.setters.append(slot)
        course.memory.setters += 1
    put = functools.partial(
        desk.put, slot, course.story, work.ask.kind, work.ask.args, deadline=DAY, apply=how
    )
    yield from course.evaluate(scope, put)
    if judged:
        yield from course.await_answers([slot])
        yield from _until(course, slot, put)


def _by_ansible(course: Course, slot: Slot, args: Mapping[str, Any], told: Told) -> Walking[None]:
    """What no question to an agent brings about: ansible-core's own action does, after all that comes before it."""
    if not told.unpreviewable:
        take_told(slot, told, probe=False)
        return
    yield from settle(course, before=slot)
    if slot.step.action == "ansible.builtin.pause":
        seconds = float(args.get("seconds") or 0) + 60 * float(args.get("minutes") or 0)
        yield Pause(time.monotonic() + seconds)
        slot.tell({"changed": False, "rc": 0, "stdout": f"Paused for {seconds} seconds"})
        return
    from undrift.playbook.acting import Acting  # noqa: PLC0415 - ansible-core's executor refuses some terminals

    acting = Acting(course.desk.core, slot.scope, args)
    while (result := acting.result()) is None:
        yield Pause(time.monotonic() + LOOK_AGAIN)
    result.setdefault("changed", False)
    slot.applied = {"n": None, "undo": "no"} if result["changed"] else None
    slot.tell(result)
    judge(slot)
    note_ignored(slot)
    remembering.note_secrets(course, slot, args)


def _until(course: Course, slot: Slot, put: Callable[[], None]) -> Walking[None]:
    """Again and again, as `until`, `retries` and `delay` say (ansible-core's task_executor)."""
    step, scope = slot.step, slot.scope
    if not (step.until or step.retries):
        return
    again = 2 if step.retries is None else int(scope.value(step.retries))
    for attempt in range(1, again + 2):
        slot.result["attempts"] = attempt
        if _is_reached(slot):
            return
        if attempt <= again:
            yield Pause(time.monotonic() + float(scope.value(step.delay)))
            slot.done = False
            yield from course.evaluate(scope, put)
            yield from course.await_answers([slot])
    slot.result.update(attempts=again, failed=True)
    note_ignored(slot)


def _is_reached(slot: Slot) -> bool:
    seen = dict.fromkeys(slot.step.registers, slot.result)
    if slot.step.until:
        return all(slot.scope.holds(condition, extra=seen) for condition in slot.step.until)
    return not slot.failed


def work_of(desk: Desk, scope: Scope, args: Mapping[str, Any]) -> Work | Told:
    """Raises StillOut for a fact that decides it; Fault, BadArgument as the module would fail."""
    step = scope.step
    ours = answerer(step.action)
    if step.action in ONLY_READS:
        return _reading(desk, scope, args)
    if ours is None:
        return _genuine(desk, step, args, scope)
    if step.action in RUN:
        ran = ours(args, TaskOccasion(desk, scope, check_mode=False))
        return Work(ran) if isinstance(ran, Ask) else ran or _genuine(desk, step, args, scope)
    asked = ours(args, TaskOccasion(desk, scope, check_mode=True))
    if not isinstance(asked, Ask):
        return _genuine(desk, step, args, scope)
    if _by_our_hand(asked):
        return Work(asked)
    genuine = _genuine(desk, step, args, scope)
    return Work(asked, do=genuine.ask) if isinstance(genuine, Work) else genuine


def _reading(desk: Desk, scope: Scope, args: Mapping[str, Any]) -> Work | Told:
    ours = answerer(scope.step.action)
    occasion = TaskOccasion(desk, scope, check_mode=False)
    asked = ours(args, occasion) if ours is not None else None
    if asked is None:
        asked = ask_genuine(desk, scope.step, args, occasion, check=False)
    return Work(asked, reads=True) if isinstance(asked, Ask) else asked


def _genuine(desk: Desk, step: Step, args: Mapping[str, Any], scope: Scope) -> Work | Told:
    asked = ask_genuine(desk, step, args, TaskOccasion(desk, scope, check_mode=False), check=False)
    return Work(asked) if isinstance(asked, Ask) else asked


def _by_our_hand(asked: Ask) -> bool:
    args = asked.args
    if asked.kind == "file":
        touches = any(args[name] not in {None, "preserve"} for name in ("modification_time", "access_time"))
        return args["state"] in OUR_STATES and not args["recurse"] and not touches
    if asked.kind == "content":
        whole = all(one["content"] is not None for one in args["files"])
        return whole and not args.get("remote_src") and not args["attributes"]
    return asked.kind in OUR_HAND
