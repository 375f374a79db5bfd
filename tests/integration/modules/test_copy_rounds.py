"""Random copies of what the server has, to the genuine module for real and to our own check (see test_rounds)."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from genuine import our_check, outcome, run_module
from hypothesis import example, given, settings
from hypothesis import strategies as st
from test_file_rounds import MODES, _agree, _foretold, _seen
from test_rounds import FLAG, LONG, SHORT, some

SUMS = {"x": "11f6ad8ec52a2984abaafd7c3b516503785c2072", "y": "95cb0bfd2977c761298d9624e4b4d4c72a39974a"}
TASK = some(
    mode=st.one_of(MODES, st.just("preserve")),
    owner=st.sampled_from(["root", "nobody", "no-such-user"]),
    group=st.sampled_from(["root", "nogroup"]),
    force=FLAG,
    follow=FLAG,
    local_follow=FLAG,
    directory_mode=st.sampled_from(["0750", "0700"]),
    checksum=st.sampled_from([SUMS["x"], SUMS["x"], SUMS["y"]]),
)
KINDS = [
    "nothing",
    "same",
    "other",
    "folder",
    "full folder",
    "folder with a link",
    "link to same",
    "link to other",
    "link to folder",
    "link to nowhere",
]
#: What may be copied, and where to.
SOURCES = ["source", "source", "source", "tree", "tree/", "nowhere", "tree/link"]
TARGETS = ["dest", "dest", "dest", "dest/", "dest/inner", "new/dest", "new/deeper/"]


def _make(here: Path, kind: str) -> None:
    for name in ("source", "same"):
        (here / name).write_text("x")
    (here / "source").chmod(0o640)
    (here / "other").write_text("y")
    (here / "folder").mkdir()
    (here / "tree" / "deep").mkdir(parents=True)
    (here / "tree" / "one").write_text("x")
    (here / "tree" / "deep" / "two").write_text("two")
    (here / "tree" / "link").symlink_to("one")
    dest = here / "dest"
    if kind in ("same", "other"):
        dest.write_text("x" if kind == "same" else "y")
    elif kind == "folder with a link":
        dest.mkdir()
        (dest / "tree").symlink_to("../folder")
    elif kind.endswith("folder") and "link" not in kind:
        dest.mkdir()
        if kind == "full folder":
            (dest / "one").write_text("y")
            (dest / "source").write_text("x")
            (dest / "tree").mkdir()
            (dest / "more").write_text("x")
    elif kind != "nothing":
        dest.symlink_to(kind.removeprefix("link to "))


def _below(path: Path) -> Iterator[Path]:
    yield path
    if path.is_dir() and not path.is_symlink():
        yield from sorted(path.rglob("*"))


def _same(args: dict, kind: str, source: str, target: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        here = Path(folder)
        _make(here, kind)
        args = {"src": f"{here}/{source}", "dest": f"{here}/{target}", "remote_src": True, **args}
        for _ in range(2):
            ours = our_check("ansible.builtin.copy", args)
            if ours is None:
                return
            verdict, host = ours
            # What is there now is read before the module acts.
            old = {path: _foretold(host, path) for top in ("dest", "new") for path in _below(here / top)}
            theirs = run_module("copy", args)
            if target.endswith("/") and theirs.get("msg") == "file already exists" and verdict == "changed":
                # The module has made the directory, and says that nothing changed.
                return
            assert verdict == outcome(theirs), theirs
            if verdict == "failed":
                return
            for path in {*old, *(path for top in ("dest", "new") for path in _below(here / top))}:
                foretold = old[path] if path in old else _foretold(host, path)
                assert _agree(foretold, _seen(path)), (path, foretold, _seen(path), theirs)


def _round(how: settings) -> None:
    @how
    @given(
        args=TASK,
        kind=st.sampled_from(KINDS),
        source=st.sampled_from(SOURCES),
        target=st.sampled_from(TARGETS),
    )
    @example(args={"mode": "preserve", "owner": "root"}, kind="link to folder", source="tree/", target="dest")
    @example(args={"owner": "nobody"}, kind="link to folder", source="tree/", target="dest/")
    @example(args={"mode": "0750"}, kind="folder with a link", source="tree", target="dest")
    @example(args={"mode": "0750", "follow": True}, kind="folder with a link", source="tree", target="dest")
    def each(args: dict, kind: str, source: str, target: str) -> None:
        _same(args, kind, source, target)

    each()


def test_a_copy_comes_to_what_the_genuine_module_makes_of_it() -> None:
    _round(SHORT)


@pytest.mark.long
def test_a_copy_comes_to_what_the_genuine_module_makes_of_it_in_thousands_of_forms() -> None:
    _round(LONG)
