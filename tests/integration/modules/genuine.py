"""Runs a genuine module of ansible-core on this machine, and our own check of the same task, without a server between."""

from __future__ import annotations

import base64
import importlib
import json
import os
import sys
from pathlib import Path
from typing import Any

from ansible.module_utils import basic

from undrift.agent.host import Host
from undrift.agent.worker import look
from undrift.walk.actions import answerer
from undrift.walk.actions.arguments import BadArgument


def run_module(name: str, args: dict[str, Any]) -> dict[str, Any]:
    """What the module returns; it acts. In a process of its own, because modules end theirs."""
    module = importlib.import_module(f"ansible.modules.{name}")
    reads, writes = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(reads)
        os.dup2(writes, 1)
        os.dup2(os.open(os.devnull, os.O_RDWR), 0)
        sys.stdout = os.fdopen(1, "w", closefd=False)
        own = {"_ansible_no_log": True, "_ansible_remote_tmp": "/tmp", "_ansible_tmpdir": None}
        basic._ANSIBLE_ARGS = json.dumps({"ANSIBLE_MODULE_ARGS": {**args, **own}}).encode()
        basic._ANSIBLE_PROFILE = "legacy"
        try:
            module.main()
        except BaseException:  # noqa: BLE001 - a module ends by SystemExit, or crashes: both are the end of this process
            pass
        finally:
            sys.stdout.flush()
            os._exit(0)
    os.close(writes)
    with os.fdopen(reads, "rb") as said:
        answer = said.read()
    os.waitpid(pid, 0)
    # A module that ends with a traceback says no JSON: the task fails.
    return dict(json.loads(answer)) if answer else {"failed": True}


class Occasion:
    """A task of no particular host: none of these actions asks for more."""

    check_mode = diff = True
    changed_when_false = run_probes = False
    probe_patterns = ()


def our_check(action: str, args: dict[str, Any]) -> tuple[str, Host] | None:
    """("changed", "ok" or "failed", and the server as we would leave it); None where the genuine module would answer."""
    occasion = Occasion()
    occasion.action = action
    try:
        ask = answerer(action)(args, occasion)
    except BadArgument:
        return "failed", Host()
    if ask is None:
        return None
    host = Host()
    said = look({"id": 1, "kind": ask.kind, "args": json.loads(json.dumps(dict(ask.args)))}, host)
    assert "unknown" not in said, said
    result = said["result"]
    return "failed" if result.get("failed") else "changed" if result["changed"] else "ok", host


def outcome(result: dict[str, Any]) -> str:
    return "failed" if result.get("failed") else "changed" if result.get("changed") else "ok"


def predicted(host: Host, path: Path) -> bytes | None:
    """The content that the file would have; None: no file."""
    node = host.stat(str(path))
    if node is None:
        return None
    return path.read_bytes() if node.content is None else base64.b64decode(node.content)
