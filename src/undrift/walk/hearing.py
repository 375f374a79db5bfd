"""What a walk waits for, and takes in: answers of its own host, and of others."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from undrift.playbook.memory import StillOut
from undrift.playbook.plays import Story
from undrift.playbook.scope import Scope
from undrift.playbook.steps import Step
from undrift.walk import remembering
from undrift.walk.desk import Desk
from undrift.walk.facts import facts_request
from undrift.walk.slots import Pending, Slot
from undrift.walk.waits import Answers, Position, Reached, Walking

if TYPE_CHECKING:  # as in keywords
    from undrift.walk.blocks import Guard

#: Behind every place of a play.
END: Position = (sys.maxsize,)

T = TypeVar("T")


class Hearing:
    """
    The side of a host's walk that hears. `slots` are all tasks it has met, in order; `registers` those whose results
    are still out; `setters` those that are out and set variables of their own choice.
    """

    def __init__(
        self, desk: Desk, story: Story, host: str, peers: Mapping[str, Hearing], before: Hearing | None
    ) -> None:
        self.desk = desk
        self.story = story
        self.host = host
        self.memory = desk.memory(host)
        self.peers = peers
        self.place: Position = (0,)
        self.slots: list[Slot] = []
        # What the play before has asked may still be out.
        self.registers: dict[str, Pending] = before.registers if before else {}
        self.setters: list[Slot] = before.setters if before else []
        self.guards: list[Guard] = []
        #: where meta has ended the play for this host
        self.ended: Position = END
        self._facts_out: list[Slot] = []
        self._before = before
        #: how many of the first slots are answered, and none of them expels the host
        self._kept = 0

    @property
    def awaits_answers(self) -> bool:
        """Whether anything that was asked so far is not answered."""
        return not self.desk.is_answered(self.host)

    def slot(self, step: Step, scope: Scope, item: Any = None, label: str | None = None) -> Slot:
        """A task, or one item of its loop, met now."""
        slot = Slot(self.desk.number(), self.host, step, scope, item=item, label=label, target=self.host)
        slot.place, slot.guarded = self.place, bool(self.guards)
        self.slots.append(slot)
        return slot

    def evaluate(self, scope: Scope, work: Callable[[], T]) -> Walking[T]:
        """The value of `work`, as soon as all that it needs has been answered."""
        while True:
            try:
                return work()
            except StillOut as out:
                yield from self._fetch(scope, out)
                scope.forget()

    def _fetch(self, scope: Scope, out: StillOut) -> Walking[None]:
        if out.names:
            yield from self.await_answers([slot for name in out.names for slot in self.registers[name].slots])
        if out.setters:
            yield from self.await_answers(self.setters)
        if out.others:
            yield from self._hear_others(out.facts)
            scope.fallen = self._fallen(scope.step)
        elif out.facts:
            yield from self.await_answers([self.ask_facts(out.facts)])
            remembering.learned(self.memory, out.facts)

    def await_answers(self, slots: Sequence[Slot]) -> Walking[None]:
        """Wait until these are done, then take in all that has been answered."""
        open_slots = [slot for slot in slots if not slot.done]
        if open_slots:
            yield Answers(open_slots)
        self.settle()

    def _hear_others(self, facts: frozenset[str]) -> Walking[None]:
        """
        Hosts' variables are read, this one's own perhaps among them: all answers up to this place must be in, and the
        facts that are read.
        """
        yield Reached(list(self.peers), self.place, answered=True)
        asked = []
        for name, peer in self.peers.items():
            peer.settle()
            missing = facts - (peer.memory.facts or set())
            if facts and peer.memory.facts is not None and missing and not peer.memory.all_facts:
                asked.append(peer.ask_facts(missing))
                peer.desk.flush(name)
        yield from self.await_answers(asked)
        for peer in self.peers.values():
            peer.settle()
            if peer.memory.facts is not None:
                remembering.learned(peer.memory, facts)

    def _fallen(self, step: Step) -> frozenset[str]:
        """The hosts that Ansible takes out of the play before this step. A scan goes on with them: each sees itself."""
        peers = [(name, peer) for name, peer in self.peers.items() if peer is not self]
        return frozenset(
            name for name, peer in peers if peer.ended < self.place or peer.fails(step, self.place)
        )

    def fails(self, step: Step | None, place: Position) -> bool:
        """Whether a task before the step at `place` expels this host; all answers up to there are in."""
        if self._before is not None and self._before.fails(None, END):
            return True
        while self._kept < len(self.slots):
            slot = self.slots[self._kept]
            if slot.expels or not slot.done:
                # The items of a loop are all done before it fails as a whole.
                return slot.expels and slot.place < place and slot.step is not step
            self._kept += 1
        return False

    def ask_facts(self, names: frozenset[str] | set[str]) -> Slot:
        """A slot of our own that brings facts of this host: all that the play names, in one go."""
        step = self.story.gathering
        slot = self.slot(step, self.story.scope(step, self.memory))
        slot.quiet = True
        self._facts_out.append(slot)
        kind, args = facts_request(self.desk, self.story, set(names) - {"*"}, everything="*" in names)
        self.desk.put(slot, self.story, kind, args, deadline=None)
        return slot

    def settle(self) -> None:
        """Take in what has been answered: facts and registers."""
        for slot in [slot for slot in self._facts_out if slot.done]:
            self._facts_out.remove(slot)
            remembering.learn(self, slot)
        for slot in [slot for slot in self.setters if slot.done]:
            self.setters.remove(slot)
            remembering.take_facts(self, slot)
        for name, pending in list(self.registers.items()):
            if pending.done:
                del self.registers[name]
                remembering.set_register(self, name, pending)
