"""The command as the shell sees it: status, standard output, standard error."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from labs import BIN, run, undrift

from undrift.cli import manual

WITHOUT_CLICK = "import sys; sys.modules['click'] = None; from undrift.cli.main import main; main()"


@pytest.mark.parametrize(
    ("words", "says", "hint"),
    [
        ("scan --no-such-option", "No such option: --no-such-option", "undrift scan --help"),
        ("scan site.yml --forks many", "Invalid value for '-f' / '--forks'", "undrift scan --help"),
        ("scan site.yml --forks 0", "Invalid value for '-f' / '--forks'", "undrift scan --help"),
        ("scan site.yml -i", "'-i' requires an argument", "undrift scan --help"),
        ("nothing", "No such command 'nothing'", "undrift --help"),
        ("lab nothing", "No such command 'nothing'", "undrift lab --help"),
        ("lab up", "Missing argument", "undrift lab up --help"),
        ("scan", "no playbook was named", "undrift scan site.yml -i inventory.ini"),
        ("scan site.yml -l @none", "-l @none: there is no file none", ""),
        ("scan site.yml -o xml", "-o xml: there is no format 'xml'", "formats: "),
    ],
)
def test_a_mistake_in_the_command_line_has_a_status_of_its_own(
    words: str, says: str, hint: str, project: Path
) -> None:
    for command in ([str(BIN / "undrift")], [sys.executable, "-c", WITHOUT_CLICK]):
        done = run([*command, *words.split()])
        assert done.status == 64, done.stderr
        assert f"error[usage]: {says}" in done.stderr.replace("Option ", "")
        assert f"help: {hint}" in done.stderr or not hint
        assert "defect" not in done.stderr
        assert done.stdout == ""


def test_on_a_terminal_an_error_has_a_line_of_its_own() -> None:
    ours, theirs = os.openpty()
    subprocess.run(
        [str(BIN / "undrift"), "scan", "--nothing"],
        stdin=subprocess.DEVNULL,
        stderr=theirs,
        check=False,
        env={**os.environ, "TERM": "xterm", "CI": ""},
    )
    os.close(theirs)
    shown = os.read(ours, 10_000).decode()
    os.close(ours)
    assert shown.startswith("\rreading the playbook\r\033[Kerror[usage]: No such option")


@pytest.mark.parametrize("words", [[], ["lab"], ["--help"], ["lab", "-h"], ["scan", "--help"]])
def test_help_is_no_error(words: list[str]) -> None:
    done = undrift(*words)
    assert (done.status, done.stderr) == (0, "")
    assert "Usage: undrift" in done.stdout


def test_the_manual_breaks_no_sentence_and_loses_no_word() -> None:
    shown = " ".join(undrift("scan", "--help", COLUMNS="80").stdout.split())
    for paragraph in manual.SCAN.split("\n\n"):
        assert " ".join(re.sub(r"\[/?bold\]", "", paragraph).split()) in shown
    for word in ("--strict or --min-coverage", "undrift.yaml", "UNDRIFT_", "Logins at once; 50"):
        assert word in shown.replace("│ │ ", "")


@pytest.mark.parametrize("module", ["typer", "asyncio"])
def test_ctrl_c_while_loading_is_no_traceback(module: str, tmp_path: Path) -> None:
    (tmp_path / f"{module}.py").write_text("raise KeyboardInterrupt")
    done = undrift("scan", "site.yml", PYTHONPATH=str(tmp_path))
    assert done.status == 130
    assert "Traceback" not in done.stderr


def test_ctrl_c_while_the_playbook_is_read_ends_with_130(project: Path) -> None:
    os.mkfifo("begun")
    os.mkfifo("release")
    Path("site.yml").write_text("- hosts: all\n  tasks: []\n")
    Path("hosts").write_text("#!/bin/sh\necho yes > begun\nread word < release\necho '{}'\n")
    Path("hosts").chmod(0o755)
    scan = subprocess.Popen(
        [str(BIN / "undrift"), "scan", "site.yml", "-i", "hosts"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert Path("begun").read_text() == "yes\n"
        scan.send_signal(signal.SIGINT)
        out, err = scan.communicate(timeout=60)
    finally:
        scan.kill()
        with contextlib.suppress(OSError):
            os.write(os.open("release", os.O_WRONLY | os.O_NONBLOCK), b"go\n")
    assert scan.returncode == 130
    assert "interrupted" in out + err
    assert "Traceback" not in err


def test_a_report_that_standard_output_does_not_take_is_told(project: Path) -> None:
    Path("site.yml").write_text("- hosts: all\n  gather_facts: false\n  tasks: []\n")
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [str(BIN / "undrift"), "scan", "site.yml", "-i", "localhost,", "-e", "ansible_connection=local"],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert done.returncode == 1
    assert "error[output]: the report could not be written: No space left on device" in done.stderr
    assert "Exception ignored in: <_io" not in done.stderr


@pytest.mark.parametrize("environment", [{}, {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONIOENCODING": "ascii"}])
def test_a_scan_speaks_of_its_steps_and_its_settings(environment: dict[str, str], project: Path) -> None:
    (project / "plays").mkdir()
    Path("plays/undrift.yaml").write_text("inventory: hosts.ini\nlogins_per_jump: 3\n")
    Path("plays/hosts.ini").write_text("here ansible_connection=local\n")
    Path("plays/site.yml").write_text(
        "- hosts: all\n  gather_facts: false\n  tasks:\n"
        "    - ansible.builtin.file: {path: /none-so-far, state: directory}\n"
        "    - ansible.builtin.file: {path: /etc, state: directory}\n"
    )
    done = undrift("scan", "plays/site.yml", "-v", **environment)
    assert done.status == 2, done.stderr
    lines = done.stderr.splitlines()
    assert lines[0] == "reading the playbook"
    assert f"setting logins_per_jump: 3 ({Path('plays/undrift.yaml')}:2)" in lines
    assert "scanning 1 host" in lines
    assert lines[-1] == "here: drifted"
    assert "1 drifted" in done.stdout
