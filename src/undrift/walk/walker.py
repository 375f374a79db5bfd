"""
Leads all hosts through all plays. It has a process of its own, because ansible-core's work is CPU; what it asks goes
out through `post`, and what comes back is taken from there. It never sleeps while a host can go on.
"""

from __future__ import annotations

import contextlib
import time
import traceback
from collections import deque
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Protocol

from undrift.errors import InventoryError, UndriftError, UsageError, VaultError
from undrift.model.finding import Reason
from undrift.model.mail import Answered, Batch, Lost, Mail
from undrift.model.report import HostError, HostReport
from undrift.model.target import Target
from undrift.model.verdict import ReasonClass
from undrift.playbook.boot import Core
from undrift.playbook.memory import StillOut, Untellable
from undrift.playbook.plays import Story, load_plays
from undrift.walk.answers import complete
from undrift.walk.course import Course
from undrift.walk.desk import Desk, WalkOptions
from undrift.walk.findings import report
from undrift.walk.remembering import note_vaulted
from undrift.walk.slots import Slot
from undrift.walk.waits import Answers, Pause, Reached, Wait, Walking

INTERRUPTED = HostError(code="interrupted", text="interrupted before all of it was checked")


class Post(Protocol):
    """What carries the walk's requests, reports and secrets, and brings it mail."""

    def send(self, batch: Batch) -> None:
        """Carry a batch; what becomes of its requests comes as mail."""

    def receive(self, limit: float | None = None) -> Mail | None:
        """The next mail, waited for at most `limit` seconds; None when there was none by then."""

    def conceal(self, values: frozenset[str]) -> None:
        """More values that must not be seen: said before anything that may hold them."""

    def report(self, report: HostReport) -> None:
        """A host is done."""

    def reach(self, targets: Sequence[Target], hosts: Sequence[str]) -> None:
        """`hosts` take part; log in to `targets` ahead of the first batch."""


