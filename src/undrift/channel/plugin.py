"""
Through one of ansible-core's connection plugins (a container, a chroot ...). Such a plugin runs one command at a time
and tells its output at the end: so each batch starts an agent anew and hands it what the ones before would have done.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import json
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any

from undrift.channel import compiled
from undrift.channel.agent import GRACE, HELLO_LIMIT, as_line, files_for, message_in
from undrift.channel.local import LocalPipe
from undrift.errors import AgentError, Locked, Unreachable
from undrift.model.target import Become, Target

#: The longest line a relay may say, in bytes.
LINE_LIMIT = 1 << 30
RELAY = [sys.executable, "-m", "undrift.playbook.relay"]


class Relay:
    """The program that holds the plugin, one for each host."""

    def __init__(self, host: str, process: asyncio.subprocess.Process) -> None:
        self.host = host
        self._process = process
        self._turn = asyncio.Lock()

    @classmethod
    async def connect(cls, target: Target) -> Relay:
        """Raises Unreachable."""
        process = await asyncio.create_subprocess_exec(
            *RELAY,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            start_new_session=True,
            limit=LINE_LIMIT,
        )
        relay = cls(target.host, process)
        variables = {name: secret.reveal for name, secret in target.plugin_variables.items()}
        try:
            async with asyncio.timeout(HELLO_LIMIT):
                await relay.told({"plugin": target.connection, "variables": variables})
        except TimeoutError:
            await relay.close()
            raise Unreachable(
                target.host, f"{target.connection}: no connection in {HELLO_LIMIT:g} s"
            ) from None
        except AgentError as problem:
            await relay.close()
            raise Unreachable(target.host, problem.what) from None
        return relay

    async def told(self, message: Mapping[str, Any]) -> dict[str, Any]:
        """What the relay says to a message. Raises AgentError."""
        stdin, stdout = self._process.stdin, self._process.stdout
        if stdin is None or stdout is None:
            raise AgentError(self.host, "the connection plugin is not running")
        async with self._turn:
            with contextlib.suppress(ConnectionError):
                stdin.write(as_line(message))
                await stdin.drain()
            said = await stdout.readline()
        if not said:
            raise AgentError(self.host, "the connection plugin broke off")
        answer: dict[str, Any] = json.loads(said)
        if "error" in answer:
            raise AgentError(self.host, str(answer["error"]))
        return answer

    async def close(self) -> None:
        """End the program, and with it the plugin's connection."""
        await LocalPipe(self._process).close()


