"""Host keys: the files are read once for all hosts, and what is wrong with a key is said with file and line."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import asyncssh

USER_FILES = ("~/.ssh/known_hosts", "~/.ssh/known_hosts2")
GLOBAL_FILES = ("/etc/ssh/ssh_known_hosts", "/etc/ssh/ssh_known_hosts2")


@dataclass(frozen=True, slots=True, kw_only=True)
class Trusted:
    """What is known under one name."""

    keys: tuple[asyncssh.SSHKey, ...] = ()
    authorities: tuple[asyncssh.SSHKey, ...] = ()
    revoked: tuple[asyncssh.SSHKey, ...] = ()
    #: keys known for the host without its port: good, but another one is no change
    bare: tuple[asyncssh.SSHKey, ...] = ()


class KnownHosts:
    """Parsed files, by path. One for the whole fleet."""

    def __init__(self) -> None:
        self._parsed: dict[str, asyncssh.SSHKnownHosts] = {}

    def trusted(self, paths: Sequence[str], name: str) -> Trusted:
        """What the files say for a name as entry_name gives it."""
        keys, authorities, revoked = self._match(paths, name)
        bare: tuple[asyncssh.SSHKey, ...] = ()
        if not keys and not authorities and name.startswith("["):
            bare, _, more = self._match(paths, name[1:].partition("]")[0])
            revoked += more
        return Trusted(keys=keys, authorities=authorities, revoked=revoked, bare=bare)

    def record(self, path: str, name: str, key: asyncssh.SSHKey) -> None:
        """Append a key, as ssh does with StrictHostKeyChecking=accept-new. Raises OSError."""
        file = Path(path)
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        line = f"{name} {key.export_public_key().decode().strip()}\n"
        with file.open("ab") as out:
            if out.tell() and not file.read_bytes().endswith(b"\n"):
                out.write(b"\n")
            out.write(line.encode())
        self._of(path).load(line)

    def _match(self, paths: Sequence[str], name: str) -> tuple[tuple[asyncssh.SSHKey, ...], ...]:
        found = [self._of(path).match(name, "", None)[:3] for path in paths]
        return tuple(tuple(key for match in found for key in match[kind]) for kind in range(3))

    def _of(self, path: str) -> asyncssh.SSHKnownHosts:
        if path not in self._parsed:
            self._parsed[path] = _parsed(_read(path))
        return self._parsed[path]


def entry_name(host: str, port: int, alias: str) -> str:
    """The name under which a host's key is looked for and recorded."""
    if alias:
        return alias.lower()
    return host.lower() if port == 22 else f"[{host.lower()}]:{port}"


def line_of(paths: Sequence[str], name: str) -> str:
    """file:line of the first plain entry for a name, empty when it is hashed or there is none."""
    for path in paths:
        for number, line in enumerate(_read(path).splitlines(), 1):
            words = line.split()
            if words and words[0].startswith("@"):
                del words[0]
            if words and name in words[0].lower().split(","):
                return f"{path}:{number}"
    return ""


def _parsed(text: str) -> asyncssh.SSHKnownHosts:
    """A line that makes no sense is passed over, as ssh does: it must not make every other host unknown."""
    try:
        return asyncssh.import_known_hosts(text)
    except ValueError:
        return asyncssh.import_known_hosts("\n".join(filter(_makes_sense, text.splitlines())))


def _makes_sense(line: str) -> bool:
    try:
        asyncssh.import_known_hosts(line)
    except ValueError:
        return False
    return True


def _read(path: str) -> str:
    if not os.path.isfile(path):  # noqa: PTH113 - /dev/null is a usual value
        return ""
    try:
        return Path(path).read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
