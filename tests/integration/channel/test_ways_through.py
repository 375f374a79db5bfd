"""Jump hosts, proxies and the system's ssh: shared, limited, explained, and nothing is left behind."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket

import pytest

from undrift.channel.configuration import Configuration
from undrift.channel.route import Router
from undrift.errors import Unreachable

RELAY = """\
import os, socket, sys, threading
way = socket.create_connection((sys.argv[1], int(sys.argv[2])))
def back():
    while piece := way.recv(65536):
        os.write(1, piece)
    os._exit(0)
threading.Thread(target=back, daemon=True).start()
while piece := os.read(0, 65536):
    way.sendall(piece)
"""


@pytest.mark.parametrize(
    ("given", "hops"),
    [
        ("-J first@127.0.0.1:{one}", 1),
        ("-o ProxyJump=first@127.0.0.1:{one}", 1),
        ("-J ssh://first@127.0.0.1:{one}", 1),
        ("-J first@127.0.0.1:{one},second@127.0.0.1:{two}", 2),
        ("-o 'ProxyJump first@127.0.0.1:{one},second@127.0.0.1:{two}'", 2),
    ],
)
async def test_one_jump_host_or_several_lead_to_the_host(given: str, hops: int, world, served) -> None:
    async with served() as one, served() as two, served() as server:
        world.known_hosts.write_text(one.line() + two.line() + server.line())
        target = server.target(user="me", common_args=given.format(one=one.port, two=two.port))
        assert await world.output(target) == "me"
        ways = [one, two][:hops]
        assert [way.forwarded for way in ways] == [[after.port] for after in [*ways[1:], server]]
        assert [way.users[0] for way in ways] == ["first", "second"][:hops]


async def test_a_jump_host_has_its_own_settings_and_none_of_the_target(world, served) -> None:
    async with served() as gate, served() as server:
        world.configure(
            f"Host gate\n  HostName 127.0.0.1\n  Port {gate.port}\n  User keeper\nHost 127.0.0.1\n  ProxyJump gate\n"
        )
        mine = world.home / "mine"
        mine.write_text(server.line())
        world.known_hosts.write_text(gate.line())
        target = server.target(user="me", common_args=f"-o UserKnownHostsFile={mine}")
        assert await world.output(target) == "me"
        assert gate.users[0] == "keeper"


async def test_hosts_behind_one_jump_host_share_its_connection(world, served) -> None:
    async with served() as gate, served() as server:
        world.known_hosts.write_text(gate.line() + server.line())
        fleet = world.fleet()
        targets = [server.target(host=f"web-{n}", common_args=f"-J 127.0.0.1:{gate.port}") for n in range(5)]
        await asyncio.gather(*map(fleet.connect, targets))
        await fleet.close()
        assert (gate.logins, server.logins) == (1, 5)


@pytest.mark.parametrize(
    "text", ["Host a\n  ProxyJump b\nHost b\n  ProxyJump a\n", "Host *\n  ProxyJump a\n"]
)
async def test_a_jump_host_that_leads_to_itself_is_told(text: str, world) -> None:
    world.configure(text)
    async with asyncio.timeout(5):
        with pytest.raises(Unreachable, match="through itself"):
            await world.output(_target("x", common_args="-J a"))


@pytest.mark.parametrize("way", ["", "ssh"])
@pytest.mark.parametrize(("jump", "limit"), [("", {"logins": 2}), ("gate", {"logins_per_jump": 2})])
async def test_so_many_logins_go_on_at_once_and_no_more(
    jump: str, limit: dict, way: str, world, served
) -> None:
    async with served() as gate, served() as server:
        world.configure(f"Host gate\n  HostName 127.0.0.1\n  Port {gate.port}\n")
        world.known_hosts.write_text(gate.line() + server.line())
        arguments = f"-J {jump}" if jump else ""
        fleet = world.fleet(**limit)
        targets = [
            server.target(host=f"web-{n}", ssh_executable=way, common_args=arguments) for n in range(6)
        ]
        await asyncio.gather(*map(fleet.connect, targets))
        await fleet.close()
        assert server.logins == 6
        assert server.most <= 2


async def test_a_jump_host_that_cannot_be_reached_is_named(world) -> None:
    with pytest.raises(Unreachable, match=r"jump host 127.0.0.1:1 cannot be reached: connection refused"):
        await world.output(_target("x", common_args="-J 127.0.0.1:1"))


async def test_what_only_ssh_can_do_for_a_jump_host_sends_the_host_through_ssh(world, served) -> None:
    async with served() as gate, served() as server:
        world.configure(f"Host gate\n  HostName 127.0.0.1\n  Port {gate.port}\n  ConnectionAttempts 2\n")
        world.known_hosts.write_text(gate.line() + server.line())
        assert await world.output(server.target(user="me", common_args="-J gate")) == "me"
    assert world.said == ["web: through the system's ssh, because of connectionattempts of gate"]


def _target(host: str, **more):
    from undrift.model.target import Target  # noqa: PLC0415 - beside its use

    return Target(host=host, timeout=3.0, **more)


def _ssh(world) -> str:
    return f"{world.home}/bin/ssh"


@pytest.mark.parametrize(
    "command",
    [
        "python3 {relay} %h %p",
        "exec python3 {relay} %h %p 2>/dev/null",
        "{ssh} -W %h:%p -q gate",
    ],
)
async def test_a_proxy_command_is_run_as_ssh_runs_it_and_nothing_of_it_is_left(
    command: str, world, served, capfd
) -> None:
    relay = world.home / "relay.py"
    relay.write_text(RELAY)
    async with served() as gate, served() as server:
        world.configure(f"Host gate\n  HostName 127.0.0.1\n  Port {gate.port}\n")
        world.known_hosts.write_text(gate.line() + server.line())
        filled = command.format(relay=relay, ssh=_ssh(world))
        target = server.target(user="me", common_args=f'-o ProxyCommand="{filled}"')
        assert await world.output(target) == "me"
    assert _children() == []
    assert capfd.readouterr().err == ""


async def test_a_proxy_command_that_fails_says_why(world) -> None:
    with pytest.raises(Unreachable, match="ProxyCommand: the bridge is up"):
        await world.output(_target("x", common_args="-o ProxyCommand='echo the bridge is up >&2; exit 3'"))
    assert _children() == []


def _children() -> list[str]:
    with open(f"/proc/self/task/{os.getpid()}/children") as file:  # noqa: PTH123 - a file of the kernel
        return file.read().split()


@pytest.mark.parametrize("way", ["", "ssh"])
@pytest.mark.parametrize(
    ("address", "port", "says"),
    [
        ("no-such-host.invalid", 22, "the name no-such-host.invalid does not resolve"),
        ("127.0.0.1", 1, "connection refused"),
        ("127.0.0.1", None, "login refused for me"),
    ],
)
async def test_a_login_that_fails_is_explained_alike_on_either_way(
    address: str, port: int | None, says: str, way: str, world, served
) -> None:
    async with served(welcome=set()) as server:
        world.known_hosts.write_text(server.line())
        target = server.target(address=address, port=port or server.port, user="me", ssh_executable=way)
        with pytest.raises(Unreachable, match=says):
            await world.output(target)
    assert _children() == []


@pytest.mark.parametrize("way", ["", "ssh"])
async def test_a_host_that_accepts_and_never_answers_costs_its_time_out(way: str, world) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        target = _target("x", address="127.0.0.1", port=silent.getsockname()[1], ssh_executable=way)
        with pytest.raises(Unreachable, match="timed out after 1 s"):
            await world.output(_shorter(target))


def _shorter(target):
    from dataclasses import replace  # noqa: PLC0415 - beside its use

    return replace(target, timeout=1.0)


@pytest.mark.parametrize("way", ["", "ssh"])
async def test_a_login_that_is_dropped_before_the_banner_is_tried_again(way: str, world, served) -> None:
    async with served() as server:
        world.known_hosts.write_text(server.line("*"))
        dropped, passing = 0, []

        async def door(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            nonlocal dropped
            if dropped < 2:
                dropped += 1
                writer.close()
                return
            passing.append(asyncio.current_task())
            there, back = await asyncio.open_connection("127.0.0.1", server.port)
            await asyncio.gather(_copied(reader, back), _copied(there, writer), return_exceptions=True)

        gate = await asyncio.start_server(door, "127.0.0.1", 0)
        port = gate.sockets[0].getsockname()[1]
        assert await world.output(server.target(port=port, user="me", ssh_executable=way)) == "me"
        gate.close()
        await asyncio.gather(*passing)
    assert dropped == 2


async def _copied(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while piece := await reader.read(65536):
            writer.write(piece)
    writer.close()
    with contextlib.suppress(OSError):
        await writer.wait_closed()


async def test_a_host_through_ssh_costs_one_login_however_many_programs_run_there(world, served) -> None:
    async with served() as server:
        world.known_hosts.write_text(server.line())
        async with world.connected(server.target(ssh_executable="ssh")) as connection:
            for _ in range(3):
                pipe = await connection._login.start("echo hello", tty=False)
                assert await pipe.read() == b"hello\n"
                await pipe.close()
        assert server.logins == 1
    assert _children() == []


@pytest.mark.parametrize("flag", ["-t", "-tt", "-o RequestTTY=force", "-v"])
async def test_no_flag_puts_a_terminal_between(flag: str, world, served) -> None:
    async with served() as server:
        world.known_hosts.write_text(server.line())
        target = server.target(ssh_executable="ssh", common_args=flag)
        assert await world.output(target, "echo $TERMINAL_ASKED_FOR") == "none"


async def test_tokens_stand_for_what_they_do_with_ssh(world) -> None:
    # All but %d: ssh's home is the one of the password database.
    arguments = (
        f"-p 2222 -l me -o HostName=b.example -o ControlPath=/{'/'.join(f'%{one}' for one in 'ChikLlnpru')}"
    )
    process = await asyncio.create_subprocess_exec(
        "ssh", "-G", *arguments.split(), "a", stdout=asyncio.subprocess.PIPE
    )
    said = (await process.communicate())[0].decode().splitlines()
    target = _target("a", common_args=arguments)
    route = await Router(Configuration(system=os.devnull)).route(target)
    assert f"controlpath {route.options.first('controlpath')}" in said


async def test_an_ssh_that_is_already_connected_is_used(world, served) -> None:
    path = world.home / "master"
    async with served() as server:
        world.known_hosts.write_text(server.line())
        target = server.target(common_args=f"-o ControlPath={path}", user="me")
        assert await world.output(target) == "me"
        assert world.said == []
        master = await asyncio.create_subprocess_exec(
            _ssh(world),
            "-MS",
            str(path),
            "-p",
            str(server.port),
            "me@127.0.0.1",
            "echo in; exec cat",
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        await master.stdout.readline()
        logins = server.logins
        assert await world.output(target) == "me"
        assert server.logins == logins
        master.terminate()
        await master.communicate()
    assert world.said == ["web: through the system's ssh, because of controlpath"]
