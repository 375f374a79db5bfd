"""Why a login did not come about, in words that say what to do next."""

from __future__ import annotations

import errno
import os
import re
import socket
from collections.abc import Sequence

import asyncssh

from undrift.channel.keyguard import KeyGuard, bad_key
from undrift.channel.route import Route
from undrift.errors import Unreachable

NO_WAY = {
    errno.EHOSTUNREACH: "no route to host",
    errno.ENETUNREACH: "the network cannot be reached",
    errno.EADDRNOTAVAIL: "this machine has no such address to connect from",
    errno.EACCES: "this machine forbids the connection",
    errno.EPERM: "this machine forbids the connection",
}


def unreachable(
    route: Route, problem: BaseException, guard: KeyGuard, troubles: Sequence[str] = (), proxy: str = ""
) -> Unreachable:
    """
    troubles: with keys that could not be used, told when the login is refused. proxy: what a ProxyCommand said last.
    """
    if isinstance(problem, asyncssh.HostKeyNotVerifiable):
        return bad_key(route, guard, problem)
    if isinstance(problem, asyncssh.PermissionDenied):
        return refused(route, problem.reason, troubles)
    text, hint = _told(route, problem)
    if proxy:
        text += f"; ProxyCommand: {proxy}"
    return Unreachable(route.target.host, text, help=hint)


def refused(route: Route, reason: str, troubles: Sequence[str] = ()) -> Unreachable:
    """
    The error for a login that the server refused. reason: its word. troubles: with keys that could not be
    used.
    """
    because = f" ({'; '.join(troubles)})" if troubles else ""
    return Unreachable(
        route.target.host,
        f"login refused for {route.user} at {route.where}: {reason}{because}",
        help=f"try: ssh -v {route.target.address or route.target.host}",
    )


def timed_out(route: Route) -> Unreachable:
    """The error for a login that had not begun after the route's time-out."""
    text = f"connection timed out after {route.timeout:g} s ({route.where})"
    return Unreachable(route.target.host, text, help="raise it with --timeout")


def _told(route: Route, problem: BaseException) -> tuple[str, str]:  # noqa: PLR0911 - one line per way to fail
    if isinstance(problem, asyncssh.KeyImportError | asyncssh.KeyEncryptionError):
        return f"a private key cannot be used: {problem}", ""
    if isinstance(problem, socket.gaierror):
        return f"the name {route.host} does not resolve", "check ansible_host in the inventory"
    if isinstance(problem, TimeoutError) or "timeout" in str(problem).lower():
        known = timed_out(route)
        return known.what, known.help
    if isinstance(problem, asyncssh.ChannelOpenError):
        return f"the jump host cannot reach {route.where}: {problem.reason}", ""
    if isinstance(problem, asyncssh.Error):
        return f"{problem.reason or type(problem).__name__} ({route.where})", ""
    code = _code(problem)
    if code == errno.ECONNREFUSED:
        return f"connection refused ({route.where})", "is sshd running there, and on that port?"
    return f"{NO_WAY.get(code) or (os.strerror(code) if code else problem)} ({route.where})", ""


def _code(problem: BaseException) -> int:
    """The system's own number; where a name has several addresses, asyncio tells it in the text only."""
    if isinstance(problem, OSError) and problem.errno:
        return problem.errno
    numbers = re.findall(r"\[Errno (\d+)\]", str(problem))
    return int(numbers[-1]) if numbers else 0
