"""
Some machines have cgroup v1 controllers and a cgroup2 mount beside them; the container runtime refuses those. There the
engine runs in a mount namespace of its own, in which that one mount is absent: the rest of the machine is not touched.
"""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from undrift.errors import LabError

MOUNTS = Path("/proc/self/mountinfo")


def hybrid_mount(mountinfo: str) -> str | None:
    """The cgroup2 mount that stands beside cgroup v1 controllers, from the text of mountinfo; None when none does."""
    kinds = {fields[4]: kind for line in mountinfo.splitlines() for fields, kind in [_split(line)] if fields}
    has_v1 = "cgroup" in kinds.values()
    return next((path for path, kind in kinds.items() if kind == "cgroup2"), None) if has_v1 else None


def _split(line: str) -> tuple[list[str], str]:
    """The fields before the separator (the fifth is the mount point), and the type of the file system."""
    left, separator, right = line.partition(" - ")
    return (left.split(), right.split()[0]) if separator and len(left.split()) > 4 else ([], "")


def needed() -> str | None:
    """What hybrid_mount says of this machine."""
    return hybrid_mount(MOUNTS.read_text())


class Namespace:
    """A mount namespace kept in a file below `folder`. prefix(): what a command is run with to be inside."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._handle = folder / "mnt"

    def prefix(self) -> list[str]:
        return ["nsenter", f"--mount={self._handle}"]

    @property
    def exists(self) -> bool:
        return _is_mount_point(self._handle)

    def open(self, without: str) -> None:
        """Make it, without the mount at `without`; what an earlier one left in the folder goes. Raises LabError."""
        if self.exists:
            return
        if not _is_mount_point(self._folder):
            shutil.rmtree(self._folder, ignore_errors=True)
        self._folder.mkdir(parents=True, exist_ok=True)
        if not _is_mount_point(self._folder):
            _run("mount", "--bind", str(self._folder), str(self._folder))
            _run("mount", "--make-private", str(self._folder))
        self._handle.touch()
        _run("unshare", f"--mount={self._handle}", "umount", without)

    def close(self) -> None:
        """Remove it; nothing may run in it any more."""
        for path in (self._handle, self._folder):
            if _is_mount_point(path):
                _run("umount", str(path))
        shutil.rmtree(self._folder, ignore_errors=True)


def _is_mount_point(path: Path) -> bool:
    return any(str(path) == _split(line)[0][4] for line in MOUNTS.read_text().splitlines() if _split(line)[0])


def _run(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise LabError(
            f"{' '.join(command)} failed: {done.stderr.strip()}",
            help="the lab needs root on a machine with hybrid cgroups",
        )
