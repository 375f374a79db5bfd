"""Labs: started, looked up, removed."""

from __future__ import annotations

import asyncio
import contextlib
import shlex
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from undrift import locations
from undrift.errors import LabError
from undrift.lab import network
from undrift.lab import servers as containers
from undrift.lab.engine import LABEL, Engine, Outcome, engine_settings, find_engine
from undrift.lab.image import ensure_image, silent
from undrift.lab.inventory import read_servers, write_keys, write_servers
from undrift.lab.names import check_groups, check_lab
from undrift.lab.servers import Server

#: A playbook that holds on a new server; each lab has a copy, to be scanned with.
EXAMPLE = Path(__file__).with_name("example.yml")


@dataclass(frozen=True, slots=True)
class Lab:
    """A lab as its folder has it: keys, known_hosts, inventory, example playbook."""

    name: str
    folder: Path
    servers: tuple[Server, ...]

    @property
    def inventory(self) -> Path:
        return self.folder / "inventory.ini"

    @property
    def playbook(self) -> Path:
        """The example."""
        return self.folder / "site.yml"

    @property
    def key(self) -> Path:
        """The private key that logs in to every server as root."""
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
    """Raises UsageError, and LabError when there is none of that name."""
    check_lab(name)
    folder = locations.labs() / name
    found = read_servers(folder)
    if not found:
        raise LabError(
            f"there is no lab {name}", help="undrift lab status lists them, undrift lab up web=3 starts one"
        )
    return Lab(name, folder, tuple(found))


def all_labs() -> list[Lab]:
    """The labs below locations.labs(), by name; a folder without servers is none."""
    folder = locations.labs()
    names = sorted(entry.name for entry in folder.iterdir()) if folder.is_dir() else []
    return [find_lab(name) for name in names if read_servers(folder / name)]


async def up(name: str, groups: Mapping[str, int], tell: Callable[[str], None] = silent) -> Lab:
    """
    Start a lab: for each group so many servers, named GROUP-1, GROUP-2. Comes back when sshd of all of them answers.
    tell: hears what is being done. Raises UsageError and LabError; then nothing is left of what this call made, and
    nothing else was touched.
    """
    check_lab(name)
    check_groups(groups)
    folder = _claim(name)
    try:
        return await _up(find_engine(), name, groups, folder, tell)
    except BaseException:
        _forget(folder)
        raise


async def _up(
    engine: Engine, name: str, groups: Mapping[str, int], folder: Path, tell: Callable[[str], None]
) -> Lab:
    try:
        await _refuse_taken(engine, name)
        image = await ensure_image(engine, tell)
        subnet = await network.make(engine, name)
        try:
            return await _start(engine, name, _plan(name, groups, subnet), folder, image)
        except BaseException:
            await asyncio.shield(_remove(engine, name))
            raise
    except BaseException:
        await engine.leave_room()
        raise


async def _start(engine: Engine, name: str, planned: Sequence[Server], folder: Path, image: str) -> Lab:
    write_servers(folder, planned)
    write_keys(folder, planned)
    shutil.copyfile(EXAMPLE, folder / "site.yml")
    await asyncio.gather(*(_boot(engine, one, name, image, folder) for one in planned))
    return Lab(name, folder, tuple(planned))


async def _boot(engine: Engine, server: Server, lab: str, image: str, folder: Path) -> None:
    await containers.start(engine, server, lab=lab, image=image, keys=folder / "hosts" / server.name)
    await containers.wait_until_ready(engine, server)


def _plan(name: str, groups: Mapping[str, int], subnet: str) -> list[Server]:
    addresses = iter(network.addresses(subnet))
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


def _claim(name: str) -> Path:
    """The lab's folder, made by this call. Raises LabError when it is there."""
    folder = locations.labs() / name
    try:
        folder.mkdir(parents=True)
    except FileExistsError:
        raise LabError(
            f"the lab {name} is up already, or was left half made", help=f"undrift lab down --name {name}"
        ) from None
    except OSError as problem:
        raise LabError(f"the lab's folder cannot be made: {problem.strerror}", where=str(folder)) from None
    return folder


async def _refuse_taken(engine: Engine, name: str) -> None:
    """Raises LabError when anything of that name is there."""
    await _refuse_others(engine, name)
    if await engine.containers(f"{LABEL}={name}") or await network.exists(engine, name):
        raise LabError(f"something of a lab {name} is left", help=f"undrift lab down --name {name}")


async def _refuse_others(engine: Engine, name: str) -> None:
    """Raises LabError when there are servers of that name that another state folder has."""
    there = await engine.containers(f"{LABEL}={name}")
    if there and await containers.owner(engine, there[0]) != locations.labs() / name:
        home = _state_home(await containers.owner(engine, there[0]))
        raise LabError(
            f"a lab {name} is on this machine that is none of {locations.labs()}",
            kept="it was not touched",
            help=f"take another --name, or remove that one: XDG_STATE_HOME={home} undrift lab down --name {name}",
        )


def _state_home(folder: Path | None) -> str:
    """Of the user whose lab it is."""
    return "..." if folder is None or len(folder.parents) < 3 else shlex.quote(str(folder.parents[2]))


async def fresh(lab: Lab, name: str) -> None:
    """Put a new server in the place of one: same name, address and keys, nothing of what was done to it."""
    engine = find_engine()
    server = lab.server(name)
    await containers.remove(engine, server)
    await _boot(engine, server, lab.name, await ensure_image(engine), lab.folder)


async def down(name: str) -> None:
    """
    Remove the lab with all that belongs to it, be it half made. Raises UsageError, and LabError when there is none of
    that name, when it is another's, or when something of it cannot be removed.
    """
    check_lab(name)
    folder = locations.labs() / name
    engine = find_engine()
    try:
        await _refuse_others(engine, name)
        if not await _is_there(engine, name, folder):
            raise LabError(f"there is no lab {name}", help="undrift lab status")
        await _remove(engine, name)
        shutil.rmtree(folder, ignore_errors=True)
        await engine.leave_room()
    finally:
        _sweep()


async def _is_there(engine: Engine, name: str, folder: Path) -> bool:
    """Whether anything of it is."""
    if await engine.containers(f"{LABEL}={name}") or await network.exists(engine, name):
        return True
    return await asyncio.to_thread(folder.is_dir)


async def _remove(engine: Engine, name: str) -> None:
    label = f"{LABEL}={name}"
    there = await engine.containers(label)
    if there:
        await engine.run("rm", "--force", "--volumes", "--time", "0", *there, check=False)
    left = await engine.containers(label)
    if left:
        raise LabError(
            f"the lab {name} could not be removed whole: {', '.join(left)} are still there",
            help=engine.line("rm", "--force", *left),
        )
    await engine.run("network", "rm", network.network(name), check=False)


def _forget(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    _sweep()


def _sweep() -> None:
    """With the last lab goes what all of them shared."""
    folder = locations.labs()
    if folder.is_dir():
        try:
            folder.rmdir()
        except OSError:
            return
    engine_settings().unlink(missing_ok=True)
    with contextlib.suppress(OSError):
        locations.state().rmdir()
