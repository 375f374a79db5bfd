"""Becoming another user on the way to the agent: the prompt, the password, and what is said when it does not work."""

from __future__ import annotations

import re

from undrift.channel.package import NO_PYTHON, TTY_READY
from undrift.channel.pipe import Pipe
from undrift.errors import AgentError
from undrift.model.target import Become

#: What is kept of what a host says beside the agent, in bytes.
NOISE_LIMIT = 8192

NO_TTY = ("you must have a tty", "a terminal is required", "must be run from a terminal", "no tty present")
NO_USER = re.compile(r"unknown user|user \S+ does not exist|no passwd entry", re.IGNORECASE)
NOT_ALLOWED = (
    "is not in the sudoers file",
    "is not allowed to execute",
    "is not allowed to run",
    "may not run sudo",
)


class WantsTty(AgentError):
    """The become method wants a terminal: to be tried again with one."""


class Doorman:
    """
    Hears what is said beside the agent, answers the password prompt, and explains a failure. tty: the program runs on
    a terminal, where both streams are one, and nothing may be sent before the terminal has been told to pass all on.
    """

    def __init__(self, host: str, become: Become | None, pipe: Pipe, *, tty: bool) -> None:
        self._host = host
        self._become = become
        self._pipe = pipe
        self._tty = tty
        self._noise = b""

    async def enter(self) -> None:
        """Answer the prompt, where the password travels before the agent's source. Raises AgentError."""
        become = self._become
        if become is not None and become.prompts and become.password:
            await self._hear_one_of([prompt.strip().encode() for prompt in become.prompts])
            await self._pipe.write(become.password.reveal.encode() + b"\n")
        if self._tty:
            await self._hear_one_of([TTY_READY.encode()])

    async def watch_errors(self) -> None:
        """Collect standard error for as long as the agent lives."""
        while piece := await self._pipe.read_error():
            self.note_noise(piece)

    async def _hear_one_of(self, words: list[bytes]) -> None:
        read = self._pipe.read if self._tty else self._pipe.read_error
        while not any(word.lower() in self._noise.lower() for word in words):
            piece = await read()
            if not piece:
                raise self.why(await self._pipe.wait())
            self.note_noise(piece)

    def note_noise(self, piece: bytes) -> None:
        """Keep a piece of what was said beside the agent, for `why`: the last NOISE_LIMIT bytes of all."""
        self._noise = (self._noise + piece)[-NOISE_LIMIT:]

    def error(self, text: str, *, help: str = "") -> AgentError:  # noqa: A002 - the word users see
        return AgentError(self._host, text, help=help)

    def why(self, status: int) -> AgentError:
        """The failure in words, from what was said and the exit status."""
        said = self._noise.decode("utf-8", "replace")
        if NO_PYTHON in said:
            return self.error(
                "no Python 3.6 or newer was found",
                help="name one with ansible_python_interpreter in the inventory",
            )
        if self._become is not None:
            refused = self._refusal(self._become, said)
            if refused is not None:
                return refused
        last = next((line for line in reversed(said.splitlines()) if line.strip()), "")
        ending = (
            f"signal {-status}"
            if status < -1
            else "the connection was lost"
            if status == -1
            else f"exit status {status}"
        )
        return self.error(f"the agent broke off: {ending}" + (f" ({last.strip()[:200]})" if last else ""))

    def _refusal(self, become: Become, said: str) -> AgentError | None:
        if any(text in said for text in NO_TTY):
            return WantsTty(self._host, f"{become.key}: a terminal is required")
        if NO_USER.search(said):
            return self.error(f"{become.key}: the user to become does not exist", help="check become_user")
        # Without a password, what the method read in its place was the agent itself.
        if become.password and any(text in said for text in become.incorrect):
            return self.error(
                f"{become.key}: the password was refused", help="give another with --ask-become-pass"
            )
        if any(text in said for text in (*become.missing, *become.incorrect)):
            return self.error(f"{become.key}: a password is required", help="give it with --ask-become-pass")
        if any(text in said for text in NOT_ALLOWED):
            line = next(line for line in said.splitlines() if any(text in line for text in NOT_ALLOWED))
            return self.error(
                f"{become.key}: not allowed: {line.strip()}",
                help="undrift runs Python as that user; a sudoers entry for `/bin/sh` allows it",
            )
        return None
