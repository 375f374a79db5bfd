"""A report's file: written whole or not at all, and never put in the place of what is no plain file."""

from __future__ import annotations

import contextlib
import os
import secrets
import stat
from pathlib import Path

from undrift.errors import UsageError

#: Paths below these stand for something that is open already (/dev/stdout, /dev/fd/3), whatever it looks like.
STAND_INS = ("/dev/", "/proc/")


def check_writable(name: str) -> None:
    """Raises UsageError when a file of this name could not be written: told before the work and not after it."""
    path = Path(name)
    problem = _obstacle(path)
    if problem:
        raise UsageError(f"the report cannot be written to {name}: {problem}", help="name another file")


def write(name: str, data: bytes) -> None:
    """
    Put `data` into the file. What is no plain file (a device, a pipe) is written to as it is; a symbolic link is
    followed; a file that is there keeps its mode and owner. Raises OSError; then the file is as it was.
    """
    path = Path(name)
    if _takes_data_as_it_is(path):
        with path.open("wb") as special:
            special.write(data)
        return
    _replace(Path(os.path.realpath(path)), data)


def _obstacle(path: Path) -> str:
    try:
        if path.is_dir():
            return "it is a folder"
        if _takes_data_as_it_is(path):
            return "" if os.access(path, os.W_OK) else "no permission"
        target = Path(os.path.realpath(path))
        folder = target.parent
        if not folder.is_dir():
            return f"there is no folder {folder}"
        if target.exists() and not os.access(target, os.W_OK):
            return "no permission to write it"
        return "" if os.access(folder, os.W_OK | os.X_OK) else f"no permission to write into {folder}"
    except OSError as problem:
        return str(problem.strerror)


def _takes_data_as_it_is(path: Path) -> bool:
    return (path.exists() and not path.is_file()) or str(path.absolute()).startswith(STAND_INS)


def _replace(target: Path, data: bytes) -> None:
    new = target.with_name(f".undrift-{secrets.token_hex(6)}")
    # Made as open() makes a file: the user's umask decides.
    handle = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o666)
    try:
        with open(handle, "wb") as file:  # noqa: PTH123 - a handle, not a path
            _take_after(target, handle)
            file.write(data)
        new.replace(target)
    except BaseException:
        new.unlink(missing_ok=True)
        raise


def _take_after(old: Path, handle: int) -> None:
    """Give the new file the owner, as far as we may, and the mode of the old one."""
    try:
        was = old.stat()
    except FileNotFoundError:
        return
    # Who may not give files away keeps it, as with any other program that saves a file.
    with contextlib.suppress(PermissionError):
        os.fchown(handle, was.st_uid, was.st_gid)
    os.fchmod(handle, stat.S_IMODE(was.st_mode))
