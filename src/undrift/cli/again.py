"""The command line that was typed, to build the next one from."""

from __future__ import annotations

import shlex
from collections.abc import Sequence

#: Options that the next command has other values for, or none.
OTHERWISE = frozenset({"-o", "--output", "-l", "--limit"})
FLAGS = frozenset({"-v", "-vv", "-vvv", "--verbose", "--unknown"})


def typed_so_far(arguments: Sequence[str]) -> str:
    """`undrift` and what was typed behind it, as far as it is needed again; values of -e, maybe secret, become `...`."""
    words = ["undrift"]
    rest = iter(arguments)
    for word in rest:
        name, equals, value = word.partition("=")
        if name in OTHERWISE:
            if not equals:
                next(rest, None)
        elif name in {"-e", "--extra-vars"}:
            value = value if equals else next(rest, "")
            words += ["-e", value if value.startswith("@") else "..."]
        elif word not in FLAGS:
            words.append(word)
    return shlex.join(words)
