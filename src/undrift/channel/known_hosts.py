"""Host keys: the files are read once for all hosts, and what is wrong with a key is said with file and line."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import asyncssh

USER_FILES = ("~/.ssh/known_hosts", "~/.ssh/known_hosts2")
GLOBAL_FILES = ("/etc/ssh/ssh_known_hosts", "/etc/ssh/ssh_known_hosts2")


class KnownHosts:
    """Parsed files, by path. One for the whole fleet."""

    def __init__(self) -> None:
        self._parsed: dict[tuple[str, ...], asyncssh.SSHKnownHosts] = {}

    def of(self, user: Sequence[str], system: Sequence[str]) -> asyncssh.SSHKnownHosts:
        """The entries of these files together; those that are not there are none."""
        paths = tuple(
            str(Path(path).expanduser()) for path in [*(user or USER_FILES), *(system or GLOBAL_FILES)]
        )
        known = self._parsed.get(paths)
        if known is None:
            text = "\n".join(_read(path) for path in paths)
            known = self._parsed[paths] = asyncssh.import_known_hosts(text)
        return known

    def record(self, path: str, host: str, port: int, key: asyncssh.SSHKey) -> None:
        """Append a key, as ssh does with StrictHostKeyChecking=accept-new."""
        file = Path(path).expanduser()
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        name = host if port == 22 else f"[{host}]:{port}"
        with file.open("ab") as out:
            if out.tell() and not file.read_bytes().endswith(b"\n"):
                out.write(b"\n")
            out.write(f"{name} {key.export_public_key().decode().strip()}\n".encode())
        self._parsed.clear()


def line_of(paths: Sequence[str], host: str) -> str:
    """file:line of the first plain entry for `host`, empty when it is hashed or there is none."""
    for path in paths:
        file = Path(path).expanduser()
        for number, line in enumerate(_read(str(file)).splitlines(), 1):
            names = line.split(maxsplit=1)[0].split(",") if line.strip() else []
            if host in names or f"[{host}]" in line.split(":", 1)[0]:
                return f"{file}:{number}"
    return ""


def _read(path: str) -> str:
    if not os.path.isfile(path):  # noqa: PTH113 - /dev/null is a usual value
        return ""
    return Path(path).read_text(encoding="utf-8", errors="surrogateescape")
