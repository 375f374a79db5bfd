from __future__ import annotations

import itertools
import pickle

import pytest

from undrift.errors import AgentError, PlaybookError, Unreachable
from undrift.exits import PRECEDENCE, Exit, strongest
from undrift.model.secret import Secret


def test_every_exit_code_has_its_place() -> None:
    assert set(PRECEDENCE) == set(Exit)


@pytest.mark.parametrize(
    ("several", "one"),
    [
        ([], Exit.DONE),
        ([Exit.DONE, Exit.DIFFERS], Exit.DIFFERS),
        ([Exit.DIFFERS, Exit.INCOMPLETE], Exit.INCOMPLETE),
        ([Exit.STRANDED, Exit.INTERRUPTED, Exit.ROLLED_BACK], Exit.STRANDED),
        ([Exit.ERROR, Exit.INTERRUPTED], Exit.INTERRUPTED),
    ],
)
def test_of_several_the_strongest_wins(several: list[Exit], one: Exit) -> None:
    assert all(strongest(order) is one for order in itertools.permutations(several))


@pytest.mark.parametrize(
    "error",
    [
        PlaybookError("what", where="a:1", help="do"),
        Unreachable("web-1", "refused", help="try"),
        AgentError("web-1", "no"),
    ],
)
def test_an_error_travels_between_processes_whole(error: Exception) -> None:
    back = pickle.loads(pickle.dumps(error))
    assert type(back) is type(error)
    assert back.__dict__ == error.__dict__
    assert str(back) == str(error)


def test_a_secret_does_not_leak_by_being_printed() -> None:
    assert "word" not in f"{Secret('word')} {Secret('word')!r} {[Secret('word')]}"
