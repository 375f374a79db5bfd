"""The command line that was typed, to build the next one from."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

#: Options of `scan` that take a value, by their short and their long names.
VALUED = {
    "-i": "--inventory",
    "-l": "--limit",
    "-t": "--tags",
    "-e": "--extra-vars",
    "-u": "--user",
    "-f": "--forks",
    "-T": "--timeout",
    "-o": "--output",
}
VALUED_LONG = frozenset(
    {
        *VALUED.values(),
        "--skip-tags",
        "--private-key",
        "--become-user",
        "--become-method",
        "--vault-password-file",
        "--vault-id",
        "--ssh-common-args",
        "--ssh-extra-args",
        "--min-coverage",
        "--deadline",
    }
)
#: Options that the next command has other values for, or none.
OTHERWISE = frozenset({"-o", "--output", "-l", "--limit", "-v", "--verbose", "--unknown"})
EXTRA_VARS = frozenset({"-e", "--extra-vars"})


def typed_so_far(arguments: Sequence[str], program: str = "") -> str:
    """The program and what was typed behind it, as far as needed again; values of -e, maybe secret, become `...`."""
    words = [program or this_program()]
    for option, value in _parts(iter(arguments)):
        if option in OTHERWISE:
            continue
        if value is None:
            words.append(option)
        elif option in EXTRA_VARS:
            words += ["-e", value if value.startswith("@") else "..."]
        else:
            words += [option, value] if option else [value]
    return shlex.join(words)


def this_program() -> str:
    """The command that this is run by: `undrift`, or `.venv/bin/undrift` where it was typed like that."""
    typed = Path(sys.argv[0])
    return "undrift" if typed.is_absolute() or typed.name != "undrift" else str(typed)


def _parts(words: Iterator[str]) -> Iterator[tuple[str, str | None]]:
    """(option, its value or None); ("", word) for what is none. Clusters such as -bvl come apart."""
    for word in words:
        if word == "--":
            yield from (("", rest) for rest in words)
        elif word.startswith("--"):
            yield _long(word, words)
        elif word.startswith("-") and len(word) > 1:
            yield from _short(word[1:], words)
        else:
            yield "", word


def _long(word: str, rest: Iterator[str]) -> tuple[str, str | None]:
    name, equals, value = word.partition("=")
    if equals:
        return name, value
    return name, next(rest, "") if name in VALUED_LONG else None


def _short(letters: str, rest: Iterator[str]) -> Iterator[tuple[str, str | None]]:
    for place, letter in enumerate(letters, start=1):
        option = f"-{letter}"
        if option in VALUED:
            yield option, letters[place:] or next(rest, "")
            return
        yield option, None
