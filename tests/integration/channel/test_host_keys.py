"""Host keys are always checked, whichever way a host is reached."""

from __future__ import annotations

import asyncssh
import pytest

from undrift.errors import Unreachable

OTHER = asyncssh.generate_private_key("ssh-ed25519").export_public_key().decode().strip()
RSA = asyncssh.generate_private_key("ssh-rsa", key_size=2048).export_public_key().decode().strip()
WAYS = {"asyncssh": "", "ssh": "ssh"}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    "arguments",
    [
        "",
        "-o StrictHostKeyChecking=no",
        "-o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null",
        "-o StrictHostKeyChecking=accept-new -o UserKnownHostsFile=/dev/null",
        "-o NoHostAuthenticationForLocalhost=yes -o StrictHostKeyChecking=off",
    ],
)
async def test_an_unknown_key_is_refused_whatever_the_options_say(
    arguments: str, way: str, world, served
) -> None:
    async with served() as server:
        target = server.target(ssh_args=arguments, ssh_executable=WAYS[way])
        with pytest.raises(Unreachable, match=r"host key of .* is not known"):
            await world.output(target)
        assert server.users == []


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("accept", ["", "-o StrictHostKeyChecking=accept-new"])
async def test_a_changed_key_is_refused(way: str, accept: str, world, served) -> None:
    async with served() as server:
        world.known_hosts.write_text(f"# first\n[127.0.0.1]:{server.port} {OTHER}\n")
        with pytest.raises(Unreachable, match="not the one that is known") as caught:
            await world.output(server.target(ssh_executable=WAYS[way], common_args=accept))
    assert caught.value.help.endswith(f"{world.known_hosts}:2")


@pytest.mark.parametrize("way", WAYS)
async def test_a_revoked_key_is_never_accepted(way: str, world, served) -> None:
    async with served() as server:
        world.known_hosts.write_text(server.line() + "@revoked " + server.line("*"))
        with pytest.raises(Unreachable, match="is revoked") as caught:
            await world.output(server.target(ssh_executable=WAYS[way]), accept_new_host_keys=True)
    assert "ssh-keyscan" not in caught.value.help


async def test_a_key_of_another_type_says_which_is_known(world, served) -> None:
    async with served() as server:
        world.known_hosts.write_text(f"[127.0.0.1]:{server.port} {RSA}\n")
        with pytest.raises(Unreachable, match=r"ED25519 host key of .* only its RSA key is"):
            await world.output(server.target(), accept_new_host_keys=True)


async def test_a_line_that_makes_no_sense_is_passed_over(world, served) -> None:
    async with served() as server:
        world.known_hosts.write_text(f"nonsense\n@strange x y z\n|1|x|y z\n{server.line()}")
        assert await world.output(server.target(user="me")) == "me"


async def test_a_key_that_is_known_without_the_port_is_good(world, served) -> None:
    async with served() as server:
        world.known_hosts.write_text(server.line("127.0.0.1"))
        assert await world.output(server.target(user="me")) == "me"


async def test_the_hint_names_the_port_and_the_file(world, served) -> None:
    async with served() as server:
        file = world.home / "mine"
        with pytest.raises(Unreachable) as caught:
            await world.output(server.target(common_args=f"-o UserKnownHostsFile={file}"))
    assert f"ssh-keyscan -p {server.port} 127.0.0.1 >> {file}" in caught.value.help


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    ("address", "arguments", "name"),
    [
        ("127.0.0.1", "", "[127.0.0.1]:{port}"),
        ("Web.Example", "-o HostName=127.0.0.1", "[127.0.0.1]:{port}"),
        ("127.0.0.1", "-o HostKeyAlias=shop", "shop"),
    ],
)
async def test_a_key_is_recorded_under_the_name_it_is_looked_for(
    address: str, arguments: str, name: str, way: str, world, served
) -> None:
    async with served() as server:
        target = server.target(address=address, user="me", common_args=arguments, ssh_executable=WAYS[way])
        assert await world.output(target, accept_new_host_keys=True) == "me"
        recorded = world.known_hosts.read_text()
        assert recorded.split()[0] == name.format(port=server.port)
        assert await world.output(target) == "me"
        assert world.known_hosts.read_text() == recorded


async def test_that_host_keys_are_checked_all_the_same_is_told_once(world, served) -> None:
    async with served() as server:
        world.known_hosts.write_text(server.line())
        fleet = world.fleet()
        for name in ("one", "two"):
            await fleet.connect(server.target(host=name, check_host_key=False))
        await fleet.close()
    assert world.warned == ["host_key_checking = False is not followed: host keys are always checked"]
