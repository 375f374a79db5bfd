"""What a host's walk learns from answers: registers, facts, what is secret, what nobody can tell."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from undrift.model.finding import Reason
from undrift.playbook.memory import Memory
from undrift.walk.slots import Pending, Slot

if TYPE_CHECKING:  # as in keywords
    from undrift.walk.course import Course
    from undrift.walk.hearing import Hearing

#: Arguments whose value names something and is no secret, even in a task that says no_log.
NAMES = frozenset(
    [
        "name",
        "path",
        "dest",
        "src",
        "state",
        "owner",
        "group",
        "groups",
        "mode",
        "user",
        "service",
        "shell",
        "home",
        "repo",
        "version",
        "update_password",
        "login_user",
        "login_host",
    ]
)


#: Stands for every variable, once a task that may set any of them could not be followed.
ANYTHING = "*"


def set_register(course: Hearing, name: str, pending: Pending) -> None:
    """A registered result is complete: its value, or why it has none."""
    memory = course.memory
    memory.out.discard(name)
    reason = pending.reason()
    known = course.desk.core.variables._nonpersistent_fact_cache[course.host]  # noqa: SLF001 - see playbook.layers
    if reason is None:
        known[name] = pending.value()
        memory.untellable.pop(name, None)
    else:
        known.pop(name, None)
        step = pending.step
        text = f"hangs on {name!r}, which {step.title!r} ({step.file}:{step.line}) sets: {reason.text}"
        # The first of a chain is the one to look at.
        memory.untellable[name] = reason if reason.chained else replace(reason, text=text, chained=True)
    if any(slot.secret or slot.no_log for slot in pending.slots):
        memory.conceal([name])


def forget_what_it_sets(course: Course, slot: Slot, reason: Reason) -> None:
    """A set_fact that nobody can evaluate leaves its names unknown; an include, or a module for facts, any."""
    if slot.step.action == "ansible.builtin.set_fact":
        for name in slot.step.args:
            course.memory.untellable[str(name)] = reason
    elif slot.step.is_include or slot.step.action == "ansible.builtin.include_vars" or slot.step.sets_facts:
        course.memory.untellable.setdefault(ANYTHING, reason)


def learned(memory: Memory, names: frozenset[str] | set[str]) -> None:
    """These facts have been asked for, whether the host has them or not."""
    if memory.facts is not None:
        memory.facts |= names
        memory.all_facts |= "*" in names


def learn(course: Hearing, slot: Slot) -> None:
    """Facts of a host are here: for us, and for the playbook when it gathers facts."""
    facts = slot.result.pop("ansible_facts", None) or {}
    own = {str(name).removeprefix("ansible_"): value for name, value in facts.items()}
    course.memory.own_facts.update(own)
    if course.memory.facts is not None:
        prefixed = {f"ansible_{name}": value for name, value in own.items()}
        course.desk.core.variables.set_host_facts(course.host, prefixed)
        course.story.layers.changed(course.host)
        learned(course.memory, set(own))


def take_facts(course: Hearing, slot: Slot) -> None:
    """What a module like package_facts has set."""
    course.memory.setters -= 1
    if slot.reason is not None:
        course.memory.untellable.setdefault(ANYTHING, slot.reason)
        return
    facts = slot.result.get("ansible_facts")
    if facts:
        course.desk.core.variables.set_host_facts(slot.owner, dict(facts))
        course.story.layers.changed(slot.owner)
        memory = course.desk.memory(slot.owner)
        if memory.facts is None:
            memory.facts = set()
        learned(memory, {str(name).removeprefix("ansible_") for name in facts})
        if slot.step.action in {"ansible.builtin.setup", "ansible.builtin.gather_facts"}:
            memory.all_facts = True


def note_secrets(course: Course, slot: Slot, args: Mapping[str, Any]) -> None:
    """Rendered values that must not be seen: of a task that a secret takes part in, or that says no_log."""
    if not (slot.secret or slot.no_log):
        return
    raw = slot.step.args
    for name, value in args.items():
        if value != raw.get(name) and (name not in NAMES or slot.scope.is_secret(raw.get(name))):
            course.desk.secrets.note_derived(value)


def note_vaulted(course: Course) -> None:
    """Every vaulted variable of the host, as the play begins."""
    for name, value in course.story.layers.of(None, course.host).items():
        course.desk.secrets.note_vaulted(name, value, course.story.analyst)
