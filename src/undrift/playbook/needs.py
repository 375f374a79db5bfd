"""
What an expression, a template or any value needs before it can be rendered, read from its syntax tree: the names of
variables, followed through the variables that are templates themselves.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ansible._internal._datatag._tags import Origin, TrustedAsTemplate
from ansible._internal._templating._jinja_bits import AnsibleEnvironment
from ansible.parsing.vault import EncryptedString
from ansible.vars.hostvars import HostVars, HostVarsVars
from jinja2 import TemplateError, meta, nodes

#: Lookups that read no variables but those that say where to search.
PLAIN_LOOKUPS = frozenset(
    [
        "dict",
        "env",
        "file",
        "fileglob",
        "first_found",
        "flattened",
        "indexed_items",
        "items",
        "lines",
        "list",
        "nested",
        "password",
        "pipe",
        "random_choice",
        "sequence",
        "subelements",
        "together",
        "unvault",
        "csvfile",
        "ini",
        "url",
        "inventory_hostnames",
    ]
)
#: What lookups that search for files read.
SEARCH_NAMES = frozenset({"ansible_search_path", "role_path", "playbook_dir", "ansible_play_hosts", "groups"})


@dataclass(frozen=True, slots=True)
class Needs:
    """
    names: variables referred to. facts: facts referred to, without `ansible_`. everything: any variable may be read
    (`vars`, lookup('vars'), {% include %}). all_facts: `ansible_facts` as a whole. others: variables of other hosts.
    lookups: some lookup is called. secret: a vaulted value takes part.
    """

    names: frozenset[str] = frozenset()
    facts: frozenset[str] = frozenset()
    everything: bool = False
    all_facts: bool = False
    others: bool = False
    lookups: bool = False
    secret: bool = False

    def __or__(self, other: Needs) -> Needs:
        if other is NOTHING:
            return self
        if self is NOTHING:
            return other
        return Needs(
            self.names | other.names,
            self.facts | other.facts,
            self.everything or other.everything,
            self.all_facts or other.all_facts,
            self.others or other.others,
            self.lookups or other.lookups,
            self.secret or other.secret,
        )


NOTHING = Needs()
SECRET = Needs(secret=True)


class Analyst:
    """Reads the needs of values, each once: the values of a playbook live as long as the scan."""

    def __init__(self, environment: AnsibleEnvironment, vaulted_paths: set[str]) -> None:
        self._environment = environment
        self._vaulted_paths = vaulted_paths
        self._texts: dict[tuple[str, bool], Needs] = {}
        self._values: dict[int, tuple[Any, Needs]] = {}

    def of_text(
        self, text: str, *, expression: bool = False, options: Mapping[str, Any] | None = None
    ) -> Needs:
        """Needs of a template, or of a bare expression (`when`); of nothing when it does not even parse."""
        key = (str(text), expression)
        found = None if options else self._texts.get(key)
        if found is None:
            found = self._parse(str(text), expression=expression, options=options)
            if not options:
                self._texts[key] = found
        return found

    def of_value(self, value: Any) -> Needs:
        """Needs of a value as it stands in the playbook: text, list, dictionary, vaulted text."""
        if isinstance(value, bool | int | float) or value is None:
            return NOTHING
        known = self._values.get(id(value))
        if known is not None and known[0] is value:
            return known[1]
        needs = self._read(value)
        self._values[id(value)] = (value, needs)
        return needs

    def _read(self, value: Any) -> Needs:
        if isinstance(value, str):
            # What a server answered is no template, whatever it looks like.
            trusted = "{" in value and TrustedAsTemplate.is_tagged_on(value)
            needs = self.of_text(value) if trusted else NOTHING
            return needs | SECRET if self._is_vaulted(value) else needs
        if isinstance(value, EncryptedString):
            return self.of_text(value._decrypt()) | SECRET
        if isinstance(value, HostVars | HostVarsVars):
            # Each read of it renders another host; who refers to it by name needs `others`.
            return NOTHING
        if isinstance(value, Mapping):
            return self._union([*value.keys(), *value.values()])
        if isinstance(value, list | tuple | set):
            return self._union(value)
        return NOTHING

    def _union(self, values: Iterable[Any]) -> Needs:
        needs = NOTHING
        for value in values:
            needs |= self._read(value)
        return needs

    def _is_vaulted(self, value: str) -> bool:
        if not self._vaulted_paths:
            return False
        origin = Origin.get_tag(value)
        return origin is not None and str(origin.path) in self._vaulted_paths

    def _parse(self, text: str, *, expression: bool, options: Mapping[str, Any] | None) -> Needs:
        environment = self._environment.overlay(**options) if options else self._environment
        try:
            tree = environment.parse("{{ (" + text + ") }}" if expression else text)
        except (TemplateError, RecursionError):
            return NOTHING
        return _needs_of(tree)


def _needs_of(tree: nodes.Template) -> Needs:
    names = frozenset(meta.find_undeclared_variables(tree))
    facts, all_facts = _facts_in(tree) if names & {"ansible_facts", "hostvars"} else (frozenset[str](), False)
    facts |= {name.removeprefix("ansible_") for name in names if name.startswith("ansible_")}
    lookups = [call for call in tree.find_all(nodes.Call) if _called(call) in {"lookup", "query", "q"}]
    dynamic = any(tree.find_all((nodes.Include, nodes.Import, nodes.FromImport, nodes.Extends)))
    everything = "vars" in names or dynamic or not all(map(_is_plain, lookups))
    if lookups:
        names |= SEARCH_NAMES
    return Needs(
        names,
        facts - {"facts"},
        everything=everything,
        all_facts=all_facts,
        others="hostvars" in names,
        lookups=bool(lookups),
    )


def _called(call: nodes.Call) -> str:
    return call.node.name if isinstance(call.node, nodes.Name) else ""


def _is_plain(lookup: nodes.Call) -> bool:
    first = lookup.args[0] if lookup.args else None
    return (
        isinstance(first, nodes.Const) and str(first.value).removeprefix("ansible.builtin.") in PLAIN_LOOKUPS
    )


def _facts_in(tree: nodes.Template) -> tuple[frozenset[str], bool]:
    """The constant names under `ansible_facts`, and whether it is also used in another way."""
    found: set[str] = set()
    uses = sum(1 for name in tree.find_all(nodes.Name) if name.name == "ansible_facts")
    reads: list[tuple[nodes.Node, Any]] = [(read.node, read.attr) for read in tree.find_all(nodes.Getattr)]
    reads += [(read.node, getattr(read.arg, "value", None)) for read in tree.find_all(nodes.Getitem)]
    for base, key in reads:
        if not isinstance(key, str):
            continue
        if isinstance(base, nodes.Name) and base.name == "ansible_facts":
            found.add(key.removeprefix("ansible_"))
            uses -= 1
        elif key.startswith("ansible_"):
            found.add(key.removeprefix("ansible_"))
    return frozenset(found), uses > 0
