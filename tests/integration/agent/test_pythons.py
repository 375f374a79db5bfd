"""The agent answers on every Python from 3.6 that is to be had here."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from undrift.agent.wire import MARK
from undrift.channel import compiled, package


def _pythons() -> list[str]:
    """Interpreters on PATH and beside the one that pyenv gives, one of each version."""
    found: dict[str, str] = {}
    folders = [Path(folder) for folder in os.environ.get("PATH", "").split(":") if folder]
    root = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
    folders += sorted(root.glob("versions/*/bin"))
    for minor in range(6, 15):
        for folder in folders:
            python = folder / f"python3.{minor}"
            if python.is_file() and "shims" not in str(folder):
                found.setdefault(f"3.{minor}", str(python))
    if shutil.which("/usr/bin/python3"):
        found.setdefault("system", "/usr/bin/python3")
    return sorted(found.values())


REQUESTS = [
    ("file", {"path": "/etc", "state": "directory", "src": None, "recurse": False, "follow": True, "force": False, "modification_time": None, "access_time": None, "owner": "root", "group": None, "mode": "u=rwX"}),
    ("stat", {"path": "/etc/passwd", "follow": False, "get_checksum": True, "get_mime": False, "get_attributes": False, "checksum_algorithm": "sha1"}),
    ("account", {"account": "group", "name": "root", "state": "present", "gid": 0, "system": False}),
    ("facts", {"names": ["distribution", "hostname", "user_id", "kernel"]}),
    ("command", {"line": "true", "argv": ["true"], "shell": False, "executable": None, "chdir": None, "creates": None, "removes": None, "stdin": None, "strip": True, "run": True, "about": "true"}),
    ("edit", {"edit": "line", "path": "/etc/passwd", "state": "present", "create": False, "regexp": "^root:", "search_string": None, "line": "x", "insertafter": "EOF", "insertbefore": None, "backrefs": False, "firstmatch": False, "owner": None, "group": None, "mode": None}),
]  # fmt: skip


def _magic(python: str) -> str:
    said = "import importlib.util as u; print(u.MAGIC_NUMBER.hex())"
    return subprocess.run([python, "-c", said], capture_output=True, text=True, check=True).stdout.strip()


@pytest.mark.parametrize("python", _pythons())
def test_the_agent_answers(python: str) -> None:
    requests = [
        {"id": n, "kind": kind, "args": args, "deadline": 20} for n, (kind, args) in enumerate(REQUESTS)
    ]
    said = b"".join(
        json.dumps(message).encode() + b"\n"
        for message in (
            {"say": "hello", "settings": {"key": "00"}},
            compiled.code_message([package.file_of_kind(kind) for kind, _ in REQUESTS], _magic(python)),
            {"say": "batch", "requests": requests},
        )
    )
    agent = subprocess.Popen(
        ["/bin/sh", "-c", package.command(python, len(compiled.core()))],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    with agent:
        agent.stdin.write(compiled.core() + said)
        agent.stdin.flush()
        lines = [agent.stdout.readline() for _ in range(1 + len(requests))]
        agent.stdin.close()
        assert agent.wait(timeout=20) == 0
        errors = agent.stderr.read().decode()
    messages = [json.loads(line.partition(MARK)[2]) for line in lines if MARK in line]
    assert [one["say"] for one in messages] == ["hello"] + ["answer"] * len(requests), errors
    assert all("unknown" not in one for one in messages[1:]), messages
    assert messages[2]["result"]["stat"]["exists"] is True
    assert messages[5]["result"]["rc"] == 0


def test_noise_of_a_login_shell_and_a_closed_channel_do_no_harm() -> None:
    agent = subprocess.Popen(
        ["/bin/sh", "-c", "echo welcome; " + package.command("/usr/bin/python3", len(compiled.core()))],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    with agent:
        agent.stdin.write(compiled.core()[:100])
        agent.stdin.close()
        assert agent.wait(timeout=20) == 0
