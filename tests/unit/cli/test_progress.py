"""What is seen while a scan goes on."""

from __future__ import annotations

import asyncio
import io
import os
from collections.abc import Iterator

import pytest

from undrift.cli.progress import Progress
from undrift.cli.terminal import first_sign, is_live
from undrift.model.report import HostError, HostReport
from undrift.model.verdict import Verdict
from undrift.scan.events import HostDone, Note, Phase, Started

IN_SYNC = HostReport(name="web-1", tasks={Verdict.IN_SYNC: 1})
DRIFTED = HostReport(name="web-2", tasks={Verdict.DRIFTED: 1})
GONE = HostReport(name="db", error=HostError(code="host.unreachable", text="refused"))
EVENTS = [
    Phase("reading the playbook"),
    Phase("reading the playbook"),
    Started(("web-1", "web-2", "db")),
    Note("web-1: through the system's ssh"),
    HostDone(IN_SYNC, 1, 3),
    HostDone(DRIFTED, 2, 3),
    Started(("web-1", "web-2", "db")),
    HostDone(GONE, 3, 3),
]


def seen(*events: object, live: bool, verbosity: int = 0, width: int = 80) -> str:
    stream = io.StringIO()
    with Progress(
        stream, live=live, verbosity=verbosity, clock=lambda: 0.0, columns=lambda _: width
    ) as progress:
        for event in events:
            progress(event)
    return stream.getvalue()


@pytest.mark.parametrize(
    ("verbosity", "told"),
    [
        (0, ["reading the playbook", "scanning 3 hosts", "web-2: drifted", "db: unreachable"]),
        (
            1,
            [
                "reading the playbook",
                "scanning 3 hosts",
                "web-1: through the system's ssh",
                "web-1: in sync",
                "web-2: drifted",
                "db: unreachable",
            ],
        ),
    ],
)
def test_without_a_terminal_each_change_of_state_is_a_line(verbosity: int, told: list[str]) -> None:
    assert seen(*EVENTS, live=False, verbosity=verbosity).split("\n") == [*told, ""]


def test_what_was_said_before_is_not_said_again() -> None:
    stream = io.StringIO()
    progress = Progress(stream, live=False, verbosity=0, phase="reading the playbook")
    progress(Phase("reading the playbook"))
    assert stream.getvalue() == ""


def test_on_a_terminal_one_line_is_drawn_over_and_taken_away() -> None:
    shown = seen(*EVENTS, live=True)
    assert "\n" not in shown
    assert shown.endswith("\r\033[K")
    assert "scanning: 2 of 3 hosts · 1 drifted · 0 s · waiting for db" in shown


@pytest.mark.parametrize("width", [20, 40, 200])
def test_the_live_line_never_wraps(width: int) -> None:
    names = tuple(f"a-very-long-name-{n}" for n in range(3))
    drawn = seen(Started(names), live=True, width=width).split("\r\033[K")
    assert max(map(len, drawn)) <= width - 1


def test_what_a_name_holds_is_no_order_to_the_terminal() -> None:
    assert "\033[2J" not in seen(Started(("\033[2J",)), live=True)
    assert "\033" not in seen(Note("\033[2J", 0), live=False)


async def test_the_clock_goes_on_by_itself() -> None:
    seconds: Iterator[float] = iter([0.0, 0.0, 1.0, 2.0])
    pauses = iter(range(2))

    async def pause() -> None:
        if next(pauses, None) is None:
            raise asyncio.CancelledError

    stream = io.StringIO()
    progress = Progress(stream, live=True, verbosity=0, clock=lambda: next(seconds), columns=lambda _: 80)
    progress(Phase("reading the playbook"))
    with pytest.raises(asyncio.CancelledError):
        await progress.tick(pause)
    assert stream.getvalue().split("\r\033[K")[1:] == [
        "reading the playbook",
        "reading the playbook · 1 s",
        "reading the playbook · 2 s",
    ]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["scan", "site.yml"], "reading the playbook\n"),
        (["lab", "up", "web=3"], "starting a lab\n"),
        (["lab", "reboot", "web-1"], "rebooting a server: some seconds\n"),
        (["lab", "down"], "removing a lab\n"),
        (["lab", "status"], ""),
        (["lab", "up", "--help"], ""),
        (["scan", "-h"], ""),
        (["lab"], ""),
        ([], ""),
    ],
)
def test_a_command_that_takes_its_time_says_so_before_it_has_loaded(words: list[str], said: str) -> None:
    stream = io.StringIO()
    first_sign(stream, words)
    assert stream.getvalue() == said


@pytest.mark.parametrize(
    ("environment", "live"),
    [
        ({}, True),
        ({"TERM": "dumb"}, False),
        ({"CI": "true"}, False),
        ({"CI": "false"}, True),
        ({"CI": ""}, True),
    ],
)
def test_a_line_is_drawn_over_only_where_that_is_understood(environment: dict[str, str], live: bool) -> None:
    ours, theirs = os.openpty()
    with os.fdopen(theirs, "w") as terminal, os.fdopen(ours):
        assert is_live(terminal, environment) is live
    assert not is_live(io.StringIO(), environment)
