"""The task at hand on the host at hand, for the actions (see actions.ask.Occasion)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from undrift.playbook import files
from undrift.playbook.memory import StillOut
from undrift.playbook.scope import Scope
from undrift.walk.desk import Desk


class TaskOccasion:
    """
    scope: the step, with the variables that the action sees. check_mode: as the step's keyword came out.
    """

    diff = True

    def __init__(self, desk: Desk, scope: Scope, *, check_mode: bool) -> None:
        self._desk = desk
        self._scope = scope
        self.action = scope.step.action
        self.check_mode = check_mode
        #: the task is a probe that was not run
        self.held_probe = False

    @property
    def changed_when_false(self) -> bool:
        conditions = self._scope.step.changed_when
        return len(conditions) == 1 and str(conditions[0]).strip().lower() in {"false", "no"}

    @property
    def run_probes(self) -> bool:
        return self._desk.options.run_probes

    @property
    def probe_patterns(self) -> Sequence[str]:
        return self._desk.options.probe_patterns

    def hold_probe(self) -> None:
        self._desk.probes_held_back += 1
        self.held_probe = True

    def find(self, kind: str, name: str) -> str:
        return files.find(self._desk.core, self._scope.step, kind, name)

    def read(self, path: str) -> bytes:
        content, vaulted = files.read(self._desk.core, path)
        self._scope.secret |= vaulted
        return content

    def is_vaulted(self, path: str) -> bool:
        return files.read(self._desk.core, path)[1]

    def render(self, path: str, args: Mapping[str, Any]) -> bytes:
        text = files.read_text(self._desk.core, path)
        if path in self._desk.core.loader.vaulted_paths:
            self._scope.secret = True
        rendered = self._scope.template(path, text, args)
        return rendered.encode(str(args.get("output_encoding") or "utf-8"), "surrogateescape")

    def fact(self, name: str) -> Any:
        memory = self._scope.memory
        variable = self._scope.chain.get("ansible_" + name)
        if isinstance(variable, str):
            return variable
        if name not in memory.own_facts:
            raise StillOut(facts=frozenset({name}))
        return memory.own_facts[name]

    def variable(self, name: str) -> Any:
        chain = self._scope.chain
        return self._scope.value(chain[name]) if name in chain else None
