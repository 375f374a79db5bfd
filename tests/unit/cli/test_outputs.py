"""Where a report goes, and what stays as it was."""

from __future__ import annotations

import os
import stat
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from undrift.cli.outputs import OutputError, parse_outputs, write_outputs
from undrift.errors import UsageError
from undrift.model.report import ScanReport
from undrift.render.view import View

REPORT = ScanReport(
    run_id="r1",
    playbook="site.yml",
    revision="",
    dirty=False,
    started_at="2026-01-01T00:00:00+00:00",
    duration_s=1.5,
    versions={"undrift": "0", "ansible_core": "2.19"},
    hosts=(),
)


@pytest.fixture
def umask() -> Iterator[None]:
    before = os.umask(0o027)
    yield
    os.umask(before)


def write(*words: str) -> None:
    write_outputs(REPORT, parse_outputs(words), View())


def names() -> list[str]:
    return [path.name for path in Path().iterdir()]


def test_a_new_file_has_the_mode_that_the_umask_gives(project: Path, umask: None) -> None:
    write("json=new.json")
    assert stat.S_IMODE(Path("new.json").stat().st_mode) == 0o640
    assert names() == ["new.json"]


def test_a_file_that_is_there_keeps_its_mode_and_owner(project: Path) -> None:
    Path("old.json").write_text("old")
    Path("old.json").chmod(0o604)
    owner = (4242, 4243) if os.geteuid() == 0 else (os.getuid(), os.getgid())
    os.chown("old.json", *owner)
    write("json=old.json")
    now = Path("old.json").stat()
    assert (stat.S_IMODE(now.st_mode), now.st_uid, now.st_gid) == (0o604, *owner)
    assert Path("old.json").read_text().startswith("{")


@pytest.mark.parametrize("there", [True, False])
def test_a_link_stays_a_link_and_what_it_names_is_written(there: bool, project: Path) -> None:
    Path("kept").mkdir()
    if there:
        Path("kept/real.json").write_text("old")
    Path("link.json").symlink_to("kept/real.json")
    write("json=link.json")
    assert Path("link.json").is_symlink()
    assert Path("kept/real.json").read_text().startswith("{")


def test_a_pipe_is_written_to_and_stays_a_pipe(project: Path) -> None:
    os.mkfifo("pipe")
    heard: list[str] = []
    reader = threading.Thread(target=lambda: heard.append(Path("pipe").read_text()))
    reader.start()
    write("json=pipe")
    reader.join()
    assert heard[0].startswith("{")
    assert Path("pipe").is_fifo()
    assert names() == ["pipe"]


def test_a_device_stays_a_device(project: Path) -> None:
    Path("null").symlink_to("/dev/null")
    write("json=/dev/null", "junit=null")
    assert Path("/dev/null").is_char_device()
    assert Path("null").is_symlink()


def test_a_report_that_does_not_fit_is_told_and_the_others_are_written(project: Path) -> None:
    with pytest.raises(OutputError, match="No space left") as error:
        write("json=/dev/full", "junit=drift.xml")
    assert error.value.where == "/dev/full"
    assert names() == ["drift.xml"]


def test_a_file_that_cannot_be_put_in_place_leaves_no_other(project: Path) -> None:
    outputs = parse_outputs(["json=late.json"])
    Path("late.json").mkdir()
    with pytest.raises(OutputError):
        write_outputs(REPORT, outputs, View())
    assert names() == ["late.json"]


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["xml"], "there is no format 'xml'"),
        (["json", "human"], "only one format can go to standard output"),
        (["json="], "no file is named"),
        (["json=none/scan.json"], "there is no folder"),
        (["json=."], "it is a folder"),
        (["json=text/scan.json"], "there is no folder"),
    ],
)
def test_a_mistake_is_told_before_the_scan_begins(words: list[str], says: str, project: Path) -> None:
    Path("text").touch()
    with pytest.raises(UsageError, match=says):
        parse_outputs(words)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_may_not_be_written_is_told_before_the_scan_begins(project: Path) -> None:
    Path("closed").mkdir(mode=0o500)
    with pytest.raises(UsageError, match="no permission"):
        parse_outputs(["json=closed/scan.json"])


def test_a_file_for_people_has_no_color_and_the_whole_diff(project: Path) -> None:
    write("human=scan.txt")
    assert "\033" not in Path("scan.txt").read_text()
