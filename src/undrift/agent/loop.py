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
import signal
import sys
import time
from importlib._bootstrap_external import MAGIC_NUMBER

from undrift.agent import wire
from undrift.agent.host import Failed, Host, Unknown, memory_file

MYPY = False
if MYPY:
    from typing import Any


class Gone(Exception):
    """The controller closed the channel."""


# -- the supervisor ---------------------------------------------------------------------------------------------


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
            tell({"say": "hello", "python": list(sys.version_info[:3]), "magic": magic, "uid": os.geteuid()})

    def _take(self, run: "dict[str, Any]") -> None:
        """Be the one that may change this server, or say who is."""
        from undrift.agent import session

        try:
            self.host.run_folder, self.lock = session.take(run)
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
        failed = None
        for request in requests:
            if failed is not None:
                why = {"class": "not_begun", "text": "a task before it failed"}
                tell({"say": "answer", "id": request["id"], "result": {}, "resources": [], "unknown": why})
                continue
            if self.worker is None:
                self.worker = Worker(self.host)
            self.worker.give([request])
            line = self._follow_one(request)
            if not request["apply"].get("goes_on") and is_failure(
                json.loads(line[len(wire.MARK) :].decode("ascii"))
            ):
                failed = request["id"]

    def _follow_one(self, request: "dict[str, Any]") -> "bytes":
        """Forward the answer to one request that changes something; it has all the time that it needs."""
        assert self.worker is not None  # noqa: S101 - for the reader of types
        said = self._wait(float(request["deadline"]))
        if said is None:
            reason = self._why_silent(request)
            answer = {"say": "answer", "id": request["id"], "result": {}, "resources": [], "unknown": reason}
            self._end_worker()
            line = wire.MARK + json.dumps(answer).encode("ascii") + b"\n"
        else:
            line = said[1]
            self.worker.is_busy = False
        write_all(1, line)
        return line

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


class Worker:
    """A forked process that answers requests; seen from the supervisor."""

    def __init__(self, host: "Host") -> None:
        requests_read, self.requests = os.pipe()
        self.answers, answers_write = os.pipe()
        self.unread = b""
        self.alive = True
        self.is_busy = False
        self.pid = os.fork()
        if self.pid == 0:
            os.close(self.requests)
            os.close(self.answers)
            _work(host, requests_read, answers_write)
        os.close(requests_read)
        os.close(answers_write)

    def give(self, requests: "list[dict[str, Any]]") -> None:
        """Hand it requests, to be answered in order; when it has died, `alive` says so."""
        line = json.dumps(requests).encode("ascii") + b"\n"
        self.is_busy = True
        try:
            write_all(self.requests, line)
        except OSError:
            self.alive = False

    def listen(self) -> None:
        """Read what it has said, waited for; at its end it is no longer `alive`."""
        piece = os.read(self.answers, 1 << 16)
        self.alive = bool(piece)
        self.unread += piece

    def next_answer(self) -> "tuple[bytes, bytes] | None":
        """(effects, answer line with its newline) when both are here."""
        parts = self.unread.split(b"\n", 2)
        if len(parts) < 3:
            return None
        self.unread = parts[2]
        return parts[0], parts[1] + b"\n"

    def epitaph(self) -> "str":
        """How it ended, in words, waited for; to be asked once."""
        status = os.waitpid(self.pid, 0)[1]
        self.pid = 0
        if os.WIFSIGNALED(status):
            return "killed by signal %d" % os.WTERMSIG(status)
        return "exit status %d" % os.WEXITSTATUS(status)

    def end(self) -> None:
        """Kill it with its children. One that hangs in the kernel is not waited for: that could take for ever."""
        os.close(self.requests)
        os.close(self.answers)
        if not self.pid:
            return
        for target in (-self.pid, self.pid):
            try:
                os.kill(target, signal.SIGKILL)
            except OSError:
                pass
        try:
            os.waitpid(self.pid, os.WNOHANG)
        except OSError:
            pass


# -- the worker -------------------------------------------------------------------------------------------------


