"""Labs: started, looked up, removed."""

from __future__ import annotations

import asyncio
import ipaddress
import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from undrift import locations
from undrift.errors import LabError
from undrift.lab import servers as containers
from undrift.lab.engine import LABEL, Engine, Outcome, find_engine
from undrift.lab.image import ensure_image
from undrift.lab.inventory import read_servers, write_keys, write_servers
from undrift.lab.servers import Server

#: Networks for labs are taken from here, one /24 each, the first that is free.
SUBNETS = [str(net) for net in ipaddress.ip_network("10.231.0.0/16").subnets(new_prefix=24)]


@dataclass(frozen=True, slots=True)
class Lab:
    name: str
    folder: Path
    servers: tuple[Server, ...]

    @property
    def inventory(self) -> Path:
        return self.folder / "inventory.ini"

    @property
    def key(self) -> Path:
        return self.folder / "id_ed25519"

    def server(self, name: str) -> Server:
        """Raises LabError when the lab has no such server."""
        for one in self.servers:
            if one.name == name:
                return one
        raise LabError(f"the lab {self.name} has no server {name}", help="undrift lab status")

    async def run(self, name: str, *command: str, stdin: bytes | None = None) -> Outcome:
        """Run a command on a server as root, not through SSH."""
        return await containers.run(find_engine(), self.server(name), *command, stdin=stdin)


def find_lab(name: str) -> Lab:
    """Raises LabError when there is none of that name."""
    folder = locations.labs() / name
    found = read_servers(folder)
    if not found:
        raise LabError(f"there is no lab {name}", help="undrift lab up web=3")
    return Lab(name, folder, tuple(found))


def all_labs() -> list[Lab]:
    folder = locations.labs()
    names = sorted(entry.name for entry in folder.iterdir()) if folder.is_dir() else []
    return [find_lab(name) for name in names if read_servers(folder / name)]


async def up(name: str, groups: Mapping[str, int]) -> Lab:
    """
    Start a lab: for each group so many servers, named GROUP-1, GROUP-2. Comes back when sshd of all of them answers.
    Raises LabError; then nothing of it is left.
    """
    if not re.fullmatch(r"[a-z0-9][a-z0-9-]{0,30}", name):
        raise LabError(f"{name!r} is no name for a lab", help="use small letters, digits and dashes")
    if read_servers(locations.labs() / name):
        raise LabError(f"the lab {name} is up already", help=f"undrift lab down --name {name}")
    engine = find_engine()
    image = await ensure_image(engine)
    try:
        return await _start(engine, name, groups, image)
    except BaseException:
        await asyncio.shield(down(name))
        raise


async def _start(engine: Engine, name: str, groups: Mapping[str, int], image: str) -> Lab:
    subnet = await _take_subnet(engine, name)
    folder = locations.labs() / name
    planned = _plan(name, groups, subnet)
    write_keys(folder, planned)
    write_servers(folder, planned)
    await asyncio.gather(*(_boot(engine, one, name, image, folder) for one in planned))
    return Lab(name, folder, tuple(planned))


async def _boot(engine: Engine, server: Server, lab: str, image: str, folder: Path) -> None:
    await containers.start(engine, server, lab=lab, image=image, keys=folder / "hosts" / server.name)
    await containers.wait_until_ready(engine, server)


def _plan(name: str, groups: Mapping[str, int], subnet: str) -> list[Server]:
    addresses = (str(address) for address in list(ipaddress.ip_network(subnet).hosts())[9:])
    return [
        Server(
            name=f"{group}-{number}",
            group=group,
            address=next(addresses),
            container=f"undrift-{name}-{group}-{number}",
        )
        for group, count in groups.items()
        for number in range(1, count + 1)
    ]


async def _take_subnet(engine: Engine, name: str) -> str:
    """A network of the lab's own, on the first subnet that nobody has."""
    said = ""
    for subnet in SUBNETS:
        made = await engine.run(
            "network", "create", "--subnet", subnet, containers.network(name), check=False
        )
        if made.status == 0:
            return subnet
        said = made.stderr.strip()
        if "already" not in said and "overlap" not in said and "used" not in said:
            break
    raise LabError(f"no network could be made for the lab: {said}")


async def fresh(lab: Lab, name: str) -> None:
    """Put a new server in the place of one: same name, address and keys, nothing of what was done to it."""
    engine = find_engine()
    server = lab.server(name)
    await containers.remove(engine, server)
    await _boot(engine, server, lab.name, await ensure_image(engine), lab.folder)


async def down(name: str) -> None:
    """Remove the lab with all that belongs to it. Raises LabError when something of it cannot be removed."""
    engine = find_engine()
    label = f"{LABEL}={name}"
    there = await engine.containers(label)
    if there:
        await engine.run("rm", "--force", "--volumes", "--time", "0", *there, check=False)
    await engine.run("network", "rm", "--force", containers.network(name), check=False)
    left = await engine.containers(label)
    if left:
        raise LabError(
            f"the lab {name} could not be removed whole: {', '.join(left)} are still there",
            help=engine.line("rm", "--force", *left),
        )
    shutil.rmtree(locations.labs() / name, ignore_errors=True)
    await engine.leave_room()
