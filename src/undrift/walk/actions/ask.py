"""What the actions say and are told."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """
    A question for the agent: a kind (the name of a file in agent/resources) and its arguments. Only a genuine module
    that is not to be in check mode, and a command that may run, do anything on the server.
    """

    kind: str
    args: Mapping[str, Any]
    deadline: float | None = None  #: seconds; None: the scan's own
    unseen: bool = False  #: what the task would do to the server is not carried forward


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """
    An answer without asking the server: nothing of the task runs, whatever its check_mode says. result: as `register`
    would hold it. unpreviewable: why nobody can tell. act: the task would do something that is no state.
    """

    result: Mapping[str, Any] = field(default_factory=dict)
    resource: tuple[str, str] = ("", "")
    unpreviewable: str = ""
    act: bool = False


class Occasion(Protocol):
    """The task at hand on the host at hand, as far as an action may want to know it."""

    #: the full name of the action: ansible.builtin.apt
    action: str
    check_mode: bool
    diff: bool

    @property
    def changed_when_false(self) -> bool:
        """The playbook says that the task changes nothing."""

    @property
    def run_probes(self) -> bool:
        """--run-probes: whatever says changed_when: false may be run."""

    @property
    def probe_patterns(self) -> Sequence[str]:
        """Lines of undrift.yaml: shell patterns of commands that may be run."""

    def hold_probe(self) -> None:
        """Count a probe that was not run."""

    def find(self, kind: str, name: str) -> str:
        """
        The file on the controller that Ansible would find for `name` in `kind` ("files", "templates"), a path.
        Raises PlaybookError with Ansible's message when there is none.
        """

    def read(self, path: str) -> bytes:
        """The content of a file on the controller, decrypted when vaulted (the task is secret from then on)."""

    def is_vaulted(self, path: str) -> bool:
        """Whether the file on the controller is encrypted by Ansible Vault."""

    def render(self, path: str, args: Mapping[str, Any]) -> bytes:
        """
        The template file at `path` rendered for this host as the template action does it, with the overrides
        of `args` (newline_sequence, block_start_string, trim_blocks, lstrip_blocks ...).
        """

    def fact(self, name: str) -> Any:
        """
        A fact of the host without the prefix `ansible_` (pkg_mgr, service_mgr ...). Raises StillOut when it has
        to be asked first; the walk then asks and comes back.
        """

    def variable(self, name: str) -> Any:
        """A variable of the host, rendered; None when it is not set."""


Answerer = Callable[[Mapping[str, Any], Occasion], Ask | Told | None]
