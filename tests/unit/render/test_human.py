"""What people read at the end of a scan."""

from __future__ import annotations

import pytest
from samples import ACT, BROKEN, DRIFT, FAILED, UNKNOWN, finding, host, report

from undrift.model.finding import Reason
from undrift.model.report import HostError, HostReport
from undrift.model.verdict import ReasonClass, Verdict
from undrift.render import human
from undrift.render.view import View

SCAN = "undrift scan site.yml"
MARK = "from here on checked all the same"


def unreachable(name: str, text: str, hint: str = "") -> HostReport:
    return HostReport(name=name, error=HostError(code="host.unreachable", text=text, help=hint))


def lines(*hosts: HostReport, view: View | None = None, **more) -> list[str]:
    return human.render(report(*hosts, **more), view).splitlines()


# -- in sync ------------------------------------------------------------------------------------------------------


def test_hosts_in_sync_are_shown_with_their_coverage_a_line_for_equal_ones() -> None:
    told = lines(
        *(host(f"web-{n}", in_sync=44) for n in range(1, 9)), host("db-1", UNKNOWN), host("web-9", DRIFT)
    )
    assert told[-5:-2] == [
        "  = in sync, 44 of 44 checked   web-1, web-2, web-3, web-4, web-5 and 3 more",
        "  = in sync, 1 of 2 checked   db-1",
        "",
    ]


def test_where_no_task_applied_nothing_is_called_checked() -> None:
    told = lines(HostReport(name="a", tasks={Verdict.SKIPPED: 3}), HostReport(name="b"))
    assert "  = no task applied   a, b" in told
    assert told[-1] == "2 in sync     no task applied, nothing was checked in 1.5 s"
    assert "0 of 0" not in "".join(told)


@pytest.mark.parametrize(("checked", "said"), [(1000, "(100 %)"), (999, "(99 %)"), (500, "(50 %)")])
def test_coverage_is_whole_only_when_it_is(checked: int, said: str) -> None:
    tasks = {Verdict.IN_SYNC: checked, Verdict.UNKNOWN: 1000 - checked}
    assert said in lines(HostReport(name="a", tasks=tasks))[-1]


@pytest.mark.parametrize(
    ("one", "verdict"),
    [
        (HostReport(name="a", error=HostError(code="host.unreachable", text="x")), "unreachable"),
        (
            HostReport(
                name="a",
                tasks={Verdict.UNKNOWN: 9},
                error=HostError(code="host.unreachable", text="x"),
            ),
            "unreachable",
        ),
        (host("a", error=HostError(code="host.unreachable", text="x")), "unreachable"),
        (host("a", FAILED, error=HostError(code="host.unreachable", text="x")), "failed"),
        (host("a", error=HostError(code="interrupted", text="x")), "unknown"),
        (HostReport(name="a", error=HostError(code="interrupted", text="x")), "unknown"),
        (HostReport(name="a", error=HostError(code="host.agent", text="x")), "unknown"),
        (host("a", DRIFT, error=HostError(code="interrupted", text="x")), "drifted"),
    ],
)
def test_a_host_without_a_whole_answer_is_never_in_sync(one: HostReport, verdict: str) -> None:
    assert one.verdict == verdict
    assert "in sync" not in human.render(report(one))


# -- the same on many hosts ---------------------------------------------------------------------------------------


def test_equal_items_of_a_loop_are_one_host() -> None:
    told = lines(host("a", DRIFT, DRIFT, DRIFT), host("b"))
    assert "the same" not in "".join(told)


@pytest.mark.parametrize(
    ("one", "view"),
    [(DRIFT, View()), (FAILED, View()), (BROKEN, View()), (UNKNOWN, View(unknown=True))],
)
def test_what_is_told_and_alike_is_told_once(one, view: View) -> None:
    told = lines(*(host(f"web-{n}", one) for n in range(4)), view=view)
    assert sum("/etc/nginx.conf" in line for line in told) == 1
    assert "  4 of 4 hosts the same   web-0, web-1, web-2, web-3" in told


