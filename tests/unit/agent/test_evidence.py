from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from undrift.agent.evidence import evidence
from undrift.agent.host import Host


@pytest.fixture
def host() -> Host:
    return Host({"key": "00" * 16, "content_limit": 1000, "answer_limit": 3000})


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that everybody may enter, and those above it too."""
    with tempfile.TemporaryDirectory(dir="/tmp") as name:
        folder = Path(name)
        folder.chmod(0o755)
        yield folder


def test_both_sides_of_a_text_are_shown(host: Host, open_folder: Path) -> None:
    shown = evidence(host, str(open_folder / "f"), b"a\n", b"b\n")
    assert (shown["before"], shown["after"]) == ("a\n", "b\n")


@pytest.mark.parametrize("name", ["server.key", "cert.pem", "id_ed25519", ".pgpass"])
def test_a_path_to_be_concealed_is_told_by_digest(name: str, host: Host, tmp_path: Path) -> None:
    shown = evidence(host, str(tmp_path / name), b"one\ntwo\n", b"one\nzwei\n")
    assert shown["concealed"]
    assert shown["lines"] == 1
    assert "two" not in str(shown)


def test_a_file_that_others_may_not_read_is_not_shown(host: Host, tmp_path: Path) -> None:
    file = tmp_path / "private"
    file.write_text("x")
    file.chmod(0o600)
    assert "before" not in evidence(host, str(file), b"x", b"y")


def test_a_file_in_a_folder_that_others_may_not_enter_is_not_shown(host: Host, open_folder: Path) -> None:
    (open_folder / "closed" / "deep").mkdir(parents=True)
    (open_folder / "closed").chmod(0o700)
    file = open_folder / "closed" / "deep" / "open"
    file.write_text("x")
    file.chmod(0o644)
    link = open_folder / "link"
    link.symlink_to(file)
    assert "before" not in evidence(host, str(file), b"x", b"y")
    assert "before" not in evidence(host, str(link), b"x", b"y")


def test_a_link_to_a_path_to_be_concealed_is_not_shown(host: Host, open_folder: Path) -> None:
    (open_folder / "server.key").write_text("x")
    (open_folder / "plain").symlink_to("server.key")
    assert "before" not in evidence(host, str(open_folder / "plain"), b"x", b"y")


def test_a_request_with_a_secret_shows_nothing(host: Host, tmp_path: Path) -> None:
    host.secret = True
    assert "before" not in evidence(host, str(tmp_path / "f"), b"x", b"y")


@pytest.mark.parametrize("content", [b"\xff\xfe", b"a\0b"])
def test_what_is_no_text_is_told_by_digest_and_size(content: bytes, host: Host, open_folder: Path) -> None:
    shown = evidence(host, str(open_folder / "f"), content, b"y")
    assert shown["before_size"] == len(content)
    assert "before" not in shown


def test_the_whole_answer_has_a_ceiling(host: Host, open_folder: Path) -> None:
    shown = [evidence(host, str(open_folder / "f"), b"a" * 450, b"b" * 450) for _ in range(5)]
    assert [one.get("truncated", False) for one in shown] == [False, False, False, True, True]


def test_digests_say_nothing_to_whoever_has_not_the_key(tmp_path: Path) -> None:
    one = evidence(Host({"key": "aa"}), str(tmp_path / "x.key"), b"secret", None)
    other = evidence(Host({"key": "bb"}), str(tmp_path / "x.key"), b"secret", None)
    assert one["before_digest"] != other["before_digest"]
