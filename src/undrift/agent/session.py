"""
One correction on this server at a time, and its life apart from the channel that it came over: a lock, a scope of
systemd's, a folder in which it is remembered.
"""

import fcntl
import json
import os
import time

from undrift.agent import child, journal

MYPY = False
if MYPY:
    from typing import Any


class Locked(Exception):
    """Another correction holds the server. holder: its {"run", "by", "playbook", "since", "pid"}."""

    def __init__(self, holder: "dict[str, Any]") -> None:
        Exception.__init__(self, str(holder))
        self.holder = holder


def take(run: "dict[str, Any]") -> "tuple[str, int]":
    """
    Take the server for a run, {"run", "by", "playbook"}: (the folder of its journal, the descriptor that holds the
    lock; whoever inherits it holds it as well). Raises Locked; OSError where there is no place for a journal.
    """
    lock = _lock(dict(run, since=time.time(), pid=os.getpid()))
    leave_the_login(str(run["run"]))
    return journal.create(dict(run, started=time.time())), lock


def _lock(holder: "dict[str, Any]") -> "int":
    path = lock_path()
    journal.own_folder(os.path.dirname(path))
    lock = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        found = holder_of(path)
        os.close(lock)
        raise Locked(found) from None
    os.ftruncate(lock, 0)
    os.pwrite(lock, json.dumps(holder).encode("ascii"), 0)
    return lock


def lock_path() -> "str":
    """Root's lock is the server's; another identity's is its own."""
    if os.geteuid() == 0:
        return "/run/undrift/lock"
    return os.path.join(journal.place(), "lock")


def holder_of(path: "str") -> "dict[str, Any]":
    """Who holds the lock; empty when that cannot be told."""
    try:
        with open(path, "rb") as file:
            found = json.loads(file.read().decode("ascii"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def leave_the_login(run: "str") -> None:
    """
    Go on in a scope of systemd's own, so that the end of the login, or of sshd, is not ours. Where systemd is not the
    manager, or will not, the session of our own (setsid) has to do.
    """
    if os.geteuid() or not os.path.isdir("/run/systemd/system"):
        return
    argv = ["busctl", "call", "org.freedesktop.systemd1", "/org/freedesktop/systemd1"]
    argv += ["org.freedesktop.systemd1.Manager", "StartTransientUnit", "ssa(sv)a(sa(sv))"]
    argv += ["undrift-%s-%d.scope" % (run, os.getpid()), "fail"]
    argv += ["3", "PIDs", "au", "1", str(os.getpid()), "Description", "s", "undrift correction " + run]
    argv += ["CollectMode", "s", "inactive-or-failed", "0"]
    child.run(argv)
