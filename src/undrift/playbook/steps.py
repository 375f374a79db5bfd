"""Plays as trees of steps: what ansible-core loaded, with what is the same for every host read once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from ansible.parsing.mod_args import RAW_PARAM_MODULES
from ansible.playbook.block import Block
from ansible.playbook.role_include import IncludeRole
from ansible.playbook.task import Task
from ansible.playbook.task_include import TaskInclude
from ansible.plugins.action import ActionBase
from ansible.plugins.loader import action_loader, module_loader


class Step:
    """One task as the playbook has it, for all hosts. Keywords are raw: templates are not rendered yet."""

    def __init__(self, task: Task) -> None:
        self.task = task
        self.id: str = task._uuid
        self.action: str = _full_name(task)
        path, _, line = (task.get_path() or "").rpartition(":")
        self.file = path
        self.line = int(line) if line.isdigit() else 0
        self.args: Mapping[str, Any] = task.args
        self.implicit = bool(task.implicit)
        #: memory for whoever prepares the step: what is the same for every host
        self.notes: dict[str, Any] = {}

    @cached_property
    def name(self) -> Any:
        """The name as written, which may be a template; the action where there is none."""
        return self.task.name or self.task.action

    @cached_property
    def title(self) -> str:
        """What Ansible prints: `role : name`."""
        return str(self.task.get_name())

    @cached_property
    def when(self) -> list[Any]:
        return listed(self.task.when)

    @cached_property
    def loop(self) -> Any:
        return self.task.loop

    @cached_property
    def loop_with(self) -> str | None:
        """The lookup's name of a `with_...` loop; its terms are in `loop`."""
        return self.task.loop_with

    @cached_property
    def loop_control(self) -> Any:
        return self.task.loop_control

    @cached_property
    def registers(self) -> tuple[str, ...]:
        """Names that the result goes to. From 2.21 on `register` is a dictionary."""
        register = self.task.register
        return () if not register else tuple(register) if isinstance(register, Mapping) else (str(register),)

    @cached_property
    def changed_when(self) -> list[Any]:
        return listed(self.task.changed_when)

    @cached_property
    def failed_when(self) -> list[Any]:
        return listed(self.task.failed_when)

    @cached_property
    def until(self) -> list[Any]:
        return listed(self.task.until)

    @cached_property
    def retries(self) -> Any:
        """How often the task is tried again; None: not said."""
        return self.task.retries

    @cached_property
    def delay(self) -> Any:
        """Seconds between two tries."""
        return self.task.delay

    @cached_property
    def notify(self) -> list[Any]:
        return listed(self.task.notify)

    @cached_property
    def ignore_errors(self) -> Any:
        return self.task.ignore_errors

    @cached_property
    def check_mode(self) -> Any:
        """As the playbook says; None: it says nothing."""
        return self.task.check_mode

    @cached_property
    def no_log(self) -> Any:
        return self.task.no_log

    @cached_property
    def run_once(self) -> Any:
        return self.task.run_once

    @cached_property
    def delegate_to(self) -> Any:
        return self.task.delegate_to

    @cached_property
    def delegates_facts(self) -> bool:
        """Whether what the task learns is the delegate's: ansible-core has made delegate_facts a boolean by now."""
        return bool(self.task.delegate_to) and bool(self.task.delegate_facts)

    @cached_property
    def environment(self) -> list[Any]:
        return [one for one in listed(self.task.environment) if one]

    @cached_property
    def become(self) -> Any:
        return self.task.become

    @cached_property
    def is_include(self) -> bool:
        """Whether it brings steps when it is its turn: include_tasks, include_role."""
        return isinstance(self.task, TaskInclude)

    @cached_property
    def includes_role(self) -> bool:
        return isinstance(self.task, IncludeRole)

    @cached_property
    def trail(self) -> str:
        """The role that the task belongs to, empty for none."""
        return str(self.task._role.get_name()) if self.task._role else ""

    def described(self) -> dict[str, Any]:
        """The task's keywords, as `ansible_failed_task` has them; templates as they stand."""
        return dict(self.task.dump_attrs())

    def role_is_done(self, host: str) -> bool:
        """Whether the step's role has been through on this host, and does not allow a second time."""
        role = self.task._role
        return role is not None and host in role._completed and not role._metadata.allow_duplicates

    def complete_role(self, host: str) -> None:
        """Note that the step's role, if any, has been through on this host (meta: role_complete)."""
        if self.task._role is not None:
            self.task._role._completed[host] = True

    @cached_property
    def search_path(self) -> list[str]:
        """
        Where its files are looked for (Task.get_search_path): its roles, the nearest first, then its file's
        folder.
        """
        return list(self.task.get_search_path())

    @cached_property
    def has_action_plugin(self) -> bool:
        """Whether an action plugin of its name runs on the controller."""
        return bool(action_loader.get_with_context(self.action, class_only=True).plugin_load_context.resolved)

    @cached_property
    def sets_facts(self) -> bool:
        """Whether it may set variables of its own choice, so that nobody knows which before it has answered."""
        name = self.action.rpartition(".")[2]
        if name.endswith("_facts") or name in {"setup", "getent"}:
            return True
        return not self.action.startswith("ansible.builtin.") and not _is_shared(self.module_path)

    @cached_property
    def action_class(self) -> type[ActionBase]:
        """The action plugin's class; the one that just runs the module, where there is none."""
        return action_loader.get_with_context(self.action, class_only=True).object or ActionBase

    @cached_property
    def takes_raw_params(self) -> bool:
        """Whether free text is an argument of the action; else it can only be a template of all arguments."""
        return self.action in RAW_PARAM_MODULES or bool(self.action_class.supports_raw_params)

    @cached_property
    def module_path(self) -> str:
        """The genuine module's file; empty when there is none of that name."""
        found = module_loader.find_plugin_with_context(self.action, collection_list=self.task.collections)
        return str(found.plugin_resolved_path or "") if found.resolved else ""


