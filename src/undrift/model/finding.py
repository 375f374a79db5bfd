from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from undrift.model.verdict import ReasonClass, Verdict


@dataclass(frozen=True, kw_only=True)
class Resource:
    """What a task is about: kind and id (`file /etc/nginx/nginx.conf`, `service nginx`)."""

    kind: str
    id: str

    def __str__(self) -> str:
        return f"{self.kind} {self.id}".rstrip()


@dataclass(frozen=True, kw_only=True)
class Difference:
    """One field that is not as wanted; None: absent. Values are what JSON can carry."""

    field: str
    want: Any
    have: Any


@dataclass(frozen=True, kw_only=True)
class Reason:
    """Why a verdict is what it is."""

    kind: ReasonClass
    text: str
    probe: bool = False  #: a command that was held back and reads only, they say: --run-probes would tell
    chained: bool = False  #: what it hangs on is another task's answer, and the text names that task


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One resource's verdict on one host, with the line of the playbook that asks for it."""

    task: str
    action: str  #: as the playbook's author would look it up: ansible.builtin.template
    file: str
    line: int
    resource: Resource
    verdict: Verdict
    item: str | None = None  #: the loop item, as text
    cause: str | None = None  #: why it drifted, as far as known
    reason: Reason | None = None
    would_notify: tuple[str, ...] = ()
    differences: tuple[Difference, ...] = ()
    diff: str = ""  #: unified diff; empty where there is none, or it may not be shown
    truncated: bool = False  #: the content was too large to bring along
    concealed: bool = False  #: the content may not be shown
    #: of a correction: what became of it (changed, failed); None where nothing was to be done, and in a scan
    outcome: str | None = None
    undo: str = ""  #: of a correction: whether it can be undone: yes, perhaps, no
    after_failure: bool = False  #: the playbook would not have come this far: a task before it fails
    fingerprint: str = ""  #: the same for the same drift of the same task, on whatever host
