"""One server of a lab: a container, found again by its labels."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path

from undrift.errors import LabError
from undrift.lab.engine import LABEL, Engine, Outcome
from undrift.lab.network import network

#: How long a server may take until its sshd answers, in seconds.
BOOT_LIMIT = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """
    name: in the inventory and as its host name. address: IPv4, in the lab's network. container: the engine's
    name for it.
    """

    name: str
    group: str
    address: str
    container: str

    @property
    def mac(self) -> str:
        """
        A hardware address that goes with the address: a server that comes back with another one is not found by this
        machine for as long as it remembers the old one, about 40 s.
        """
        return "02:42:" + ":".join(f"{int(part):02x}" for part in self.address.split("."))


async def start(engine: Engine, server: Server, *, lab: str, image: str, keys: Path) -> None:
    """Create the container and let it boot. keys: the folder with its host key and the lab's public key."""
    await engine.run(
        "run",
        "--detach",
        "--name",
        server.container,
        "--hostname",
        server.name,
        "--network",
        network(lab),
        "--ip",
        server.address,
        "--mac-address",
        server.mac,
        "--label",
        f"{LABEL}={lab}",
        "--label",
        f"undrift.group={server.group}",
        "--volume",
        f"{keys}:/etc/undrift-lab:ro",
        *engine.systemd_options(),
        image,
        "/sbin/init",
    )


async def wait_until_ready(engine: Engine, server: Server) -> None:
    """Until sshd sends its banner and systemd has booted. Raises LabError after BOOT_LIMIT."""
    try:
        async with asyncio.timeout(BOOT_LIMIT):
            while not await _says_ssh(server.address):  # noqa: ASYNC110 - nobody tells
                await asyncio.sleep(0.1)
            while await _is_booting(engine, server):  # noqa: ASYNC110 - as above
                await asyncio.sleep(0.1)
    except TimeoutError:
        raise LabError(
            f"{server.name} did not boot within {BOOT_LIMIT:g} s",
            where=server.address,
            help=engine.line("logs", server.container),
        ) from None


async def _is_booting(engine: Engine, server: Server) -> bool:
    """Asked again and again: `--wait` can miss the moment when it is asked too early."""
    said = await engine.run("exec", server.container, "systemctl", "is-system-running", check=False)
    return said.stdout.strip() not in {"running", "degraded", "maintenance"}


async def run(engine: Engine, server: Server, *command: str, stdin: bytes | None = None) -> Outcome:
    """Run a command on the server as root, through the engine: no login, no trace of one."""
    flags = ["--interactive"] if stdin is not None else []
    return await engine.run("exec", *flags, server.container, *command, stdin=stdin, check=False)


async def reboot(engine: Engine, server: Server) -> None:
    """Restart the container, and wait until it is ready. Raises LabError."""
    await engine.run("restart", "--time", "5", server.container)
    await wait_until_ready(engine, server)


async def remove(engine: Engine, server: Server) -> None:
    """Remove the container, running or not, with its volumes; no error when the engine cannot."""
    await engine.run("rm", "--force", "--volumes", "--time", "0", server.container, check=False)


async def owner(engine: Engine, container: str) -> Path | None:
    """The folder of the lab that a container belongs to, by where its keys are mounted from."""
    said = await engine.run(
        "inspect", "--format", "{{range .Mounts}}{{println .Source}}{{end}}", container, check=False
    )
    keys = [Path(line) for line in said.stdout.splitlines() if Path(line).parent.name == "hosts"]
    return keys[0].parents[1] if keys else None


async def _says_ssh(address: str) -> bool:
    """Asked anew each second: a connection begun while the network comes up may never hear an answer."""
    try:
        async with asyncio.timeout(1.0):
            reader, writer = await asyncio.open_connection(address, 22)
            try:
                return (await reader.read(4)) == b"SSH-"
            finally:
                writer.close()
    except (OSError, TimeoutError):
        return False
