"""The values of ssh's options: times, numbers, %-tokens, places of jump hosts."""

from __future__ import annotations

import hashlib
import os
import pwd
import re
import socket
from collections.abc import Mapping
from pathlib import Path

from undrift.channel.options import SshOptions

_UNITS = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
_TIME = re.compile(r"(?:\d+[smhdw]?)+", re.IGNORECASE)
_PART = re.compile(r"(\d+)([smhdw]?)", re.IGNORECASE)
PORTS = range(1, 65536)


def seconds(name: str, text: str) -> int | None:
    """A time as in "1m30s"; None for `none`. Raises ValueError that names the option."""
    if text.lower() == "none":
        return None
    if not _TIME.fullmatch(text):
        raise ValueError(f"{name}: {text!r} is not a time, as in 30, 30s or 1m")
    return sum(int(number) * _UNITS[unit.lower()] for number, unit in _PART.findall(text))


def number(name: str, text: str) -> int:
    """Raises ValueError that names the option."""
    if not text.isdecimal():
        raise ValueError(f"{name}: {text!r} is not a number")
    return int(text)


def port_number(name: str, text: str) -> int:
    """Raises ValueError that names the option."""
    port = number(name, text)
    if port not in PORTS:
        raise ValueError(f"{name}: {text} is not a port, those are 1 to 65535")
    return port


def yes(text: str) -> bool:
    """
    Whether a switch is on, as OpenSSH's readconf reads it; unbound and host-bound are PubkeyAuthentication's.
    """
    return text.lower() in {"yes", "true", "unbound", "host-bound"}


def local_user() -> str:
    """
    Who runs undrift, by uid as with OpenSSH, whatever $USER says. Raises KeyError for a uid without a name.
    """
    return pwd.getpwuid(os.getuid()).pw_name


def tokens(options: SshOptions, *, asked: str, host: str, port: int, user: str) -> dict[str, str]:
    """What %h and its like stand for. asked: the name as it would be typed; host: after HostName."""
    here = socket.gethostname()
    jump = options.first("proxyjump")
    return {
        "%": "%",
        "C": hashlib.sha1(f"{here}{host}{port}{user}".encode()).hexdigest(),  # noqa: S324 - ssh's own choice
        "d": str(Path.home()),
        "h": host,
        "i": str(os.getuid()),
        "j": "" if jump.lower() == "none" else jump,
        "k": options.first("hostkeyalias") or asked,
        "L": here.partition(".")[0],
        "l": here,
        "n": asked,
        "p": str(port),
        "r": user,
        "u": local_user(),
    }


def expanded(name: str, text: str, known: Mapping[str, str]) -> str:
    """`text` with its tokens replaced. Raises ValueError that names the option."""

    def one(match: re.Match[str]) -> str:
        if match[1] not in known:
            raise ValueError(f"{name}: unknown token %{match[1]}")
        return known[match[1]]

    return re.sub(r"%(.?)", one, text)


def expanded_path(name: str, text: str, known: Mapping[str, str]) -> str:
    """A path with its tokens, variables of the environment and `~` replaced. Raises ValueError."""

    def variable(match: re.Match[str]) -> str:
        if match[1] not in os.environ:
            raise ValueError(f"{name}: there is no variable {match[1]} in the environment")
        return os.environ[match[1]]

    return os.path.expanduser(re.sub(r"\$\{(\w+)\}", variable, expanded(name, text, known)))  # noqa: PTH111 - a `~name` that is nobody's stays


def place(text: str) -> tuple[str, str, int | None]:
    """User, host and port of [ssh://][user@]host[:port]; empty or None where not said. Raises ValueError."""
    user, _, rest = text.strip().removeprefix("ssh://").rstrip("/").rpartition("@")
    host, port = rest, ""
    if rest.startswith("["):
        host, _, tail = rest[1:].partition("]")
        port = tail.removeprefix(":")
    elif rest.count(":") == 1:
        host, _, port = rest.partition(":")
    if not host:
        raise ValueError(f"ProxyJump: {text!r} names no host")
    return user, host, port_number("ProxyJump", port) if port else None
