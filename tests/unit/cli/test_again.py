"""What the next command is built from."""

from __future__ import annotations

import pytest

from undrift.cli.again import typed_so_far

CASES = {
    "scan site.yml -i a.ini": "undrift scan site.yml -i a.ini",
    "scan site.yml -l web -v --unknown -o json": "undrift scan site.yml",
    "scan site.yml --limit=web --output=json -t nginx": "undrift scan site.yml -t nginx",
    "scan site.yml -e password=hunter2 -e @vars.yml": "undrift scan site.yml -e ... -e @vars.yml",
    "scan site.yml --extra-vars=password=hunter2 -K": "undrift scan site.yml -e ... -K",
}


@pytest.mark.parametrize(("typed", "again"), CASES.items())
def test_what_is_needed_again_stays_and_no_secret_does(typed: str, again: str) -> None:
    assert typed_so_far(typed.split()) == again
