"""What is said when an agent does not come about, or falls silent."""

from __future__ import annotations

import asyncio

import pytest

from undrift.agent.wire import MARK
from undrift.channel import agent as conversation
from undrift.channel import local
from undrift.channel.agent import Agent
from undrift.channel.become import Doorman
from undrift.channel.connection import Connection
from undrift.channel.local import LocalLogin, LocalPipe
from undrift.errors import AgentError
from undrift.model.secret import NO_SECRET, Secret
from undrift.model.target import Become, Target

TARGET = Target(host="web")
ASKS = "a password is required"
REFUSED = "the password was refused"

#: What the become method says, whether there was a password, and what we say.
SAID = {
    "su without a password": ("su: Authentication failure", False, ASKS),
    "su with a wrong one": ("su: Authentication failure", True, REFUSED),
    "sudo without a password": ("sudo: a password is required", False, ASKS),
    "sudo with a wrong one": ("Sorry, try again.\n", True, REFUSED),
    "sudo and a user that is not there": (
        "sudo: unknown user nobody-here\nsudo: error initializing audit plugin sudoers_audit",
        False,
        "the user to become does not exist",
    ),
    "su and a user that is not there": (
        "su: user nobody-here does not exist or the user entry does not contain all the required fields",
        True,
        "the user to become does not exist",
    ),
    "a message of the day": ("the file does not exist\nlast words", False, "last words"),
}


def _become(*, password: bool) -> Become:
    return Become(
        key="su root",
        line="",
        incorrect=("Authentication failure", "Sorry, try again."),
        missing=("a password is required",),
        password=Secret("word") if password else NO_SECRET,
    )


@pytest.mark.parametrize("case", SAID)
async def test_what_become_says_is_put_in_plain_words(case: str) -> None:
    said, password, expected = SAID[case]
    pipe = await LocalPipe.start("/bin/true")
    doorman = Doorman("web", _become(password=password), pipe, tty=False)
    doorman.note_noise(said.encode())
    assert expected in doorman.why(1).what
    await pipe.close()


async def test_a_login_shell_that_prints_without_end_is_cut_off() -> None:
    agent = Agent(TARGET, None, await LocalPipe.start("/bin/sh", "-c", "yes welcome"), tty=False)
    with pytest.raises(AgentError, match="prints without end"):
        await agent.greet({})
    await agent.close()


async def test_a_host_that_has_fallen_silent_is_waited_for_once() -> None:
    hello = f'{MARK.decode()}{{"say": "hello", "python": [3, 11], "uid": 0}}'
    agent = Agent(
        TARGET, None, await LocalPipe.start("/bin/sh", "-c", f"echo '{hello}'; exec cat >&2"), tty=False
    )
    await agent.greet({})
    requests = [{"kind": "stat", "deadline": 0.1 - conversation.GRACE}]
    for _ in range(2):
        with pytest.raises(AgentError, match="no answer in"):
            async for _answer in agent.ask(requests):
                pass
        # From now on it is said at once, however long the deadline is.
        requests = [{"kind": "stat", "deadline": 3600}]
    connection = Connection(TARGET, LocalLogin(), {})
    connection._agents[""] = asyncio.ensure_future(_made(agent))
    await connection._agents[""]
    with pytest.raises(AgentError, match="no answer in"):
        await connection.agent(_become(password=False))
    await connection.close()


async def _made(agent: Agent) -> Agent:
    return agent


async def test_a_local_program_that_will_not_end_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(local, "PATIENCE", 0.1)
    pipe = await LocalPipe.start("/bin/sh", "-c", "trap '' TERM; echo up; while :; do read line; done")
    assert await pipe.read() == b"up\n"
    await pipe.close()
    assert await pipe.wait() == -9


async def test_an_interpreter_with_arguments_is_named_in_the_error() -> None:
    connection = Connection(Target(host="web", python="python3 -u"), LocalLogin(), {})
    with pytest.raises(AgentError, match="ansible_python_interpreter: 'python3 -u'"):
        await connection.agent(None)
    await connection.close()
