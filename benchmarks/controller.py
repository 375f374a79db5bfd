"""
What a host costs the controller: CPU and memory of `undrift scan` alone, with 100 and 1,000 stand-ins on loopback, by
the difference between the two. Appends to benchmarks/results.md.
"""

from __future__ import annotations

import asyncio
import os
import resource
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import workload

from undrift.lab import labs
from undrift.lab.labs import Lab

HERE = Path(__file__).parent
SIZES = (100, 500, 1000)


@dataclass(frozen=True)
class Cost:
    hosts: int
    seconds: float
    cpu_s: float
    memory_kb: int


def main() -> None:
    name = f"controller-{os.getpid()}"
    lines = ["", "## The controller alone: stand-in hosts on loopback, 47 tasks"]
    lab = asyncio.run(labs.up(name, {"web": 1}))
    try:
        lines += section(lab, "nothing is as wanted", facts=True, specific=False, converged=False)
        lines += section(lab, "in sync", facts=True, specific=False)
        lines += section(lab, "in sync, gather_facts: false", facts=False, specific=False)
        lines += section(lab, "in sync, every template host-specific", facts=True, specific=True)
    finally:
        asyncio.run(labs.down(name))
    text = "\n".join([*lines, ""])
    print(text)
    results = HERE / "results.md"
    kept = results.read_text().split("\n## The controller alone")[0] if results.exists() else ""
    results.write_text(kept.rstrip() + "\n" + text)


def section(lab: Lab, title: str, *, facts: bool, specific: bool, converged: bool = True) -> list[str]:
    """One table: stand-ins that answer as the lab's server does, which is brought to the wanted state before."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        playbook = workload.write(folder, facts=facts, host_specific=specific)
        if converged:
            converge(lab, playbook, folder)
        server = subprocess.Popen([sys.executable, str(HERE / "standins.py"), str(folder), lab.name])
        try:
            while not (folder / "port").exists():
                time.sleep(0.1)
            # What the first host hears is kept for all the others.
            measure(playbook, folder, 1)
            return table(title, [measure(playbook, folder, size) for size in SIZES])
        finally:
            server.terminate()
            server.wait()


def converge(lab: Lab, playbook: Path, folder: Path) -> None:
    """The server as the first of the stand-ins is to be."""
    inventory = folder / "converge.ini"
    inventory.write_text(
        lab.inventory.read_text().replace(f"{lab.servers[0].name} ansible_host", "host-0000 ansible_host")
    )
    command = [str(Path(sys.executable).parent / "ansible-playbook"), str(playbook), "-i", str(inventory)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, env={**os.environ, "HOME": str(folder)})


def measure(playbook: Path, folder: Path, hosts: int) -> Cost:
    port = (folder / "port").read_text()
    inventory = folder / "inventory.ini"
    common = f"-o UserKnownHostsFile={folder / 'known_hosts'} -o IdentitiesOnly=yes"
    inventory.write_text(
        "".join(f"host-{n:04}\n" for n in range(hosts))
        + f"[all:vars]\nansible_host=127.0.0.1\nansible_port={port}\nansible_user=root\n"
        + f"ansible_ssh_private_key_file={folder / 'key'}\nansible_ssh_common_args='{common}'\n"
    )
    command = [
        str(Path(sys.executable).parent / "undrift"),
        "scan",
        str(playbook),
        "-i",
        str(inventory),
        "-o",
        "jsonl",
    ]
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    begun = time.perf_counter()
    scan = subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env={**os.environ, "HOME": str(folder)}
    )
    memory = 0
    while scan.poll() is None:
        memory = max(memory, sum(map(_memory, _family(scan.pid))))
        time.sleep(0.02)
    seconds = time.perf_counter() - begun
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if scan.returncode not in {0, 2}:
        sys.exit(f"the scan ended with {scan.returncode}: {scan.stderr.read().decode()[-2000:]}")
    cpu = (after.ru_utime + after.ru_stime) - (before.ru_utime + before.ru_stime)
    print(f"  {hosts} hosts: {seconds:.1f} s, {cpu:.1f} s of CPU, {memory // 1024} MB", file=sys.stderr)
    return Cost(hosts, seconds, cpu, memory)


def table(title: str, costs: list[Cost]) -> list[str]:
    few, many = costs[0], costs[-1]
    hosts = many.hosts - few.hosts
    rows = [
        f"| {one.hosts} | {one.seconds:.1f} | {one.cpu_s:.1f} | {one.memory_kb / 1024:.0f} |" for one in costs
    ]
    each = f"A host more: {(many.cpu_s - few.cpu_s) / hosts * 1000:.1f} ms of CPU, {(many.memory_kb - few.memory_kb) / hosts:.0f} kB."
    return ["", f"### {title}", "", "| hosts | seconds | CPU s | MB |", "|---|---|---|---|", *rows, "", each]


def _family(pid: int) -> list[int]:
    """The process and its children."""
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        children = []
    return [pid, *map(int, children)]


def _memory(pid: int) -> int:
    """Proportional share of memory, in kB: what the two processes share counts once."""
    try:
        text = Path(f"/proc/{pid}/smaps_rollup").read_text()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in text.splitlines() if line.startswith("Pss:")), 0)


if __name__ == "__main__":
    main()
