"""
The figures of benchmarks/results.md, measured anew in one run on this machine: the workload on ten real servers, in sync
and cold, whole processes. `--quick` leaves out Ansible and Mitogen.
"""

from __future__ import annotations

import asyncio
import os
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import chart
import workload

from undrift.lab import labs
from undrift.lab.labs import Lab

HERE = Path(__file__).parent
BENCH = HERE.parent / ".venv-bench" / "bin"
HOSTS = 10
ROUNDS = {"ssh": 5, "undrift": 7, "pyinfra": 2, "mitogen": 2, "ansible": 1}


@dataclass(frozen=True)
class Figure:
    name: str
    seconds: float
    spread: str


def main() -> None:
    quick = "--quick" in sys.argv
    name = f"bench-{os.getpid()}"
    with tempfile.TemporaryDirectory() as folder:
        lab = asyncio.run(labs.up(name, {"web": HOSTS}))
        try:
            sections = []
            for title, facts, specific in (
                ("Templates alike on all hosts", True, False),
                ("The same with gather_facts: false", False, False),
                ("Every template host-specific", True, True),
            ):
                sections.append(
                    (title, measure(lab, Path(folder), facts=facts, specific=specific, quick=quick))
                )
        finally:
            asyncio.run(labs.down(name))
    text = report(sections)
    print(text)
    if not quick:
        (HERE / "results.md").write_text(text)
        (HERE / "results.svg").write_text(chart.bars([(one.name, one.seconds) for one in sections[0][1]]))


def measure(lab: Lab, folder: Path, *, facts: bool, specific: bool, quick: bool) -> list[Figure]:
    playbook = workload.write(folder, facts=facts, host_specific=specific)
    hosts = {server.name: server.address for server in lab.servers}
    workload.write_pyinfra(folder, hosts, lab.key, lab.folder / "known_hosts")
    inventory = str(lab.inventory)
    environment = {**os.environ, "ANSIBLE_PIPELINING": "1", "ANSIBLE_FORKS": "50", "HOME": str(folder)}
    ansible = [str(BENCH / "ansible-playbook"), str(playbook), "-i", inventory, "--check", "--diff"]
    converge([str(BENCH / "ansible-playbook"), str(playbook), "-i", inventory], folder, environment)
    undrift = [str(Path(sys.executable).parent / "undrift"), "scan", str(playbook), "-i", inventory]
    figures = [
        timed(
            "bare OpenSSH, python3 -c pass", ["sh", "-c", fan_out(lab)], folder, environment, ROUNDS["ssh"]
        ),
        timed("undrift scan", undrift, folder, environment, ROUNDS["undrift"]),
        timed(
            "pyinfra --dry",
            [str(BENCH / "pyinfra"), "--dry", "inventory.py", "deploy.py"],
            folder,
            environment,
            ROUNDS["pyinfra"],
        ),
    ]
    if not quick:
        plugins = next(
            (HERE.parent / ".venv-bench").glob("lib/*/site-packages/ansible_mitogen/plugins/strategy")
        )
        through = {
            **environment,
            "ANSIBLE_STRATEGY_PLUGINS": str(plugins),
            "ANSIBLE_STRATEGY": "mitogen_linear",
        }
        figures.append(timed("ansible --check through Mitogen", ansible, folder, through, ROUNDS["mitogen"]))
        figures.append(timed("ansible-playbook --check", ansible, folder, environment, ROUNDS["ansible"]))
    return figures


def converge(command: list[str], folder: Path, environment: dict[str, str]) -> None:
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"the servers could not be brought to the wanted state:\n{done.stdout[-2000:]}")


def timed(name: str, command: list[str], folder: Path, environment: dict[str, str], rounds: int) -> Figure:
    """The median of whole processes."""
    seconds = []
    for _ in range(rounds):
        begun = time.perf_counter()
        done = subprocess.run(
            command, cwd=folder, env=environment, capture_output=True, text=True, check=False
        )
        seconds.append(time.perf_counter() - begun)
        if done.returncode:
            sys.exit(f"{name} ended with {done.returncode}:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
    spread = f"{min(seconds):.2f} to {max(seconds):.2f}" if rounds > 1 else "one run"
    print(f"  {name}: {statistics.median(seconds):.2f} s ({spread})", file=sys.stderr)
    return Figure(name, statistics.median(seconds), spread)


def fan_out(lab: Lab) -> str:
    """A login to every host at once, with the system's ssh."""
    options = f"-o UserKnownHostsFile={lab.folder / 'known_hosts'} -o IdentitiesOnly=yes -o ControlMaster=no -i {lab.key}"
    logins = [f"ssh {options} root@{server.address} python3 -c pass &" for server in lab.servers]
    return " ".join([*logins, "wait"])


def report(sections: list[tuple[str, list[Figure]]]) -> str:
    lines = [
        "# Measured",
        "",
        f"{HOSTS} Debian servers with systemd on one 2-core machine, 47 tasks, all in sync; medians of whole processes.",
    ]
    for title, figures in sections:
        ours = next(one.seconds for one in figures if one.name == "undrift scan")
        lines += ["", f"## {title}", "", "| what | seconds | range | against undrift |", "|---|---|---|---|"]
        lines += [
            f"| {one.name} | {one.seconds:.2f} | {one.spread} | {one.seconds / ours:.1f}x |"
            for one in figures
        ]
    return "\n".join([*lines, "", "![seconds](results.svg)", ""])


if __name__ == "__main__":
    main()
