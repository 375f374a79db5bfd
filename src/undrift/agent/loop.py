"""
Reads batches, answers batches. Two processes: the supervisor reads what the controller says and keeps the time; the
worker, forked from it, does the checks one after another. What blocks for good (a dead NFS mount) blocks the worker
alone: when the deadline has passed it is killed with its children, that one request is answered "no answer", and a
new worker, which inherits the effects recorded so far, goes on with the next.
"""

import binascii
import json
import os
import select
import sys
import time
from importlib._bootstrap_external import MAGIC_NUMBER

from undrift.agent import wire
from undrift.agent.files import memory_file, write_all
from undrift.agent.host import Host
from undrift.agent.worker import Worker, is_failure

MYPY = False
if MYPY:
    from typing import Any


class Gone(Exception):
    """The controller closed the channel."""


class Supervisor:
    """Hears the controller, keeps the time, and passes on what its worker answers."""

    def __init__(self, code: "Any") -> None:
        #: takes more modules at run time: code.add({name: source})
        self.code = code
        self.host = Host()
        self.unread = b""
        self.worker: "Worker | None" = None
        #: the input ends before the answers are given
        self.one_shot = False
        #: what the tasks would do is told with their answers
        self.tells_effects = False
        self.effects: "list[Any]" = []
        #: a correction is at work here: what was begun is ended, whatever becomes of the channel
        self.lock: "int | None" = None

    def serve(self) -> None:
        """Answer until the controller closes the channel; then end the worker and all its children."""
        try:
            while True:
                self._hear(json.loads(self._line().decode("ascii")))
        except Gone:
            self._finish_the_task_in_hand()
        finally:
            self._end_worker()

    def _hear(self, message: "dict[str, Any]") -> None:
        say = message["say"]
        if say == "batch":
            self._answer_all(message["requests"])
        elif say == "code":
            self.code.add(message.get("modules") or unpacked(message["compiled"]))
            self._end_worker()
        elif say == "payload":
            self.host.payloads[message["name"]] = memory_file(binascii.a2b_base64(message["zip"]))
            self._end_worker()
        elif say == "effects":
            for effect in message["effects"]:
                self.host.overlay.apply(effect)
            self._end_worker()
        elif say == "take":
            self._take(message["run"])
        elif say == "tell":
            self.tells_effects = True
            tell({"say": "effects", "effects": self.effects})
        elif say == "hello":
            self.host = Host(message["settings"])
            self.one_shot = self.tells_effects = bool(message.get("one_shot"))
            magic = binascii.b2a_hex(MAGIC_NUMBER).decode("ascii")
            about = {"python": list(sys.version_info[:3]), "magic": magic, "uid": os.geteuid()}
            tell(dict(about, say="hello", now=time.time()))

    def _take(self, run: "dict[str, Any]") -> None:
        """Be the one that may change this server, or say who is."""
        from undrift.agent import session

        try:
            self.host.run_folder, self.lock = session.take(run)
            self.host.planned_at, self.host.begun_at = float(run["planned_at"]), time.time()
        except session.Locked as locked:
            tell({"say": "locked", "holder": locked.holder})
        except OSError as problem:
            tell({"say": "refused", "text": "no journal can be kept: %s" % problem})
        else:
            tell({"say": "taken"})

    def _finish_the_task_in_hand(self) -> None:
        """The channel is gone. A change that was begun is ended and remembered; no other is begun."""
        if self.lock is not None and self.worker is not None and self.worker.is_busy:
            while self.worker.alive and self.worker.next_answer() is None:
                self.worker.listen()

    def _answer_all(self, requests: "list[dict[str, Any]]") -> None:
        if self.lock is not None:
            self._bring_about_all(requests)
            return
        left = list(requests)
        while left:
            if self.worker is None:
                self.worker = Worker(self.host)
            self.worker.give(left)
            left = self._follow(left)

    def _bring_about_all(self, requests: "list[dict[str, Any]]") -> None:
        """One after another, each only when the one before it has gone well."""
        failed = False
        for request in requests:
            if failed:
                why = {"class": "not_begun", "text": "a task before it failed"}
                tell({"say": "answer", "id": request["id"], "result": {}, "resources": [], "unknown": why})
                continue
            if self.worker is None:
                self.worker = Worker(self.host)
            self.worker.give([request])
            answer = self._outcome_of(request)
            tell(answer)
            failed = is_failure(answer) and not request["apply"].get("goes_on")

    def _outcome_of(self, request: "dict[str, Any]") -> "dict[str, Any]":
        """The worker's answer to its one request."""
        assert self.worker is not None  # noqa: S101 - for the reader of types
        said = self._wait(float(request["deadline"]))
        if said is not None:
            self.worker.is_busy = False
            answer: "dict[str, Any]" = json.loads(said[1][len(wire.MARK) :].decode("ascii"))
            return answer
        reason = self._why_silent(request)
        self._end_worker()
        return {"say": "answer", "id": request["id"], "result": {}, "resources": [], "unknown": reason}

    def _follow(self, left: "list[dict[str, Any]]") -> "list[dict[str, Any]]":
        """Forward the worker's answers; return what is left when the worker had to be ended."""
        assert self.worker is not None  # noqa: S101 - for the reader of types
        while left:
            request = left[0]
            said = self._wait(float(request["deadline"]))
            if said is None:
                reason = self._why_silent(request)
                tell({"say": "answer", "id": request["id"], "result": {}, "resources": [], "unknown": reason})
                self._take_effects([])
                self._end_worker()
                return left[1:]
            effects, line = said
            write_all(1, line)
            self._take_effects(json.loads(effects.decode("ascii")))
            left = left[1:]
        return left

    def _take_effects(self, effects: "list[Any]") -> None:
        """Keep them for the next worker, and tell them where others wait for them."""
        for effect in effects:
            self.host.overlay.apply(effect)
        self.effects += effects
        if self.tells_effects:
            tell({"say": "effects", "effects": effects})

    def _wait(self, deadline: "float") -> "tuple[bytes, bytes] | None":
        """The worker's next (effects, answer), or None when it died or its time is up."""
        assert self.worker is not None  # noqa: S101 - for the reader of types
        until = time.monotonic() + deadline
        while True:
            said = self.worker.next_answer()
            if said is not None:
                return said
            left = until - time.monotonic()
            if left <= 0 or not self.worker.alive:
                return None
            heard = [self.worker.answers] if self.one_shot else [0, self.worker.answers]
            ready = select.select(heard, [], [], left)[0]
            if self.worker.answers in ready:
                self.worker.listen()
            if 0 in ready:
                self._listen()

    def _why_silent(self, request: "dict[str, Any]") -> "dict[str, str]":
        assert self.worker is not None  # noqa: S101 - for the reader of types
        if self.worker.alive:
            return {"class": "failed", "text": "no answer in %g s" % request["deadline"]}
        return {"class": "failed", "text": "the check broke off: %s" % self.worker.epitaph()}

    def _end_worker(self) -> None:
        if self.worker is not None:
            self.worker.end()
            self.worker = None

    def _line(self) -> "bytes":
        while b"\n" not in self.unread:
            self._listen()
        line, _, self.unread = self.unread.partition(b"\n")
        return line

    def _listen(self) -> None:
        piece = os.read(0, 1 << 16)
        if not piece:
            raise Gone
        self.unread += piece


def unpacked(packed: "str") -> "dict[str, Any]":
    """Modules that a Python like this one has compiled."""
    import marshal
    import zlib

    return marshal.loads(zlib.decompress(binascii.a2b_base64(packed)))  # type: ignore[no-any-return]  # noqa: S302 - by our own controller


def tell(message: "dict[str, Any]") -> None:
    """Say a message to the controller: a line of MARK and JSON (see wire)."""
    write_all(1, wire.MARK + json.dumps(message).encode("ascii") + b"\n")