class PluginAgent:
    """As channel.agent.Agent. line: the command that starts an agent, as the identity of `become`."""

    def __init__(self, relay: Relay, line: str, become: Become | None) -> None:
        self.python: tuple[int, ...] = ()
        self.uid = -1
        self.greeted_at = 0.0
        self._magic = ""
        self.silent: AgentError | None = None
        self._relay = relay
        self._command = line
        self._become = _password_of(become)
        self._settings: dict[str, Any] = {}
        self._effects: list[list[Any]] = []
        self._untold: list[list[Any]] = []
        #: the correction, if any
        self._taken_for: list[Mapping[str, Any]] = []
        self._payloads: dict[str, bytes] = {}
        self._turn = asyncio.Lock()

    async def greet(self, settings: Mapping[str, Any]) -> None:
        """Raises AgentError: no Python, no rights."""
        self._settings = dict(settings)
        said = await self._run([], HELLO_LIMIT)
        hello = next((message for message in said if message["say"] == "hello"), None)
        if hello is None:
            raise AgentError(self._relay.host, "the agent did not say hello")
        self.python, self.uid = tuple(hello["python"]), int(hello["uid"])
        self.greeted_at = float(hello.get("now", 0))
        self._magic = str(hello.get("magic", ""))

    async def ask(self, requests: Sequence[Mapping[str, Any]]) -> AsyncIterator[dict[str, Any]]:
        """Yield the answers, in order. Raises AgentError when the agent breaks off before the last."""
        files = files_for(requests) | ({"session"} if self._taken_for else set())
        messages: list[dict[str, Any]] = [
            compiled.code_message(sorted(files), self._magic),
            *({"say": "take", "run": dict(run)} for run in self._taken_for),
            *(
                {"say": "payload", "name": name, "zip": base64.b64encode(zipped).decode()}
                for name, zipped in self._payloads.items()
            ),
            {"say": "batch", "requests": list(requests)},
        ]
        limit = sum(float(request["deadline"]) for request in requests) + GRACE
        async with self._turn:
            if self.silent is not None:
                raise self.silent
            said = await self._run(messages, limit)
        self._refuse_locked(said)
        answers = [message for message in said if message["say"] == "answer"]
        fresh = [effect for message in said if message["say"] == "effects" for effect in message["effects"]]
        self._effects += fresh
        self._untold += fresh
        for answer in answers:
            yield answer
        if len(answers) < len(requests):
            raise AgentError(self._relay.host, "the agent broke off")

    async def take(self, run: Mapping[str, Any]) -> None:
        """Each conversation takes the server for the correction; `ask` raises Locked, AgentError as Agent.take does."""
        self._taken_for = [run]

    def _refuse_locked(self, said: Sequence[Mapping[str, Any]]) -> None:
        for message in said:
            if message["say"] == "locked":
                raise Locked(self._relay.host, message["holder"])
            if message["say"] == "refused":
                raise AgentError(self._relay.host, str(message["text"]))

    async def effects(self) -> list[list[Any]]:
        """What its batches would have done, as far as it was not told yet; nobody is asked."""
        told, self._untold = self._untold, []
        return told

    async def learn(self, effects: Sequence[Any]) -> None:
        """Keep what the others would have done: it is handed on with each batch from now on."""
        self._effects += effects

    async def payload(self, name: str, content: bytes) -> None:
        """Keep an archive of genuine modules for the batches to come, in the place of the one before."""
        self._payloads = {name: content}

    async def close(self) -> None:
        """Nothing runs between two batches."""

    async def _run(self, messages: Sequence[Mapping[str, Any]], limit: float) -> list[dict[str, Any]]:
        """All that an agent says to these messages behind the hello."""
        first: list[dict[str, Any]] = [
            {"say": "hello", "settings": self._settings, "one_shot": True},
            {"say": "effects", "effects": self._effects},
        ]
        stream = compiled.core() + b"".join(as_line(message) for message in (*first, *messages))
        request = {
            "command": self._command,
            "stdin": base64.b64encode(stream).decode("ascii"),
            "become": self._become,
        }
        try:
            async with asyncio.timeout(limit):
                answer = await self._relay.told(request)
        except TimeoutError:
            self.silent = AgentError(self._relay.host, f"no answer in {limit:g} s")
            raise self.silent from None
        out = base64.b64decode(answer["stdout"])
        said = [message for message in map(message_in, out.split(b"\n")) if message is not None]
        if not said:
            err = base64.b64decode(answer["stderr"]).decode("utf-8", "replace").strip()
            last = (err or out.decode("utf-8", "replace").strip()).split("\n")[-1]
            raise AgentError(
                self._relay.host, f"the agent broke off: exit status {answer['status']} ({last[:200]})"
            )
        return said


def _password_of(become: Become | None) -> dict[str, str] | None:
    """What a plugin needs to answer the become method's prompt; None: there is none to answer."""
    if become is None or not become.password or not become.prompts:
        return None
    return {
        "method": become.key.partition(" ")[0],
        "prompt": become.prompts[0],
        "success": become.success,
        "password": become.password.reveal,
    }


class PluginLogin:
    """A host behind a plugin."""

    def __init__(self, relay: Relay) -> None:
        self._relay = relay

    def agent(self, line: str, become: Become | None) -> PluginAgent:
        """An agent that nothing has been run of yet. line, become: as in PluginAgent."""
        return PluginAgent(self._relay, line, become)

    async def close(self) -> None:
        await self._relay.close()
