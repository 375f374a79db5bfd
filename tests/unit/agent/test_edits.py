"""Edits as pure functions: each row is a text before, what is asked, and the text after."""

from __future__ import annotations

import pytest

from undrift.agent import edits

LINE = {
    "regexp": None,
    "search_string": None,
    "line": None,
    "insertafter": "EOF",
    "insertbefore": None,
    "backrefs": False,
    "firstmatch": False,
}


@pytest.mark.parametrize(
    ("before", "asked", "after"),
    [
        (b"", {"line": "a"}, b"a\n"),
        (b"a\n", {"line": "a"}, b"a\n"),
        (b"a", {"line": "b"}, b"a\nb\n"),
        (b"a\nb\n", {"regexp": "^a", "line": "c"}, b"c\nb\n"),
        (b"a1\na2\n", {"regexp": "^a", "line": "c"}, b"a1\nc\n"),
        (b"a1\na2\n", {"regexp": "^a", "line": "c", "firstmatch": True}, b"c\na2\n"),
        (b"k = 1\n", {"regexp": "^(k) = .*", "line": r"\1 = 2", "backrefs": True}, b"k = 2\n"),
        (b"x\n", {"regexp": "^(k)", "line": r"\1", "backrefs": True}, b"x\n"),
        (b"a\nb\n", {"insertafter": "^a", "line": "n"}, b"a\nn\nb\n"),
        (b"a\nb\n", {"insertafter": None, "insertbefore": "^b", "line": "n"}, b"a\nn\nb\n"),
        (b"a\n", {"insertafter": None, "insertbefore": "BOF", "line": "n"}, b"n\na\n"),
        (b"a\n", {"insertafter": "^none", "line": "n"}, b"a\nn\n"),
        (b"a b\n", {"search_string": "b", "line": "c"}, b"c\n"),
        (b"a\r\nb\r\n", {"line": "a"}, b"a\nb\r\n"),
        (b"\xff\n", {"line": "a"}, b"\xff\na\n"),
    ],
)
def test_a_line_is_put_where_lineinfile_puts_it(before: bytes, asked: dict, after: bytes) -> None:
    assert edits.with_line(before, {**LINE, **asked})[0] == after


@pytest.mark.parametrize(
    ("before", "asked", "after", "count"),
    [
        (b"a\nb\na\n", {"line": "a"}, b"b\n", 2),
        (b"a\n", {"line": "b"}, b"a\n", 0),
        (b"a1\nb\n", {"regexp": "^a"}, b"b\n", 1),
        (b"x a y\n", {"search_string": "a"}, b"", 1),
    ],
)
def test_lines_are_taken_out(before: bytes, asked: dict, after: bytes, count: int) -> None:
    assert edits.without_line(before, {**LINE, **asked}) == (after, count)


BLOCK = {
    "marker": "# {mark} X",
    "marker_begin": "BEGIN",
    "marker_end": "END",
    "state": "present",
    "block": "b",
    "insertafter": "EOF",
    "insertbefore": None,
    "append_newline": False,
    "prepend_newline": False,
}


@pytest.mark.parametrize(
    ("before", "asked", "after"),
    [
        (b"", {}, b"# BEGIN X\nb\n# END X\n"),
        (b"a", {}, b"a\n# BEGIN X\nb\n# END X\n"),
        (b"# BEGIN X\nold\n# END X\nz\n", {}, b"# BEGIN X\nb\n# END X\nz\n"),
        (b"a\n# BEGIN X\nb\n# END X\n", {"state": "absent"}, b"a\n"),
        (b"a\nz\n", {"insertafter": "^a"}, b"a\n# BEGIN X\nb\n# END X\nz\n"),
        (b"a\nz\n", {"insertafter": None, "insertbefore": "^z"}, b"a\n# BEGIN X\nb\n# END X\nz\n"),
        (b"a\n", {"insertafter": None, "insertbefore": "BOF"}, b"# BEGIN X\nb\n# END X\na\n"),
        (
            b"a\nz\n",
            {"insertafter": "^a", "append_newline": True, "prepend_newline": True},
            b"a\n\n# BEGIN X\nb\n# END X\n\nz\n",
        ),
        (b"a\n", {"block": ""}, b"a\n"),
    ],
)
def test_a_block_is_put_where_blockinfile_puts_it(before: bytes, asked: dict, after: bytes) -> None:
    assert edits.with_block(before, {**BLOCK, **asked}) == after


@pytest.mark.parametrize(
    ("before", "asked", "after"),
    [
        (b"a a\n", {"regexp": "a", "replace": "b"}, b"b b\n"),
        (b"x\n[s]\nx\n", {"regexp": "x", "replace": "y", "after": r"\[s\]"}, b"x\n[s]\ny\n"),
        (b"x\n[s]\nx\n", {"regexp": "x", "replace": "y", "before": r"\[s\]"}, b"y\n[s]\nx\n"),
        (b"one\n", {"regexp": "^(o)ne$", "replace": r"\1"}, b"o\n"),
        (b"a\n", {"regexp": "a", "replace": "b", "after": "none"}, b"a\n"),
    ],
)
def test_matches_are_replaced(before: bytes, asked: dict, after: bytes) -> None:
    args = {"after": None, "before": None, "encoding": "utf-8", **asked}
    assert edits.replaced(before, args)[0] == after
