"""The table of what we answer ourselves is true, and arguments are read as the modules read them."""

from __future__ import annotations

import importlib
import importlib.util

import pytest

from undrift.walk.actions import FAMILIES, answerer
from undrift.walk.actions.arguments import Argument, BadArgument, read

SPEC = {
    "path": Argument(kind="path", aliases=("dest",), required=True),
    "state": Argument(choices=("a", "b"), default="a"),
    "force": Argument(kind="bool", default=False),
    "count": Argument(kind="int"),
    "names": Argument(kind="list"),
}


@pytest.mark.parametrize("family", FAMILIES)
def test_the_table_names_what_each_family_answers(family: str) -> None:
    actions = importlib.import_module(f"undrift.walk.actions.{family}").ACTIONS
    assert sorted(actions) == sorted(FAMILIES[family].split())


def test_what_nobody_answers_is_left_to_the_genuine_module() -> None:
    assert answerer("community.general.ini_file") is None


@pytest.mark.parametrize(
    ("given", "values"),
    [
        ({"dest": "/x"}, {"path": "/x", "state": "a", "force": False, "count": None, "names": None}),
        (
            {"path": "/x", "force": "yes"},
            {"path": "/x", "state": "a", "force": True, "count": None, "names": None},
        ),
        (
            {"path": "/x", "force": 1.0},
            {"path": "/x", "state": "a", "force": True, "count": None, "names": None},
        ),
        (
            {"path": "/x", "count": " 3 "},
            {"path": "/x", "state": "a", "force": False, "count": 3, "names": None},
        ),
        (
            {"path": "/x", "names": "a, b"},
            {"path": "/x", "state": "a", "force": False, "count": None, "names": ["a", "b"]},
        ),
        (
            {"path": "/x", "names": [1, "b"]},
            {"path": "/x", "state": "a", "force": False, "count": None, "names": ["1", "b"]},
        ),
    ],
)
def test_arguments_are_converted(given: dict, values: dict) -> None:
    assert read(given, SPEC) == values


def test_an_argument_that_we_do_not_know_is_the_genuine_modules_business() -> None:
    assert read({"path": "/x", "novel": 1}, SPEC) is None


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"path": "/x", "state": "c"},
        {"path": "/x", "force": "maybe"},
        {"path": "/x", "force": "1.0"},
        {"path": "/x", "force": 2},
        {"path": "/x", "force": ["yes"]},
        {"path": "/x", "count": "many"},
    ],
)
def test_arguments_that_the_module_would_refuse_are_refused(given: dict) -> None:
    with pytest.raises(BadArgument):
        read(given, SPEC)
