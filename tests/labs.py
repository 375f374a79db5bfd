"""What the tests do with a lab: run things on servers, scan them, run Ansible against them."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from undrift.lab import labs
from undrift.lab.engine import find_engine
from undrift.lab.labs import Lab
from undrift.lab.servers import Server

BIN = Path(sys.executable).parent
WITH_COLLECTIONS = {"ANSIBLE_COLLECTIONS_PATH": str(Path(__file__).parents[1] / ".collections")}


@dataclass(frozen=True)
class Run:
    status: int
    stdout: str
    stderr: str

    @property
    def report(self) -> dict:
        return json.loads(self.stdout)


@dataclass(frozen=True)
class TestLab:
    __test__ = False

    lab: Lab

    @property
    def inventory(self) -> Path:
        return self.lab.inventory

    @property
    def folder(self) -> Path:
        return self.lab.folder

    def server(self, host: str) -> Server:
        return self.lab.server(host)

    def address(self, host: str) -> str:
        return self.server(host).address

    def sh(self, host: str, script: str) -> str:
        """Run a shell script on a server; its output. Fails when it fails."""
        outcome = asyncio.run(self.lab.run(host, "sh", "-c", script))
        assert outcome.status == 0, f"{script}: {outcome.stderr}"
        return outcome.stdout

    def mount(self, host: str, *words: str) -> None:
        """Mount something on a server, from outside: a container may not."""
        pid = asyncio.run(
            find_engine().run("inspect", "--format", "{{.State.Pid}}", self.server(host).container)
        )
        done = run(["nsenter", "--target", pid.stdout.strip(), "--mount", "mount", *words])
        assert done.status == 0, done.stderr

    def fresh(self, host: str) -> None:
        asyncio.run(labs.fresh(self.lab, host))

    def scan(
        self, playbook: Path | str, *options: str, inventory: Path | None = None, **environment: str
    ) -> Run:
        """`undrift scan -o json`."""
        return undrift(
            "scan",
            str(playbook),
            "-i",
            str(inventory or self.inventory),
            "-o",
            "json",
            *options,
            **environment,
        )

    def play(self, playbook: Path | str, *options: str, **environment: str) -> Run:
        """`ansible-playbook`, for real."""
        command = [str(BIN / "ansible-playbook"), str(playbook), "-i", str(self.inventory), *options]
        return run(command, **{**WITH_COLLECTIONS, "ANSIBLE_PIPELINING": "1", **environment})


def undrift(*words: str, **environment: str) -> Run:
    return run([str(BIN / "undrift"), *words], **environment)


def run(command: list[str], **environment: str) -> Run:
    done = subprocess.run(
        command,
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
        timeout=300,
        env={**os.environ, **environment},
    )
    return Run(done.returncode, done.stdout, done.stderr)


def findings(report: dict, host: str) -> list[dict]:
    return next(one for one in report["hosts"] if one["name"] == host)["findings"]
