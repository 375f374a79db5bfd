"""An Ansible callback that writes what each task came to, a JSON line each: what the differential test compares with."""

from __future__ import annotations

import json
import os
from pathlib import Path

from ansible.plugins.callback import CallbackBase


class CallbackModule(CallbackBase):
    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "aggregate"
    CALLBACK_NAME = "trace"

    def _write(self, result, word: str) -> None:
        line = {
            "task": result._task.get_name(),
            "host": result._host.get_name(),
            "outcome": word,
            "msg": str(result._result.get("msg", "")),
            "after": _after(result._result.get("diff")),
        }
        with Path(os.environ["UNDRIFT_TRACE"]).open("a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")

    def v2_runner_on_ok(self, result) -> None:
        self._write(result, "changed" if result._result.get("changed") else "ok")

    def v2_runner_on_failed(self, result, ignore_errors=False) -> None:
        self._write(result, "failed")

    def v2_runner_on_skipped(self, result) -> None:
        self._write(result, "skipped")

    def v2_runner_on_unreachable(self, result) -> None:
        self._write(result, "unreachable")


def _after(diff) -> str:
    """The wanted content that a file's task shows; empty when it shows none."""
    first = diff[0] if isinstance(diff, list) and diff else diff
    return str(first.get("after", "")) if isinstance(first, dict) else ""
