"""The conversation with one agent: one identity on one host."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any

from undrift.agent.wire import LINE_LIMIT, MARK
from undrift.channel import compiled, package
from undrift.channel.become import Doorman
from undrift.channel.pipe import Pipe
from undrift.errors import AgentError, Locked
from undrift.model.target import Become, Target

#: How much longer than its deadline a request may take until the answer is given up, in seconds.
GRACE = 10.0
#: How long an agent may take to say hello, in seconds.
HELLO_LIMIT = 60.0
#: What a login shell may print before the agent's hello, in bytes.
CHATTER_LIMIT = 1 << 20
#: All that an agent may say in a run, in bytes.
TOTAL_LIMIT = 512 * 1024 * 1024


class Agent:
    """python, uid, greeted_at: as the agent says of itself in its hello."""

    def __init__(self, target: Target, become: Become | None, pipe: Pipe, *, tty: bool) -> None:
        self.python: tuple[int, ...] = ()
        self.uid = -1
        #: by the server's clock
        self.greeted_at = 0.0
        self._host = target.host
        self._magic = ""
        self._pipe = pipe
        self._doorman = Doorman(target.host, become, pipe, tty=tty)
        self._unread = b""
        self._heard = 0
        self._code: set[str] = set()
        #: the correction that the server is taken for
        self._run: Mapping[str, Any] | None = None
        self._payloads: set[str] = set()
        #: what there is to say once no answer came in time: it is not waited for again
        self.silent: AgentError | None = None
        self._tells = False
        self._told: list[list[Any]] = []
        self._turn = asyncio.Lock()
        self._errors: asyncio.Task[None] | None = None

    async def greet(self, settings: Mapping[str, Any]) -> None:
        """
        Send the agent's source and the settings, and hear its hello. Raises AgentError: no Python, no rights.
        """
        try:
            async with asyncio.timeout(HELLO_LIMIT):
                await self._doorman.enter()
                self._errors = asyncio.create_task(self._doorman.watch_errors())
                await self._pipe.write(
                    compiled.core() + as_line({"say": "hello", "settings": dict(settings)})
                )
                hello = await self._message()
        except TimeoutError:
            raise self._fell_silent(f"the agent said nothing for {HELLO_LIMIT:g} s") from None
        except ConnectionError:
            raise await self._broken() from None
        self.python = tuple(hello["python"])
        self.uid = int(hello["uid"])
        self.greeted_at = float(hello.get("now", 0))
        self._magic = str(hello.get("magic", ""))

    async def effects(self) -> list[list[Any]]:
        """What the tasks so far would do to the server, as far as it was not told yet. Raises AgentError."""
        async with self._turn:
            if self.silent is not None:
                raise self.silent
            if not self._tells:
                self._tells = True
                await self._write({"say": "tell"})
                self._told = list((await self._within(GRACE))["effects"])
        told, self._told = self._told, []
        return told

    async def learn(self, effects: Sequence[Any]) -> None:
        """What agents of other identities would have done before. Raises AgentError."""
        async with self._turn:
            await self._write({"say": "effects", "effects": list(effects)})

    async def ask(self, requests: Sequence[Mapping[str, Any]]) -> AsyncIterator[dict[str, Any]]:
        """
        Send a batch and yield each answer the moment it is here, in order. Raises AgentError when the agent breaks
        off; the answers that came before have been yielded.
        """
        async with self._turn:
            if self.silent is not None:
                raise self.silent
            await self._send_code(files_for(requests))
            await self._write({"say": "batch", "requests": list(requests)})
            for request in requests:
                limit = float(request["deadline"]) + GRACE
                answer = await self._within(limit)
                if self._tells:
                    self._told += (await self._within(limit))["effects"]
                yield answer

    async def payload(self, name: str, content: bytes) -> None:
        """Hand over an archive of genuine modules, once."""
        async with self._turn:
            if name in self._payloads:
                return
            self._payloads.add(name)
            await self._write({"say": "payload", "name": name, "zip": base64.b64encode(content).decode()})

    async def close(self) -> None:
        """Close the channel, at which the agent ends with all its children (agent.loop)."""
        if self._errors is not None:
            self._errors.cancel()
        await self._pipe.close()

    async def _within(self, limit: float) -> dict[str, Any]:
        """The next message, if it comes in so many seconds. Raises AgentError."""
        heard = self._heard_already()
        if heard is not None:
            return heard
        try:
            async with asyncio.timeout(limit):
                return await self._message()
        except TimeoutError:
            raise self._fell_silent(f"no answer in {limit:g} s") from None

    def _fell_silent(self, text: str) -> AgentError:
        self.silent = self._doorman.error(text)
        return self.silent

    async def take(self, run: Mapping[str, Any]) -> None:
        """
        Take the server for a correction, once. Raises Locked when another one is at work there, AgentError when what is
        done could not be remembered there.
        """
        async with self._turn:
            if self._run is not None:
                return
            await self._send_code({"session"})
            await self._write({"say": "take", "run": dict(run)})
            said = await self._within(GRACE)
            if said["say"] == "locked":
                raise Locked(self._host, said["holder"])
            if said["say"] == "refused":
                raise self._doorman.error(str(said["text"]))
            self._run = run

    async def _send_code(self, names: set[str]) -> None:
        fresh = names - self._code
        if fresh:
            self._code |= fresh
            await self._write(compiled.code_message(sorted(fresh), self._magic))

    async def _write(self, message: Mapping[str, Any]) -> None:
        try:
            await self._pipe.write(as_line(message))
        except ConnectionError:
            raise await self._broken() from None

    async def _message(self) -> dict[str, Any]:
        """The next message of the agent; noise that a login shell makes before it is passed over."""
        while (message := self._heard_already()) is None:
            await self._listen()
        return message

    def _heard_already(self) -> dict[str, Any] | None:
        """The next message, if it is here: no clock is set for it. Raises AgentError."""
        while True:
            line, newline, rest = self._unread.partition(b"\n")
            if not newline:
                return None
            self._unread = rest
            message = self._parse(line)
            if message is not None:
                return message
            self._doorman.note_noise(line + b"\n")

    async def _listen(self) -> None:
        piece = await self._pipe.read()
        if not piece:
            raise await self._broken()
        self._heard += len(piece)
        if self.uid < 0 and self._heard > CHATTER_LIMIT:
            await self.close()
            raise self._doorman.error(
                "the login shell prints without end", help="check what its start-up files print"
            )
        if self._heard > TOTAL_LIMIT or len(self._unread) > LINE_LIMIT:
            await self.close()
            raise self._doorman.error("the server answers without end; the connection was closed")
        self._unread += piece

    def _parse(self, line: bytes) -> dict[str, Any] | None:
        try:
            return message_in(line)
        except ValueError:
            raise self._doorman.error("the agent's answer is garbled") from None

    async def _broken(self) -> AgentError:
        """Why there is nothing more to hear."""
        try:
            async with asyncio.timeout(5):
                status = await self._pipe.wait()
                if self._errors is not None:
                    await self._errors
        except TimeoutError:
            status = -1
        return self._doorman.why(status)


def files_for(requests: Sequence[Mapping[str, Any]]) -> set[str]:
    """The files of the agent that answer these requests."""
    kinds = {str(request["kind"]) for request in requests}
    applied = [request["apply"] for request in requests if request.get("apply")]
    kinds |= {str(how["do"]["kind"]) for how in applied if how.get("do")}
    return {package.file_of_kind(kind) for kind in kinds} | ({"apply"} if applied else set())


def as_line(message: Mapping[str, Any]) -> bytes:
    """A message as it travels: JSON in ASCII, with the newline at its end."""
    return json.dumps(message).encode("ascii") + b"\n"


def message_in(line: bytes) -> dict[str, Any] | None:
    """What an agent says in a line; None for noise. Raises ValueError for what is garbled."""
    _, mark, said = line.partition(MARK)
    message = json.loads(said) if mark else None
    if message is not None and not isinstance(message, dict):
        raise ValueError("not an object")
    return message
