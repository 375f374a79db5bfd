"""
The variables of a host for a task, as layers that many tasks and hosts share, highest first:

    loop and local | magic | extra vars, include and role parameters | set_fact, register | include_vars |
    play, vars_files, role and task vars | inventory and facts of the host | role defaults

ansible-core's own get_vars merges all of this anew for every task and host: 0.2 to 0.7 ms each. A contract test
compares the two.
"""

from __future__ import annotations

from collections import ChainMap
from collections.abc import MutableMapping
from typing import Any

from ansible import constants as C  # noqa: N812 - as everybody who writes for Ansible calls it
from ansible.errors import AnsibleFileNotFound, AnsibleUndefinedVariable
from ansible.playbook.play import Play
from ansible.vars.manager import preprocess_vars

from undrift.playbook.boot import Core
from undrift.playbook.engine import Engine
from undrift.playbook.faults import translated
from undrift.playbook.needs import ROLL
from undrift.playbook.steps import Step

Layer = MutableMapping[str, Any]


class Layers:
    """The layers of one play. Those of a host are forgotten by `changed` when facts or the inventory move."""

    def __init__(self, core: Core, play: Play, engine: Engine, hosts: list[str]) -> None:
        self._core = core
        self._play = play
        self._engine = engine
        self._hosts: dict[str, Layer] = {}
        self._files: dict[str, Layer] = {}
        self._steps: dict[tuple[str, int], tuple[Layer, Layer, Layer, Layer, Layer]] = {}
        self.magic = self._play_magic(hosts)
        #: dictionaries merge instead of replacing each other: then only ansible-core's own way is right
        self.merging = C.DEFAULT_HASH_BEHAVIOUR == "merge"

    def of(self, step: Step | None, host: str, fallen: frozenset[str] | None = None) -> ChainMap[str, Any]:
        """All variables of `host` for `step` (None: for the play), but `vars`. fallen: no longer in the play."""
        manager = self._core.variables
        roll = self._roll_without(fallen) if fallen else {}
        if self.merging:
            found = manager.get_vars(play=self._play, host=self._host(host), task=step and step.task)
            return ChainMap(roll, found)
        magic, params, upper, play, defaults = self._static(step)
        files = [self._vars_files(host)] if self._play.get_vars_files() else []
        return ChainMap(
            magic,
            roll,
            self.magic,
            params,
            manager._nonpersistent_fact_cache[host],
            manager._vars_cache[host],
            upper,
            *files,
            play,
            self.of_host(host),
            defaults,
        )

    def everything(
        self, step: Step | None, host: str, fallen: frozenset[str] | None = None
    ) -> dict[str, Any]:
        """As ansible-core's get_vars, `vars` included."""
        found: dict[str, Any] = dict(self.of(step, host, fallen))
        found["vars"] = dict(found)
        return found

    def of_host(self, host: str) -> Layer:
        """Inventory, group_vars, host_vars and facts."""
        layer = self._hosts.get(host)
        if layer is None:
            with translated():
                found: Layer = self._core.variables.get_vars(host=self._host(host), include_hostvars=False)
            for name in ("groups", "playbook_dir"):
                found.pop(name, None)
            layer = self._hosts[host] = found
        return layer

    def changed(self, host: str | None = None) -> None:
        """The facts of `host` moved; None: the inventory did."""
        if host is None:
            self._hosts.clear()
            self.magic["groups"] = self._core.inventory.get_groups_dict()
        else:
            self._hosts.pop(host, None)
        self._files.clear()

    def _roll_without(self, fallen: frozenset[str]) -> Layer:
        return {name: [host for host in self.magic[name] if host not in fallen] for name in ROLL}

    def _host(self, name: str) -> Any:
        return self._core.inventory.get_host(name)

    def _play_magic(self, hosts: list[str]) -> Layer:
        return dict(
            self._core.variables._get_magic_variables(
                play=self._play, host=None, task=None, include_hostvars=True, _hosts=hosts, _hosts_all=hosts
            )
        )

    def _static(self, step: Step | None) -> tuple[Layer, Layer, Layer, Layer, Layer]:
        """(magic, parameters, role and task variables, play variables, defaults): the same for every host."""
        key = (step.id if step else "", len(self._play.roles))
        found = self._steps.get(key)
        if found is None:
            found = self._steps[key] = self._read_static(step)
        return found

    def _read_static(self, step: Step | None) -> tuple[Layer, Layer, Layer, Layer, Layer]:
        defaults: Layer = {}
        upper: Layer = {}
        params: Layer = {}
        public = [role for role in self._play.roles if role.public]
        for role in public:
            defaults.update(role.get_default_vars())
        for role in public:
            upper.update(role.get_vars(include_params=False, only_exports=True))
        if step is not None:
            self._add_step(step, defaults, upper, params)
        params.update(self._core.variables.extra_vars)
        return self._step_magic(step), params, upper, dict(self._play.get_vars()), defaults

    @staticmethod
    def _add_step(step: Step, defaults: Layer, upper: Layer, params: Layer) -> None:
        task = step.task
        if task._role is not None:
            chain = task.get_dep_chain()
            defaults.update(task._role.get_default_vars(dep_chain=chain))
            upper.update(task._role.get_vars(chain, include_params=False, only_exports=False))
            params.update(task._role.get_role_params(chain))
        upper.update(task.get_vars())
        params.update(task.get_include_params())

    def _step_magic(self, step: Step | None) -> Layer:
        if step is None:
            return {}
        magic: Layer = {"environment": step.task.environment, "ansible_search_path": self.search_path(step)}
        role = step.task._role
        if role is not None:
            magic.update(
                role_name=role.get_name(include_role_fqcn=False),
                role_path=role._role_path,
                role_uuid=str(role._uuid),
                ansible_collection_name=role._role_collection,
                ansible_role_name=role.get_name(),
            )
        return magic

    def search_path(self, step: Step) -> list[str]:
        """ansible_search_path as ansible-core's task_executor sets it: the base directory is always in it."""
        base = self._core.loader.get_basedir()
        return step.search_path if base in step.search_path else [*step.search_path, base]

    def _vars_files(self, host: str) -> Layer:
        """The play's vars_files, whose names may depend on the host."""
        layer = self._files.get(host)
        if layer is None:
            layer = self._files[host] = {}
            known = ChainMap(
                layer, self.magic, self._core.variables.extra_vars, self._play.get_vars(), self.of_host(host)
            )
            engine = self._engine.over(known)
            for entry in self._play.get_vars_files():
                names = entry if isinstance(entry, list) else [entry]
                self._read_first(engine, names, layer)
        return layer

    def _read_first(self, engine: Engine, names: list[Any], layer: Layer) -> None:
        loader = self._core.loader
        for name in names:
            with translated():
                try:
                    path = engine.template(name)
                    found = loader.path_dwim_relative_stack(self._play.get_search_path(), "vars", path)
                except (AnsibleFileNotFound, AnsibleUndefinedVariable):
                    # As in ansible-core: a name that hangs on what is not there is passed over.
                    continue
                data = loader.load_from_file(found, unsafe=True, cache="vaulted", trusted_as_template=True)
            for one in preprocess_vars(data) or []:
                layer.update(one)
            return