def _work(host: "Host", requests: "int", answers: "int") -> None:
    """The worker's life; never returns."""
    os.setpgid(0, 0)
    # The channel belongs to the supervisor: a check that prints or reads cannot disturb the conversation.
    nothing = os.open(os.devnull, os.O_RDWR)
    for fd in (0, 1, 2):
        os.dup2(nothing, fd)
    status = 0
    try:
        with os.fdopen(requests, "rb") as lines:
            for line in lines:
                batch = json.loads(line.decode("ascii"))
                _gather(batch, host)
                for request in batch:
                    said = json.dumps(answer_to(request, host)).encode("ascii")
                    effects = json.dumps(host.overlay.take_fresh()).encode("ascii")
                    write_all(answers, effects + b"\n" + wire.MARK + said + b"\n")
    except BaseException:
        status = 70
        raise
    finally:
        os._exit(status)


def _gather(batch: "list[dict[str, Any]]", host: "Host") -> None:
    """Let each kind read at once what all its requests of this batch will need."""
    for kind in sorted({request["kind"] for request in batch}):
        try:
            gather = getattr(_resource(kind), "gather", None)
            if gather is not None:
                gather([request["args"] for request in batch if request["kind"] == kind], host)
        except Exception:
            # Each request will meet the trouble again, and say it for itself.
            host.shared.pop(kind, None)


def answer_to(request: "dict[str, Any]", host: "Host") -> "dict[str, Any]":
    """What differs; or, where the request says so, what was brought about."""
    if request.get("apply") is None:
        return look(request, host)
    from undrift.agent import apply

    return guarded(request, host, apply.do)


def is_failure(answer: "dict[str, Any]") -> "bool":
    """Whether what comes after it may not be begun."""
    return bool(answer["result"].get("failed")) or bool(answer["result"].get("rc")) or "unknown" in answer


def look(request: "dict[str, Any]", host: "Host") -> "dict[str, Any]":
    """What differs from what the request asks for, whatever happens on the way."""
    return guarded(request, host, check)


def check(request: "dict[str, Any]", host: "Host") -> "dict[str, Any]":
    found: "dict[str, Any]" = _resource(request["kind"]).check(request["args"], host)
    return found


def guarded(request: "dict[str, Any]", host: "Host", work: "Any") -> "dict[str, Any]":
    """The answer that `work` gives to the request; what it raises is an answer as well."""
    host.environment = request.get("environment") or {}
    host.secret = bool(request.get("secret"))
    said: "dict[str, Any]" = {"say": "answer", "id": request["id"], "result": {}, "resources": []}
    try:
        said.update(work(request, host))
    except Unknown as unknown:
        said["unknown"] = {"class": unknown.kind, "text": unknown.text}
    except Failed as failed:
        said["result"] = dict(failed.result, failed=True, changed=False, msg=failed.msg)
        said["missing"] = failed.missing
    except PermissionError as problem:
        said["unknown"] = {"class": "failed", "text": "permission denied: %s" % (problem.filename or problem)}
    except Exception as problem:
        said["unknown"] = {"class": "failed", "text": "%s: %s" % (type(problem).__name__, problem)}
    try:
        json.dumps(said)
    except (TypeError, ValueError) as problem:
        said.update(
            result={}, resources=[], unknown={"class": "failed", "text": "unspeakable answer: %s" % problem}
        )
    return said


def _resource(kind: "str") -> "Any":
    return __import__("undrift.agent.resources." + kind, fromlist=["check"])


# -- small things -----------------------------------------------------------------------------------------------


def unpacked(packed: "str") -> "dict[str, Any]":
    """Modules that a Python like this one has compiled."""
    import marshal
    import zlib

    return marshal.loads(zlib.decompress(binascii.a2b_base64(packed)))  # type: ignore[no-any-return]  # noqa: S302 - by our own controller


def tell(message: "dict[str, Any]") -> None:
    """Say a message to the controller: a line of MARK and JSON (see wire)."""
    write_all(1, wire.MARK + json.dumps(message).encode("ascii") + b"\n")


def write_all(fd: "int", data: "bytes") -> None:
    """Write all of it, in as many pieces as the system takes. Raises OSError."""
    left = memoryview(data)
    while left:
        left = left[os.write(fd, left) :]
