"""Handlers: who is notified by what has changed, and when they run, in the order in which the play has them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from undrift.walk.blocks import settle
from undrift.walk.keywords import notifications
from undrift.walk.slots import Slot
from undrift.walk.waits import Position, Walking

if TYPE_CHECKING:  # as in blocks
    from undrift.walk.course import Course


def flush(course: Course, place: Position) -> Walking[None]:
    """
    Run what was notified, each once. A handler that notifies one behind it lets that run as well; one before it waits
    for the next time, as in Ansible.
    """
    yield from settle(course)
    for number, handler in enumerate(course.story.handlers()):
        take_notifications(course)
        if handler.id in course.notified:
            course.notified.discard(handler.id)
            course.place = (*place, number)
            yield from course.step(handler)
            yield from settle(course)


def take_notifications(course: Course) -> None:
    """Of the tasks that have been answered since this was last asked: those that changed something notify."""
    for slot in course.slots[course.heard_notifications :]:
        if slot.changed and not (slot.discarded or slot.failed or slot.reason):
            course.notified |= notified_by(course, slot)
    course.heard_notifications = len(course.slots)


def notified_by(course: Course, slot: Slot) -> set[str]:
    """The ids of the handlers. Raises Fault for a name that nobody answers to, where Ansible insists."""
    return {handler for name in notifications(slot) for handler in course.story.handlers_of(name)}
