"""The check of a host key, and the words for one that is not the one that is known."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import asyncssh

from undrift.channel.algorithms import type_of
from undrift.channel.known_hosts import KnownHosts, Trusted, line_of
from undrift.channel.route import Route
from undrift.errors import Unreachable

#: What asyncssh takes from a function that it asks for trusted keys: keys, authorities, revoked, and no X.509.
Answer = tuple[Any, ...]


class KeyGuard(asyncssh.SSHClient):
    """Is asked about a host key that no known_hosts entry trusts. offered: that key."""

    def __init__(self, trusted: Trusted, record: Callable[[asyncssh.SSHKey], None] | None) -> None:
        self.trusted = trusted
        self._record = record
        self.offered: asyncssh.SSHKey | None = None
        self.not_recorded: OSError | None = None

    @classmethod
    def of(cls, route: Route, known_hosts: KnownHosts, *, accept_new: bool) -> KeyGuard:
        """
        The guard of a route's host key. accept_new: see Route.may_record; a new key goes to the first of its
        key_files.
        """
        name, file = route.key_name, route.key_files[0]

        def record(key: asyncssh.SSHKey) -> None:
            known_hosts.record(file, name, key)

        trusted = known_hosts.trusted(route.all_key_files, name)
        return cls(trusted, record if route.may_record(accept_new=accept_new) else None)

    def known(self, _host: str, _address: str, _port: int | None) -> Answer:
        """What asyncssh may trust; under our own name, as ssh looks it up."""
        keys, trusted = [*self.trusted.keys, *self.trusted.bare], self.trusted
        return (keys, list(trusted.authorities), list(trusted.revoked), (), (), (), ())

    def validate_host_public_key(self, host: str, addr: str, port: int, key: asyncssh.SSHKey) -> bool:
        """
        Asked by asyncssh about a key that it does not trust: True once it is recorded, which is done only
        where that is wanted and nothing is known under the host's name. A file that cannot be written is told
        in not_recorded.
        """
        del host, addr, port
        self.offered = key
        if self._record is None or self.trusted.keys or self.trusted.authorities:
            return False
        try:
            self._record(key)
        except OSError as problem:
            self.not_recorded = problem
        return self.not_recorded is None


def bad_key(route: Route, guard: KeyGuard, problem: asyncssh.HostKeyNotVerifiable) -> Unreachable:
    """What is wrong with a host key, and what to do next."""
    if guard.not_recorded is not None:
        what = f"the host key of {route.where} cannot be recorded: {guard.not_recorded}"
        return Unreachable(route.target.host, what)
    if guard.offered is None:
        if guard.trusted.revoked and not guard.trusted.authorities:
            return revoked_key(route)
        return Unreachable(route.target.host, f"the host key of {route.where} is refused: {problem.reason}")
    kinds = sorted({type_of(key) for key in guard.trusted.keys})
    if kinds and type_of(guard.offered) not in kinds:
        return other_type(route, type_of(guard.offered), kinds)
    return changed_key(route) if kinds else unknown_key(route)


def revoked_key(route: Route) -> Unreachable:
    """The error for a key marked @revoked; with file and line where its entry is not hashed."""
    place = line_of(route.all_key_files, route.key_name)
    return Unreachable(
        route.target.host,
        f"the host key of {route.where} is revoked{f' ({place})' if place else ''}: it is never to be accepted",
        help="the server needs a new key: whoever revoked this one knows why",
    )


def changed_key(route: Route) -> Unreachable:
    """The error for a key that is not the one known of its type; names the line to remove, or the files."""
    place = line_of(route.all_key_files, route.key_name) or " or ".join(route.key_files)
    return Unreachable(
        route.target.host,
        f"the host key of {route.where} is not the one that is known: another server, or somebody in between",
        help=f"when the server was set up anew, remove its line in {place}",
    )


def other_type(route: Route, offered: str, kinds: list[str]) -> Unreachable:
    """
    The error for a key of a type that is not known where others are. offered, kinds: as type_of has them.
    """
    place = line_of(route.all_key_files, route.key_name) or " or ".join(route.key_files)
    return Unreachable(
        route.target.host,
        f"the {offered} host key of {route.where} is not known, only its {' and '.join(kinds)} key is",
        help=f"when the server was set up anew, remove its line in {place}",
    )


def unknown_key(route: Route) -> Unreachable:
    """The error for a host of which no key is known; says how to record it, where the file keeps any."""
    file = route.key_files[0]
    if file in {os.devnull, "none"}:
        return Unreachable(
            route.target.host,
            f"the host key of {route.where} is not known: UserKnownHostsFile={file} keeps none",
            help="host keys are always checked: name a file that keeps them, or leave the option out",
        )
    hint = "record it with: undrift scan ... --accept-new-host-keys"
    if not route.jumps and not route.proxy_command and not route.options.first("hostkeyalias"):
        port = "" if route.port == 22 else f"-p {route.port} "
        hint += f" (or: ssh-keyscan {port}{route.host} >> {file})"
    return Unreachable(route.target.host, f"the host key of {route.where} is not known", help=hint)
