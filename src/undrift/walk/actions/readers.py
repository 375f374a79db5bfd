"""The reviewed table of programs that only read, and what their arguments may be for that."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

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


Reader = Callable[[Sequence[str]], bool]


def _any_words(_words: Sequence[str]) -> bool:
    return True


def _only(known: str) -> Reader:
    """No other words than these."""
    return lambda words: set(words) <= set(known.split())


def _without(*refused: str) -> Reader:
    return lambda words: not any(word.startswith(refused) for word in words)


def _verbs(verbs: str, options: str, prefixes: str = "", *, needed: bool = False) -> Reader:
    """One of the verbs first, where one is `needed` or given; no other options than these."""

    def reads(words: Sequence[str]) -> bool:
        plain = [word for word in words if not word.startswith("-")]
        known = all(
            word in options.split() or word.startswith(tuple(prefixes.split()) or ("\n",))
            for word in words
            if word.startswith("-")
        )
        return known and (plain[0] in verbs.split() if plain else not needed)

    return reads


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


def _date(words: Sequence[str]) -> bool:
    """A word that is neither a format nor the value of an option would set the clock."""
    left = list(words)
    while left:
        word = left.pop(0)
        if word in {"-d", "--date", "-r", "--reference"} and left:
            left.pop(0)
        elif word not in {"-u", "--utc", "--universal", "-R"} and not word.startswith(
            ("+", "-I", "--iso-8601", "--rfc-", "--date=", "--reference=")
        ):
            return False
    return True


def _ip(words: Sequence[str]) -> bool:
    options = {"-4", "-6", "-o", "-oneline", "-br", "-brief", "-j", "-json", "-p", "-d", "-details", "-s"}
    plain = [word for word in words if word not in options]
    objects = {"a", "addr", "address", "l", "link", "r", "route", "n", "neigh", "rule"}
    verbs = {"show", "list", "ls", "get"}
    return bool(plain) and plain[0] in objects and (len(plain) == 1 or plain[1] in verbs)


GIT_OPTIONS = {
    "rev-parse": "--short --verify --abbrev-ref -q --quiet --show-toplevel --is-inside-work-tree --git-dir",
    "describe": "--tags --always --exact-match --dirty --all --long",
    "status": "--porcelain -s --short -b --branch -uno",
    "log": "-1 --oneline --no-color",
}
GIT_PREFIXES = ("--short=", "--abbrev=", "--format=", "--pretty=", "--porcelain=", "--untracked-files=")


def _git(words: Sequence[str]) -> bool:
    """`log` may write files, and much more may run what the work tree names: these options do neither."""
    left = list(words)
    while left[:1] in (["-C"], ["--no-pager"]):
        del left[: 2 if left[0] == "-C" else 1]
    if not left or left[0] not in GIT_OPTIONS:
        return False
    known = GIT_OPTIONS[left[0]].split()
    return all(word in known or word.startswith(GIT_PREFIXES) for word in left[1:] if word.startswith("-"))


#: Program to what its arguments may be. Found by its plain name, or in one of the usual folders.
READERS: Mapping[str, Reader] = {
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
    "groups": _any_words,
    "locale": _any_words,
    "lsblk": _any_words,
    "df": _without("--sync"),
    "findmnt": _without("--poll", "-p"),
    "hostname": _only("-a -A -d -f -i -I -s --fqdn --long --short --domain --ip-address --all-ip-addresses"),
    "free": _only("-b -k -m -g -h -t -w -l --human --mega --giga --kibi --mebi --gibi --total --wide"),
    "command": lambda words: len(words) > 1 and words[0] in {"-v", "-V"},
    "getconf": lambda words: all(word == "-a" or not word.startswith("-") for word in words),
    "timedatectl": _verbs("status show list-timezones", "--no-pager --value --all -a", "--property= -p"),
    "hostnamectl": _verbs("status", "--no-pager --static --transient --pretty"),
    "date": _date,
    "ip": _ip,
    "apt-cache": _verbs("policy show showpkg madison depends rdepends search pkgnames", "-n --names-only"),
    "pip": _verbs(
        "freeze list show", "--user --local -l --not-required --files -f --all", "--format=", needed=True
    ),
    "pip3": _verbs(
        "freeze list show", "--user --local -l --not-required --files -f --all", "--format=", needed=True
    ),
    # Not -t: it makes log files, folders and a file for its number.
    "nginx": lambda words: list(words) in (["-v"], ["-V"]),
    "sshd": lambda words: list(words[:1]) == ["-T"] and len(words) in {1, 3} and words[1:2] in ([], ["-C"]),
    "git": _git,
}
