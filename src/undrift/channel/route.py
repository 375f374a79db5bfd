"""How a host is reached once inventory, arguments and ssh configuration have been put together."""

from __future__ import annotations

import asyncio
import os
import shlex
from collections.abc import Sequence
from dataclasses import dataclass, field

from undrift.channel import values
from undrift.channel.algorithms import lacking
from undrift.channel.configuration import Configuration
from undrift.channel.keywords import beyond_us
from undrift.channel.known_hosts import GLOBAL_FILES, USER_FILES, entry_name
from undrift.channel.options import SshOptions, joined, read_arguments
from undrift.errors import Unreachable
from undrift.model.target import Target

#: How many `ssh -G` run at once.
AT_ONCE = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """
    host, port, user: where and as whom the login is. beyond: what only the system's ssh can do, empty: nothing. jumps:
    the places of jump hosts, the first to be reached first.
    """

    target: Target
    options: SshOptions
    host: str
    port: int
    user: str
    connect_timeout: int | None = None
    jumps: tuple[str, ...] = ()
    beyond: tuple[str, ...] = ()
    tokens: dict[str, str] = field(default_factory=dict, repr=False)

    @property
    def where(self) -> str:
        """`host:port`, as messages name it."""
        return f"{self.host}:{self.port}"

    @property
    def timeout(self) -> float:
        """Seconds until a login must have begun. What the arguments say goes before the inventory's, as it does with ssh."""
        return float(self.connect_timeout or self.target.timeout)

    @property
    def key_name(self) -> str:
        """The name under which the host's key stands in known_hosts."""
        return entry_name(self.host, self.port, self.options.first("hostkeyalias"))

    @property
    def key_files(self) -> list[str]:
        """The user's known_hosts files, the first is the one that is written to."""
        return self._paths("userknownhostsfile", USER_FILES)

    @property
    def all_key_files(self) -> list[str]:
        """The user's known_hosts files, then the system's."""
        return self.key_files + self._paths("globalknownhostsfile", GLOBAL_FILES)

    @property
    def proxy_command(self) -> str:
        """Empty: there is none."""
        command = self.options.first("proxycommand")
        if self.jumps or command.lower() == "none":
            return ""
        return values.expanded("ProxyCommand", command, self.tokens)

    def may_record(self, *, accept_new: bool) -> bool:
        """Is a key that is not known to be recorded? Not where nothing is kept: that would be no check at all."""
        wanted = accept_new or self.options.first("stricthostkeychecking").lower() == "accept-new"
        return wanted and self.key_files[0] not in {os.devnull, "none"}

    def _paths(self, name: str, default: Sequence[str]) -> list[str]:
        given = self.options.first(name).split() or default
        return [values.expanded_path(name, path, self.tokens) for path in given]


class Router:
    """Finds routes; the ssh configuration is read when it is made."""

    def __init__(self, configuration: Configuration) -> None:
        self._configuration = configuration
        self._asking = asyncio.Semaphore(AT_ONCE)
        self._defaults: asyncio.Task[dict[str, list[str]]] | None = None

    async def route(self, target: Target) -> Route:
        """Raises Unreachable when the settings make no sense, with the option's name."""
        try:
            return await self._route(target)
        except ValueError as problem:
            raise Unreachable(target.host, f"the ssh settings cannot be used: {problem}") from None

    async def _route(self, target: Target) -> Route:
        asked = target.address or target.host
        given = joined(
            read_arguments(target.ssh_args), _of_variables(target), read_arguments(target.common_args)
        )
        options = joined(given, await self._configured(target, asked, ask=bool(given.beyond)))
        # As with Ansible, whose time-out goes before the one of the configuration: only the arguments' counts.
        limit = values.seconds("ConnectTimeout", given.first("connecttimeout") or "none")
        return _resolved(target, asked, options, limit)

    async def _configured(self, target: Target, asked: str, *, ask: bool) -> SshOptions:
        """ask: the arguments themselves need ssh, such as -F."""
        if not self._configuration.needs_ssh and not ask:
            return self._configuration.of(asked)
        async with self._asking:
            said = await asked_of_ssh(target, asked, [*arguments(target), "--", asked])
        if self._defaults is None:
            self._defaults = asyncio.create_task(
                asked_of_ssh(target, "localhost", ["-F", os.devnull, "localhost"])
            )
        usual = await asyncio.shield(self._defaults)
        kept = {"user", "hostname", "port"}
        return SshOptions(
            {
                name: told
                for name, told in said.items()
                if name in kept or (told != usual.get(name) and name != "host")
            }
        )


