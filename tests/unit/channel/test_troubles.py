"""Why a login did not come about, in plain words, whichever way it was tried."""

from __future__ import annotations

import errno
import os
import socket

import asyncssh
import pytest

from undrift.channel.configuration import Configuration
from undrift.channel.keyguard import KeyGuard
from undrift.channel.known_hosts import Trusted
from undrift.channel.route import Route, Router
from undrift.channel.troubles import unreachable
from undrift.channel.words import why_ssh_ended
from undrift.model.secret import Secret
from undrift.model.target import Target


async def _route(**more) -> Route:
    router = Router(Configuration(user=os.devnull, system=os.devnull))
    return await router.route(Target(host="web", address="a.example", user="me", **more))


PROBLEMS = {
    "no route to host (a.example:22)": OSError(errno.EHOSTUNREACH, "Connect call failed ('10.0.0.1', 22)"),
    "the network cannot be reached (a.example:22)": OSError(errno.ENETUNREACH, "Connect call failed"),
    "connection refused (a.example:22)": OSError(
        "Multiple exceptions: [Errno 99] Cannot assign, [Errno 111] Connect call failed ('127.0.0.1', 22)"
    ),
    "the name a.example does not resolve": socket.gaierror(-2, "Name or service not known"),
    "connection timed out after 10 s (a.example:22)": TimeoutError(),
    "login refused for me at a.example:22: no more methods": asyncssh.PermissionDenied("no more methods"),
}


@pytest.mark.parametrize("words", PROBLEMS)
async def test_a_failed_login_is_told_in_plain_words(words: str) -> None:
    assert unreachable(await _route(), PROBLEMS[words], KeyGuard(Trusted(), None)).what == words


SSH_SAYS = {
    "ssh: Could not resolve hostname a.example: Name or service not known": "the name a.example does not resolve",
    "ssh: connect to host a.example port 22: No route to host": "no route to host (a.example:22)",
    "ssh: connect to host a.example port 22: Connection timed out": "connection timed out after 10 s",
    "Connection timed out during banner exchange\nConnection to a.example port 22 timed out": "timed out after 10 s",
    "a.example: Permission denied (publickey,password).": "login refused for me at a.example:22: Permission denied",
    "No ED25519 host key is known for a.example and you have requested strict checking.\nHost key verification failed.": "the host key of a.example:22 is not known",
    "command-line: line 0: Bad configuration option: versionaddendum": "ssh: command-line: line 0: Bad conf",
    "ssh: Could not resolve hostname gate: Name or service not known": "on the way to a.example:22: ssh: Could not resolve hostname gate",
    "ssh: connect to host 10.0.0.1 port 22: Connection refused": "ssh on the way to a.example:22",
    "": "ssh: exit status 255",
}


@pytest.mark.parametrize("said", SSH_SAYS)
async def test_what_ssh_says_is_told_in_the_same_words(said: str) -> None:
    assert SSH_SAYS[said] in why_ssh_ended(await _route(), 255, said).what


async def test_a_password_that_ssh_cannot_be_given_is_said() -> None:
    route = await _route(password=Secret("word"))
    assert "the password cannot be given" in why_ssh_ended(route, 255, "me@a: Permission denied").what
