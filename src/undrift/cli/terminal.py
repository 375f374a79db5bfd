"""What standard error is connected to."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TextIO

#: What a scan says first, before it has loaded what it needs.
FIRST = "reading the playbook"


def first_sign(stream: TextIO) -> None:
    """A word within the first 100 ms."""
    stream.write(f"\r{FIRST}" if is_live(stream, os.environ) else f"{FIRST}\n")
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
