"""Actions that Ansible answers on the controller, and meta: what they do to variables and to the inventory."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from undrift.playbook import local
from undrift.playbook.faults import translated
from undrift.playbook.scope import Scope
from undrift.playbook.steps import listed
from undrift.walk.slots import Slot

if TYPE_CHECKING:  # as in keywords
    from undrift.walk.course import Course

#: Forms of `meta` that change what follows on this host; the others have no meaning for a scan.
METAS_THAT_ACT = frozenset({"end_host", "end_play", "end_batch", "clear_facts", "refresh_inventory"})


def waits_for_answers(scope: Scope, args: Mapping[str, Any]) -> bool:
    """Whether what `debug` prints is not answered yet: a scan does not wait for what it will not print."""
    needs = scope.needs(args.get("var"), expression=True) if args.get("var") else scope.needs(scope.step.args)
    return not needs.names.isdisjoint(scope.memory.out | scope.memory.untellable.keys()) or needs.others


def run(course: Course, slot: Slot, args: Mapping[str, Any]) -> dict[str, Any]:
    """The result of the action's own plugin. Raises StillOut, Untellable, Fault."""
    raw: list[Any] = []
    if slot.step.action == "ansible.builtin.assert":
        raw = listed(args.get("that"))
    elif slot.step.action == "ansible.builtin.debug" and args.get("var"):
        raw = [args["var"]]
    elif slot.step.action == "ansible.builtin.validate_argument_spec":
        names = list((args.get("argument_spec") or {}).keys())
        raw = [name for name in names if name in slot.scope.chain]
    result = local.run_on_controller(course.desk.core, slot.scope, args, raw)
    slot.secret |= slot.scope.secret
    shown = {name: value for name, value in result.items() if not name.startswith("_ansible_")}
    return {"failed": False, "changed": False, **shown}


def take_effect(course: Course, slot: Slot) -> None:
    """What the action's result means for variables and inventory."""
    if slot.failed:
        return
    action = slot.step.action.rpartition(".")[2]
    facts = slot.result.get("ansible_facts")
    if action == "set_fact" and facts:
        set_facts(course, slot.owner, facts, secret=slot.hidden)
        if slot.scope.flag(slot.step.args.get("cacheable")):
            course.desk.core.variables.set_host_facts(slot.owner, dict(facts))
            course.story.layers.changed(slot.owner)
    elif action == "include_vars" and facts:
        for name, value in facts.items():
            course.desk.core.variables.set_host_variable(slot.owner, name, value)
            course.desk.memory(slot.owner).untellable.pop(name, None)
            course.desk.secrets.note_vaulted(name, value, course.story.analyst)
    elif action == "add_host":
        _add_host(course, slot.result)
    elif action == "group_by":
        with translated():
            host = course.desk.core.inventory.get_host(course.host)
            course.desk.core.inventory.add_dynamic_group(host, {**slot.result, "changed": False})
            course.story.layers.changed()


def set_facts(course: Course, host: str, facts: Mapping[str, Any], *, secret: bool) -> None:
    """Variables of `host` from now on, above all but extra vars."""
    course.desk.core.variables.set_nonpersistent_facts(host, dict(facts))
    memory = course.desk.memory(host)
    for name in facts:
        memory.untellable.pop(name, None)
    if secret:
        memory.conceal(facts)
        memory.secrets.note_derived(facts)


def _add_host(course: Course, result: Mapping[str, Any]) -> None:
    with translated():
        course.desk.core.inventory.add_dynamic_host(result["add_host"], {**result, "changed": False})
    course.story.layers.changed()


def act_on_meta(course: Course, what: str) -> None:
    """Do what clear_facts and refresh_inventory do to variables and inventory. Raises PlaybookError."""
    if what == "clear_facts":
        course.desk.core.variables.clear_facts(course.host)
        course.story.layers.changed(course.host)
        course.memory.facts = None
    elif what == "refresh_inventory":
        with translated():
            course.desk.core.inventory.refresh_inventory()
        course.story.layers.changed()
