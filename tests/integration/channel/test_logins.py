"""Whatever the user's ssh configuration says counts for a login, as it does for ssh itself."""

from __future__ import annotations

import os

import asyncssh
import pytest

from undrift.errors import Unreachable
from undrift.model.secret import Secret
from undrift.model.target import Target

OTHER_KEY = asyncssh.generate_private_key("ssh-ed25519")

#: What ~/.ssh/config says, the target's own arguments, and who logs in then.
CONFIGURED = {
    "nothing": ("", "", "root"),
    "a user": ("Host 127.0.0.1\n  User deploy\n", "", "deploy"),
    "a user for another host": ("Host other\n  User deploy\n", "", "root"),
    "a host that is excepted": ("Host * !127.0.0.1\n  User deploy\n", "", "root"),
    "an equals sign": ("User=deploy\n", "", "deploy"),
    "the first of two": ("User one\nUser two\n", "", "one"),
    "the arguments before the file": ("User one\n", "-o User=two", "two"),
    "a time with a unit": ("User deploy\nServerAliveInterval 1m\nConnectTimeout 1m30s\n", "", "deploy"),
    "a comment that is not UTF-8": (b"# gr\xfc\xdfe\nUser deploy\n", "", "deploy"),
    "an option of another system": (
        "IgnoreUnknown UseKeychain\nUseKeychain yes\nUser deploy\n",
        "",
        "deploy",
    ),
    "an old spelling": ("PubkeyAcceptedKeyTypes +ssh-rsa\nUser deploy\n", "", "deploy"),
    "a block for a user": ("Match user deploy\n  SetEnv LOGGED_IN_AS=matched\n", "-l deploy", "matched"),
    "quotes": ('User "deploy"\n', "", "deploy"),
    "a variable to set": ("SetEnv LOGGED_IN_AS=nobody\n", "", "nobody"),
}


@pytest.mark.parametrize("case", CONFIGURED)
async def test_the_configuration_is_followed(case: str, world, served) -> None:
    text, arguments, user = CONFIGURED[case]
    world.configure(text)
    async with served() as server:
        world.known_hosts.write_text(server.line())
        target = server.target(common_args=arguments)
        default = "root" if os.getuid() == 0 else os.environ.get("USER", "")
        assert await world.output(target) == (default if user == "root" else user)
    assert world.said == []


@pytest.mark.parametrize("case", ["nothing", "a user", "a time with a unit", "an old spelling"])
async def test_a_plain_configuration_starts_no_process_for_a_host(case: str, world, served) -> None:
    world.configure(CONFIGURED[case][0])
    async with served() as server:
        world.known_hosts.write_text(server.line())
        await world.output(server.target())
    assert not (world.home / "runs-of-ssh").exists()


async def test_included_files_count_and_what_is_beyond_us_in_them_goes_through_ssh(world, served) -> None:
    (world.home / ".ssh/more").write_text("User deploy\nRequiredRSASize 2048\n")
    world.configure("Include more\n")
    async with served() as server:
        world.known_hosts.write_text(server.line())
        assert await world.output(server.target()) == "deploy"
    assert world.said == ["web: through the system's ssh, because of requiredrsasize"]


async def test_the_known_hosts_file_of_the_configuration_is_looked_in_and_written_to(world, served) -> None:
    mine = world.home / "mine"
    world.configure(f"Host 127.0.0.1\n  UserKnownHostsFile {mine}\n  StrictHostKeyChecking accept-new\n")
    async with served() as server:
        for _ in range(2):
            assert await world.output(server.target(user="me")) == "me"
        assert mine.read_text() == server.line()
    assert not world.known_hosts.exists()


async def test_known_hosts_are_read_once(world, served) -> None:
    async with served() as server:
        world.known_hosts.write_text(server.line())
        fleet = world.fleet()
        await fleet.connect(server.target(host="one"))
        world.known_hosts.unlink()
        await fleet.connect(server.target(host="two"))
        await fleet.close()


async def test_another_configuration_file_is_read_by_ssh(world, served) -> None:
    other = world.home / "other"
    async with served() as server:
        other.write_text(f"Host far\n  HostName 127.0.0.1\n  UserKnownHostsFile {world.known_hosts}\n")
        world.known_hosts.write_text(server.line())
        target = server.target(address="far", user="me", key_file=str(world.key), common_args=f"-F {other}")
        assert await world.output(target) == "me"


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        ("-o Port=x", "port"),
        ("-o Port=99999", "port"),
        ("-o ConnectTimeout=soon", "ConnectTimeout"),
        ("-o ServerAliveInterval=often", "ServerAliveInterval"),
        ("-o AddressFamily=inet9", "AddressFamily"),
        ("-o IdentityFile=%y", "IdentityFile"),
        ("-o", "-o"),
        ("-J root@:22", "ProxyJump"),
    ],
)
async def test_a_value_that_makes_no_sense_is_told_with_its_option(arguments: str, named: str, world) -> None:
    with pytest.raises(Unreachable, match=f"cannot be used: {named}"):
        await world.output(Target(host="web", address="127.0.0.1", common_args=arguments))


