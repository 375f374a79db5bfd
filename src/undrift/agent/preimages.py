"""What is at a path, kept so that it can be put back; and a mark by which it is known again."""

import binascii
import errno
import hashlib
import os
import stat

from undrift.agent.files import write_all

MYPY = False
if MYPY:
    from collections.abc import Iterator
    from typing import Any

#: Trees beyond this are not kept: the task that removes one cannot be undone.
TREE_BYTES = 200 * 1024 * 1024
TREE_FILES = 20000


class TooLarge(Exception):
    """There is more than a pre-image may hold."""


class Preimages:
    """Of one task: numbered files below `images` of the run's folder."""

    def __init__(self, folder: "str", number: "int") -> None:
        self._folder = os.path.join(folder, "images")
        self._number = number
        self._count = 0
        self._bytes = 0

    def take_tree(self, path: "str") -> "Iterator[dict[str, Any]]":
        """What is at `path` with all that is in it, those above before those below. Raises TooLarge, OSError."""
        yield self.take(path)
        if stat.S_ISDIR(_mode(path)):
            for name in sorted(os.listdir(path)):
                for image in self.take_tree(os.path.join(path, name)):
                    yield image

    def take(self, path: "str") -> "dict[str, Any]":
        """What is at `path` itself. Raises TooLarge, OSError."""
        image = described(path)
        self._count += 1
        if self._count > TREE_FILES:
            raise TooLarge("more than %d files" % TREE_FILES)
        if image["type"] == "file":
            self._bytes += image["size"]
            if self._bytes > TREE_BYTES:
                raise TooLarge("more than %d bytes" % TREE_BYTES)
            image["image"] = "%d-%d" % (self._number, self._count)
            image["sha256"] = copy(path, os.path.join(self._folder, image["image"]))
        return image


def _mode(path: "str") -> "int":
    try:
        return os.lstat(path).st_mode
    except OSError:
        return 0


def described(path: "str") -> "dict[str, Any]":
    """{"path", "type": None when nothing is there, "mode", "uid", "gid", "size", "mtime", "target", "attributes"}."""
    try:
        seen = os.lstat(path)
    except OSError as problem:
        if problem.errno not in (errno.ENOENT, errno.ENOTDIR):
            raise
        return {"path": path, "type": None}
    kinds = ((stat.S_ISREG, "file"), (stat.S_ISDIR, "directory"), (stat.S_ISLNK, "link"))
    kind = next((name for test, name in kinds if test(seen.st_mode)), "other")
    found = {
        "path": path,
        "type": kind,
        "mode": stat.S_IMODE(seen.st_mode),
        "uid": seen.st_uid,
        "gid": seen.st_gid,
        "size": seen.st_size,
        "mtime": seen.st_mtime_ns,
        "attributes": attributes(path),
    }
    if kind == "link":
        found["target"] = os.readlink(path)
    return found


def mark(path: "str") -> "dict[str, Any]":
    """As described, with the digest of a file."""
    found = described(path)
    if found["type"] == "file":
        found["sha256"] = digest(path)
    return found


def attributes(path: "str") -> "dict[str, str]":
    """Extended attributes, ACLs and labels among them, in base64; none where the file system has none."""
    found = {}
    try:
        for name in os.listxattr(path, follow_symlinks=False):
            value = os.getxattr(path, name, follow_symlinks=False)
            found[name] = binascii.b2a_base64(value, newline=False).decode("ascii")
    except OSError:
        pass
    return found


def digest(path: "str") -> "str":
    total = hashlib.sha256()
    with open(path, "rb") as file:
        for piece in iter(lambda: file.read(1 << 20), b""):
            total.update(piece)
    return total.hexdigest()


def copy(source: "str", target: "str") -> "str":
    """Copy the content, onto the disk; returns its digest. Raises OSError; half a copy does not stay."""
    total = hashlib.sha256()
    out = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    try:
        with os.fdopen(os.open(source, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC), "rb") as file:
            for piece in iter(lambda: file.read(1 << 20), b""):
                total.update(piece)
                write_all(out, piece)
        os.fsync(out)
    except OSError:
        os.unlink(target)
        raise
    finally:
        os.close(out)
    return total.hexdigest()
