"""
What `ssh` options of the inventory (`-o`, `-i`, `-J` ...) and of ~/.ssh/config mean for us. Each is honoured, has no
effect on a connection that is opened once per run, or sends the host through the system's own ssh: none is ignored.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

#: Options (in small letters) and the argument of asyncssh that honours them.
HONOURED = {
    "user": "username",
    "port": "port",
    "identityfile": "client_keys",
    "userknownhostsfile": "",
    "globalknownhostsfile": "",
    "stricthostkeychecking": "",
    "identitiesonly": "",
    "hostkeyalias": "host_key_alias",
    "proxyjump": "tunnel",
    "proxycommand": "proxy_command",
    "connecttimeout": "connect_timeout",
    "serveraliveinterval": "keepalive_interval",
    "serveralivecountmax": "keepalive_count_max",
    "tcpkeepalive": "tcp_keepalive",
    "compression": "compression_algs",
    "ciphers": "encryption_algs",
    "macs": "mac_algs",
    "kexalgorithms": "kex_algs",
    "hostkeyalgorithms": "server_host_key_algs",
    "preferredauthentications": "preferred_auth",
    "pubkeyauthentication": "public_key_auth",
    "passwordauthentication": "password_auth",
    "kbdinteractiveauthentication": "kbdint_auth",
    "challengeresponseauthentication": "kbdint_auth",
    "addressfamily": "family",
    "identityagent": "agent_path",
    "forwardagent": "agent_forwarding",
    "hostname": "",
    "batchmode": "",
    "requesttty": "",
}

#: Options without a meaning for us: connections are opened once and kept for the run, and nothing is printed.
WITHOUT_EFFECT = frozenset(
    [
        "controlmaster",
        "controlpersist",
        "controlpath",
        "loglevel",
        "visualhostkey",
        "checkhostip",
        "updatehostkeys",
        "hashknownhosts",
        "nohostauthenticationforlocalhost",
        "connectionattempts",
        "escapechar",
        "sendenv",
        "permitlocalcommand",
        "exitonforwardfailure",
        "addkeystoagent",
        "streamlocalbindunlink",
        "host",
        "match",
        "include",
        "forwardx11",
        "forwardx11trusted",
        "forwardx11timeout",
        "clearallforwardings",
        "numberofpasswordprompts",
        "gssapiauthentication",
        "gssapidelegatecredentials",
        "canonicalizehostname",
        "ignoreunknown",
        "protocol",
        "rekeylimit",
        "ipqos",
        "verifyhostkeydns",
        "xauthlocation",
        "setenv",
        "usekeychain",
    ]
)

#: Flags of ssh that take no value and do not matter here.
PLAIN_FLAGS = frozenset(
    ["-q", "-T", "-t", "-tt", "-v", "-vv", "-vvv", "-x", "-X", "-Y", "-n", "-a", "-k", "-K", "-g", "-N"]
)
FLAGS = {"-i": "identityfile", "-p": "port", "-l": "user", "-J": "proxyjump", "-c": "ciphers", "-m": "macs"}


@dataclass(slots=True)
class SshOptions:
    """values: option in small letters to its words, the first that is given wins, as with ssh."""

    values: dict[str, list[str]] = field(default_factory=dict)
    #: what only the system's ssh can do; empty: nothing
    beyond: list[str] = field(default_factory=list)

    def first(self, name: str) -> str:
        return self.values.get(name, [""])[0]


def read_arguments(text: str) -> SshOptions:
    """The options in arguments as they would be typed behind `ssh`. Raises ValueError for unbalanced quotes."""
    options = SshOptions()
    words = iter(shlex.split(text))
    for word in words:
        if word.startswith("-o"):
            _take(options, word[2:] or next(words, ""))
        elif word[:2] in FLAGS and len(word) >= 2 and word not in PLAIN_FLAGS:
            options.values.setdefault(FLAGS[word[:2]], []).append(word[2:] or next(words, ""))
        elif word in {"-4", "-6"}:
            options.values.setdefault("addressfamily", []).append("inet" if word == "-4" else "inet6")
        elif word == "-C":
            options.values.setdefault("compression", []).append("yes")
        elif word == "-A":
            options.values.setdefault("forwardagent", []).append("yes")
        elif word not in PLAIN_FLAGS:
            options.beyond.append(word)
    return options


def _take(options: SshOptions, text: str) -> None:
    name, _, value = text.strip().replace("=", " ", 1).partition(" ")
    key = name.lower()
    if key in HONOURED:
        options.values.setdefault(key, []).append(value.strip().strip('"'))
    elif key not in WITHOUT_EFFECT:
        options.beyond.append(f"-o {name}")


def asyncssh_arguments(options: SshOptions) -> dict[str, Any]:
    """The options as arguments of asyncssh.connect; those that need a look at files are left to the caller."""
    found: dict[str, Any] = {}
    for name, values in options.values.items():
        argument = HONOURED[name]
        if not argument or name == "identityfile":
            continue
        found[argument] = _converted(name, values[0])
    keys = [str(Path(value).expanduser()) for value in options.values.get("identityfile", [])]
    if keys:
        found["client_keys"] = keys
    return found


def _converted(name: str, value: str) -> Any:
    if name in {"port", "connecttimeout", "serveraliveinterval", "serveralivecountmax"}:
        return int(value)
    if name == "compression":
        return "zlib@openssh.com" if value == "yes" else None
    if name == "addressfamily":
        import socket  # noqa: PLC0415 - hardly anybody says it

        return {"inet": socket.AF_INET, "inet6": socket.AF_INET6}.get(value, socket.AF_UNSPEC)
    if value in {"yes", "no"}:
        return value == "yes"
    return value


def keywords_of_config(texts: Iterable[str]) -> set[str]:
    """The keywords, in small letters, that ssh configuration files use anywhere."""
    found = set()
    for text in texts:
        for line in text.splitlines():
            word = line.strip().replace("=", " ").split(maxsplit=1)
            if word and not word[0].startswith("#"):
                found.add(word[0].lower())
    return found


def beyond_us(keywords: Iterable[str]) -> list[str]:
    """Those keywords of a configuration that only the system's ssh can do."""
    return sorted(word for word in keywords if word not in HONOURED and word not in WITHOUT_EFFECT)
