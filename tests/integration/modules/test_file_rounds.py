"""Random tasks of ansible.builtin.file, to the genuine module for real and to our own check (see test_rounds)."""

from __future__ import annotations

import stat
import tempfile
from pathlib import Path

import pytest
from genuine import our_check, outcome, run_module
from hypothesis import example, given, settings
from hypothesis import strategies as st
from test_rounds import FLAG, LONG, SHORT, some

from undrift.agent.host import TYPES, Host

MODES = st.sampled_from(
    [
        "0644",
        "0755",
        "600",
        0o640,
        "u=rw,g=r,o=",
        "u+x",
        "a-x",
        "go-rwx",
        "u=rwX,go=rX",
        "+t",
        "g+s",
        "o=u",
        "=r",
        "x",
    ]
)
TASK = some(
    state=st.sampled_from(["absent", "directory", "file", "hard", "link", "link", "touch"]),
    src=st.sampled_from(["target", "folder", "nowhere", "{here}/target", "{here}/folder"]),
    mode=MODES,
    owner=st.sampled_from(["root", "nobody", "0", "65534", "no-such-user"]),
    group=st.sampled_from(["root", "nogroup", "no-such-group"]),
    recurse=FLAG,
    follow=FLAG,
    force=FLAG,
    modification_time=st.sampled_from(["preserve", "now"]),
    access_time=st.just("preserve"),
)
KINDS = [
    "nothing",
    "file",
    "folder",
    "full folder",
    "link to a file",
    "link to a folder",
    "link to nowhere",
    "hard link",
]


def _make(here: Path, kind: str, mode: int) -> None:
    (here / "target").write_text("there")
    (here / "folder").mkdir()
    path = here / "path"
    if kind == "file":
        path.write_text("x")
        path.chmod(mode)
    elif kind.endswith("older") and "link" not in kind:
        path.mkdir()
        path.chmod(mode)
        if kind == "full folder":
            (path / "inner").write_text("x")
            (path / "link").symlink_to("inner")
            (path / "deep").mkdir()
            (path / "deep" / "one").write_text("x")
    elif kind == "hard link":
        path.hardlink_to(here / "target")
    elif kind.startswith("link"):
        path.symlink_to({"a file": "target", "a folder": "folder", "nowhere": "nowhere"}[kind[8:]])


def _seen(path: Path) -> tuple | None:
    try:
        found = path.lstat()
    except OSError:
        return None
    kind = TYPES[stat.S_IFMT(found.st_mode)]
    if kind == "link":
        return kind, str(path.readlink()), found.st_uid, found.st_gid
    return kind, found.st_mode & 0o7777, found.st_uid, found.st_gid


def _foretold(host: Host, path: Path) -> tuple | None:
    node = host.lstat(str(path))
    if node is None:
        return None
    what = node.target if node.type == "link" else node.mode
    return node.type, what, node.uid, node.gid


def _agree(foretold: tuple | None, seen: tuple | None) -> bool:
    """What we leave open (None) may be anything."""
    if foretold is None or seen is None:
        return foretold is seen
    return all(ours is None or ours == theirs for ours, theirs in zip(foretold, seen, strict=True))


def _same(args: dict, kind: str, mode: int, name: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        here = Path(folder)
        _make(here, kind, mode)
        path = here / name
        args = {"path": str(path), **args}
        if "src" in args:
            args["src"] = args["src"].format(here=here)
        for _ in range(2):
            ours = our_check("ansible.builtin.file", args)
            if ours is None:
                return
            verdict, host = ours
            foretold = _foretold(host, path)
            theirs = run_module("file", args)
            assert verdict == outcome(theirs), theirs
            if verdict == "failed":
                return
            assert _agree(foretold, _seen(path)), (foretold, _seen(path), theirs)


def _round(how: settings) -> None:
    @how
    @given(
        args=TASK,
        kind=st.sampled_from(KINDS),
        mode=st.sampled_from([0o644, 0o755, 0o4755, 0o600]),
        name=st.sampled_from(["path", "path", "path", "path/inner", "new/deeper/path"]),
    )
    @example(
        args={"state": "link", "src": "target", "mode": "x", "follow": False},
        kind="nothing",
        mode=0o644,
        name="path",
    )
    @example(args={"state": "directory"}, kind="link to nowhere", mode=0o644, name="path/inner")
    @example(
        args={"state": "directory", "follow": False}, kind="link to nowhere", mode=0o644, name="path/inner"
    )
    @example(args={"state": "directory"}, kind="link to nowhere", mode=0o644, name="path")
    def each(args: dict, kind: str, mode: int, name: str) -> None:
        _same(args, kind, mode, name)

    each()


def test_a_path_comes_to_what_the_genuine_module_makes_of_it() -> None:
    _round(SHORT)


@pytest.mark.long
def test_a_path_comes_to_what_the_genuine_module_makes_of_it_in_thousands_of_forms() -> None:
    _round(LONG)
