"""The keys a login is tried with: files, the agent's, and which of them ssh would use."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import asyncssh

from undrift.channel import values
from undrift.channel.route import Route
from undrift.model.secret import Secret

DEFAULT_FILES = ("id_rsa", "id_ecdsa", "id_ecdsa_sk", "id_ed25519", "id_ed25519_sk")


@dataclass(frozen=True, slots=True)
class Identity:
    """A key file. trouble: why its private half cannot be used, empty when it can."""

    private: asyncssh.SSHKey | None
    public: bytes | None
    certificate: str = ""
    trouble: str = ""


@dataclass(slots=True)
class Offer:
    """arguments: for asyncssh. troubles: what to say when the login is refused."""

    arguments: dict[str, Any] = field(default_factory=dict)
    troubles: list[str] = field(default_factory=list)


class Keyring:
    """Key files, each read once: an encrypted one takes a tenth of a second."""

    def __init__(self) -> None:
        self._read: dict[tuple[str, str], Identity] = {}

    def offer(self, route: Route) -> Offer:
        """Raises ValueError for an unknown token in a path, or a key in the inventory that is none."""
        named = [
            values.expanded_path("IdentityFile", path, route.tokens)
            for path in route.options.values.get("identityfile", [])
            if path.lower() != "none"
        ]
        only = values.yes(route.options.first("identitiesonly"))
        target = route.target
        files = named or ([] if target.key else _default_files())
        found = [self._identity(path, target.key_passphrase) for path in files]
        keys: list[Any] = [
            (one.private, one.certificate) if one.certificate else one.private
            for one in found
            if one.private is not None
        ]
        if target.key:
            keys.insert(0, _inline(target.key, target.key_passphrase))
        offer = Offer(troubles=[one.trouble for one in found if one.trouble and named])
        # An empty list would stand for the default files; only those that are named count.
        offer.arguments = {"client_keys": keys or iter(())}
        offer.arguments |= _agent(route, [one.public for one in found if one.public] if only else None)
        return offer

    def _identity(self, path: str, passphrase: Secret) -> Identity:
        key = (path, passphrase.reveal)
        if key not in self._read:
            self._read[key] = _identity(path, passphrase.reveal or None)
        return self._read[key]


def _default_files() -> list[str]:
    folder = Path("~/.ssh").expanduser()
    return [str(folder / name) for name in DEFAULT_FILES if (folder / name).is_file()]


def _identity(path: str, passphrase: str | None) -> Identity:
    public = _public(f"{path}.pub") or _public(path)
    try:
        private = asyncssh.read_private_key(path, passphrase)
    except (OSError, asyncssh.KeyImportError, asyncssh.KeyEncryptionError) as problem:
        if public is not None and path.endswith(".pub"):
            return Identity(None, public)
        why = problem.strerror if isinstance(problem, OSError) else str(problem)
        return Identity(None, public, trouble=f"the key {path} cannot be used: {why}")
    certificate = f"{path}-cert.pub"
    return Identity(private, private.public_data, certificate if Path(certificate).is_file() else "")


def _public(path: str) -> bytes | None:
    try:
        return asyncssh.read_public_key(path).public_data
    except (OSError, asyncssh.KeyImportError):
        return None


def _inline(key: Secret, passphrase: Secret) -> asyncssh.SSHKey:
    """The key that the inventory itself holds."""
    try:
        return asyncssh.import_private_key(key.reveal.strip() + "\n", passphrase.reveal or None)
    except (asyncssh.KeyImportError, asyncssh.KeyEncryptionError) as problem:
        raise ValueError(f"ansible_private_key: {problem}") from None


def _agent(route: Route, allowed: Sequence[bytes] | None) -> dict[str, Any]:
    """Where the agent is, and which of its keys may be used. allowed: None is all of them."""
    told = route.options.first("identityagent")
    if told.lower() == "none" or allowed == []:
        return {"agent_path": None}
    found: dict[str, Any] = {} if allowed is None else {"agent_identities": list(allowed)}
    if told.startswith("$") and not told.startswith("${"):
        found["agent_path"] = os.environ.get(told[1:]) or None
    elif told and told != "SSH_AUTH_SOCK":
        found["agent_path"] = values.expanded_path("IdentityAgent", told, route.tokens)
    return found
