"""What the walk knows of one host beside the variables that ansible-core keeps, and what it does not know yet."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from undrift.model.finding import Reason
from undrift.playbook.secrets import Secrets


class StillOut(Exception):
    """
    Something that the expression needs has not been answered yet. names: registers; facts: of this host; others:
    variables of other hosts; setters: tasks that set variables of their own choice (package_facts, getent).
    """

    def __init__(
        self,
        *,
        names: frozenset[str] = frozenset(),
        facts: frozenset[str] = frozenset(),
        others: bool = False,
        setters: bool = False,
    ) -> None:
        super().__init__(f"still out: {sorted(names | facts)}")
        self.setters = setters
        self.names = names
        self.facts = facts
        self.others = others


class Untellable(Exception):
    """The expression hangs on something that could not be checked; the reason says on what."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason.text)
        self.reason = reason


@dataclass(slots=True)
class Memory:
    """What the walk knows of one host beside the variables that ansible-core keeps."""

    host: str
    #: registers whose task has been asked and not answered
    out: set[str] = field(default_factory=set)
    #: registers, and names set from them, that nobody can tell, with the reason
    untellable: dict[str, Reason] = field(default_factory=dict)
    #: names that hold a secret because of where their value comes from
    secret: set[str] = field(default_factory=set)
    #: what all hosts know of secrets, and of each other
    secrets: Secrets = field(default_factory=Secrets)
    others: Mapping[str, Memory] = field(default_factory=dict)
    #: facts that were asked for, whether the host has them or not; None: the play gathers none
    facts: set[str] | None = None
    all_facts: bool = False
    #: how many tasks are out that set variables of their own choice
    setters: int = 0
    #: facts we know, whether the playbook may see them or not, without the prefix
    own_facts: dict[str, Any] = field(default_factory=dict)

    def conceal(self, names: Iterable[str]) -> None:
        """These variables hold a secret on this host."""
        self.secret.update(names)
        self.secrets.names.update(self.secret)
