"""
Evaluates what a step says for one host. Only the variables that an expression needs are handed to ansible-core: each
one handed in costs, and a variable whose answer is still out must be noticed before it is used.
"""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Iterator, Mapping, MutableMapping
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from ansible._internal._datatag import _utils as tag_utils
from ansible._internal._datatag._tags import TrustedAsTemplate
from ansible._internal._task import TaskArgsFinalizer, TaskContext
from ansible._internal._templating._engine import TemplateOptions
from ansible._internal._templating._jinja_plugins import _DirectCall, _invoke_lookup
from ansible._internal._templating._template_vars import generate_ansible_template_vars
from ansible.errors import AnsibleValueOmittedError
from ansible.executor.module_common import _get_action_arg_defaults

from undrift.playbook.engine import Engine, overrides
from undrift.playbook.faults import Fault, translated
from undrift.playbook.layers import Layers
from undrift.playbook.memory import Memory, StillOut, Untellable
from undrift.playbook.needs import NOTHING, Analyst, Needs
from undrift.playbook.overrides import jinja_options, overrides_of
from undrift.playbook.steps import Step, listed
from undrift.playbook.truth import is_true
from undrift.playbook.unwritten import hold_back_writing

#: Variables that are not templates of the playbook's author, so that following them is of no use.
OPAQUE = frozenset(
    {"groups", "hostvars", "ansible_play_hosts", "ansible_play_batch", "ansible_play_hosts_all", "vars"}
)

#: What a template may say about itself (template_host and its like hang on ansible_managed, too).
ABOUT_THE_TEMPLATE = frozenset(
    {
        "ansible_managed",
        "template_destpath",
        "template_fullpath",
        "template_host",
        "template_mtime",
        "template_path",
        "template_run_date",
        "template_uid",
    }
)


