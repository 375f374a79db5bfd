"""Why the system's ssh ended before the login: its exit status is 255 for everything, so that its words must do."""

from __future__ import annotations

import re
from collections.abc import Callable

from undrift.channel import keyguard
from undrift.channel.route import Route
from undrift.channel.troubles import refused, timed_out
from undrift.errors import Unreachable

Explains = Callable[[Route, str], Unreachable]


def _plain(text: str, hint: str = "") -> Explains:
    """text: with {where} and {host}."""

    def explain(route: Route, _line: str) -> Unreachable:
        return Unreachable(route.target.host, text.format(where=route.where, host=route.host), help=hint)

    return explain


def _refused(route: Route, line: str) -> Unreachable:
    more = ["the password cannot be given to the system's ssh: use a key"] if route.target.password else []
    if route.target.key:
        more.append("ansible_private_key cannot be given to the system's ssh: name a file")
    return refused(route, line.partition(": ")[2] or line, more)


def _lost(route: Route, line: str) -> Unreachable:
    """To be tried again: the server dropped it before the banner."""
    trouble = Unreachable(route.target.host, f"{line} ({route.where})")
    trouble.__cause__ = ConnectionResetError(line)
    return trouble


#: The first that is found, from above, explains it.
WORDS: tuple[tuple[re.Pattern[str], Explains], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE), explain)
    for pattern, explain in (
        (r"revoked host key|marked as revoked", lambda route, _: keyguard.revoked_key(route)),
        (r"host identification has changed", lambda route, _: keyguard.changed_key(route)),
        (
            r"no .* host key is known for|host key verification failed",
            lambda route, _: keyguard.unknown_key(route),
        ),
        (
            r"could not resolve hostname",
            _plain("the name {host} does not resolve", "check ansible_host in the inventory"),
        ),
        (
            r"connection refused",
            _plain("connection refused ({where})", "is sshd running there, and on that port?"),
        ),
        (r"no route to host", _plain("no route to host ({where})")),
        (r"network is unreachable", _plain("the network cannot be reached ({where})")),
        (r"timed out|timeout, server", lambda route, _: timed_out(route)),
        (r"permission denied|too many authentication failures", _refused),
        (r"connection reset|connection closed|kex_exchange_identification|not allowed at this time", _lost),
    )
)


#: Whom a line is about: with jump hosts, not always the host itself.
ABOUT = re.compile(
    r"(?:hostname|connect to host|host key is known for|connection to) (\S+?):? ", re.IGNORECASE
)


def _about_another(route: Route, line: str) -> bool:
    match = ABOUT.search(f"{line} ")
    return match is not None and match[1].lower() not in {route.host.lower(), route.key_name, "unknown"}


def why_ssh_ended(route: Route, status: int, said: str) -> Unreachable:
    """
    The error for an ssh that ended before the login. said: its standard error, of which the first of WORDS
    that fits explains it, else the last line; status: for when it said nothing.
    """
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    for pattern, explain in WORDS:
        for line in lines:
            if pattern.search(line):
                if _about_another(route, line):
                    return Unreachable(route.target.host, f"ssh on the way to {route.where}: {line}")
                return explain(route, line)
    last = lines[-1][:200] if lines else f"exit status {status}"
    return Unreachable(
        route.target.host, f"ssh: {last}", help=f"try: ssh {route.target.address or route.target.host}"
    )
