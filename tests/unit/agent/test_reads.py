"""What reads the server copes with what lies there."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from undrift.agent.host import Host
from undrift.agent.worker import look
from undrift.walk.actions.reads import ask_find
from undrift.walk.actions.system import ask_cron


def ask(question: object, host: Host | None = None) -> dict:
    return look({"id": 1, "kind": question.kind, "args": dict(question.args)}, host or Host())


def found(args: dict) -> list[str]:
    answer = ask(ask_find(args, None))
    assert json.dumps(answer).isascii()
    return sorted(one["path"] for one in answer["result"]["files"])


@pytest.mark.parametrize("whole", [True, False])
def test_files_whose_names_and_contents_are_no_utf8_are_searched(tmp_path: Path, whole: bool) -> None:
    name = os.fsencode(tmp_path) + b"/caf\xe9.conf"
    Path(os.fsdecode(name)).write_bytes(b"caf\xe9\nkey = 1\n")
    wanted = {"paths": [str(tmp_path)], "contains": "key", "read_whole_file": whole}
    assert found(wanted) == [os.fsdecode(name)]
    assert found({**wanted, "contains": "other"}) == []


def test_the_crontab_of_another_is_not_taken_for_an_empty_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 65534)
    answer = ask(ask_cron({"name": "x", "job": "true", "user": "root"}, None))
    assert answer["unknown"]["class"] == "failed"
    assert "permission denied" in answer["unknown"]["text"]
