"""undrift lab: real throw-away servers on this machine."""

from __future__ import annotations

import asyncio
import os
import shlex
import sys
from collections.abc import Coroutine
from typing import Annotated, Any, TypeVar

import typer

from undrift.cli.again import this_program

T = TypeVar("T")

app = typer.Typer(
    help="Real throw-away servers on this machine: containers with systemd, sshd and Python.",
)

Name = Annotated[str, typer.Option("--name", "-n", help="Which lab; several can live side by side.")]


@app.command()
def up(
    groups: Annotated[list[str], typer.Argument(metavar="GROUP=COUNT...", help="For example web=3 db=1.")],
    name: Name = "default",
) -> None:
    """Start servers, wait until sshd answers, and write an inventory for them."""
    from undrift.lab.names import check_lab, parse_groups

    check_lab(name)
    wanted = parse_groups(groups)
    total = sum(wanted.values())
    _tell(f"starting {total} server{'s' * (total != 1)} for the lab {name}")
    from undrift.lab import labs

    lab = _run(labs.up(name, wanted, _tell))
    for server in lab.servers:
        typer.echo(f"  {server.name:<12} {server.address}")
    typer.echo(f"inventory: {lab.inventory}")
    typer.echo(f"playbook: {lab.playbook} (an example)")
    scan = [this_program(), "scan", str(lab.playbook), "-i", str(lab.inventory)]
    typer.echo(f"next: {shlex.join(scan)}")


@app.command()
def status() -> None:
    """List the labs with their servers."""
    from undrift.lab import labs

    found = labs.all_labs()
    for lab in found:
        typer.echo(f"{lab.name}   inventory: {lab.inventory}")
        for server in lab.servers:
            outcome = _run(lab.run(server.name, "systemctl", "is-system-running"))
            typer.echo(f"  {server.name:<12} {server.address:<15} {outcome.stdout.strip() or 'down'}")
    if not found:
        typer.echo("no lab is up; undrift lab up web=3 starts one")


@app.command()
def ssh(
    host: str, command: Annotated[list[str] | None, typer.Argument()] = None, name: Name = "default"
) -> None:
    """Log in to a server, or run a command there."""
    from undrift.lab import labs

    lab = labs.find_lab(name)
    server = lab.server(host)
    options = [
        "-o",
        f"UserKnownHostsFile={lab.folder / 'known_hosts'}",
        "-o",
        "IdentitiesOnly=yes",
        "-i",
        str(lab.key),
    ]
    sys.stdout.flush()
    os.execvp("ssh", ["ssh", *options, f"root@{server.address}", *(command or [])])


@app.command("break")
def break_(
    host: Annotated[str, typer.Argument(help="A server; the first when left out.")] = "",
    name: Name = "default",
) -> None:
    """Make the typical drift on a server by hand: an edited file, a stopped service, a removed package ..."""
    from undrift.lab import drift, labs
    from undrift.lab.engine import find_engine

    lab = labs.find_lab(name)
    server = lab.server(host) if host else lab.servers[0]
    for done in _run(drift.break_server(find_engine(), server)):
        typer.echo(f"  {server.name}: {done}")


@app.command()
def reboot(host: str, name: Name = "default") -> None:
    """Reboot a server; comes back when its sshd answers again."""
    from undrift.lab import labs, servers
    from undrift.lab.engine import find_engine

    _run(servers.reboot(find_engine(), labs.find_lab(name).server(host)))


@app.command()
def down(name: Name = "default") -> None:
    """Remove a lab with all that belongs to it."""
    from undrift.lab import labs

    _run(labs.down(name))
    typer.echo(f"the lab {name} is gone")


def _tell(text: str) -> None:
    """What is being done, before it is: some of it takes long."""
    typer.echo(text, err=True)


def _run(work: Coroutine[Any, Any, T]) -> T:
    return asyncio.run(work)
