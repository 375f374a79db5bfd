"""The container engine's own command, whichever is there."""

from __future__ import annotations

import asyncio
import fcntl
import os
import shlex
import shutil
import weakref
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

#: Where labs need a mount namespace, all of them share this one; it comes with the first and goes with the last.
ROOM = Path("/run/undrift-lab")
#: Podman keeps what it knows of running containers in files, and where they are is seen from the room alone. So the
#: room has a storage of its own: the rest of the machine's containers never meet the lab's.
ROOM_STORAGE = Path("/var/lib/undrift-lab")
ROOM_CONF = f"""\
network_config_dir = "{ROOM_STORAGE}/networks"
[engine]
lock_type = "file"
tmp_dir = "{ROOM}/libpod"
"""

#: Where Docker listens.
DOCKER = Path("/var/run/docker.sock")

#: The label that every container of a lab has.
LABEL = "undrift.lab"


@dataclass(frozen=True, slots=True)
class Outcome:
    """Exit status and output of a command, with bytes that are not UTF-8 replaced."""

    status: int
    stdout: str
    stderr: str


class Engine:
    """
    Runs podman or docker. command: what it is started with. room: the mount namespace that it runs in, if one is
    needed; it stays open while there is an engine.
    """

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        environment: dict[str, str],
        room: namespace.Namespace | None = None,
        held: int | None = None,
    ) -> None:
        self.name = name
        self._room = room
        self._held = held
        self._command = list(command)
        self._environment = environment

    def line(self, *args: str) -> str:
        """What a person types to run the same."""
        own = [
            f"{name}={value}" for name, value in self._environment.items() if os.environ.get(name) != value
        ]
        return shlex.join([*(["env", *own] if own else []), *self._command, *args])

    async def run(self, *args: str, stdin: bytes | None = None, check: bool = True) -> Outcome:
        """Run `engine args...`. Raises LabError with what the engine said, unless `check` is off."""
        process = await asyncio.create_subprocess_exec(
            *self._command,
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

    async def containers(self, label: str) -> list[str]:
        """The names of the containers with this label, running or not. Raises LabError."""
        listed = await self.run("ps", "--all", "--filter", f"label={label}", "--format", "{{.Names}}")
        return listed.stdout.split()

    async def leave_room(self) -> None:
        """Close the mount namespace when no lab is left in it and nobody else is at work there."""
        if self._room is None or self._held is None:
            return
        try:
            fcntl.flock(self._held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return
        if not await self.containers(LABEL):
            self._room.close()


def find_engine() -> Engine:
    """
    The engine that is there and that we may use: podman first, because it needs no daemon. Raises LabError that says
    what is missing.
    """
    root = os.geteuid() == 0
    if root and shutil.which("podman"):
        return _podman()
    if shutil.which("docker") and os.access(DOCKER, os.W_OK):
        return Engine("docker", ["docker"], dict(os.environ))
    raise _missing(root=root)


def engine_settings() -> Path:
    """The settings of the engine for labs, as long as there are labs."""
    return locations.state() / "containers.conf"


def _missing(*, root: bool) -> LabError:
    if not root and shutil.which("podman"):
        return LabError(
            "with Podman the lab needs root: nothing reaches the addresses of a normal user's containers",
            help="sudo undrift lab ...",
        )
    if shutil.which("docker") and DOCKER.exists():
        return LabError(
            f"the lab needs the right to use Docker, by {DOCKER}",
            help="sudo undrift lab ..., or have yourself added to the group docker",
        )
    return LabError(
        "the lab needs Podman or Docker, and neither is here",
        help=f"{'' if root else 'sudo '}apt-get install podman crun netavark aardvark-dns mmdebstrap",
    )


def _podman() -> Engine:
    name, environment = "podman", dict(os.environ)
    settings = engine_settings()
    settings.parent.mkdir(parents=True, exist_ok=True)
    environment["CONTAINERS_CONF"] = str(settings)
    without = namespace.needed()
    if without is None:
        settings.write_text(CONTAINERS_CONF)
        return Engine(name, [name], environment)
    settings.write_text(CONTAINERS_CONF + ROOM_CONF)
    held = os.open(ROOM.with_suffix(".lock"), os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
    fcntl.flock(held, fcntl.LOCK_SH)
    room = namespace.Namespace(ROOM)
    room.open(without)
    command = [*room.prefix(), name, "--root", str(ROOM_STORAGE), "--runroot", str(ROOM / "storage")]
    engine = Engine(name, command, environment, room, held)
    weakref.finalize(engine, os.close, held)
    return engine
