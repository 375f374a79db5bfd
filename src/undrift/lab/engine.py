"""The container engine's own command, whichever is there."""

from __future__ import annotations

import asyncio
import hashlib
import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from undrift import locations
from undrift.errors import LabError
from undrift.lab import namespace

#: Sandboxes without CAP_SYS_RESOURCE refuse limits above the present ones; a lab needs no more than these.
CONTAINERS_CONF = """\
[containers]
default_ulimits = ["nofile=8192:8192", "nproc=8192:8192"]
[network]
network_backend = "netavark"
"""


@dataclass(frozen=True, slots=True)
class Outcome:
    status: int
    stdout: str
    stderr: str


class Engine:
    """Runs podman or docker. prefix: what every command of it is run with."""

    def __init__(
        self, name: str, prefix: Sequence[str], environment: dict[str, str], room: namespace.Namespace | None
    ) -> None:
        self.name = name
        self.room = room
        self._prefix = list(prefix)
        self._environment = environment

    async def run(self, *args: str, stdin: bytes | None = None, check: bool = True) -> Outcome:
        """Run `engine args...`. Raises LabError with what the engine said, unless `check` is off."""
        process = await asyncio.create_subprocess_exec(
            *self._prefix,
            self.name,
            *args,
            stdin=asyncio.subprocess.PIPE if stdin is not None else asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env=self._environment,
        )
        out, err = await process.communicate(stdin)
        outcome = Outcome(process.returncode or 0, out.decode(errors="replace"), err.decode(errors="replace"))
        if check and outcome.status:
            raise LabError(
                f"{self.name} {args[0]} failed: {outcome.stderr.strip() or outcome.stdout.strip()}"
            )
        return outcome

    def systemd_options(self) -> list[str]:
        """What makes systemd boot as PID 1 in a container of this engine."""
        if self.name == "podman":
            return ["--systemd=always"]
        mounts = ["--tmpfs", "/run", "--tmpfs", "/run/lock", "--volume", "/sys/fs/cgroup:/sys/fs/cgroup:rw"]
        return ["--privileged", "--cgroupns=host", "--stop-signal", "SIGRTMIN+3", *mounts]

    async def forget_room(self) -> None:
        """Close the mount namespace when no lab is left in it."""
        if self.room is not None and not any(_entries(locations.labs())):
            self.room.close()


def find_engine() -> Engine:
    """
    The engine that is there and answers: podman first, because it needs no daemon. Raises LabError that says what is
    missing.
    """
    for name in ("podman", "docker"):
        if shutil.which(name) and (name == "podman" or Path("/var/run/docker.sock").exists()):
            return _engine(name)
    raise LabError(
        "the lab needs Podman or Docker, and neither is here",
        help="apt-get install podman crun netavark aardvark-dns mmdebstrap",
    )


def _engine(name: str) -> Engine:
    environment = dict(os.environ)
    if name != "podman":
        return Engine(name, [], environment, None)
    settings = locations.state() / "containers.conf"
    settings.parent.mkdir(parents=True, exist_ok=True)
    settings.write_text(CONTAINERS_CONF)
    environment["CONTAINERS_CONF"] = str(settings)
    without = namespace.needed()
    if without is None:
        return Engine(name, [], environment, None)
    # Labs of another state folder have a room of their own, which comes and goes with them.
    owner = hashlib.sha256(str(locations.state()).encode()).hexdigest()[:12]
    room = namespace.Namespace(Path("/run") / f"undrift-lab-{owner}")
    room.open(without)
    return Engine(name, room.prefix(), environment, room)


def _entries(folder: Path) -> list[Path]:
    return sorted(folder.iterdir()) if folder.is_dir() else []
