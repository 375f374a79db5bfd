from __future__ import annotations

import pytest

from undrift.channel.algorithms import algorithms, lacking
from undrift.channel.keywords import beyond_us
from undrift.channel.options import SshOptions, joined, read_arguments


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("-o StrictHostKeyChecking=no", {"stricthostkeychecking": ["no"]}),
        ('-o "ProxyJump gate"', {"proxyjump": ["gate"]}),
        ("-oPort=2222 -l deploy", {"port": ["2222"], "user": ["deploy"]}),
        ("-i ~/key -i other", {"identityfile": ["~/key", "other"]}),
        ("-J gate.example -4", {"proxyjump": ["gate.example"], "addressfamily": ["inet"]}),
        ("-o User=me -C", {"user": ["me"], "compression": ["yes"]}),
        ("-qTp 22", {"port": ["22"]}),
        ("-o 'Port = 2222'", {"port": ["2222"]}),
        ('-o IdentityFile="/a b"', {"identityfile": ["/a b"]}),
        (
            """-o ProxyCommand="ssh -W %h:%p -q root@bastion" """,
            {"proxycommand": ["ssh -W %h:%p -q root@bastion"]},
        ),
        ("-o 'ProxyCommand=nc -x a=b %h'", {"proxycommand": ["nc -x a=b %h"]}),
        ("-o PubkeyAcceptedKeyTypes=+ssh-rsa", {"pubkeyacceptedalgorithms": ["+ssh-rsa"]}),
        ("", {}),
    ],
)
def test_options_are_read_as_ssh_reads_them(text: str, values: dict) -> None:
    options = read_arguments(text)
    assert (options.values, options.beyond, beyond_us(options.values)) == (values, [], [])


@pytest.mark.parametrize(
    ("text", "beyond"),
    [
        ("-o KnownHostsCommand=/bin/x", ["knownhostscommand"]),
        ("-o PKCS11Provider=/lib/x.so", ["pkcs11provider"]),
        ("-o PKCS11Provider=none", []),
        ("-o CanonicalizeHostname=yes", ["canonicalizehostname"]),
        ("-o VerifyHostKeyDNS=no", []),
        ("-o ControlMaster=auto -o ControlPersist=60s -o ControlPath=/no/such/socket", []),
        ("-o CertificateFile=/x", ["certificatefile"]),
        ("-o NoSuchOption=1", ["nosuchoption"]),
        ("-w 0:0", ["-w", "0:0"]),
        ("-F /dev/null", ["-F", "/dev/null"]),
        ("-qL 1:a:2", ["-L", "1:a:2"]),
    ],
)
def test_what_only_ssh_can_do_is_never_ignored(text: str, beyond: list[str]) -> None:
    options = read_arguments(text)
    assert options.beyond + beyond_us(options.values) == beyond


def test_gssapi_acts_only_for_those_who_have_a_ticket(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.path.lexists", lambda path: False)
    monkeypatch.delenv("KRB5CCNAME", raising=False)
    assert beyond_us({"gssapiauthentication": ["yes"]}) == []
    monkeypatch.setenv("KRB5CCNAME", "/a/ticket")
    assert beyond_us({"gssapiauthentication": ["yes"]}) == ["gssapiauthentication"]
    assert beyond_us({"gssapiauthentication": ["no"]}) == []


def test_of_two_sources_the_first_counts_and_files_of_keys_add_up() -> None:
    one, two = SshOptions(), SshOptions()
    for options, value in ((one, "a"), (two, "b")):
        options.add("User", value)
        options.add("IdentityFile", value)
    assert joined(one, two).values == {"user": ["a"], "identityfile": ["a", "b"]}


@pytest.mark.parametrize(
    ("name", "text", "left"),
    [
        ("ciphers", "aes128-ctr,no-such-cipher", "aes128-ctr"),
        ("kexalgorithms", "+diffie-hellman-group14-sha1", "+diffie-hellman-group14-sha1"),
        ("hostkeyalgorithms", "ssh-ed25519*", "ssh-ed25519*"),
        ("macs", "-no-such-mac", ""),
    ],
)
def test_algorithms_that_asyncssh_lacks_are_left_out(name: str, text: str, left: str) -> None:
    assert algorithms(name, text) == left


def test_an_option_with_only_such_algorithms_is_for_ssh() -> None:
    assert lacking(read_arguments("-c no-such-cipher -m hmac-sha2-256")) == ["ciphers"]