async def test_a_port_that_is_none_is_told(world) -> None:
    with pytest.raises(Unreachable, match="99999 is not a port"):
        await world.output(Target(host="web", address="127.0.0.1", port=99999))


@pytest.mark.parametrize(
    "arguments",
    [
        "-o HostName=127.0.0.1",
        "-o ConnectTimeout=1m -o ServerAliveInterval=30s",
        "-o IdentityFile=%d/.ssh/not-there -o IdentityFile=%d/.ssh/id_ed25519 -o IdentitiesOnly=yes",
        "-o IdentityAgent=SSH_AUTH_SOCK",
        "-o ProxyCommand=none -o ProxyJump=none",
        "-qTo BatchMode=yes -o GSSAPIAuthentication=no",
    ],
)
async def test_options_of_the_inventory_act(arguments: str, world, served) -> None:
    async with served() as server:
        world.known_hosts.write_text(server.line())
        address = "name.invalid" if "HostName" in arguments else server.address
        assert await world.output(server.target(address=address, user="me", common_args=arguments)) == "me"
    assert world.said == []


@pytest.mark.parametrize(
    "option",
    ["CanonicalizeHostname=yes", "VerifyHostKeyDNS=yes", "ConnectionAttempts=2", "RequiredRSASize=1100"],
)
async def test_options_that_only_ssh_can_do_go_through_ssh(option: str, world, served) -> None:
    async with served() as server:
        world.known_hosts.write_text(server.line())
        target = server.target(user="me", common_args=f"-o {option}")
        assert await world.output(target) == "me"
    assert world.said == [f"web: through the system's ssh, because of {option.partition('=')[0].lower()}"]


def _encrypted(world) -> str:
    """A key with a passphrase, in its own file and with its public half beside it."""
    path = world.home / "locked"
    path.touch(mode=0o600)
    OTHER_KEY.write_private_key(str(path), "pkcs8-pem", passphrase="secret")
    OTHER_KEY.write_public_key(f"{path}.pub")
    return str(path)


async def test_an_encrypted_key_is_opened_with_its_passphrase(world, served) -> None:
    target = {"key_file": _encrypted(world), "user": "me"}
    async with served(welcome={OTHER_KEY.public_data}) as server:
        world.known_hosts.write_text(server.line())
        assert await world.output(server.target(key_passphrase=Secret("secret"), **target)) == "me"
        with pytest.raises(Unreachable, match=r"login refused for me at .*: .*locked cannot be used"):
            await world.output(server.target(**target))


async def test_a_key_that_the_inventory_holds_is_used(world, served) -> None:
    key = Secret(OTHER_KEY.export_private_key().decode())
    async with served(welcome={OTHER_KEY.public_data}) as server:
        world.known_hosts.write_text(server.line())
        assert await world.output(server.target(key=key, user="me")) == "me"


@pytest.mark.parametrize("only", ["", "-o IdentitiesOnly=yes"])
@pytest.mark.parametrize("suffix", ["", ".pub"])
async def test_a_key_that_only_the_agent_can_use_is_named_by_its_file(
    only: str, suffix: str, world, served, agent
) -> None:
    agent(OTHER_KEY)
    async with served(welcome={OTHER_KEY.public_data}) as server:
        world.known_hosts.write_text(server.line())
        target = server.target(key_file=_encrypted(world) + suffix, user="me", common_args=only)
        assert await world.output(target) == "me"


async def test_a_password_logs_in(world, served) -> None:
    async with served(welcome=set(), password="open") as server:
        world.known_hosts.write_text(server.line())
        assert await world.output(server.target(user="me", password=Secret("open"))) == "me"


async def test_a_password_that_ssh_cannot_be_given_is_told(world, served) -> None:
    async with served(welcome=set(), password="open") as server:
        world.known_hosts.write_text(server.line())
        with pytest.raises(Unreachable, match="cannot be given to the system's ssh"):
            await world.output(server.target(password=Secret("open"), ssh_executable="ssh"))
