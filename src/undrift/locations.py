"""Every path that we read or write, after the XDG base directory specification."""

from __future__ import annotations

import os
from pathlib import Path


def cache() -> Path:
    """What can be made again: packed modules, images. Not created here."""
    return _home("XDG_CACHE_HOME", ".cache") / "undrift"


def state() -> Path:
    """What must stay between runs: labs. Not created here."""
    return _home("XDG_STATE_HOME", ".local/state") / "undrift"


def labs() -> Path:
    return state() / "labs"


def _home(variable: str, default: str) -> Path:
    named = os.environ.get(variable, "")
    # The specification: a relative path is to be ignored.
    return Path(named) if named.startswith("/") else Path.home() / default
