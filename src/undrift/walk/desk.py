"""What all walks of a run share: the numbering, the open batches, the genuine modules, what is known of each host."""

from __future__ import annotations

import contextlib
import itertools
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from undrift import locations
from undrift.model.mail import Batch
from undrift.model.target import Target
from undrift.playbook import unwritten
from undrift.playbook.boot import Core
from undrift.playbook.connections import become_of, target_of
from undrift.playbook.faults import Fault
from undrift.playbook.memory import Memory
from undrift.playbook.packing import Packer
from undrift.playbook.plays import Story
from undrift.playbook.scope import Scope
from undrift.playbook.secrets import Secrets
from undrift.walk.actions import answerer
from undrift.walk.answers import acts_unseen
from undrift.walk.slots import Slot


@dataclass(frozen=True, slots=True, kw_only=True)
class WalkOptions:
    """What of scan.options.ScanOptions matters to a walk."""

    deadline: float = 30.0  #: seconds for one request
    run_probes: bool = False
    probe_patterns: Sequence[str] = ()
    hold_runs: bool = False  #: --no-run: what says check_mode: false is held back
    #: the correction that this is the walk of, {"run": its id, "by", "playbook"}; None: nothing is changed
    run: Mapping[str, str] | None = None


class Desk:
    """Takes requests from the walks and hands out batches. send: called with each closed batch."""

    def __init__(self, core: Core, options: WalkOptions, send: Callable[[Batch], None]) -> None:
        unwritten.commands.held = options.hold_runs
        self.core = core
        self.options = options
        self.packer = Packer(core.loader, locations.cache() / "modules")
        self.memories: dict[str, Memory] = {}
        self._asked: dict[int, Slot] = {}
        #: how many of a host's questions are not answered yet
        self._out: Counter[str] = Counter()
        #: of which host, and as whom, a host's walk has asked last
        self._last: dict[str, tuple[str, str]] = {}
        self.secrets = Secrets()
        #: what is run for real, by file:line and name
        self.ran: dict[str, None] = {}
        self.probes_held_back = 0
        #: the first task on each host that may do what nobody can preview
        self._unseen: dict[str, Slot] = {}
        self._send = send
        self._numbers = itertools.count(1)
        self._open: dict[str, list[tuple[tuple[str, str], Batch]]] = {}
        self._targets: dict[str, Target] = {}
        self._packed_ahead: set[str] = set()

    @property
    def applies(self) -> bool:
        """Whether what the tasks ask for is brought about, and not only checked."""
        return self.options.run is not None

    def memory(self, host: str) -> Memory:
        """What is known of a host; begun when it is first asked for."""
        known = self.memories.get(host)
        if known is None:
            known = self.memories[host] = Memory(host, secrets=self.secrets, others=self.memories)
        return known

    def number(self) -> int:
        """The next number of the run, from 1: a request's id, and the order in which tasks were met."""
        return next(self._numbers)

    def take_back(self, number: int) -> Slot | None:
        """The task that was asked under this number, for its answer; None when it was answered already."""
        slot = self._asked.pop(number, None)
        if slot is not None:
            self._out[slot.host] -= 1
        return slot

    def is_answered(self, host: str) -> bool:
        """Whether nothing is out that the host's walk has asked."""
        return not self._out[host]

    def note_unseen(self, slot: Slot) -> None:
        """Remember that what this task does to its server is not carried forward, if so."""
        if acts_unseen(slot):
            self._unseen.setdefault(slot.host, slot)

    def unseen_before(self, slot: Slot) -> Slot | None:
        """A task before this one of which nobody knows what it would have done; in a correction, it has done it."""
        if self.applies:
            return None
        unseen = self._unseen.get(slot.host)
        return unseen if unseen is not None and unseen.number < slot.number else None

    @property
    def all_ran(self) -> tuple[str, ...]:
        """What was run on servers, and by lookups here."""
        return (*self.ran, *(f"lookup: {command}" for command in unwritten.commands.ran))

    def put(
        self,
        slot: Slot,
        story: Story,
        kind: str,
        args: Mapping[str, Any],
        *,
        deadline: float | None,
        apply: Mapping[str, Any] | None = None,
    ) -> None:
        """
        Into the open batch of the slot's host. apply: how it is to be brought about (see agent.wire); None: it is only
        looked at. Raises Fault when the connection's variables cannot be rendered.
        """
        target = self.target(story, slot.scope, slot.target)
        become = become_of(self.core, slot.scope)
        batches = self._open.setdefault(slot.host, [])
        slot.identity = become.key if become else ""
        key = (slot.target, slot.identity)
        # As another identity, or elsewhere: what was asked before comes before.
        if not batches or batches[-1][0] != key:
            batches.append((key, Batch(target, become, run=self.options.run)))
        batch = batches[-1][1]
        request = {
            "id": slot.number,
            "kind": kind,
            "args": dict(args),
            "deadline": deadline or self.options.deadline,
            "secret": slot.secret or slot.no_log,
        }
        if self.applies:
            request["apply"] = dict(apply or {"reads": True})
        environment = slot.scope.environment()
        if environment:
            request["environment"] = environment
        batch.requests.append(request)
        self._asked[slot.number] = slot
        self._out[slot.host] += 1
        self._last[slot.host] = key

    def changes_identity(self, slot: Slot) -> bool:
        """Whether the slot would be asked of another host, or as somebody else, than what is still out before it."""
        become = become_of(self.core, slot.scope)
        key = (slot.target, become.key if become else "")
        return bool(self._out[slot.host]) and self._last.get(slot.host) != key

    def target(self, story: Story, scope: Scope, host: str) -> Target:
        """
        How a host is reached, found once in a run, by its own variables for the scope's step. Raises Fault,
        StillOut, Untellable.
        """
        known = self._targets.get(host)
        if known is None:
            own = story.scope(scope.step, self.memory(host))
            own.fallen = scope.fallen
            known = self._targets[host] = target_of(self.core, own.chain, own, host)
        return known

    def flush(self, host: str) -> None:
        """Close the open batches of a host's walk."""
        for _, batch in self._open.pop(host, []):
            self._enclose_modules(batch)
            self._send(batch)

    def _enclose_modules(self, batch: Batch) -> None:
        """Genuine modules travel in the archive that has all of them by now."""
        asked = [
            one for request in batch.requests for one in (request, (request.get("apply") or {}).get("do"))
        ]
        genuine = [one for one in asked if one is not None and one["kind"] == "genuine"]
        if genuine:
            batch.archive = self.packer.archive()
            for one in genuine:
                one["args"]["payload"] = batch.archive.name

    def pack_ahead(self, story: Story) -> None:
        """
        Pack whatever the play may run besides: one archive that travels once is better than several. A module that
        cannot be packed says so when it is its turn.
        """
        if story.name in self._packed_ahead:
            return
        self._packed_ahead.add(story.name)
        for step in story.steps():
            ours = answerer(step.action) is not None and not self.applies
            if not ours and not step.has_action_plugin and step.module_path:
                with contextlib.suppress(Fault):
                    self.packer.pack(step)
