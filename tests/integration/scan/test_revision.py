"""What is said of the repository that the playbook lies in."""

from __future__ import annotations

import asyncio
import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from undrift.scan.revision import revision_of


def git(*words: str) -> str:
    who = ["-c", "user.name=n", "-c", "user.email=e@example.org"]
    return subprocess.run(["git", *who, *words], check=True, capture_output=True, text=True).stdout.strip()


def revision(playbook: str) -> tuple[str, bool]:
    return asyncio.run(revision_of(playbook))


@pytest.fixture
def repository(project: Path) -> Path:
    for name in ("plays/site.yml", "plays/vars.yml", "other/readme"):
        Path(name).parent.mkdir(exist_ok=True)
        Path(name).write_text("as committed\n")
    git("init", "--quiet")
    git("add", ".")
    git("commit", "--quiet", "--message", "first")
    return project


CHANGES: dict[str, tuple[Callable[[], object], bool]] = {
    "nothing": (lambda: None, False),
    "the playbook was edited": (lambda: Path("plays/site.yml").write_text("edited"), True),
    "its variables were edited": (lambda: Path("plays/vars.yml").write_text("edited"), True),
    "a file is new beside it": (lambda: Path("plays/new.yml").touch(), True),
    "a change waits in the index": (lambda: git("rm", "--quiet", "--cached", "plays/vars.yml"), True),
    "another folder was edited": (lambda: Path("other/readme").write_text("edited"), True),
    "a file is new in another folder": (lambda: Path("other/new").touch(), False),
}


@pytest.mark.parametrize("change", CHANGES)
def test_dirty_is_said_when_the_commit_is_not_all(change: str, repository: Path) -> None:
    make, dirty = CHANGES[change]
    make()
    assert revision("plays/site.yml") == (git("rev-parse", "HEAD"), dirty)


def test_a_playbook_that_git_ignores_is_not_in_the_commit(repository: Path) -> None:
    Path(".git/info/exclude").write_text("mine.yml\n")
    Path("plays/mine.yml").touch()
    assert revision("plays/mine.yml") == (git("rev-parse", "HEAD"), True)


def test_nothing_of_the_repository_is_written(repository: Path) -> None:
    # The same content with another time: what would make git refresh its index.
    os.utime("plays/site.yml", (1, 1))
    before = {str(path): path.stat().st_mtime_ns for path in Path(".git").rglob("*")}
    revision("plays/site.yml")
    assert {str(path): path.stat().st_mtime_ns for path in Path(".git").rglob("*")} == before


@pytest.mark.parametrize("path", ["", os.devnull])
def test_without_a_repository_or_git_nothing_is_said(
    path: str, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if path:
        monkeypatch.setenv("PATH", path)
    assert revision("site.yml") == ("", False)


def test_a_repository_without_a_commit_has_no_revision(project: Path) -> None:
    git("init", "--quiet")
    assert revision("site.yml") == ("", False)
