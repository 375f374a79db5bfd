"""What earlier tasks would have made is there for the later ones, and survives the death of a worker."""

from __future__ import annotations

import json
from pathlib import Path

from undrift.agent.host import Host, Node
from undrift.agent.overlay import Overlay
from undrift.agent.worker import look

FILE = {
    "src": None,
    "recurse": False,
    "follow": True,
    "force": False,
    "modification_time": None,
    "access_time": None,
    "owner": None,
    "group": None,
    "mode": None,
}


def ask(host: Host, kind: str, **args: object) -> dict:
    base = FILE if kind == "file" else {}
    return look({"id": 1, "kind": kind, "args": {**base, **args}}, host)


def test_a_directory_that_would_be_made_is_there_and_empty(tmp_path: Path) -> None:
    host = Host()
    first = ask(host, "file", path=str(tmp_path / "made"), state="directory")
    assert first["result"]["changed"]
    assert host.stat(str(tmp_path / "made")).type == "directory"
    assert host.listdir(str(tmp_path / "made")) == []
    assert host.stat(str(tmp_path / "made" / "anything")) is None
    assert not ask(host, "file", path=str(tmp_path / "made"), state="directory")["result"]["changed"]


def test_what_would_be_removed_is_gone_with_all_below_it(tmp_path: Path) -> None:
    (tmp_path / "old" / "deep").mkdir(parents=True)
    host = Host()
    ask(host, "file", path=str(tmp_path / "old"), state="absent")
    assert host.stat(str(tmp_path / "old" / "deep")) is None
    assert "old" not in host.listdir(str(tmp_path))


def test_a_link_that_would_be_made_leads_somewhere(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "real" / "file").write_text("content")
    host = Host()
    ask(host, "file", path=str(tmp_path / "link"), state="link", src=str(tmp_path / "real"))
    assert host.read(str(tmp_path / "link" / "file")) == b"content"


def test_a_slash_at_the_end_leads_behind_a_link_that_would_be_made(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    host = Host()
    ask(host, "file", path=str(tmp_path / "link"), state="link", src=str(tmp_path / "real"))
    assert host.lstat(f"{tmp_path}/link").type == "link"
    assert host.lstat(f"{tmp_path}/link/").type == "directory"


def test_effects_are_carried_over_as_json(tmp_path: Path) -> None:
    host = Host()
    made = Node("file", 0o644, size=1, content="YQ==")
    made.created = True
    host.predict(str(tmp_path / "new"), made)
    host.overlay.record("package", "nginx", "present")
    other = Host()
    other.overlay = Overlay()
    for effect in json.loads(json.dumps(host.overlay.take_fresh())):
        other.overlay.apply(effect)
    assert other.read(str(tmp_path / "new")) == b"a"
    assert other.overlay.installs == ["nginx"]
    assert host.overlay.take_fresh() == []


def test_a_crash_of_one_kind_is_the_answer_to_its_request_alone() -> None:
    answer = look({"id": 7, "kind": "file", "args": {}}, Host())
    assert answer["id"] == 7
    assert answer["unknown"]["class"] == "failed"
    assert "KeyError" in answer["unknown"]["text"]
