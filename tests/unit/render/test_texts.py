"""Whatever a server says, a terminal shows it as text and a file stays what it is."""

from __future__ import annotations

import json
from xml.etree import ElementTree as ET

import pytest
from samples import finding, host, report

from undrift.model.finding import Difference, Reason, Resource
from undrift.model.report import HostError
from undrift.model.verdict import ReasonClass, Verdict
from undrift.render import as_json, human, junit
from undrift.render.mask import Mask
from undrift.render.texts import visible

CASES = {
    "\x1b[2J": r"\x1b[2J",
    "a\rb": r"a\x0db",
    "bell\x07": r"bell\x07",
    "\x9b2J": r"\x9b2J",
    "\x7f": r"\x7f",
    b"caf\xe9".decode(errors="surrogateescape"): r"caf\xe9",
    "\ud800": r"\ud800",
    "\u202egnp.exe": r"\u202egnp.exe",
    "tab\tand\nline": "tab\tand\nline",
    "größer ✔ 日本": "größer ✔ 日本",
}


@pytest.mark.parametrize(("said", "shown"), CASES.items())
def test_what_is_no_text_becomes_visible(said: str, shown: str) -> None:
    assert visible(said) == shown


def odd_report(said: str):
    odd = finding(
        Verdict.DRIFTED,
        task=said,
        item=said,
        resource=Resource(kind="file", id=said),
        differences=(
            Difference(field="content", want=["x"], have=[said]),
            Difference(field=said, want=None, have=said),
        ),
        diff=f"--- a\n+++ b\n@@ -1 +1 @@\n-{said}\n+x\n",
        would_notify=(said,),
    )
    failed = finding(Verdict.FAILED, reason=Reason(kind=ReasonClass.FAILED, text=said))
    return report(
        host("a", odd, failed, error=HostError(code="host", text=said, help=said)),
        ran=(said,),
        warnings=(said,),
    )


@pytest.mark.parametrize("said", CASES)
def test_every_format_carries_it_as_text(said: str) -> None:
    one = odd_report(said)
    forms = [human.render(one), as_json.render(one), as_json.render_lines(one), junit.render(one)]
    for form in forms:
        form.encode()
        assert not [char for char in form if char < " " and char not in "\t\n"]
        assert not [char for char in form if "\x7f" <= char <= "\x9f"]
    json.loads(forms[1])
    ET.fromstring(forms[3])


@pytest.mark.parametrize("secret", [b"pass\xe9word".decode(errors="surrogateescape"), "pass\ud800word"])
def test_a_secret_that_is_no_text_is_masked_all_the_same(secret: str) -> None:
    assert Mask([secret]).text(f"x {secret} y") == "x «secret» y"


def test_json_keeps_what_it_can_carry() -> None:
    back = json.loads(as_json.render(odd_report("\x1b[2J\x9b\udcff")))
    assert back["hosts"][0]["findings"][0]["task"] == "\x1b[2J\x9b\\xff"


def test_a_name_with_line_ends_makes_no_lines_of_its_own() -> None:
    told = human.render(odd_report("x\n37 in sync")).splitlines()
    assert not [line for line in told if line.startswith("37")]
