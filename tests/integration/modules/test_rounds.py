"""
Random tasks, to the genuine module for real and to our own check: both say the same, and the file becomes what we
foretold. A seeded part is in every `make test`; `make long` goes on.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from genuine import our_check, outcome, predicted, run_module
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

SHORT = settings(
    max_examples=150, derandomize=True, deadline=None, suppress_health_check=list(HealthCheck), database=None
)
LONG = settings(
    max_examples=4000, deadline=None, suppress_health_check=list(HealthCheck), print_blob=True, database=None
)

WORDS = ["", "a", "b = 1", "# b = 1", "b=2", "  indented", "[s]", "[t]", "end", "caf\u00e9", "a\\1", "x" * 20]
LINE = st.sampled_from(WORDS)
CONTENT = st.builds(
    lambda lines, newline, last: newline.join(lines) + (newline if last else ""),
    st.lists(LINE, max_size=6),
    st.sampled_from(["\n", "\n", "\n", "\r\n"]),
    st.booleans(),
)
REGEXP = st.sampled_from(
    [
        "^b",
        "^#? *b *=",
        "a",
        "^$",
        "(?P<n>b)",
        "^(b) = (.*)$",
        "^\\[s\\]",
        "(?i)END",
        "x+",
        "(",
        "\\s+",
        "\u00e9",
        "^\\[t\\]$",
    ]
)
PLACE = st.one_of(st.none(), st.sampled_from(["EOF", "BOF"]), REGEXP)
FLAG = st.booleans()


def some(**arguments: st.SearchStrategy) -> st.SearchStrategy[dict]:
    """Any of these arguments, each given or not."""
    whole = st.fixed_dictionaries({}, optional=arguments)
    return whole.map(lambda args: {name: value for name, value in args.items() if value is not None})


TASKS = {
    "lineinfile": some(
        line=st.sampled_from([*WORDS[1:], "b = \\2", "\\g<n>!", "two\nlines", "a\n"]),
        regexp=REGEXP,
        search_string=st.sampled_from(["b", "en", "zzz"]),
        state=st.sampled_from(["present", "present", "absent"]),
        insertafter=PLACE,
        insertbefore=PLACE,
        backrefs=FLAG,
        firstmatch=FLAG,
        create=FLAG,
    ),
    "blockinfile": some(
        block=st.sampled_from(["", "one", "one\ntwo\n", "\n", "b = 1", "caf\u00e9"]),
        state=st.sampled_from(["present", "present", "absent"]),
        marker=st.sampled_from(["# {mark} ANSIBLE MANAGED BLOCK", "<!-- {mark} -->", "# one {mark}", "same"]),
        marker_begin=st.sampled_from(["BEGIN", "start", ""]),
        insertafter=PLACE,
        insertbefore=PLACE,
        create=FLAG,
        append_newline=FLAG,
        prepend_newline=FLAG,
    ),
    "replace": st.builds(
        lambda regexp, rest: {"regexp": regexp, **rest},
        REGEXP,
        some(
            replace=st.sampled_from(["", "c", "\\1", "<\\g<0>>", "\n", "a\\n"]),
            after=REGEXP,
            before=REGEXP,
        ),
    ),
}
BLOCK = "# BEGIN ANSIBLE MANAGED BLOCK\nold\n# END ANSIBLE MANAGED BLOCK\n"
THERE = st.one_of(st.none(), CONTENT, CONTENT.map(lambda text: text + BLOCK + "tail\n"))


def _same(name: str, args: dict, content: str | None) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "file"
        if content is not None:
            path.write_bytes(content.encode())
            path.chmod(0o644)
        args = {"path": str(path), **args}
        for _ in range(2):
            ours = our_check(f"ansible.builtin.{name}", args)
            if ours is None:
                return
            verdict, host = ours
            foretold = predicted(host, path) if verdict == "changed" else None
            theirs = run_module(name, args)
            assert verdict == outcome(theirs), theirs
            if verdict == "changed":
                assert foretold == path.read_bytes(), theirs


@pytest.mark.parametrize("name", TASKS)
def test_an_edit_comes_to_what_the_genuine_module_makes_of_it(name: str) -> None:
    _round(name, SHORT)


@pytest.mark.long
@pytest.mark.parametrize("name", TASKS)
def test_an_edit_comes_to_what_the_genuine_module_makes_of_it_in_thousands_of_forms(name: str) -> None:
    _round(name, LONG)


def _round(name: str, how: settings) -> None:
    @how
    @given(args=TASKS[name], content=THERE)
    def each(args: dict, content: str | None) -> None:
        _same(name, args, content)

    each()
