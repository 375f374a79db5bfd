"""What the next command is built from."""

from __future__ import annotations

import shlex

import pytest
import typer

from undrift.cli import app
from undrift.cli.again import VALUED, VALUED_LONG, this_program, typed_so_far

CASES = {
    "scan site.yml -i a.ini": "undrift scan site.yml -i a.ini",
    "scan site.yml -ia.ini -i b.ini": "undrift scan site.yml -i a.ini -i b.ini",
    "scan site.yml --inventory=a.ini": "undrift scan site.yml --inventory a.ini",
    "scan site.yml -l web -v --unknown -o json": "undrift scan site.yml",
    "scan site.yml -lweb-1 -vv -ojson": "undrift scan site.yml",
    "scan site.yml -vvlweb": "undrift scan site.yml",
    "scan site.yml -vvl web -t nginx": "undrift scan site.yml -t nginx",
    "scan site.yml -bvK": "undrift scan site.yml -b -K",
    "scan site.yml --limit=web --output=json -t nginx": "undrift scan site.yml -t nginx",
    "scan site.yml -e password=hunter2 -e @vars.yml": "undrift scan site.yml -e ... -e @vars.yml",
    "scan site.yml -epassword=hunter2 -e@vars.yml": "undrift scan site.yml -e ... -e @vars.yml",
    "scan site.yml -be password=hunter2": "undrift scan site.yml -b -e ...",
    "scan site.yml -bepassword=hunter2": "undrift scan site.yml -b -e ...",
    "scan site.yml --extra-vars=password=hunter2 -K": "undrift scan site.yml -e ... -K",
    "scan site.yml --ssh-common-args '-o ProxyJump=gate'": "undrift scan site.yml --ssh-common-args '-o ProxyJump=gate'",
    "scan site.yml --become-user -e": "undrift scan site.yml --become-user -e",
    "scan -- site.yml": "undrift scan site.yml",
    "scan site.yml -i": "undrift scan site.yml -i ''",
}


@pytest.mark.parametrize(("typed", "again"), CASES.items())
def test_what_is_needed_again_stays_and_no_secret_does(typed: str, again: str) -> None:
    assert typed_so_far(shlex.split(typed), "undrift") == again


def test_every_option_with_a_value_is_known() -> None:
    app._mount(["scan"])
    scan = typer.main.get_command(app.app).commands["scan"]
    valued = {
        name
        for one in scan.params
        if one.param_type_name == "option" and not one.is_flag and not one.count
        for name in one.opts
    }
    assert valued == {*VALUED, *VALUED_LONG}


@pytest.mark.parametrize(
    ("typed", "program"),
    [
        ("undrift", "undrift"),
        (".venv/bin/undrift", ".venv/bin/undrift"),
        ("../x/undrift", "../x/undrift"),
        ("/usr/local/bin/undrift", "undrift"),
        ("/lib/undrift/cli/main.py", "undrift"),
    ],
)
def test_the_program_is_named_as_it_was_typed(
    typed: str, program: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.argv", [typed, "scan"])
    assert this_program() == program
