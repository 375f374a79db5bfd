"""
~/.ssh/config and /etc/ssh/ssh_config: read once for all hosts. What is plain is judged here; for the rest (Match, quotes)
ssh itself is asked, once a host.
"""

from __future__ import annotations

import fnmatch
import glob
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from undrift.channel.options import MANY, SshOptions

USER_CONFIG = "~/.ssh/config"
SYSTEM_CONFIG = "/etc/ssh/ssh_config"
#: Nesting of Include that ssh itself puts up with.
DEPTH = 16

_LINE = re.compile(r"(\w+)(?:\s*=\s*|\s+)(\S.*)")
#: Their value is the rest of the line as it stands, for a shell.
COMMANDS = frozenset(["proxycommand", "localcommand", "remotecommand", "knownhostscommand"])

#: Host lines that must all fit, each a list of patterns.
Condition = tuple[tuple[str, ...], ...]


class NeedsSsh(Exception):
    """Something that only ssh reads rightly."""


@dataclass(frozen=True, slots=True)
class Entry:
    """
    One option of a configuration file. condition: the Host lines that a host must fit. name: in small
    letters.
    """

    condition: Condition
    name: str
    value: str


class Configuration:
    """user, system: the files, those that are not there are none."""

    def __init__(self, user: str = USER_CONFIG, system: str = SYSTEM_CONFIG) -> None:
        self._entries: list[Entry] = []
        self.needs_ssh = False
        try:
            for path in (user, system):
                file = Path(path).expanduser()
                self._entries += _read(file, file.parent, (), 0)
        except NeedsSsh:
            self.needs_ssh = True

    def of(self, host: str) -> SshOptions:
        """What the files say for a host, by the name that would be typed. Not to be asked when ssh is needed."""
        options = SshOptions()
        ignored: list[str] = []
        for entry in self._entries:
            if not all(fits(host, patterns) for patterns in entry.condition):
                continue
            if entry.name == "ignoreunknown":
                ignored = ignored or entry.value.lower().split(",")
            elif not any(fnmatch.fnmatchcase(entry.name, pattern) for pattern in ignored):
                options.add(entry.name, entry.value)
        # A second line for the same option says nothing.
        for name, values in options.values.items():
            if name not in MANY:
                del values[1:]
        return options


def fits(host: str, patterns: Sequence[str]) -> bool:
    """Does a name fit a Host line? One of its patterns must, and none that begins with an exclamation mark."""
    found = False
    for pattern in patterns:
        bare = pattern.removeprefix("!").lower()
        if fnmatch.fnmatchcase(host.lower(), bare.replace("[", "[[]")):
            if pattern.startswith("!"):
                return False
            found = True
    return found


def _read(file: Path, base: Path, condition: Condition, depth: int) -> Iterator[Entry]:
    """The entries of a file and of those it includes. base: what relative names stand below."""
    if not file.is_file():
        return
    try:
        text = file.read_text(encoding="utf-8", errors="surrogateescape")
    except OSError:
        # ssh passes over what it may not read, too, and says why it stops when it does not.
        raise NeedsSsh from None
    inner = condition
    for line in map(str.strip, text.splitlines()):
        if not line or line.startswith("#"):
            continue
        name, value = _split(line)
        if name == "host":
            inner = (*condition, tuple(value.split()))
        elif name == "match":
            inner = _unconditional(value, condition)
        elif name == "include":
            yield from _included(value, base, inner, depth)
        else:
            yield Entry(inner, name, value)


def _split(line: str) -> tuple[str, str]:
    match = _LINE.fullmatch(line)
    if match is None:
        raise NeedsSsh
    name, value = match[1].lower(), match[2]
    if name not in COMMANDS and any(char in value for char in "\"'\\#"):
        raise NeedsSsh
    return name, value


def _unconditional(value: str, condition: Condition) -> Condition:
    if value.lower() != "all":
        raise NeedsSsh
    return condition


def _included(value: str, base: Path, condition: Condition, depth: int) -> Iterator[Entry]:
    if depth >= DEPTH or "%" in value or "$" in value:
        raise NeedsSsh
    for word in value.split():
        for path in sorted(glob.glob(str(base / Path(word).expanduser()))):  # noqa: PTH207 - the pattern may be absolute
            yield from _read(Path(path), base, condition, depth + 1)
