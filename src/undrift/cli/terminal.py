"""What standard error is connected to."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import TextIO

#: What a command says first, before it has loaded what it needs: within 100 ms.
FIRST = {
    "scan": "reading the playbook",
    "correct": "reading the playbook",
    "lab up": "starting a lab",
    "lab break": "breaking a server",
    "lab reboot": "rebooting a server: some seconds",
    "lab down": "removing a lab",
}


def first_sign(stream: TextIO, words: Sequence[str]) -> None:
    """A word at once, from commands that take their time."""
    walks = words[:1] in (["scan"], ["correct"])
    text = FIRST.get(words[0] if walks else " ".join(words[:2]))
    if text is None or {"-h", "--help"} & set(words):
        return
    drawn_over = walks and is_live(stream, os.environ)
    stream.write(f"\r{text}" if drawn_over else f"{text}\n")
    stream.flush()


def clear_line(stream: TextIO) -> None:
    """Take away what was drawn, before something else is said there."""
    if is_live(stream, os.environ):
        stream.write("\r\033[K")
        stream.flush()


def is_live(stream: TextIO, environment: Mapping[str, str]) -> bool:
    """Whether lines can be drawn over: a terminal that understands it, with a person before it."""
    in_pipeline = environment.get("CI", "").lower() not in {"", "0", "false"}
    return stream.isatty() and environment.get("TERM") != "dumb" and not in_pipeline


def columns(stream: TextIO) -> int:
    """How wide it is."""
    try:
        return os.get_terminal_size(stream.fileno()).columns or 80
    except (OSError, ValueError):
        return 80
