"""The options of a route as arguments of asyncssh.connect."""

from __future__ import annotations

import fnmatch
import os
import socket
from typing import Any

from undrift.channel import values
from undrift.channel.algorithms import ALGORITHMS, algorithms
from undrift.channel.options import SshOptions
from undrift.channel.route import Route

#: Asked for first, where the user's configuration does not say: what costs least. Nothing is taken away.
FAST = {
    "kex_algs": "^curve25519-sha256",
    "encryption_algs": "^aes128-gcm@openssh.com",
    "compression_algs": "none",
}

SWITCHES = {
    "kbdinteractiveauthentication": "kbdint_auth",
    "passwordauthentication": "password_auth",
    "pubkeyauthentication": "public_key_auth",
    "tcpkeepalive": "tcp_keepalive",
}
FAMILIES = {"any": socket.AF_UNSPEC, "inet": socket.AF_INET, "inet6": socket.AF_INET6}


def asyncssh_arguments(route: Route) -> dict[str, Any]:
    """All but the keys of either side. Raises ValueError that names an option whose value makes no sense."""
    options = route.options
    found: dict[str, Any] = {**FAST, "username": route.user, **_times(options, route.timeout)}
    for name, (argument, _) in ALGORITHMS.items():
        wanted = algorithms(name, options.first(name)) if name in options.values else ""
        if wanted:
            found[argument] = wanted
    for name, argument in SWITCHES.items():
        if name in options.values:
            found[argument] = values.yes(options.first(name))
    if values.yes(options.first("compression")):
        found["compression_algs"] = "zlib@openssh.com,zlib,none"
    for name, argument in (
        ("preferredauthentications", "preferred_auth"),
        ("hostkeyalias", "host_key_alias"),
    ):
        if name in options.values:
            found[argument] = options.first(name)
    if "bindaddress" in options.values:
        found["local_addr"] = (options.first("bindaddress"), 0)
    found |= _family(options) | _forwarding(options) | _environment(options)
    return found


def _times(options: SshOptions, timeout: float) -> dict[str, Any]:
    interval = values.seconds("ServerAliveInterval", options.first("serveraliveinterval") or "0")
    count = values.number("ServerAliveCountMax", options.first("serveralivecountmax") or "3")
    return {
        "connect_timeout": timeout,
        "login_timeout": timeout,
        "keepalive_interval": interval or 15,
        "keepalive_count_max": count,
    }


def _family(options: SshOptions) -> dict[str, Any]:
    told = options.first("addressfamily").lower()
    if told and told not in FAMILIES:
        raise ValueError(f"AddressFamily: {told!r} is none of {', '.join(FAMILIES)}")
    return {"family": FAMILIES[told]} if told else {}


def _forwarding(options: SshOptions) -> dict[str, Any]:
    told = options.first("forwardagent")
    if not told or told.lower() in {"no", "false"}:
        return {}
    if values.yes(told):
        return {"agent_forwarding": True}
    return {"agent_forwarding": os.path.expandvars(told)}


def _environment(options: SshOptions) -> dict[str, Any]:
    """SendEnv and SetEnv; of the latter the first that sets a variable counts, and it goes before what is sent."""
    patterns = " ".join(options.values.get("sendenv", [])).split()
    taken = {word[1:] for word in patterns if word.startswith("-")}
    found = {
        name: value
        for name, value in os.environ.items()
        if name not in taken and any(fnmatch.fnmatchcase(name, pattern) for pattern in patterns)
    }
    for word in reversed(" ".join(options.values.get("setenv", [])).split()):
        name, _, value = word.partition("=")
        found[name] = value
    return {"env": found} if found else {}
