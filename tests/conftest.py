"""Fixtures that all tests share. A test that takes `lab` runs against real servers."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import pytest
from labs import TestLab

from undrift.lab import labs


@pytest.fixture(autouse=True)
def _own_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing of the developer's own settings reaches a test."""
    for name in list(os.environ):
        if name.startswith(("UNDRIFT_", "ANSIBLE_")) and name != "ANSIBLE_LOCAL_TEMP":
            monkeypatch.delenv(name)


@pytest.fixture(scope="session")
def lab(tmp_path_factory: pytest.TempPathFactory):
    """Three web servers and a database server for the whole session, removed at its end whatever happens."""
    patch = pytest.MonkeyPatch()
    patch.setenv("XDG_STATE_HOME", str(tmp_path_factory.mktemp("state")))
    name = f"test-{os.getpid()}"
    try:
        yield TestLab(asyncio.run(labs.up(name, {"web": 3, "db": 1})))
    finally:
        asyncio.run(labs.down(name))
        patch.undo()


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder to work in."""
    folder = tmp_path / "project"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder
