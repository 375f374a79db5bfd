"""Algorithms: which of the user's asyncssh has, and in which order host keys are asked for."""

from __future__ import annotations

import fnmatch
from collections.abc import Callable, Mapping, Sequence

import asyncssh
from asyncssh.encryption import get_encryption_algs
from asyncssh.kex import get_kex_algs
from asyncssh.mac import get_mac_algs
from asyncssh.public_key import (
    get_certificate_algs,
    get_default_certificate_algs,
    get_default_public_key_algs,
    get_public_key_algs,
)

from undrift.channel.known_hosts import Trusted
from undrift.channel.options import SshOptions

Known = Callable[[], Sequence[bytes]]


def _key_algs() -> list[bytes]:
    return [*get_public_key_algs(), *get_certificate_algs()]


#: Options that name algorithms: the argument of asyncssh, and what it has.
ALGORITHMS: Mapping[str, tuple[str, Known]] = {
    "casignaturealgorithms": ("ca_signature_algs", _key_algs),
    "ciphers": ("encryption_algs", get_encryption_algs),
    "hostkeyalgorithms": ("server_host_key_algs", _key_algs),
    "kexalgorithms": ("kex_algs", get_kex_algs),
    "macs": ("mac_algs", get_mac_algs),
    "pubkeyacceptedalgorithms": ("signature_algs", _key_algs),
}


def algorithms(name: str, text: str) -> str:
    """
    A list of algorithms without those that asyncssh does not have: each one that is left is one that the user wants.
    Raises LookupError when none is left.
    """
    sign = text[:1] if text[:1] in "+-^" else ""
    has = [one.decode() for one in ALGORITHMS[name][1]()]
    words = [one for one in text.removeprefix(sign).split(",") if fnmatch.filter(has, one)]
    if not words and sign != "-":
        raise LookupError(name)
    return sign + ",".join(words) if words else ""


def lacking(options: SshOptions) -> list[str]:
    """Options that name only algorithms that asyncssh does not have."""
    found = []
    for name in ALGORITHMS:
        try:
            if name in options.values:
                algorithms(name, options.first(name))
        except LookupError:
            found.append(name)
    return found


def host_key_algorithms(trusted: Trusted) -> list[str]:
    """
    Those of the known keys first, so that a server with several shows one that is known. A list, because asyncssh
    takes each word of a text for a pattern, which costs more than the rest of a login.
    """
    first = list(get_default_certificate_algs()) if trusted.authorities else []
    for key in (*trusted.keys, *trusted.bare):
        first += key.sig_algorithms
    return [one.decode() for one in dict.fromkeys([*first, *get_default_public_key_algs()])]


def type_of(key: asyncssh.SSHKey) -> str:
    """As ssh calls it: ED25519, RSA, ECDSA."""
    return (
        key.get_algorithm()
        .removeprefix("sk-")
        .removeprefix("ssh-")
        .partition("-")[0]
        .partition("@")[0]
        .upper()
    )
