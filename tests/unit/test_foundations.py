from __future__ import annotations

import itertools
import pickle
import tomllib
from pathlib import Path

import pytest

import undrift
from undrift.errors import AgentError, PlaybookError, Unreachable
from undrift.exits import PRECEDENCE, Exit, strongest
from undrift.model.report import UNREACHABLE
from undrift.model.secret import Secret

ROOT = Path(undrift.__file__).parent
CONTRACTS = {
    contract["name"]: contract
    for contract in tomllib.loads((ROOT.parents[1] / "pyproject.toml").read_text())["tool"]["importlinter"][
        "contracts"
    ]
}


def _modules(folder: Path) -> set[str]:
    """The modules and rooms in a folder, by their import names."""
    names = {
        path.stem for path in folder.iterdir() if path.suffix == ".py" or (path / "__init__.py").exists()
    }
    prefix = ".".join(folder.relative_to(ROOT.parent).parts)
    return {f"{prefix}.{name}" for name in names - {"__init__"}}


def test_no_module_that_travels_is_left_out_of_the_contract() -> None:
    contract = CONTRACTS["Nobody imports what travels, only its wire"]
    assert set(contract["forbidden_modules"]) == _modules(ROOT / "agent") - {"undrift.agent.wire"}
    assert set(contract["source_modules"]) == _modules(ROOT) - {"undrift.agent"}


def test_every_room_but_one_is_kept_from_ansible() -> None:
    contract = CONTRACTS["One room imports ansible-core"]
    assert set(contract["source_modules"]) == _modules(ROOT) - {"undrift.playbook"}


def test_every_room_but_the_model_is_kept_from_reports() -> None:
    contract = CONTRACTS["Reports are made of the model alone"]
    assert set(contract["forbidden_modules"]) == _modules(ROOT) - {"undrift.model", "undrift.render"}


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


def test_the_model_knows_an_unreachable_host_by_its_error() -> None:
    assert Unreachable.code == UNREACHABLE


def test_a_secret_does_not_leak_by_being_printed() -> None:
    assert "word" not in f"{Secret('word')} {Secret('word')!r} {[Secret('word')]}"
