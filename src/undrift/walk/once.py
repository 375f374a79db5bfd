"""What is done once for all hosts, by the first that comes to it: what the others have of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from undrift.model.finding import Reason
from undrift.playbook.steps import Branch, Step
from undrift.walk.slots import Pending
from undrift.walk.waits import Position, Reached, Walking

if TYPE_CHECKING:  # as in keywords
    from undrift.walk.course import Course


@dataclass(frozen=True, slots=True)
class Gift:
    """What a task that is done once for all hosts has set on the host that did it, at that time."""

    pending: Mapping[str, Pending]
    values: Mapping[str, Any]
    untellable: Mapping[str, Reason]
    secret: frozenset[str]


def gift(course: Course, pending: Pending) -> Gift:
    step, memory = pending.step, course.memory
    facts = [slot.result.get("ansible_facts", {}) for slot in pending.slots]
    sets = {name for one in facts for name in one} if step.action == "ansible.builtin.set_fact" else set()
    unset = (
        step.args.keys() & memory.untellable.keys() if step.action == "ansible.builtin.set_fact" else set()
    )
    names = {*step.registers, *map(str, sets), *map(str, unset)}
    known = course.desk.core.variables._nonpersistent_fact_cache[course.host]  # noqa: SLF001 - see playbook.layers
    return Gift(
        pending={name: course.registers[name] for name in names & memory.out},
        values={name: known[name] for name in names - memory.out if name in known},
        untellable={name: memory.untellable[name] for name in names if name in memory.untellable},
        secret=frozenset(names & memory.secret),
    )


def take_over(course: Course, first: Course, place: Position) -> None:
    """What `first` has set at the place, and at those below it (an include), holds on all hosts."""
    for at, one in first.gifts.items():
        if at[: len(place)] == place:
            _accept(course, one)


def pass_by(
    course: Course, left_out: Sequence[Step | Branch], begin: Position, end: Position
) -> Walking[None]:
    """
    Leave out these steps, which stand from `begin` on and before `end`. What other hosts do once for all in them holds
    here too, as soon as they are through.
    """
    if len(course.peers) == 1 or not course.story.may_be_done_once(left_out, course.memory):
        return
    others = [name for name in course.peers if name != course.host]
    course.place = end
    yield Reached(others, end)
    gifts = {at: one for name in others for at, one in course.peers[name].gifts.items() if begin <= at < end}
    for at in sorted(gifts):
        _accept(course, gifts[at])


def _accept(course: Course, gift: Gift) -> None:
    memory = course.memory
    known = course.desk.core.variables._nonpersistent_fact_cache[course.host]  # noqa: SLF001 - see playbook.layers
    for name in gift.pending.keys() | gift.values.keys() | gift.untellable.keys():
        memory.untellable.pop(name, None)
        memory.out.discard(name)
        course.registers.pop(name, None)
    course.registers.update(gift.pending)
    memory.out |= gift.pending.keys()
    known.update(gift.values)
    memory.untellable.update(gift.untellable)
    memory.conceal(gift.secret)
