"""Loop variables as Ansible sets them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from undrift.playbook.faults import Fault
from undrift.playbook.memory import StillOut, Untellable
from undrift.playbook.scope import Scope
from undrift.playbook.steps import Step


def loop_variables(step: Step, items: Sequence[Any], index: int) -> dict[str, Any]:
    """The variables that the task sees for the item at `index`."""
    control = step.loop_control
    name = control.loop_var if control else "item"
    variables: dict[str, Any] = {"ansible_loop_var": name, name: items[index]}
    if control and control.index_var:
        variables.update({"ansible_index_var": control.index_var, control.index_var: index})
    if control and control.extended:
        variables["ansible_loop"] = _extended(items, index, all_items=bool(control.extended_allitems))
    return variables


def label(step: Step, scope: Scope, item: Any) -> str:
    """How the item is called in what people see: loop_control's label, else the item itself."""
    wanted = step.loop_control.label if step.loop_control else None
    if wanted is None:
        return str(item)
    try:
        return str(scope.value(wanted))
    except (Fault, StillOut, Untellable):
        return str(item)


def _extended(items: Sequence[Any], index: int, *, all_items: bool) -> dict[str, Any]:
    length = len(items)
    loop: dict[str, Any] = {
        "index": index + 1,
        "index0": index,
        "first": index == 0,
        "last": index + 1 == length,
        "length": length,
        "revindex": length - index,
        "revindex0": length - index - 1,
    }
    if all_items:
        loop["allitems"] = list(items)
    if index + 1 < length:
        loop["nextitem"] = items[index + 1]
    if index:
        loop["previtem"] = items[index - 1]
    return loop