def test_what_fails_for_different_reasons_is_not_alike() -> None:
    hosts = [
        host(
            f"web-{n}",
            finding(Verdict.FAILED, reason=Reason(kind=ReasonClass.FAILED, text=f"port {n} is taken")),
        )
        for n in range(3)
    ]
    told = "\n".join(lines(*hosts))
    assert "the same" not in told
    assert all(f"port {n} is taken" in told for n in range(3))


def test_hosts_that_are_unreachable_alike_are_told_once_with_an_example() -> None:
    gone = [unreachable(f"web-{n}", f"connection refused (10.0.3.{n}:22)", "is sshd up?") for n in range(7)]
    other = unreachable("db", "the name db does not resolve")
    told = lines(*gone, other)
    assert told[:4] == [
        "  7 of 8 hosts the same   web-0, web-1, web-2, web-3, web-4 and 2 more   unreachable",
        "    ! connection refused (10.0.3.0:22) (so says web-0)",
        "      help: is sshd up?",
        "  db   unreachable",
    ]


@pytest.mark.parametrize(
    "texts",
    [
        ("refused (web.example.org:22)", "try ssh-keyscan web.example.org"),
        ("refused ([fe80::1]:22)", "try ssh fe80::1"),
        ("{name} says no", "try ssh -v {name}"),
        ("10.0.0.7 is silent", ""),
    ],
)
def test_only_what_is_a_hosts_own_may_differ(texts: tuple[str, str]) -> None:
    own = ["web.example.org", "fe80::1", "10.0.0.7"]
    others = [["db.example.net", "fe80::2", "10.0.0.8"], ["x.y.z", "fe80::3", "10.0.0.9"], own]
    hosts = []
    for number, words in enumerate(others):
        said = [text.format(name=f"host-{number}") for text in texts]
        for mine, theirs in zip(own, words, strict=True):
            said = [text.replace(mine, theirs) for text in said]
        hosts.append(unreachable(f"host-{number}", *said))
    assert "3 of 3 hosts the same" in lines(*hosts)[0]
    hosts[1] = unreachable("host-1", "something else")
    assert "the same" not in "".join(lines(*hosts))


def test_what_an_error_left_unknown_is_told_by_the_error_alone() -> None:
    error = HostError(code="host.unreachable", text="connection refused (10.0.0.1:22)")
    because = finding(Verdict.UNKNOWN, reason=Reason(kind=ReasonClass.FAILED, text=error.text))
    told = lines(host("a", because, because, DRIFT, error=error))
    assert told[0] == "  a   1 drifted · 2 unknown"
    assert sum("connection refused" in line for line in told) == 1
    assert "incomplete, so the exit status is 4: 1 host gave no whole answer" in told


def test_what_probes_would_bring_is_told() -> None:
    held = finding(Verdict.UNKNOWN, reason=Reason(kind=ReasonClass.UNPREVIEWABLE, text="not run", probe=True))
    told = lines(host("a", held, held, UNKNOWN), probes_held_back=1)
    assert (
        "1 command with changed_when: false was not run: --run-probes runs what says so; 75 % would be checked"
        in told
    )


# -- failures -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("hosts", "view", "said"),
    [
        ([host("a", DRIFT, FAILED)], View(), "1 task would fail"),
        ([host("a", DRIFT, BROKEN, BROKEN)], View(), "2 could not be checked because something failed"),
        ([unreachable("a", "gone"), host("b")], View(), "1 host gave no whole answer"),
        ([host("a", UNKNOWN)], View(strict=True), "1 could not be previewed (--strict)"),
        ([host("a", UNKNOWN)], View(min_coverage=80), "less than 80 % was checked (--min-coverage)"),
    ],
)
def test_the_end_says_why_the_exit_status_is_4(hosts: list[HostReport], view: View, said: str) -> None:
    assert f"incomplete, so the exit status is 4: {said}" in lines(*hosts, view=view)


@pytest.mark.parametrize("one", [DRIFT, UNKNOWN, ACT])
def test_what_is_whole_is_not_called_incomplete(one) -> None:
    assert "incomplete" not in "".join(lines(host("a", one), view=View(min_coverage=10)))