class Scope:
    """One step for one host, with the loop variables of one item."""

    def __init__(self, engine: Engine, analyst: Analyst, layers: Layers, step: Step, memory: Memory) -> None:
        self._engine = engine
        self._analyst = analyst
        self._layers = layers
        self.step = step
        self.memory = memory
        self.local: dict[str, Any] = {}
        self._chain: ChainMap[str, Any] | None = None
        #: a secret took part in something that was rendered here
        self.secret = False
        #: other hosts that are out of the play by now; None: the walk has not seen to it yet that their answers are in
        self.fallen: frozenset[str] | None = None

    def item(self, local: Mapping[str, Any]) -> Scope:
        """The same step with the loop variables of one item."""
        scope = Scope(self._engine, self._analyst, self._layers, self.step, self.memory)
        scope.local = dict(local)
        scope.fallen = self.fallen
        return scope

    @property
    def others_are_in(self) -> bool:
        """Whether other hosts' answers may be read."""
        return self.fallen is not None

    @property
    def chain(self) -> ChainMap[str, Any]:
        """All variables of the step for the host but `vars`, the loop's own first; kept until `forget`."""
        if self._chain is None:
            layers = self._layers.of(self.step, self.memory.host, self.fallen)
            self._chain = ChainMap(self.local, *layers.maps)
        return self._chain

    def forget(self) -> None:
        """Look the variables up anew: facts or registers have come in."""
        self._chain = None

    # -- what is needed ---------------------------------------------------------------------------------------

    def needs(self, value: Any, *, expression: bool = False) -> Needs:
        """The needs of `value`, followed through every variable that it reads."""
        first = self._analyst.of_text(value, expression=True) if expression else self._analyst.of_value(value)
        return self._follow(first)

    def _follow(self, first: Needs) -> Needs:
        total, waiting, seen = first, set(first.names), set[str]()
        chain = self.chain
        while waiting:
            name = waiting.pop()
            seen.add(name)
            if name in OPAQUE or name not in chain:
                continue
            needs = self._analyst.of_value(chain[name])
            if needs is not NOTHING:
                total |= needs
                waiting |= needs.names - seen
        return total

    def variables(self, needs: Needs) -> MutableMapping[str, Any]:
        """The variables to render with. Raises StillOut and Untellable."""
        self._check_answers(needs)
        self._check_facts(needs)
        if needs.lookups:
            hold_back_writing()
        if self.reveals(needs):
            self.secret = True
            self._note_secrets(needs)
        if needs.everything:
            return dict(self._layers.everything(self.step, self.memory.host, self.fallen), **self.local)
        chain = self.chain
        return {name: chain[name] for name in needs.names if name in chain}

    def reveals(self, needs: Needs) -> bool:
        """Whether a secret takes part."""
        memory = self.memory
        return needs.secret or not needs.names.isdisjoint(memory.secret) or memory.secrets.reach(needs)

    def is_secret(self, raw: Any) -> bool:
        """Whether a secret would take part in a value as it stands in the playbook."""
        return self.reveals(self.needs(raw))

    def _note_secrets(self, needs: Needs) -> None:
        chain = self.chain
        for name in needs.names:
            if name in chain:
                self.memory.secrets.note_vaulted(name, chain[name], self._analyst)

    def _check_answers(self, needs: Needs) -> None:
        memory = self.memory
        if needs.others and not self.others_are_in:
            raise StillOut(others=True, facts=needs.facts)
        if memory.out and (needs.everything or not needs.names.isdisjoint(memory.out)):
            raise StillOut(names=frozenset(memory.out if needs.everything else needs.names & memory.out))
        if memory.setters and (
            needs.facts or needs.all_facts or not all(name in self.chain for name in needs.names)
        ):
            raise StillOut(setters=True)
        if memory.untellable:
            read = needs.names | needs.words if needs.everything else needs.names
            for name in sorted(read & memory.untellable.keys()):
                if name not in self.local:
                    raise Untellable(memory.untellable[name])
        if needs.others:
            self._check_others(needs)

    def _check_others(self, needs: Needs) -> None:
        """What nobody can tell of another host cannot be read through hostvars either."""
        for host, memory in self.memory.others.items():
            for name in sorted(needs.words & memory.untellable.keys()):
                reason = memory.untellable[name]
                raise Untellable(replace(reason, text=f"of {host}: {reason.text}"))

    def _check_facts(self, needs: Needs) -> None:
        memory = self.memory
        if memory.facts is None or memory.all_facts:
            return
        if needs.all_facts:
            raise StillOut(facts=frozenset({"*"}))
        missing = {
            fact
            for fact in needs.facts - memory.facts
            if "ansible_" + fact not in self.chain or "ansible_facts" in needs.names
        }
        if missing:
            raise StillOut(facts=frozenset(missing))

    @contextmanager
    def _evaluating(self) -> Iterator[None]:
        """ansible-core's errors become ours; a lookup that opens something encrypted makes the scope secret."""
        loader = self._engine._loader
        reads = getattr(loader, "vaulted_reads", 0)
        with translated(Fault), TaskContext(self.step.task):
            yield
        self.secret |= getattr(loader, "vaulted_reads", 0) != reads

    def engine_over(self, variables: MutableMapping[str, Any]) -> Engine:
        return self._engine.over(variables)

    # -- evaluation -------------------------------------------------------------------------------------------

    def value(self, raw: Any, *, extra: Mapping[str, Any] | None = None) -> Any:
        """
        `raw` rendered; None for omit. Raises Fault (undefined, broken template), StillOut, Untellable.
        """
        needs = self.needs(raw)
        if needs is NOTHING:
            return raw
        variables = self._with(needs, extra)
        with self._evaluating():
            try:
                return self._engine.over(variables).template(raw)
            except AnsibleValueOmittedError:
                return None

    def holds(self, condition: Any, *, extra: Mapping[str, Any] | None = None) -> bool:
        """Whether a condition (of when, changed_when ...) is true. Raises as `value`."""
        if isinstance(condition, bool):
            return condition
        needs = self.needs(condition, expression=True)
        variables = self._with(needs, extra)
        with self._evaluating():
            return bool(self._engine.over(variables).evaluate_conditional(condition))

    def ready(self, condition: Any, *, but: frozenset[str]) -> None:
        """Raise StillOut or Untellable where `holds` would, once the variables `but` are at hand."""
        if isinstance(condition, str):
            self.variables(self.needs(condition, expression=True).without(but))

    def flag(self, raw: Any) -> bool:
        """A keyword that is true or false and may be a template."""
        if raw is None or isinstance(raw, bool):
            return bool(raw)
        return is_true(self.value(raw))

    def items(self) -> list[Any] | None:
        """The items of the step's loop; None when it has none. Raises as `value`."""
        step = self.step
        if step.loop_with:
            return self._with_lookup(step.loop_with, step.loop)
        if step.loop is None:
            return None
        found = self.value(step.loop)
        if not isinstance(found, list):
            raise Fault(
                f"The `loop` value must resolve to a 'list', not {type(found).__name__!r}.",
                where=f"{step.file}:{step.line}",
            )
        return found

    def _with_lookup(self, plugin: str, raw: Any) -> list[Any]:
        needs = self.needs(raw) | Needs(names=frozenset({"ansible_search_path", "role_path"}), lookups=True)
        engine = self._engine.over(self.variables(needs))
        with self._evaluating():
            terms = (
                engine.resolve_to_container(tag_utils.str_problematic_strip(raw))
                if isinstance(raw, str)
                else raw
            )
            terms = terms if isinstance(terms, list) else [terms]

            @_DirectCall.mark
            def invoke_lookup() -> Any:
                return _invoke_lookup(
                    plugin_name=plugin,
                    lookup_terms=terms,
                    lookup_kwargs={"wantlist": True},
                    invoked_as_with=True,
                )

            call = TrustedAsTemplate().tag("invoke_lookup()")
            return list(engine.evaluate_expression(call, local_variables={"invoke_lookup": invoke_lookup}))

    def args(self) -> dict[str, Any]:
        """The step's arguments as its action gets them: rendered, with module_defaults, without omitted ones."""
        step = self.step
        if "args" in step.notes:
            shared: dict[str, Any] = step.notes["args"]
            return dict(shared)
        task = step.task
        raw = task.args
        defaults = self._module_defaults()
        variable = raw.get("_variable_params")
        whole = None if step.takes_raw_params else raw.get("_raw_params")
        apart = {"_variable_params"} if step.takes_raw_params else {"_variable_params", "_raw_params"}
        layers = [defaults, variable, whole, {key: value for key, value in raw.items() if key not in apart}]
        needs = NOTHING
        for layer in layers:
            needs |= self.needs(layer)
        if needs is NOTHING and not variable and not whole:
            # Nothing to render: the same for every host.
            step.notes["args"] = {**defaults, **layers[3]}
            return dict(step.notes["args"])
        engine = self._engine.over(self.variables(needs))
        with self._evaluating():
            finalizer = TaskArgsFinalizer(*layers, templar=engine)
            return dict(finalizer.finalize(step.action_class.finalize_task_arg, context=None))

    def _module_defaults(self) -> dict[str, Any]:
        task = self.step.task
        if not any(task.module_defaults or ()):
            return {}
        defaults: dict[str, Any] = {}
        for one in listed(task.module_defaults):
            defaults.update(one)
        engine = self._engine.over(self.variables(self.needs(defaults)))
        with translated(Fault):
            return dict(_get_action_arg_defaults(self.step.action, task, engine))

    def environment(self) -> dict[str, str]:
        """The environment keyword, inherited ones under the nearer ones."""
        total: dict[str, str] = {}
        for one in self.step.environment:
            rendered = self.value(one)
            if isinstance(rendered, Mapping):
                total.update({str(key): str(value) for key, value in rendered.items()})
        return total

    def template(self, path: str, text: str, args: Mapping[str, Any]) -> str:
        """
        The text of a template file rendered as Ansible's template action does. args: the action's own, whose
        overrides (newline_sequence, trim_blocks, block_start_string ...) count.
        """
        options = overrides_of(args)
        needs = self._follow(self._analyst.of_text(text, options=jinja_options(options)))
        needs |= Needs(names=frozenset({"ansible_search_path"}))
        variables = self.variables(needs)
        if needs.everything or needs.names & ABOUT_THE_TEMPLATE:
            variables.update(
                generate_ansible_template_vars(
                    path=args.get("src"),
                    fullpath=path,
                    dest_path=args.get("dest"),
                    include_ansible_managed="ansible_managed" not in variables,
                )
            )
        engine = self._engine
        if needs.everything:
            paths = [*self._layers.search_path(self.step), path.rpartition("/")[0]]
            engine = engine.searching([one for base in paths for one in (base + "/templates", base)])
        with self._evaluating():
            rendered = engine.over(variables).template(
                TrustedAsTemplate().tag(text),
                options=TemplateOptions(escape_backslashes=False, overrides=overrides(**options)),
            )
        return "" if rendered is None else str(rendered)

    def _with(self, needs: Needs, extra: Mapping[str, Any] | None) -> MutableMapping[str, Any]:
        return dict(self.variables(needs.without(extra.keys())), **extra) if extra else self.variables(needs)
