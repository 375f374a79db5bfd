"""
What an expression, a template or any value needs before it can be rendered, read from its syntax tree: the names of
variables, followed through the variables that are templates themselves.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
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
#: Values of these very types carry no mark of where they come from.
PLAIN = frozenset({bool, int, float, type(None)})
#: The hosts that are still in the play: fewer, once a task has failed on one.
ROLL = frozenset({"ansible_play_hosts", "ansible_play_batch", "play_hosts"})
#: What lookups that search for files read.
SEARCH_NAMES = frozenset({"ansible_search_path", "role_path", "playbook_dir", "ansible_play_hosts", "groups"})


@dataclass(frozen=True, slots=True)
class Needs:
    """
    names: variables referred to. facts: facts referred to, without `ansible_`. everything: any variable may be read
    (`vars`, lookup('vars'), {% include %}). all_facts: `ansible_facts` as a whole. others: variables of other hosts,
    or which of them are still in the play. lookups: some lookup is called. secret: a vaulted value takes part. broken:
    it does not parse; ansible-core says how. words: names that may be read in a roundabout way, through `vars`,
    `hostvars` or a lookup. blind: such a name is made up while it is read.
    """

    names: frozenset[str] = frozenset()
    facts: frozenset[str] = frozenset()
    everything: bool = False
    all_facts: bool = False
    others: bool = False
    lookups: bool = False
    secret: bool = False
    broken: bool = False
    words: frozenset[str] = frozenset()
    blind: bool = False

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
            self.broken or other.broken,
            self.words | other.words,
            self.blind or other.blind,
        )

    def without(self, names: AbstractSet[str]) -> Needs:
        """The same but for these names, which are at hand."""
        return replace(self, names=self.names - names)


NOTHING = Needs()
SECRET = Needs(secret=True)
BROKEN = Needs(broken=True)


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
        """Needs of a template, or of a bare expression (`when`)."""
        key = (str(text), expression)
        found = None if options else self._texts.get(key)
        if found is None:
            found = self._parse(str(text), expression=expression, options=options)
            if not options:
                self._texts[key] = found
        return found

    def of_value(self, value: Any) -> Needs:
        """Needs of a value as it stands in the playbook: text, list, dictionary, vaulted text."""
        if type(value) in PLAIN:
            return NOTHING
        known = self._values.get(id(value))
        if known is not None and known[0] is value:
            return known[1]
        needs = self._read(value)
        self._values[id(value)] = (value, needs)
        return needs

    def _read(self, value: Any) -> Needs:  # noqa: PLR0911 - one return a kind of value
        if isinstance(value, int | float):
            return SECRET if self.is_vaulted(value) else NOTHING
        if isinstance(value, str):
            # What a server answered is no template, whatever it looks like.
            trusted = "{" in value and TrustedAsTemplate.is_tagged_on(value)
            needs = self.of_text(value) if trusted else NOTHING
            return needs | SECRET if self.is_vaulted(value) else needs
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

    def is_vaulted(self, value: Any) -> bool:
        """Whether the text or number stands in a file that is encrypted as a whole, or is encrypted itself."""
        if isinstance(value, EncryptedString):
            return True
        if not self._vaulted_paths:
            return False
        origin = Origin.get_tag(value)
        return origin is not None and str(origin.path) in self._vaulted_paths

    def _parse(self, text: str, *, expression: bool, options: Mapping[str, Any] | None) -> Needs:
        environment = self._environment.overlay(**options) if options else self._environment
        try:
            return _needs_of(environment.parse("{{ (" + text + ") }}" if expression else text))
        except (TemplateError, RecursionError):
            return BROKEN


def _needs_of(tree: nodes.Template) -> Needs:
    names = frozenset(meta.find_undeclared_variables(tree))
    facts, all_facts = _facts_in(tree) if names & {"ansible_facts", "hostvars"} else (frozenset[str](), False)
    facts |= {name.removeprefix("ansible_") for name in names - ROLL if name.startswith("ansible_")}
    lookups = [call for call in tree.find_all(nodes.Call) if _called(call) in {"lookup", "query", "q"}]
    dynamic = any(tree.find_all((nodes.Include, nodes.Import, nodes.FromImport, nodes.Extends)))
    everything = "vars" in names or dynamic or not all(map(_is_plain, lookups))
    roundabout = everything or "hostvars" in names
    words = _words_in(tree) if roundabout else frozenset[str]()
    others = "hostvars" in names or not ROLL.isdisjoint(names | words)
    if lookups:
        names |= SEARCH_NAMES
    return Needs(
        names,
        facts - {"facts"},
        everything=everything,
        all_facts=all_facts,
        others=others,
        lookups=bool(lookups),
        words=words,
        blind=dynamic or (roundabout and _makes_names_up(tree, lookups)),
    )


def _words_in(tree: nodes.Template) -> frozenset[str]:
    """Every constant text and attribute: whatever is read by name is among them, unless the name is made up."""
    words = {read.attr for read in tree.find_all(nodes.Getattr)}
    return frozenset(words | {one.value for one in tree.find_all(nodes.Const) if isinstance(one.value, str)})


def _makes_names_up(tree: nodes.Template, lookups: Sequence[nodes.Call]) -> bool:
    """Whether `vars`, a host's variables or lookup('vars') are read by a name that is no constant."""
    for read in tree.find_all(nodes.Getitem):
        of_host = isinstance(read.node, nodes.Getitem | nodes.Getattr) and _is_named(
            read.node.node, "hostvars"
        )
        if (of_host or _is_named(read.node, "vars")) and not isinstance(read.arg, nodes.Const):
            return True
    return any(
        not isinstance(argument, nodes.Const)
        for call in lookups
        if not _is_plain(call)
        for argument in call.args
    )


def _is_named(node: nodes.Node, name: str) -> bool:
    return isinstance(node, nodes.Name) and node.name == name


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
