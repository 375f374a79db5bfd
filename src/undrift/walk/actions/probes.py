"""
Commands that only read, reviewed one program at a time: a task that says changed_when: false and runs one of these is
run in a scan, so that what hangs on its result is known. A line is refused as soon as anything in it is not known.
"""

from __future__ import annotations

import fnmatch
import re
import shlex
from collections.abc import Sequence

from undrift.walk.actions.readers import READERS

#: What a shell takes as it stands, whatever is in it.
QUOTED = re.compile(r"""'[^']*'|"[^"$`\\!]*\"""")
#: Characters that make a shell do more than run one program.
SHELL_FEATURES = frozenset("|&;<>()$`\\\"'*?[]{}~!#\n")

FOLDERS = ("", "/bin/", "/usr/bin/", "/sbin/", "/usr/sbin/")


def is_reader(argv: Sequence[str]) -> bool:
    """Whether running this program with these arguments only reads."""
    if not argv:
        return False
    if len(argv) == 2 and argv[1] == "--version" and "/" not in argv[0]:
        return True
    name = next(
        (argv[0].removeprefix(folder) for folder in reversed(FOLDERS) if argv[0].startswith(folder)), ""
    )
    allowed = READERS.get(name)
    return allowed is not None and allowed(argv[1:])


def words_of(line: str, *, by_shell: bool) -> list[str] | None:
    """The words of a command line; None when it needs a shell to be understood, or cannot be read."""
    if by_shell and not SHELL_FEATURES.isdisjoint(QUOTED.sub("", line)):
        return None
    if "=" in line.split(" ", 1)[0]:
        return None
    try:
        return shlex.split(line)
    except ValueError:
        return None


def may_run(line: str, patterns: Sequence[str], *, by_shell: bool) -> bool:
    """Whether the line is a reader of the table, or undrift.yaml names it."""
    if any(fnmatch.fnmatchcase(line.strip(), pattern) for pattern in patterns):
        return True
    words = words_of(line, by_shell=by_shell)
    return words is not None and is_reader(words)
