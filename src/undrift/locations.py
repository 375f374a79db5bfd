"""Every path that we read or write, after the XDG base directory specification."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path


def cache() -> Path:
    """What can be made again: packed modules, images. Not created here."""
    return _home("XDG_CACHE_HOME", ".cache") / "undrift"


def state() -> Path:
    """What must stay between runs: labs. Not created here."""
    return _home("XDG_STATE_HOME", ".local/state") / "undrift"


def labs() -> Path:
    return state() / "labs"


def keep(path: Path, content: bytes) -> None:
    """Write a file of the cache, whole or not at all; a cache that cannot be written is none."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as file:
            file.write(content)
        Path(file.name).replace(path)
    except OSError:
        return


def _home(variable: str, default: str) -> Path:
    named = os.environ.get(variable, "")
    # The specification: a relative path is to be ignored.
    return Path(named) if named.startswith("/") else Path.home() / default
