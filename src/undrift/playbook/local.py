"""Actions that Ansible answers on the controller: its own action plugins do, without a connection."""

from __future__ import annotations

from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

from ansible._internal._task import TaskContext
from ansible.errors import AnsibleError
from ansible.playbook.play_context import PlayContext
from ansible.plugins import loader as plugin_loaders
from ansible.plugins.loader import action_loader, shell_loader
from ansible.template import Templar

from undrift.playbook.boot import Core
from undrift.playbook.faults import fault_from
from undrift.playbook.needs import NOTHING
from undrift.playbook.scope import Scope


def run_on_controller(core: Core, scope: Scope, args: Mapping[str, Any], raw: list[Any]) -> dict[str, Any]:
    """
    The result of the step's action plugin (set_fact, assert, fail, include_vars, debug ...). raw: expressions that
    the plugin evaluates by itself, as they stand in the playbook. Raises StillOut, Untellable; a failure is a result
    with `failed` and `msg`.
    """
    needs = NOTHING
    for expression in raw:
        needs |= (
            scope.needs(expression, expression=True)
            if isinstance(expression, str)
            else scope.needs(expression)
        )
    variables = dict(scope.variables(needs))
    variables.setdefault("ansible_search_path", scope.step.search_path)
    task = scope.step.task.copy(exclude_parent=True, exclude_tasks=True)
    task._parent = scope.step.task._parent
    task.args = dict(args)
    task.check_mode = core.options.check
    # What include_vars and its like look up by themselves.
    for name in ("role_path", "playbook_dir", "inventory_hostname"):
        if name in scope.chain:
            variables.setdefault(name, scope.chain[name])
    engine = scope.engine_over(variables)
    plugin = action_loader.get(
        scope.step.action,
        task=task,
        connection=SimpleNamespace(_shell=shell_loader.get("sh"), become=None),
        play_context=PlayContext(),
        loader=core.loader,
        templar=Templar._from_template_engine(engine),
        shared_loader_obj=plugin_loaders,
    )
    try:
        with TaskContext(task):
            result: dict[str, Any] = plugin.run(task_vars=variables)
    except AnsibleError as problem:
        fault = fault_from(problem)
        return {"failed": True, "changed": False, "msg": str(getattr(problem, "message", "") or fault.what)}
    except TypeError as problem:
        # How a plugin refuses a word that is no boolean.
        return {"failed": True, "changed": False, "msg": str(problem)}
    return result
