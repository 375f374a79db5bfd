"""
Stand-ins for many servers: one SSH server on loopback that speaks for all of them. Each request is answered by the true
agent on a lab server once, and its answer replayed, so that what is measured is the controller alone. As another host's
file is asked for with other content, what was found of the file is said of it as well.
"""

from __future__ import annotations

import asyncio
import functools
import json
import re
import sys
from pathlib import Path

import asyncssh

from undrift.agent.wire import MARK
from undrift.channel.agent import Agent
from undrift.channel.fleet import Fleet
from undrift.lab.labs import find_lab
from undrift.model.target import Target

_answers: dict[str, asyncio.Task[dict]] = {}


async def serve(folder: Path, lab_name: str) -> None:
    """Listen on a port of its own; writes port, host key and client key into the folder."""
    lab = find_lab(lab_name)
    target = Target(
        host=lab.servers[0].name,
        address=lab.servers[0].address,
        user="root",
        key_file=str(lab.key),
        common_args=f"-o UserKnownHostsFile={lab.folder / 'known_hosts'} -o IdentitiesOnly=yes",
    )
    fleet = Fleet(settings={"conceal": [], "key": "0" * 32})
    true_agent = await (await fleet.connect(target)).agent(None)
    host_key = asyncssh.generate_private_key("ssh-ed25519")
    client_key = asyncssh.generate_private_key("ssh-ed25519")
    key_file = folder / "key"
    key_file.touch(mode=0o600)
    client_key.write_private_key(str(key_file))
    listener = await asyncssh.listen(
        "127.0.0.1",
        0,
        server_host_keys=[host_key],
        authorized_client_keys=asyncssh.import_authorized_keys(client_key.export_public_key().decode()),
        process_factory=functools.partial(_agent, true_agent),
        encoding=None,
        backlog=1024,
    )
    port = listener.get_port()
    (folder / "known_hosts").write_text(f"[127.0.0.1]:{port} {host_key.export_public_key().decode()}")
    (folder / "port").write_text(str(port))
    await asyncio.Event().wait()


async def _agent(true_agent: Agent, process: asyncssh.SSHServerProcess) -> None:
    """What an agent would say."""
    try:
        await process.stdin.readexactly(_size_of_core(process.command))
        async for line in process.stdin:
            message = json.loads(line)
            if message["say"] == "hello":
                _tell(process, {"say": "hello", "python": [3, 11, 2], "magic": "", "uid": 0})
            elif message["say"] == "batch":
                for request in message["requests"]:
                    _tell(process, {**await _answer(true_agent, request), "id": request["id"]})
    except (asyncssh.Error, asyncio.IncompleteReadError, OSError):
        pass
    process.exit(0)


def _size_of_core(command: str) -> int:
    """As the bootstrap in the command line says it: the same code is not marshalled alike by two processes."""
    numbers = re.search(r"bytes\(\(([0-9,]+)\)\)", command).group(1)
    return int(re.search(rb"n=(\d+);", bytes(map(int, numbers.split(",")))).group(1))


async def _answer(true_agent: Agent, request: dict) -> dict:
    about = {**request["args"], "files": len(request["args"].get("files", ()))}
    key = json.dumps([request["kind"], about], sort_keys=True)
    if key not in _answers:
        _answers[key] = asyncio.create_task(_ask(true_agent, request))
    return await _answers[key]


async def _ask(true_agent: Agent, request: dict) -> dict:
    (answer,) = [answer async for answer in true_agent.ask([request])]
    return answer


def _tell(process: asyncssh.SSHServerProcess, message: dict) -> None:
    process.stdout.write(MARK + json.dumps(message).encode() + b"\n")


if __name__ == "__main__":
    asyncio.run(serve(Path(sys.argv[1]), sys.argv[2]))
