"""
Commands that only read, reviewed one program at a time: a task that says changed_when: false and runs one of these is
run in a scan, so that what hangs on its result is known. A line is refused as soon as anything in it is not known.
"""

from __future__ import annotations

import fnmatch
import shlex
from collections.abc import Callable, Mapping, Sequence

#: Characters that make a shell do more than run one program.
SHELL_FEATURES = frozenset("|&;<>()$`\\\"'*?[]{}~!#\n")

SYSTEMCTL = frozenset(
    [
        "is-active",
        "is-enabled",
        "is-failed",
        "is-system-running",
        "show",
        "cat",
        "status",
        "list-units",
        "list-unit-files",
        "list-timers",
        "list-dependencies",
        "get-default",
        "--version",
    ]
)
SYSTEMCTL_OPTIONS = frozenset(
    [
        "--no-pager",
        "--quiet",
        "-q",
        "--all",
        "-a",
        "--full",
        "-l",
        "--plain",
        "--no-legend",
        "--value",
        "--failed",
        "--user",
        "--system",
    ]
)
DPKG_QUERY = frozenset(
    [
        "-W",
        "--show",
        "-l",
        "--list",
        "-s",
        "--status",
        "-L",
        "--listfiles",
        "-S",
        "--search",
        "-p",
        "--print-avail",
    ]
)
RPM_QUERY = frozenset(["-q", "-qa", "-qi", "-ql", "-qf", "-qc", "-qd", "--query"])
RPM_OPTIONS = frozenset(
    [
        "-a",
        "-i",
        "-l",
        "-f",
        "-c",
        "-d",
        "--all",
        "--info",
        "--list",
        "--file",
        "--quiet",
        "--provides",
        "--whatprovides",
    ]
)


def _any_words(_words: Sequence[str]) -> bool:
    return True


def _systemctl(words: Sequence[str]) -> bool:
    verbs = [word for word in words if not word.startswith("-")]
    options = [word for word in words if word.startswith("-")]
    known = all(
        word in SYSTEMCTL_OPTIONS | {"--version"}
        or word.startswith(("--property=", "-p", "--type=", "--state="))
        for word in options
    )
    return known and (verbs[:1] == [] or verbs[0] in SYSTEMCTL) and bool(words)


def _dpkg_query(words: Sequence[str]) -> bool:
    queries = [word for word in words if word in DPKG_QUERY]
    others = [word for word in words if word.startswith("-") and word not in DPKG_QUERY]
    return len(queries) == 1 and all(word.startswith(("-f=", "--showformat=", "-f")) for word in others)


def _rpm(words: Sequence[str]) -> bool:
    return (
        bool(words)
        and words[0] in RPM_QUERY
        and all(
            word in RPM_OPTIONS | RPM_QUERY or word.startswith(("--qf=", "--queryformat="))
            for word in words
            if word.startswith("-")
        )
    )


def _sysctl(words: Sequence[str]) -> bool:
    options = [word for word in words if word.startswith("-")]
    names = [word for word in words if not word.startswith("-")]
    return (
        bool(names)
        and all(word in {"-n", "-b", "-e", "--values"} for word in options)
        and not any("=" in name for name in names)
    )


def _ss(words: Sequence[str]) -> bool:
    letters = frozenset("tulnpaxweimosHOr46")
    return all(
        word.startswith("-") and not word.startswith("--") and set(word[1:]) <= letters for word in words
    )


def _uname(words: Sequence[str]) -> bool:
    return all(word.startswith("-") for word in words)


#: Program to what its arguments may be. Found by its plain name, or in one of the usual folders.
READERS: Mapping[str, Callable[[Sequence[str]], bool]] = {
    "systemctl": _systemctl,
    "dpkg-query": _dpkg_query,
    "dpkg": lambda words: (
        bool(words) and words[0] in {"-l", "-s", "-L", "-S", "--list", "--status", "--print-architecture"}
    ),
    "rpm": _rpm,
    "getent": _any_words,
    "id": _any_words,
    "whoami": _any_words,
    "cat": _any_words,
    "head": _any_words,
    "grep": lambda words: not any(word.startswith(("--devices", "-D")) for word in words),
    "test": _any_words,
    "[": _any_words,
    "stat": _any_words,
    "ls": _any_words,
    "readlink": _any_words,
    "realpath": _any_words,
    "uname": _uname,
    "sysctl": _sysctl,
    "ss": _ss,
    "which": _any_words,
    "nproc": _any_words,
    "arch": _any_words,
    "lsb_release": _any_words,
    "true": _any_words,
}
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
    if by_shell and not SHELL_FEATURES.isdisjoint(line):
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