class Walker:
    """The walk of all hosts: each goes on until it waits, and again when mail has ended its wait."""

    def __init__(self, core: Core, options: WalkOptions, post: Post) -> None:
        self.desk = Desk(core, options, post.send)
        self.stopped = False
        self._core = core
        self._post = post
        self._walked: dict[str, list[tuple[Story, Course]]] = {}
        self._lost: dict[str, HostError] = {}
        self._errors: dict[str, HostError] = {}
        self._closed: dict[str, VaultError] = {}
        self._concealed: set[str] = set()
        self._waiting: dict[str, tuple[Walking[None], Wait]] = {}
        self._waiting_for_others: set[str] = set()

    def walk(self) -> None:
        """
        All plays over all hosts; each host is reported when all it was asked is answered. Raises PlaybookError when
        a play cannot be read.
        """
        found = False
        patterns = []
        for story in load_plays(self._core):
            found |= any(not step.implicit for step in story.steps())
            patterns.append(story.pattern)
            self._post.reach(self._targets(story), story.hosts)
            self._walk_play(story)
            if self.stopped:
                break
        if not self.stopped:
            self._refuse_nothing(patterns, found=found)
        self._finish()

    def _refuse_nothing(self, patterns: Sequence[str], *, found: bool) -> None:
        """A scan of nothing must not look like a success. Raises InventoryError, UsageError, VaultError."""
        if not self._walked:
            raise InventoryError(
                f"no host of the inventory matches {', '.join(patterns) or 'any play'}",
                kept="nothing was scanned",
                help="`ansible-inventory --graph` shows what there is",
            )
        options = self._core.options
        if not found and (options.tags or options.skip_tags):
            wanted = " ".join(["--tags", ",".join(options.tags)] if options.tags else ["--skip-tags"])
            raise UsageError(f"no task is left by {wanted}", help="`ansible-playbook --list-tags` shows them")
        if len(self._closed) == len(self._walked):
            raise next(iter(self._closed.values()))

    def _targets(self, story: Story) -> list[Target]:
        """How the hosts of the play are reached; those that cannot be told say so when their first task does."""
        step = next(story.steps(), None)
        found: list[Target] = []
        if step is None:
            return found
        for host in story.hosts:
            with contextlib.suppress(UndriftError, StillOut, Untellable):
                found.append(self.desk.target(story, story.scope(step, self.desk.memory(host)), host))
        return found

    def _walk_play(self, story: Story) -> None:
        courses: dict[str, Course] = {}
        for host in story.hosts:
            walked = self._walked.setdefault(host, [])
            before = walked[-1][1] if walked else None
            # In a correction a host on which a task has failed takes part in no other play.
            if host not in self._lost and not (before is not None and before.failed):
                courses[host] = Course(self.desk, story, host, courses, before)
                walked.append((story, courses[host]))
        for host, course in courses.items():
            with self._contained(host, course):
                note_vaulted(course)
        ready = deque((host, course.run()) for host, course in courses.items() if not course.lost)
        while ready or self._waiting:
            while ready:
                host, walking = ready.popleft()
                with self._contained(host, courses[host]):
                    self._advance(host, walking)
            ready.extend(self._freed(courses, ()))
            if not ready and self._waiting:
                mail = self._post.receive(self._next_pause())
                heard = set() if mail is None else self._take(mail, courses)
                ready.extend(self._freed(courses, heard))

    def _next_pause(self) -> float | None:
        """In how many seconds the first of those that pause goes on; None when nobody does."""
        ends = [wait.until for _, wait in self._waiting.values() if isinstance(wait, Pause)]
        return max(0.0, min(ends) - time.monotonic()) if ends else None

    @contextlib.contextmanager
    def _contained(self, host: str, course: Course) -> Iterator[None]:
        """What goes wrong for one host is that host's error: the others go on."""
        try:
            yield
        except UndriftError as problem:
            place = f" ({problem.where})" if problem.where else ""
            self._give_up(course, HostError(code=problem.code, text=problem.what + place, help=problem.help))
            if isinstance(problem, VaultError):
                self._closed[host] = problem
        except Exception as problem:  # noqa: BLE001 - a defect of ours with one host, too
            if self._core.options.verbosity:
                traceback.print_exception(problem)
            last = traceback.extract_tb(problem.__traceback__)[-1]
            text = f"this is a defect of undrift: {type(problem).__name__}: {problem} ({last.name}:{last.lineno})"
            self._give_up(course, HostError(code="defect", text=text, help="report what it says with -v"))

    def _give_up(self, course: Course, error: HostError) -> None:
        self._lost[course.host] = error
        self._waiting.pop(course.host, None)
        course.finished = course.lost = True
        # What it has asked is asked, so that nobody waits for an answer that never comes.
        with contextlib.suppress(UndriftError):
            self.desk.flush(course.host)

    def _advance(self, host: str, walking: Walking[None]) -> None:
        """Let a host go on until it waits or is through; what it asked by then is sent."""
        try:
            wait = next(walking)
        except StopIteration:
            pass
        else:
            self._waiting[host] = (walking, wait)
            if not isinstance(wait, Answers) or any(slot.host != host for slot in wait.slots):
                self._waiting_for_others.add(host)
        self.desk.flush(host)

    def _freed(
        self, courses: Mapping[str, Course], heard: Collection[str]
    ) -> list[tuple[str, Walking[None]]]:
        """
        The hosts whose wait is over, no longer waiting. heard: those that something was heard of; who waits for others
        is looked at each time.
        """
        due = [host for host in (*heard, *self._waiting_for_others) if host in self._waiting]
        free = [host for host in dict.fromkeys(due) if self._is_over(self._waiting[host][1], courses)]
        self._waiting_for_others.difference_update(free)
        return [(host, self._waiting.pop(host)[0]) for host in free]

    @staticmethod
    def _is_over(wait: Wait, courses: Mapping[str, Course]) -> bool:
        if isinstance(wait, Answers):
            return all(slot.done for slot in wait.slots)
        if isinstance(wait, Pause):
            return time.monotonic() >= wait.until
        return all(_has_reached(courses[host], wait) for host in wait.hosts)

    # -- mail -------------------------------------------------------------------------------------------------

    def _take(self, mail: Mail, courses: Mapping[str, Course]) -> set[str]:
        """The hosts that something was heard of."""
        if isinstance(mail, Answered):
            return self._answered(mail)
        if isinstance(mail, Lost):
            return self._lose(mail, courses)
        self._stop()
        return set(self._walked)

    def _answered(self, mail: Answered) -> set[str]:
        slot = self.desk.take_back(int(mail.answer["id"]))
        if slot is None:
            return set()
        complete(slot, mail.answer, self.desk.unseen_before(slot))
        self.desk.note_unseen(slot)
        return {slot.host}

    def _lose(self, mail: Lost, courses: Mapping[str, Course]) -> set[str]:
        heard = {mail.host}
        for number in mail.requests:
            slot = self.desk.take_back(number)
            if slot is None:
                continue
            heard.add(slot.host)
            maker = None if mail.unreachable else self._maker_of_identity(slot)
            if maker is not None:
                slot.tell_unknown(_not_there_yet(slot, maker))
                continue
            if slot.is_applied:
                slot.tell_failed(mail.error.text)
            else:
                slot.tell_unknown(Reason(kind=ReasonClass.FAILED, text=mail.error.text))
            if slot.host == mail.host:
                self._errors.setdefault(slot.host, mail.error)
        if mail.unreachable and mail.host in self._walked:
            self._lost[mail.host] = mail.error
            waiting = self._waiting.pop(mail.host, None)
            if waiting is not None:
                waiting[0].close()
            if mail.host in courses:
                courses[mail.host].finished = courses[mail.host].lost = True
        return heard

    def _maker_of_identity(self, slot: Slot) -> Slot | None:
        """The task before this one that would make the user whom this one becomes."""
        user = slot.identity.split()[1:2]
        for _, course in self._walked.get(slot.host, ()) if user else ():
            for other in course.slots:
                if other is slot:
                    return None
                if any(_makes_user(resource, user[0]) for resource in other.resources):
                    return other
        return None

    def _stop(self) -> None:
        """The user has interrupted it: what is not answered will never be known."""
        self.stopped = True
        for walking, _ in self._waiting.values():
            walking.close()
        self._waiting.clear()
        for host, walked in self._walked.items():
            slots = [slot for _, course in walked for slot in course.slots if not slot.done]
            for slot in slots:
                slot.tell_unknown(Reason(kind=ReasonClass.FAILED, text=INTERRUPTED.text))
            if slots or not all(course.finished for _, course in walked):
                self._errors.setdefault(host, INTERRUPTED)

    # -- the end ----------------------------------------------------------------------------------------------

    def _finish(self) -> None:
        """Report each host as soon as all is answered."""
        left = dict.fromkeys(self._walked)
        due: Collection[str] = list(left)
        while left:
            for host in due:
                if host in left and (self.stopped or host in self._lost or self.desk.is_answered(host)):
                    del left[host]
                    self._tell(self._report(host))
            if left:
                mail = self._post.receive()
                due = () if mail is None else self._take(mail, {})

    def _tell(self, report: HostReport) -> None:
        fresh = frozenset(self.desk.secrets.values - self._concealed)
        if fresh:
            self._concealed |= fresh
            self._post.conceal(fresh)
        self._post.report(report)

    def _report(self, host: str) -> HostReport:
        slots = [(story, slot) for story, course in self._walked[host] for slot in course.slots]
        lost = self._lost.get(host)
        made = report(host, slots, lost or self._errors.get(host))
        if lost is not None and not any(slot.done and slot.reason is None for _, slot in slots):
            # Nothing was heard of it: that is said once, and not of every task.
            made = replace(made, findings=())
        for _, course in self._walked[host]:
            course.slots.clear()
        return made


def _makes_user(resource: Mapping[str, Any], name: str) -> bool:
    return (
        resource["kind"] == "user"
        and resource["id"] == name
        and any(one[2] == "absent" for one in resource["differences"])
    )


def _not_there_yet(slot: Slot, maker: Slot) -> Reason:
    user = slot.identity.split()[1]
    text = f"the user {user} is not there yet: {maker.step.title!r} ({maker.step.file}:{maker.step.line}) would make it"
    return Reason(kind=ReasonClass.UNPREVIEWABLE, text=text)


def _has_reached(course: Course, wait: Reached) -> bool:
    here = course.finished or course.place >= wait.place
    return here and not (wait.answered and course.awaits_answers)
