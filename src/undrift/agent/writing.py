"""
Makes what is at a path as it is to be: beside it, on disk, then in its place by a rename, so that nobody ever sees half
of it. Owner, mode, ACLs, extended attributes and label of what was there stay, but for what is to be otherwise.
"""

import binascii
import errno
import os
import shlex
import shutil
import stat as bits
import tempfile
import time

from undrift.agent.files import write_all
from undrift.agent.host import Failed
from undrift.agent.preimages import attributes

MYPY = False
if MYPY:
    from typing import Any

    from undrift.agent.host import Host


def make(path: "str", node: "dict[str, Any] | None", in_place: "bool" = False) -> None:
    """
    node: as in Node.asdict(), or None: nothing is to be there. in_place: where a rename is refused, write into what is
    there (unsafe_writes). Raises Failed in the words of the modules, OSError.
    """
    if node is None:
        remove(path)
    elif node["type"] == "directory":
        _directory(path, node)
    elif node["type"] == "link" and node.get("target") is not None and not _leads_there(path, node):
        _link(path, node)
    elif node["type"] == "file" and (node.get("content") is not None or not os.path.lexists(path)):
        content = binascii.a2b_base64(node["content"]) if node.get("content") is not None else b""
        write(path, content, node.get("mode"), node.get("uid"), node.get("gid"), in_place=in_place)
    else:
        _attributes(path, node)


def remove(path: "str") -> None:
    """Whatever it is, with all that is in it."""
    if os.path.isdir(path) and not os.path.islink(path):
        shutil.rmtree(path)
    elif os.path.lexists(path):
        os.unlink(path)
    sync_folder(path)


def write(
    path: "str",
    content: "bytes",
    mode: "int | None",
    uid: "int | None",
    gid: "int | None",
    in_place: "bool" = False,
    kept: "dict[str, str] | None" = None,
) -> None:
    """A regular file. kept: the extended attributes that it is to have; None: those of the file that is there."""
    if kept is None:
        kept = attributes(path) if os.path.isfile(path) and not os.path.islink(path) else {}
    fresh = beside(path)
    file = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    try:
        try:
            write_all(file, content)
            if uid is not None or gid is not None:
                os.fchown(file, -1 if uid is None else uid, -1 if gid is None else gid)
            for name, value in kept.items():
                _set_attribute(fresh, name, value)
            os.fchmod(file, 0o644 if mode is None else mode)
            os.fsync(file)
        finally:
            os.close(file)
        _into_place(fresh, path, content, in_place)
    except BaseException:
        if os.path.lexists(fresh):
            os.unlink(fresh)
        raise


def validate(command: "str", content: "bytes", host: "Host") -> None:
    """Let the command judge the content, in a file in the place of its %s. Raises Failed in the modules' words."""
    if "%s" not in command:
        raise Failed("validate must contain %%s: %s" % command)
    folder = tempfile.mkdtemp(prefix="undrift-")
    try:
        path = os.path.join(folder, "content")
        write(path, content, 0o600, None, None)
        status, out, err = host.run(shlex.split(command % path))
    finally:
        shutil.rmtree(folder)
    if status:
        said = (err or out).decode("utf-8", "replace").strip()
        raise Failed("failed to validate: rc:%d error:%s" % (status, said), exit_status=status, stderr=said)


def back_up(path: "str") -> "str":
    """A copy beside the file, named as the modules do; returns its path."""
    copy = "%s.%d.%s" % (path, os.getpid(), time.strftime("%Y-%m-%d@%H:%M:%S~"))
    seen = os.stat(path)
    with open(path, "rb") as file:
        write(copy, file.read(), bits.S_IMODE(seen.st_mode), seen.st_uid, seen.st_gid, kept=attributes(path))
    os.utime(copy, ns=(seen.st_atime_ns, seen.st_mtime_ns))
    return copy


def beside(path: "str") -> "str":
    """A name in the same folder that nobody else uses."""
    return os.path.join(
        os.path.dirname(path),
        ".undrift-%s-%s" % (os.getpid(), binascii.b2a_hex(os.urandom(6)).decode("ascii")),
    )


def sync_folder(path: "str") -> None:
    """Let the folder that `path` lies in know on disk what is in it."""
    try:
        folder = os.open(os.path.dirname(path) or "/", os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError:
        return
    try:
        os.fsync(folder)
    except OSError:
        pass
    finally:
        os.close(folder)


def _set_owner_and_mode(path: "str", mode: "int | None", uid: "int | None", gid: "int | None") -> None:
    """Of what is at the path itself; a link has no mode. Owner first: that takes the set-id bits (chown(2))."""
    seen = os.lstat(path)
    owner = (seen.st_uid if uid is None else uid, seen.st_gid if gid is None else gid)
    if owner != (seen.st_uid, seen.st_gid):
        os.lchown(path, owner[0], owner[1])
    if mode is not None and not bits.S_ISLNK(seen.st_mode) and bits.S_IMODE(os.lstat(path).st_mode) != mode:
        os.chmod(path, mode)


def _set_attribute(path: "str", name: "str", value: "str") -> None:
    try:
        os.setxattr(path, name, binascii.a2b_base64(value), follow_symlinks=False)
    except OSError as problem:
        # A file system, or a kernel, that has none of this kind.
        if problem.errno not in (errno.ENOTSUP, errno.EPERM, errno.EINVAL):
            raise


def _directory(path: "str", node: "dict[str, Any]") -> None:
    if not os.path.lexists(path):
        os.mkdir(path, 0o700)
        sync_folder(path)
    _attributes(path, node)


def _link(path: "str", node: "dict[str, Any]") -> None:
    if os.path.isdir(path) and not os.path.islink(path):
        os.rmdir(path)
    fresh = beside(path)
    os.symlink(node["target"], fresh)
    try:
        _attributes(fresh, node)
        os.rename(fresh, path)
    except BaseException:
        os.unlink(fresh)
        raise
    sync_folder(path)


def _leads_there(path: "str", node: "dict[str, Any]") -> "bool":
    return os.path.islink(path) and os.readlink(path) == node["target"]


def _attributes(path: "str", node: "dict[str, Any]") -> None:
    mode = None if node["type"] == "link" else node.get("mode")
    _set_owner_and_mode(path, mode, node.get("uid"), node.get("gid"))


def _into_place(fresh: "str", path: "str", content: "bytes", in_place: "bool") -> None:
    try:
        os.rename(fresh, path)
    except OSError as problem:
        if not in_place or problem.errno not in (errno.EBUSY, errno.EPERM, errno.EACCES, errno.ETXTBSY):
            raise Failed(
                "%s cannot be replaced: %s. unsafe_writes: true writes into it where it is"
                % (path, problem.strerror)
            ) from problem
        with open(path, "r+b") as file:
            file.write(content)
            file.truncate()
            file.flush()
            os.fsync(file.fileno())
        os.unlink(fresh)
    sync_folder(path)