def test_what_a_run_would_not_have_come_to_is_marked_wherever_it_is_told() -> None:
    shared = finding(Verdict.DRIFTED, after_failure=True, fingerprint="s")
    own = finding(Verdict.DRIFTED, after_failure=True, fingerprint="o")
    only_shared = lines(*(host(f"web-{n}", FAILED, shared) for n in range(3)))
    assert sum(MARK in line for line in only_shared) == 1
    both = lines(*(host(f"web-{n}", FAILED, shared) for n in range(2)), host("web-2", FAILED, shared, own))
    assert sum(MARK in line for line in both) == 2


# -- diffs --------------------------------------------------------------------------------------------------------

HEAD = "--- /etc/f (on the server)\n+++ /etc/f (wanted)\n"


@pytest.mark.parametrize(
    ("diff", "shown"),
    [
        (HEAD + "@@ -1 +1 @@\n-old\n+new\n", ["-old", "+new"]),
        (HEAD + "@@ -1,2 +1 @@\n--- a comment\n+++ a counter\n", ["--- a comment", "+++ a counter"]),
        (HEAD + "@@ -1 +1 @@\n-@@ x\n+y\n", ["-@@ x", "+y"]),
        (
            HEAD + "@@ -1 +1 @@\n-a\n+b\n@@ -90 +90 @@\n-c\n+d\n",
            ["@@ -1 +1 @@", "-a", "+b", "@@ -90 +90 @@", "-c", "+d"],
        ),
        (HEAD + "@@ -1 +1 @@\n-a\u2028b\n+c\n", ["-a\u2028b", "+c"]),
        ("only words\n", ["only words"]),
    ],
)
def test_no_line_of_a_diff_is_lost_and_hunks_are_apart(diff: str, shown: list[str]) -> None:
    told = human.render(report(host("a", finding(Verdict.DRIFTED, diff=diff)))).split("\n")
    assert [line[8:] for line in told if line.startswith(" " * 8)] == shown


# -- the next command ---------------------------------------------------------------------------------------------

LONG = finding(Verdict.DRIFTED, diff=HEAD + "@@ -0,0 +1,30 @@\n" + "+x\n" * 30, fingerprint="long")


def fleet(number: int) -> list[HostReport]:
    return [host(f"web-{n}", DRIFT) for n in range(number)]


@pytest.mark.parametrize(
    ("hosts", "view", "command"),
    [
        (fleet(1), View(next_command=SCAN), f"{SCAN} -l web-0"),
        (fleet(7), View(next_command=SCAN), f"{SCAN} -l web-0,web-1,web-2,web-3,web-4,web-5,web-6"),
        (fleet(20), View(next_command=SCAN), f"{SCAN} -l {','.join(f'web-{n}' for n in range(20))}"),
        (fleet(21), View(next_command=SCAN), SCAN),
        ([*fleet(21), host("db", LONG)], View(next_command=SCAN), f"{SCAN} -v"),
        ([*fleet(21), host("db", LONG)], View(next_command=SCAN, limit="web:db"), f"{SCAN} -l web:db -v"),
        ([host("db", LONG)], View(next_command=SCAN), f"{SCAN} -l db -v"),
        ([host("db", LONG)], View(next_command=SCAN, whole_diff=True), f"{SCAN} -l db"),
        ([host("db", LONG)], View(next_command=SCAN, diff=False), f"{SCAN} -l db"),
        (fleet(1), View(next_command=SCAN, limit="web-0"), f"{SCAN} -l web-0"),
        ([host("a")], View(next_command=SCAN), ""),
        (fleet(1), View(), ""),
    ],
)
def test_the_next_command_is_for_what_differs_and_shows_what_was_cut(
    hosts: list[HostReport], view: View, command: str
) -> None:
    told = [line.removeprefix("next: ") for line in lines(*hosts, view=view) if line.startswith("next: ")]
    assert told == [command][: bool(command)]
