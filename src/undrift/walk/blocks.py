"""Blocks: what stands in them, what a failure in one leads to, and what comes in every case."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from undrift.playbook.faults import Fault
from undrift.playbook.memory import StillOut, Untellable
from undrift.playbook.steps import Branch
from undrift.walk import once, remembering
from undrift.walk.slots import Pending, Slot
from undrift.walk.waits import Position, Walking

if TYPE_CHECKING:  # the two need each other: a course walks, a block bends its way
    from undrift.walk.course import Course


class BlockFails(Exception):
    """A task of the innermost block with a rescue would fail."""


class Guard:
    """A block with a rescue that is being walked. begin: where its tasks begin among the course's slots."""

    def __init__(self, course: Course) -> None:
        self.begin = len(course.slots)
        self.registered: list[Pending] = []
        #: what was asked before the block and may still be out
        self._out = dict(course.registers)
        self._known = dict(_known(course))
        self._untellable = dict(course.memory.untellable)

    def forget_unreached(self, course: Course) -> None:
        """Registers of tasks that were asked ahead and would not have been reached hold what they held before."""
        kept = {name: one for one in self.registered for name in one.step.registers if not _unreached(one)}
        for pending in filter(_unreached, self.registered):
            for name in pending.step.registers:
                if name in kept:
                    remembering.set_register(course, name, kept[name])
                else:
                    self._restore(course, name)

    def _restore(self, course: Course, name: str) -> None:
        course.registers.pop(name, None)
        course.memory.out.discard(name)
        for now, before in ((_known(course), self._known), (course.memory.untellable, self._untellable)):
            now.pop(name, None)
            if name in before:
                now[name] = before[name]
        if name in self._out:
            course.registers[name] = self._out[name]
            course.memory.out.add(name)
            course.settle()


def walk_branch(course: Course, branch: Branch, place: Position) -> Walking[None]:
    """Walk the block at `place`: its tasks, its rescue when one of them fails, then its `always`."""
    if not branch.always or not course.desk.applies:
        yield from _block_and_rescue(course, branch, place)
        yield from course.entries(branch.always, (*place, 2))
        return
    begin = len(course.slots)
    try:
        yield from _block_and_rescue(course, branch, place)
        yield from settle(course)
    except BlockFails:
        yield from _always_first(course, branch, place, begin)
    else:
        yield from course.entries(branch.always, (*place, 2))


def _block_and_rescue(course: Course, branch: Branch, place: Position) -> Walking[None]:
    if branch.rescue:
        yield from _guarded(course, branch, place)
    else:
        yield from course.entries(branch.steps, (*place, 0))


def _always_first(course: Course, branch: Branch, place: Position, begin: int) -> Walking[None]:
    """The block has failed for good: what is to be done in every case is done, and then that counts."""
    yield from course.await_answers(course.slots[begin:])
    failed = [slot for slot in course.slots[begin:] if slot.breaks]
    for slot in failed:
        slot.deferred = True
    try:
        yield from course.entries(branch.always, (*place, 2))
        yield from settle(course)
    finally:
        for slot in failed:
            slot.deferred = False
    raise BlockFails


def _guarded(course: Course, branch: Branch, place: Position) -> Walking[None]:
    """A block with a rescue: whether that is walked, only the answers tell."""
    guard = Guard(course)
    course.guards.append(guard)
    try:
        yield from course.entries(branch.steps, (*place, 0))
        yield from settle(course)
    except BlockFails:
        yield from course.await_answers(course.slots[guard.begin :])
        course.guards.pop()
        _give_up(course, guard)
        yield from once.pass_by(course, branch.steps, course.place, (*place, 1))
        yield from course.entries(branch.rescue, (*place, 1))
    else:
        course.guards.pop()
        yield from once.pass_by(course, branch.rescue, (*place, 1), (*place, 2))


def until_failure(course: Course, walking: Walking[None]) -> Walking[bool]:
    """
    A whole play that changes things: nothing is done after a task that fails. Returns whether one did; what was asked
    ahead of it is as if it had not been asked.
    """
    guard = Guard(course)
    course.guards.append(guard)
    try:
        yield from walking
        yield from settle(course)
    except BlockFails:
        asked = course.slots[guard.begin :]
        yield from course.await_answers(asked)
        _discard_after(next(slot for slot in asked if slot.breaks), asked)
        guard.forget_unreached(course)
        return True
    finally:
        course.guards.remove(guard)
    return False


def settle(course: Course, before: Slot | None = None) -> Walking[None]:
    """
    Wait for all that the innermost guarded block has asked, before this slot where one is given. Raises BlockFails.
    """
    if course.guards:
        asked = [slot for slot in course.slots[course.guards[-1].begin :] if slot is not before]
        yield from course.await_answers(asked)
        if any(slot.breaks for slot in asked):
            if before is not None:
                before.discarded = True
                before.tell({})
            raise BlockFails


def _give_up(course: Course, guard: Guard) -> None:
    """What stands after the failing task was never reached; the failing one is rescued."""
    asked = course.slots[guard.begin :]
    fails = next(slot for slot in asked if slot.breaks)
    fails.rescued = True
    _discard_after(fails, asked)
    guard.forget_unreached(course)
    task = {**fails.step.described(), "name": _name(fails), "action": fails.step.action}
    known = {"ansible_failed_task": task, "ansible_failed_result": _result(guard, fails)}
    course.desk.core.variables.set_nonpersistent_facts(course.host, known)


def _discard_after(fails: Slot, asked: Sequence[Slot]) -> None:
    for slot in asked[asked.index(fails) + 1 :]:
        # The other items of a loop are done before the task has failed as a whole.
        slot.discarded |= slot.step is not fails.step


def _name(slot: Slot) -> str:
    name = slot.step.task.name
    try:
        return str(slot.scope.value(name)) if name else ""
    except (Fault, StillOut, Untellable):
        return str(name)


def _result(guard: Guard, fails: Slot) -> dict[str, Any]:
    """The failing task's whole result, of a loop with those of all items."""
    whole = next((one for one in guard.registered if fails in one.slots), None)
    return whole.value() if whole is not None and whole.reason() is None else fails.result


def _unreached(pending: Pending) -> bool:
    return bool(pending.slots) and all(slot.discarded for slot in pending.slots)


def _known(course: Course) -> dict[str, Any]:
    known: dict[str, Any] = course.desk.core.variables._nonpersistent_fact_cache[course.host]  # noqa: SLF001 - see playbook.layers
    return known
