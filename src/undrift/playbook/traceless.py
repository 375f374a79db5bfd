"""What ansible-core would leave on the controller, and a scan does not: facts in a cache, its own folder."""

from __future__ import annotations

import copy
import os
import shutil
from typing import Any

from ansible import constants as C  # noqa: N812 - as everybody who writes for Ansible calls it


class FactsOfThisScan:
    """Facts that ansible.cfg has cached are read; new ones are kept for this scan alone."""

    def __init__(self, cached: Any) -> None:
        self._cached = cached
        self._own: dict[str, dict[str, Any] | None] = {}

    def get(self, host: str) -> dict[str, Any]:
        """Raises KeyError when nothing is known of the host."""
        if host in self._own:
            facts = self._own[host]
            if facts is None:
                raise KeyError(host)
            return facts
        found: dict[str, Any] = self._cached.get(host)
        return copy.copy(found)

    def set(self, host: str, facts: dict[str, Any]) -> None:
        self._own[host] = facts

    def delete(self, host: str) -> None:
        """Forget the host's facts, those in the cache with them, for this scan."""
        self._own[host] = None


def make_no_cache() -> None:
    """A cache of facts in files makes its folder when it is opened: where there is none yet, nothing is in it."""
    in_files = C.CACHE_PLUGIN.rpartition(".")[2] in {"jsonfile", "yaml", "pickle"}
    if in_files and not os.path.isdir(os.path.expanduser(C.CACHE_PLUGIN_CONNECTION or "")):
        C.CACHE_PLUGIN = "memory"


def leave_nothing() -> None:
    """Remove the folder that ansible-core makes for itself when it is imported; its own way needs a normal exit."""
    shutil.rmtree(C.DEFAULT_LOCAL_TMP, ignore_errors=True)