@dataclass(slots=True)
class Branch:
    """A block: steps and blocks in order, those for a failure of one of them, and those for every case."""

    steps: Sequence[Step | Branch]
    rescue: Sequence[Step | Branch] = ()
    always: Sequence[Step | Branch] = ()
    block: Any = field(default=None, repr=False)


class StepMaker:
    """Makes each task's step once, however often it is met."""

    def __init__(self) -> None:
        self._steps: dict[str, Step] = {}

    def branches(self, blocks: Sequence[Block]) -> list[Branch]:
        """A branch for each block that has tasks."""
        return [self.branch(block) for block in blocks if block.has_tasks()]

    def branch(self, block: Block) -> Branch:
        """The block with all steps and blocks in it."""
        return Branch(
            steps=list(self._list(block.block)),
            rescue=list(self._list(block.rescue)),
            always=list(self._list(block.always)),
            block=block,
        )

    def step(self, task: Task) -> Step:
        step = self._steps.get(task._uuid)
        if step is None:
            step = self._steps[task._uuid] = Step(task)
        return step

    def _list(self, entries: Sequence[Task | Block]) -> Iterator[Step | Branch]:
        for entry in entries:
            yield self.branch(entry) if isinstance(entry, Block) else self.step(entry)


def all_steps(branches: Sequence[Step | Branch]) -> Iterator[Step]:
    """Every step in the trees, in the order of the file."""
    for entry in branches:
        if isinstance(entry, Step):
            yield entry
        else:
            yield from all_steps([*entry.steps, *entry.rescue, *entry.always])


def listed(value: Any) -> list[Any]:
    """A keyword that may be one value or a list of them; iterating a string would yield letters."""
    if value is None:
        return []
    return list(value) if isinstance(value, list | tuple) else [value]


def _is_shared(module_path: str) -> bool:
    """Whether the module comes with ansible-core or a collection: those that set facts say so in their names."""
    return "/ansible/modules/" in module_path or "/ansible_collections/" in module_path


def _full_name(task: Task) -> str:
    resolved = task.resolved_action or task.action
    name = str(resolved)
    if name.startswith("ansible.legacy."):
        return "ansible.builtin." + name.removeprefix("ansible.legacy.")
    return name


CONTROLLER_ACTIONS = frozenset(
    "ansible.builtin." + name
    for name in [
        "set_fact",
        "debug",
        "assert",
        "fail",
        "include_vars",
        "add_host",
        "group_by",
        "set_stats",
        "validate_argument_spec",
    ]
)


def is_controller_side(step: Step) -> bool:
    """Whether Ansible answers this action on the controller, without a connection."""
    return step.action in CONTROLLER_ACTIONS
