"""Loads the plays of a playbook and what they include on the way."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any

from ansible import constants as C  # noqa: N812 - as everybody who writes for Ansible calls it
from ansible.errors import AnsibleError, AnsibleFileNotFound
from ansible.playbook import Playbook
from ansible.playbook.block import Block
from ansible.playbook.handler import Handler
from ansible.playbook.helpers import load_list_of_blocks
from ansible.playbook.play import Play
from ansible.playbook.role_include import IncludeRole
from ansible.playbook.task import Task
from ansible.playbook.task_include import TaskInclude
from ansible.vars.hostvars import HostVars

from undrift.errors import PlaybookError, UndriftError
from undrift.playbook.boot import Core
from undrift.playbook.engine import Engine
from undrift.playbook.faults import Fault, translated
from undrift.playbook.layers import Layers
from undrift.playbook.memory import Memory, StillOut, Untellable
from undrift.playbook.needs import NOTHING, Analyst, Needs
from undrift.playbook.scope import Scope
from undrift.playbook.steps import Branch, Step, StepMaker, all_steps
from undrift.playbook.truth import is_true


class Story:
    """One play, ready to be walked: its hosts, its steps, and what evaluates them."""

    def __init__(self, core: Core, play: Play, engine: Engine, maker: StepMaker) -> None:
        self._core = core
        self._maker = maker
        self.play = play
        self.engine = engine
        self.name: str = play.get_name()
        self.pattern = str(play.hosts if isinstance(play.hosts, str) else ":".join(map(str, play.hosts)))
        self.hosts: list[str] = [host.name for host in core.inventory.get_hosts(play.hosts, order=play.order)]
        self.analyst = Analyst(engine.environment, core.loader.vaulted_paths)
        self.layers = Layers(core, play, engine, self.hosts)
        with translated():
            variables = core.variables.get_vars(play=play)
            blocks = [block.filter_tagged_tasks(variables) for block in play.compile()]
        self._all_vars = variables
        self.branches = maker.branches(blocks)
        self._includes: dict[Any, list[Branch]] = {}
        #: whether what an include brings is done once, by where that stands
        self._brings_once: dict[tuple[str, int], bool] = {}
        self._facts: frozenset[str] | None = None

    @property
    def gathers_facts(self) -> bool:
        """Whether Ansible would run `setup` before the first task: what it yields is then there to be asked for."""
        gather = self.play.gather_facts
        return bool(gather) if gather is not None else C.DEFAULT_GATHERING != "explicit"

    def scope(self, step: Step, memory: Memory) -> Scope:
        """What evaluates the step for the host of this memory."""
        return Scope(self.engine, self.analyst, self.layers, step, memory)

    @cached_property
    def gathering(self) -> Step:
        """The implicit first task of the play, which brings facts: as who the play's own keywords say."""
        ds = {"name": "Gathering Facts", "action": "ansible.builtin.gather_facts"}
        with translated():
            task = Task.load(ds, block=Block(play=self.play), loader=self._core.loader)
        task.implicit = True
        return self._maker.step(task)

    @cached_property
    def facts_of_files(self) -> frozenset[str]:
        """Facts that the names of vars_files hang on."""
        needs = NOTHING
        for entry in self.play.get_vars_files():
            needs |= self.analyst.of_value(entry)
        return needs.facts

    def facts_named(self) -> frozenset[str]:
        """Every name that looks like a fact in the steps and their variables: asked for together, in one go."""
        if self._facts is None:
            needs = NOTHING
            for step in self.steps():
                needs |= self._needs_of(step)
            self._facts = needs.facts
        return self._facts

    def steps(self) -> Iterator[Step]:
        """Every step in the order of the file, without what includes bring on the way."""
        return all_steps(self.branches)

    def handlers(self) -> list[Step]:
        """In the order in which they run; those of roles that were included meanwhile among them."""
        return [self._maker.step(handler) for block in self.play.handlers for handler in block.block]

    def handler_names(self, wanted: str) -> list[str]:
        """The handlers that `wanted` notifies: by name, `role : name`, or what they listen to. Empty for none."""
        return [self._names_of(handler)[0] for handler in self._notified(wanted)]

    def handlers_of(self, wanted: str) -> list[str]:
        """As handler_names, their steps' ids. Raises Fault when there is none and Ansible insists on one."""
        found = [str(handler._uuid) for handler in self._notified(wanted)]
        if not found and self.insists_on_handlers:
            raise Fault(no_handler(wanted))
        return found

    def _notified(self, wanted: str) -> list[Handler]:
        """By name the last of that name, and of those that listen the last of each name."""
        handlers = [handler for block in self.play.handlers for handler in block.block]
        named = [handler for handler in reversed(handlers) if wanted in self._names_of(handler)][:1]
        listening: dict[str, Handler] = {}
        for handler in reversed(handlers):
            if wanted in (handler.listen or []):
                listening.setdefault(str(handler.name or handler._uuid), handler)
        return list(dict.fromkeys([*named, *reversed(listening.values())]))

    @property
    def forces_handlers(self) -> bool:
        """Whether handlers run on a host on which a task has failed, too."""
        forced = self.play.force_handlers
        return bool(C.DEFAULT_FORCE_HANDLERS if forced is None else forced)

    def _names_of(self, handler: Handler) -> list[str]:
        """What it is told by, the name that people see first; names are rendered with the play's variables."""
        name = str(handler.name or "")
        if "{{" in name:
            with contextlib.suppress(AnsibleError):
                name = str(self.engine.over(self._all_vars).template(handler.name))
        role = handler._role
        if role is None:
            return [name or str(handler.get_name())]
        return [f"{role.get_name(include_role_fqcn=full)} : {name}" for full in (True, False)] + [name]

    @property
    def insists_on_handlers(self) -> bool:
        """Whether a notification that no handler answers is an error."""
        return bool(C.ERROR_ON_MISSING_HANDLER)

    def _needs_of(self, step: Step) -> Needs:
        needs = NOTHING
        for condition in (*step.when, *step.changed_when, *step.failed_when, *step.until):
            if isinstance(condition, str):
                needs |= self.analyst.of_text(condition, expression=True)
        scope = self.scope(step, Memory(self.hosts[0] if self.hosts else "localhost"))
        for value in (step.args, step.loop, step.environment):
            needs |= scope.needs(value)
        for condition in step.when:
            if isinstance(condition, str):
                needs |= scope.needs(condition, expression=True)
        return needs

    # -- includes ---------------------------------------------------------------------------------------------

    def include(
        self, step: Step, args: Mapping[str, Any], local: Mapping[str, Any], scope: Scope
    ) -> list[Branch]:
        """
        The steps that an include_tasks or include_role brings, loaded once for all hosts with equal arguments.
        args: rendered. local: loop variables. Raises Fault as Ansible would fail.
        """
        key = (step.id, repr(sorted(args.items(), key=str)), repr(sorted(local.items(), key=str)))
        found = self._includes.get(key)
        if found is None:
            found = self._includes[key] = self._included(step, args, local, scope, self.play)
        return found

    def may_be_done_once(self, entries: Sequence[Step | Branch], memory: Memory) -> bool:
        """
        Whether one of these, or of what they may include, is done once for all hosts. Yes for an include whose name
        only the host tells that makes it. memory: of the host that leaves them out.
        """
        return any(
            step.run_once or (step.is_include and self._may_bring_once(step, memory))
            for step in all_steps(entries)
        )

    def _may_bring_once(self, step: Step, memory: Memory) -> bool:
        key = (step.file, step.line)
        if key not in self._brings_once:
            # What includes itself brings nothing more.
            self._brings_once[key] = False
            self._brings_once[key] = self._looked_into(step, memory)
        return self._brings_once[key]

    def _looked_into(self, step: Step, memory: Memory) -> bool:
        if self.analyst.of_value(step.args) is not NOTHING:
            return True
        # No host has made this include yet: the play must not have its roles and handlers.
        play = self.play.copy()
        play.role_cache = {}
        try:
            entries = self._included(step, step.args, {}, self.scope(step, memory), play)
        except (StillOut, Untellable):
            return True
        except UndriftError:
            return False
        return self.may_be_done_once(entries, memory)

    def _included(
        self, step: Step, args: Mapping[str, Any], local: Mapping[str, Any], scope: Scope, play: Play
    ) -> list[Branch]:
        with translated(Fault):
            loaded = (
                self._include_role(step, args, local, play)
                if step.includes_role
                else self._include_tasks(step, args, local, scope, play)
            )
            blocks = [block.filter_tagged_tasks(self._all_vars) for block in loaded]
        return self._maker.branches(blocks)

    def _include_role(
        self, step: Step, args: Mapping[str, Any], local: Mapping[str, Any], play: Play
    ) -> Sequence[Any]:
        copy: IncludeRole = step.task.copy()
        copy._role_name = args.get("name", args.get("role"))
        for name in copy.FROM_ARGS:
            if name in args:
                copy._from_files[name.removesuffix("_from")] = args[name]
        copy.public = is_true(args.get("public", copy.public))
        copy._parent = step.task._parent
        copy.vars = {**copy.vars, **local}
        blocks, _handlers = copy.get_block_list(
            play=play, variable_manager=self._core.variables, loader=self._core.loader
        )
        return list(blocks)

    def _include_tasks(
        self, step: Step, args: Mapping[str, Any], local: Mapping[str, Any], scope: Scope, play: Play
    ) -> Sequence[Any]:
        target = args.get("_raw_params") or args.get("file")
        if not target:
            raise Fault("No include file was specified to the include", where=f"{step.file}:{step.line}")
        path = self._find_tasks(step, str(target), scope)
        try:
            data = self._core.loader.load_from_file(path, trusted_as_template=True)
        except AnsibleFileNotFound:
            raise Fault(
                f"Could not find or access '{path}' on the Ansible Controller.",
                where=f"{step.file}:{step.line}",
            ) from None
        if data is None:
            return []
        if not isinstance(data, list):
            raise Fault("included task files must contain a list of tasks", where=path)
        copy: TaskInclude = step.task.copy(exclude_parent=True)
        copy._parent = step.task._parent
        copy.vars = {**copy.vars, **local}
        return load_list_of_blocks(
            data,
            play=play,
            parent_block=copy.build_parent_block(),
            role=step.task._role,
            use_handlers=False,
            loader=self._core.loader,
            variable_manager=self._core.variables,
        )

    def _find_tasks(self, step: Step, target: str, scope: Scope) -> str:
        """The file an include means: relative to the including files, the role's tasks, the playbook."""
        loader, role = self._core.loader, step.task._role
        cumulative = None
        for folder in self._including_folders(step, scope):
            cumulative = (
                os.path.join(folder, cumulative) if cumulative and not os.path.isabs(cumulative) else folder
            )
            if role:
                base = os.path.join(role._role_path, "tasks", cumulative)
                candidates = [
                    loader.path_dwim_relative(role._role_path, "tasks", target, is_role=True),
                    loader.path_dwim_relative(base, "tasks", target, is_role=True),
                ]
            else:
                candidates = [loader.path_dwim_relative(loader.get_basedir(), cumulative, target)]
            for candidate in candidates:
                if os.path.exists(candidate):
                    return str(candidate)
        if role:
            return str(loader.path_dwim_relative(role._role_path, "tasks", target, is_role=True))
        return str(loader.path_dwim(target))

    @staticmethod
    def _including_folders(step: Step, scope: Scope) -> Iterator[str]:
        parent = step.task._parent
        while parent is not None:
            if isinstance(parent, IncludeRole):
                yield str(parent._role_path or "")
            elif isinstance(parent, TaskInclude):
                yield os.path.dirname(str(scope.value(parent.args.get("_raw_params")) or ""))
            parent = parent._parent


