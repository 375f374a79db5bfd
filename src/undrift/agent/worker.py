"""
A process forked from the supervisor (loop) that does what requests ask for, one after another. What blocks for good blocks
it alone.
"""

import json
import os
import signal

from undrift.agent import wire
from undrift.agent.files import write_all
from undrift.agent.host import Failed, Host, Unknown

MYPY = False
if MYPY:
    from typing import Any


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