def _of_variables(target: Target) -> SshOptions:
    """What the inventory's variables say, between ansible_ssh_args and ansible_ssh_common_args as with Ansible."""
    options = SshOptions()
    if target.port is not None:
        options.add("port", str(target.port))
    if target.user:
        options.add("user", target.user)
    if target.key_file:
        options.add("identityfile", target.key_file)
    return options


def _resolved(target: Target, asked: str, options: SshOptions, limit: int | None) -> Route:
    port = values.port_number("port", options.first("port") or "22")
    user = options.first("user") or values.local_user()
    host = options.first("hostname") or asked
    known = values.tokens(options, asked=asked, host=asked, port=port, user=user)
    host = values.expanded("HostName", host, known)
    known = values.tokens(options, asked=asked, host=host, port=port, user=user)
    if "controlpath" in options.values and options.first("controlpath").lower() != "none":
        path = values.expanded_path("ControlPath", options.first("controlpath"), known)
        options.values["controlpath"] = [path]
    beyond = [*options.beyond, *beyond_us(options.values), *lacking(options)]
    if target.ssh_executable:
        beyond.append(f"ansible_ssh_executable={target.ssh_executable}")
    return Route(
        target=target,
        options=options,
        host=host,
        port=port,
        user=user,
        connect_timeout=limit,
        jumps=_jumps(options),
        beyond=tuple(beyond),
        tokens=known,
    )


def _jumps(options: SshOptions) -> tuple[str, ...]:
    """ProxyJump, unless a ProxyCommand was given before it: of the two, ssh takes the first."""
    for name, given in options.values.items():
        if name == "proxyjump":
            return () if given[0].lower() == "none" else tuple(given[0].replace(" ", "").split(","))
        if name == "proxycommand":
            return ()
    return ()


def jump_target(target: Target, jumps: Sequence[str]) -> Target:
    """
    The last of the jump hosts, to be reached through those before it. As with ssh, it has the settings that the user's
    configuration has for it, and none of the target's own. Raises ValueError.
    """
    user, host, port = values.place(jumps[-1])
    before = ",".join(jumps[:-1])
    return Target(
        host=host,
        user=user,
        port=port,
        timeout=target.timeout,
        common_args=f"-J {shlex.quote(before)}" if before else "",
    )


def arguments(target: Target) -> list[str]:
    """What is typed behind `ssh` for a target, in Ansible's order: the first that says something counts."""
    words = shlex.split(target.ssh_args)
    if target.port is not None:
        words += ["-o", f"Port={target.port}"]
    if target.user:
        words += ["-o", f"User={target.user}"]
    if target.key_file:
        words += ["-i", target.key_file]
    return [*words, *shlex.split(target.common_args)]


async def asked_of_ssh(target: Target, host: str, words: Sequence[str]) -> dict[str, list[str]]:
    """What the system's ssh would use, by `ssh -G`. Raises Unreachable when ssh refuses its configuration."""
    try:
        process = await asyncio.create_subprocess_exec(
            target.ssh_executable or "ssh",
            "-G",
            *words,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
    except OSError as problem:
        raise Unreachable(target.host, f"the system's ssh cannot be asked: {problem}") from None
    out, err = await process.communicate()
    if process.returncode:
        what = err.decode(errors="replace").strip()
        raise Unreachable(target.host, f"ssh refuses its configuration: {what}", help=f"try: ssh -G {host}")
    found = SshOptions()
    for line in out.decode(errors="replace").splitlines():
        name, _, value = line.partition(" ")
        found.add(name, value)
    return found.values
