"""Through the system's own ssh: for what asyncssh does not do."""

from __future__ import annotations

import asyncio
import shlex

from undrift.channel.local import LocalPipe
from undrift.errors import Unreachable
from undrift.model.target import Target


class OpenSshLogin:
    """Every program is a login of its own."""

    def __init__(self, target: Target, *, accept_new: bool) -> None:
        self._target = target
        self._accept_new = accept_new

    async def start(self, command: str, *, tty: bool) -> LocalPipe:
        argv = [*self._argv(), *(["-tt"] if tty else []), self._target.address or self._target.host, command]
        return await LocalPipe.start(shlex.join(argv))

    async def close(self) -> None:
        """Nothing is held open."""

    def _argv(self) -> list[str]:
        target = self._target
        argv = [
            target.ssh_executable or "ssh",
            *shlex.split(target.ssh_args),
            *shlex.split(target.common_args),
        ]
        argv += ["-o", f"ConnectTimeout={target.timeout:g}", "-o", "BatchMode=yes"]
        argv += ["-o", f"StrictHostKeyChecking={'accept-new' if self._accept_new else 'yes'}"]
        if target.port:
            argv += ["-p", str(target.port)]
        if target.user:
            argv += ["-l", target.user]
        if target.key_file:
            argv += ["-i", target.key_file]
        return argv


async def configured(host: str) -> dict[str, str]:
    """What the system's ssh would use for this host, by `ssh -G`. Raises Unreachable when ssh refuses its config."""
    process = await asyncio.create_subprocess_exec(
        "ssh",
        "-G",
        host,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await process.communicate()
    if process.returncode:
        raise Unreachable(host, f"ssh refuses its configuration: {err.decode(errors='replace').strip()}")
    pairs = (line.split(" ", 1) for line in out.decode(errors="replace").splitlines())
    return {pair[0]: pair[1] if len(pair) > 1 else "" for pair in pairs}