def no_handler(wanted: str) -> str:
    """What Ansible says of a notification that nobody answers to."""
    return (
        f"The requested handler '{wanted}' was not found in either the main handlers list nor in the listening"
        " handlers list"
    )


def load_plays(core: Core) -> Iterator[Story]:
    """
    The plays of the playbook, each made ready when it is its turn: an earlier one may add hosts and groups. Raises
    PlaybookError with ansible-core's message, file and line for whatever ansible-core refuses.
    """
    path = core.options.playbook
    with translated():
        plays = Playbook.load(path, variable_manager=core.variables, loader=core.loader).get_plays()
    maker = StepMaker()
    for play in plays:
        with translated():
            core.loader.set_basedir(os.path.dirname(os.path.abspath(path)))
            engine = Engine.first(core.loader)
            _ask_prompts(play, core)
            variables = core.variables.get_vars(play=play)
            play.post_validate(engine.over(variables))
            play.handlers = play.compile_roles_handlers() + play.handlers
            HostVars(core.inventory, core.variables, core.loader)
            yield Story(core, play, engine, maker)


def _ask_prompts(play: Play, core: Core) -> None:
    """vars_prompt: from --extra-vars, else the default; a prompt without one cannot be answered in a scan."""
    for prompt in play.vars_prompt:
        name = prompt["name"]
        if name in core.variables.extra_vars:
            continue
        if prompt.get("default") is None:
            raise PlaybookError(
                f"the play {play.get_name()!r} asks for {name!r}, which has no default",
                help=f"give it with -e {name}=...",
            )
        play.vars[name] = prompt["default"]
