"""One host's way through one play."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from typing import Any

from undrift.errors import PlaybookError
from undrift.model.finding import Reason
from undrift.model.verdict import ReasonClass
from undrift.playbook.faults import Fault, Undefined, Unpreviewable
from undrift.playbook.memory import Untellable
from undrift.playbook.plays import Story
from undrift.playbook.scope import Scope
from undrift.playbook.steps import Branch, Step, is_controller_side
from undrift.walk import controlling, doing, handlers, keywords, loops, once, remembering
from undrift.walk.actions import answerer
from undrift.walk.actions.arguments import BadArgument
from undrift.walk.actions.ask import Ask, Told
from undrift.walk.blocks import settle, until_failure, walk_branch
from undrift.walk.desk import Desk
from undrift.walk.genuine import ask_genuine
from undrift.walk.hearing import Hearing
from undrift.walk.occasion import TaskOccasion
from undrift.walk.slots import Pending, Slot
from undrift.walk.waits import Position, Reached, Walking, behind


class EndOfHost(Exception):
    """meta: end_host, end_play or end_batch."""


class Course(Hearing):
    """
    run() is the walk; `place` is where it stands. before: the host's way through the play before this one.
    """

    def __init__(
        self, desk: Desk, story: Story, host: str, peers: Mapping[str, Course], before: Course | None = None
    ) -> None:
        super().__init__(desk, story, host, peers, before)
        #: the tasks that this host does once for all, and what they have set, by place
        self.for_all: dict[Position, Step] = {}
        self.gifts: dict[Position, once.Gift] = {}
        self.finished = False
        #: nothing will be heard of this host any more
        self.lost = False
        #: handlers (their steps' ids) that are to run at the next flush; of which slots that was asked already
        self.notified: set[str] = set()
        self.heard_notifications = 0
        #: a task has failed, and nothing took care of it: nothing more is done here
        self.failed = False
        self.peers: Mapping[str, Course] = peers
        if story.gathers_facts and self.memory.facts is None:
            self.memory.facts = set()

    # -- the shape of the play --------------------------------------------------------------------------------

    def run(self) -> Walking[None]:
        """Walk all tasks of the play. Yields what it waits for, and is to be resumed once that is over."""
        try:
            yield from self._prepare()
            yield from self._bring_about() if self.desk.applies else self._all()
        except EndOfHost:
            self.ended = self.place
            yield from once.pass_by(self, self.story.branches, self.place, (len(self.story.branches),))
        finally:
            self.finished = True

    def _all(self) -> Walking[None]:
        yield from self.entries(self.story.branches, ())

    def _bring_about(self) -> Walking[None]:
        """Nothing is done after a task that fails; where the play says so, handlers all the same."""
        self.failed = yield from until_failure(self, self._all())
        if self.failed and self.story.forces_handlers:
            yield from until_failure(self, handlers.flush(self, (len(self.story.branches),)))

    def _prepare(self) -> Walking[None]:
        """The facts that the names of vars_files hang on come before everything else."""
        wanted = self.story.facts_of_files
        if self.story.gathers_facts and wanted and self.memory.facts is not None:
            yield from self.await_answers([self.ask_facts(wanted)])
            remembering.learned(self.memory, wanted)

    def entries(self, entries: Sequence[Step | Branch], above: Position) -> Walking[None]:
        """Walk steps and blocks in order. above: the place that they stand in."""
        for number, entry in enumerate(entries):
            place = (*above, number)
            if isinstance(entry, Branch):
                yield from walk_branch(self, entry, place)
            else:
                self.place = place
                if not entry.role_is_done(self.host):
                    yield from self.step(entry)

    # -- one step ---------------------------------------------------------------------------------------------

    def step(self, step: Step) -> Walking[None]:
        if step.action == "ansible.builtin.meta":
            yield from self._meta(step)
            return
        scope = self.story.scope(step, self.memory)
        is_once = yield from self._is_done_once(step, scope)
        if is_once or is_controller_side(step) or step.is_include or step.check_mode is not None:
            # None of these may go ahead of a failure before it: it acts, here, there or on all hosts.
            yield from settle(self)
        if is_once:
            if (yield from self._left_to_another(step)):
                return
            self.for_all[self.place] = step
        slots, looped = yield from self._items(step, scope)
        pending = Pending(step, slots, looped)
        if self.guards:
            self.guards[-1].registered.append(pending)
        self._register(pending)
        if is_once:
            self.gifts[self.place] = once.gift(self, pending)
        if is_controller_side(step):
            yield from settle(self)

    def _items(self, step: Step, scope: Scope) -> Walking[tuple[list[Slot], bool]]:
        """Every item of the loop, or the one task. Returns its slots and whether there is a loop."""
        if step.loop is None and not step.loop_with:
            return [(yield from self._one(step, scope, None, None))], False
        try:
            items = yield from self.evaluate(scope, scope.items)
        except Untellable as why:
            return [self._unknown(step, scope, why.reason)], False
        except Fault as fault:
            return [(yield from self._loop_fault(step, scope, fault))], False
        slots = []
        place = self.place
        for number, item in enumerate(items or []):
            self.place = (*place, number)
            each = scope.item(loops.loop_variables(step, items or [], number))
            slots.append((yield from self._one(step, each, item, loops.label(step, each, item))))
            slots[-1].secret_item = scope.secret
            # The next item sees what this one came to under the registered name.
            self._register(Pending(step, slots[-1:], looped=False))
        self.place = place
        # Others may have more items.
        yield from self._leave_out(step, (*place, len(slots)), behind(place))
        return slots, True

    def _loop_fault(self, step: Step, scope: Scope, fault: Fault) -> Walking[Slot]:
        """The loop cannot be evaluated: of no matter when the condition is false, as in Ansible."""
        slot = self.slot(step, scope)
        try:
            unmet = yield from self._unmet(step, scope)
            if unmet is not None:
                return slot.skip(unmet)
        except (Fault, Untellable):
            pass
        return slot.tell_failed(fault.what)

    def _one(self, step: Step, scope: Scope, item: Any, label: str | None) -> Walking[Slot]:
        slot = self.slot(step, scope, item, label)
        try:
            unmet = yield from self._unmet(step, scope)
            if unmet is not None:
                yield from self._leave_out(step, self.place, behind(self.place))
                return slot.skip(unmet)
            slot.no_log = yield from self.evaluate(scope, lambda: scope.flag(step.no_log))
            yield from self.evaluate(scope, lambda: keywords.prepare_judging(slot))
            yield from self._do(slot)
        except Untellable as why:
            remembering.forget_what_it_sets(self, slot, why.reason)
            slot.tell_unknown(why.reason)
        except (Fault, BadArgument) as fault:
            self._fails(slot, fault)
        return slot

    def _unmet(self, step: Step, scope: Scope) -> Walking[Any]:
        """The first condition that does not hold; None when all do."""
        for condition in step.when:
            if not (yield from self.evaluate(scope, functools.partial(scope.holds, condition))):
                return condition
        return None

    def _fails(self, slot: Slot, fault: PlaybookError | BadArgument) -> None:
        slot.secret |= slot.scope.secret
        unknown = self.memory.untellable.get(remembering.ANYTHING) or self._silence_of_others(slot)
        if isinstance(fault, Unpreviewable):
            reason = Reason(kind=ReasonClass.UNPREVIEWABLE, text=fault.what)
            remembering.forget_what_it_sets(self, slot, reason)
            slot.tell_unknown(reason)
        elif isinstance(fault, Undefined) and unknown is not None:
            # What is undefined here may be what an unknown task would have set.
            slot.tell_unknown(Reason(kind=unknown.kind, text=f"{fault.what} ({unknown.text})"))
        else:
            slot.tell_failed(fault.what)
        keywords.note_ignored(slot)

    def _silence_of_others(self, slot: Slot) -> Reason | None:
        """A variable of another host may be missing because that host could not be asked."""
        silent = [name for name, peer in self.peers.items() if peer.lost] if slot.scope.others_are_in else []
        return (
            Reason(kind=ReasonClass.FAILED, text=f"{', '.join(silent)} could not be asked")
            if silent
            else None
        )

    def _do(self, slot: Slot) -> Walking[None]:
        step = slot.step
        if step.is_include:
            yield from self._include(slot)
        elif is_controller_side(step):
            yield from self._on_controller(slot)
        else:
            yield from self._on_server(slot)

    def _include(self, slot: Slot) -> Walking[None]:
        step, scope = slot.step, slot.scope
        args = yield from self.evaluate(scope, scope.args)
        branches = yield from self.evaluate(scope, lambda: self.story.include(step, args, scope.local, scope))
        slot.quiet = True
        slot.tell({"changed": False, "include": args.get("_raw_params")})
        place = self.place
        yield from self.entries(branches, place)
        self.place = place

    def _on_controller(self, slot: Slot) -> Walking[None]:
        scope = slot.scope
        args = yield from self.evaluate(scope, scope.args)
        if slot.step.action == "ansible.builtin.debug" and controlling.waits_for_answers(scope, args):
            slot.tell({"changed": False})
            return
        if slot.step.delegates_facts:
            slot.target = yield from self.evaluate(scope, lambda: keywords.delegated_to(self, scope))
        result = yield from self.evaluate(scope, lambda: controlling.run(self, slot, args))
        slot.tell(result)
        keywords.judge(slot)
        keywords.note_ignored(slot)
        controlling.take_effect(self, slot)

    def _on_server(self, slot: Slot) -> Walking[None]:
        scope, step = slot.scope, slot.step
        slot.target = yield from self.evaluate(scope, lambda: keywords.delegated_to(self, scope))
        args = yield from self.evaluate(scope, scope.args)
        checks = not self.desk.applies
        check = yield from self.evaluate(
            scope, lambda: checks if step.check_mode is None else scope.flag(step.check_mode)
        )
        if self.desk.applies and not check:
            yield from doing.bring_about(self, slot, args)
            return
        occasion = TaskOccasion(self.desk, scope, check_mode=check)
        question = yield from self.evaluate(scope, lambda: self._question(slot, args, occasion, check=check))
        keywords.note_what_it_is_about(slot, args)
        if isinstance(question, Told):
            keywords.take_told(slot, question, probe=occasion.held_probe)
            self.desk.note_unseen(slot)
            if slot.reason is not None:
                remembering.forget_what_it_sets(self, slot, slot.reason)
            return
        if not check and step.action not in keywords.ONLY_READS:
            slot.ran = True
            self.desk.ran[f"{step.title} ({step.file}:{step.line})"] = None
        yield from self.evaluate(
            scope,
            lambda: self.desk.put(slot, self.story, question.kind, question.args, deadline=question.deadline),
        )
        remembering.note_secrets(self, slot, args)
        if step.sets_facts:
            self.setters.append(slot)
            self.memory.setters += 1

    def _question(
        self, slot: Slot, args: Mapping[str, Any], occasion: TaskOccasion, *, check: bool
    ) -> Ask | Told:
        step = slot.step
        if not check:
            held = keywords.hold_run(self, slot)
            if held is not None:
                return held
        ours = answerer(step.action)
        if ours is not None and (check or step.action in keywords.READS):
            question = ours(args, occasion)
            if question is not None:
                slot.unseen = isinstance(question, Ask) and question.unseen
                slot.in_our_words = isinstance(question, Ask) and question.kind not in {"genuine", "command"}
                return question
        slot.unseen = True
        self.desk.pack_ahead(self.story)
        return ask_genuine(self.desk, step, args, occasion, check=check)

    def _register(self, pending: Pending) -> None:
        for name in pending.step.registers:
            if pending.done:
                self.registers.pop(name, None)
                remembering.set_register(self, name, pending)
            else:
                self.registers[name] = pending
                self.memory.out.add(name)

    def _unknown(self, step: Step, scope: Scope, reason: Reason) -> Slot:
        slot = self.slot(step, scope)
        remembering.forget_what_it_sets(self, slot, reason)
        return slot.tell_unknown(reason)

    # -- once for all hosts, and meta -------------------------------------------------------------------------

    def _is_done_once(self, step: Step, scope: Scope) -> Walking[bool]:
        """run_once and add_host: the first host does it, the others take over what it set."""
        if step.action == "ansible.builtin.add_host":
            return True
        return (yield from self.evaluate(scope, lambda: scope.flag(step.run_once)))

    def _left_to_another(self, step: Step) -> Walking[bool]:
        """Whether another host has done the task for all. One that was lost, or never came to it, leaves it to the next."""
        place = self.place
        for name, peer in self.peers.items():
            if name == self.host:
                break
            if not peer.lost:
                yield Reached([name], (*place, 0))
                if peer.for_all.get(place) is step:
                    # All that is in it is the other's: nobody needs to wait for this host there.
                    self.place = behind(place)
                    yield Reached([name], self.place)
                    if not peer.lost:
                        once.take_over(self, peer, place)
                        return True
                    self.place = place
        return False

    def _leave_out(self, step: Step, begin: Position, end: Position) -> Walking[None]:
        """An include that others may make."""
        if step.is_include and not step.run_once:
            yield from once.pass_by(self, [step], begin, end)

    def _meta(self, step: Step) -> Walking[None]:
        what = str(step.args.get("_raw_params", ""))
        scope = self.story.scope(step, self.memory)
        if what == "flush_handlers" and self.desk.applies:
            if (yield from self._unmet(step, scope)) is None:
                yield from handlers.flush(self, self.place)
            return
        if what == "role_complete":
            step.complete_role(self.host)
            return
        if what not in controlling.METAS_THAT_ACT:
            return
        if (yield from self._unmet(step, scope)) is not None:
            return
        if what.startswith("end_") and what != "end_role":
            yield from settle(self)
            raise EndOfHost
        controlling.act_on_meta(self, what)
