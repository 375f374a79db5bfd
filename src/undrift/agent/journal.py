"""
What was done here, with what was there before: the server's own memory of a correction.

A run has a folder of its own, RUN below /var/lib/undrift (of an identity without root's rights, which may have no home that
it can write to: below /var/tmp/undrift-UID), which nobody else may enter:

    run.json        {"run", "by", "playbook", "started"}: whose run it is
    journal         one JSON object a line, on disk before the next step is taken:
                    {"n", "say": "begin", "task", "at", "kind", "id", "undo", "before": [image, ...], "units": [...],
                    "time"}
                    {"n", "say": "end", "outcome", "after": [mark, ...], "time"}
    images/N-K      the content of the K-th file that task N was about to change

Begun without ended is a task that nobody knows the end of.
"""

import errno
import json
import os
import stat
import time

from undrift.agent.files import write_all
from undrift.agent.preimages import Preimages, TooLarge

MYPY = False
if MYPY:
    from typing import Any

ROOTS_PLACE = "/var/lib/undrift"
#: What must be free beyond the pre-images, in bytes.
SPARE = 4 * 1024 * 1024


def place() -> "str":
    """Where the runs of this identity are remembered."""
    if os.geteuid() == 0:
        return ROOTS_PLACE
    return "/var/tmp/undrift-%d" % os.geteuid()  # noqa: S108 - made and looked at by own_folder


class Journal:
    """The memory of one run. Raises OSError when it cannot be kept: then nothing may be changed."""

    def __init__(self, folder: "str") -> None:
        self.folder = folder
        self._number = max([entry["n"] for entry in entries_of(folder)], default=0)
        self._file = os.open(
            os.path.join(folder, "journal"), os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600
        )

    def begin(self, about: "dict[str, Any]", paths: "list[str]", units: "list[dict[str, Any]]") -> "int":
        """
        Remember what is about to be done, with all that is at `paths` and the states of units. Returns its number.
        about: task, at, kind, id, undo; what cannot be kept, for it is too large, turns undo into "no".
        """
        self._number += 1
        images = Preimages(self.folder, self._number)
        try:
            before = [image for path in paths for image in images.take_tree(path)]
        except TooLarge as problem:
            about = dict(about, undo="no", why=str(problem))
            before = []
        self._write(dict(about, n=self._number, say="begin", before=before, units=units, time=time.time()))
        return self._number

    def end(self, number: "int", outcome: "str", after: "list[dict[str, Any]]") -> None:
        """The task has ended. outcome: changed or failed. after: marks of the paths as they are now."""
        self._write({"n": number, "say": "end", "outcome": outcome, "after": after, "time": time.time()})

    def _write(self, entry: "dict[str, Any]") -> None:
        write_all(self._file, json.dumps(entry).encode("ascii") + b"\n")
        os.fsync(self._file)


def create(run: "dict[str, Any]") -> "str":
    """The run's folder, made when it is not there. Raises OSError: no rights, no space."""
    folder = os.path.join(place(), str(run["run"]))
    for path in (place(), folder, os.path.join(folder, "images")):
        own_folder(path)
    space = os.statvfs(folder)
    if space.f_bavail * space.f_frsize < SPARE:
        raise OSError(errno.ENOSPC, "no space for the journal", folder)
    said = os.path.join(folder, "run.json")
    if not os.path.exists(said):
        write_whole(said, json.dumps(run).encode("ascii"))
    return folder


def own_folder(path: "str") -> None:
    """Make it, for us alone. Raises OSError where somebody else has made it before, or put a link in its place."""
    try:
        os.makedirs(path, 0o700)
    except OSError as problem:
        if problem.errno != errno.EEXIST:
            raise
    there = os.lstat(path)
    if not stat.S_ISDIR(there.st_mode) or there.st_uid != os.geteuid() or there.st_mode & 0o022:
        raise OSError(errno.EPERM, "it is not ours alone", path)


def write_whole(path: "str", content: "bytes") -> None:
    """All of it or nothing, and on disk."""
    fresh = path + ".new"
    file = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    try:
        write_all(file, content)
        os.fsync(file)
    finally:
        os.close(file)
    os.rename(fresh, path)


def entries_of(folder: "str") -> "list[dict[str, Any]]":
    """All that was remembered; a last line that was torn by a power cut is none."""
    try:
        with open(os.path.join(folder, "journal"), "rb") as file:
            lines = file.read().split(b"\n")
    except OSError:
        return []
    found = []
    for line in lines:
        try:
            found.append(json.loads(line.decode("ascii")))
        except ValueError:
            continue
    return found
