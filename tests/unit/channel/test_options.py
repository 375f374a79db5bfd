from __future__ import annotations

import pytest

from undrift.channel.options import asyncssh_arguments, beyond_us, keywords_of_config, read_arguments


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("-o StrictHostKeyChecking=no", {"stricthostkeychecking": ["no"]}),
        ('-o "ProxyJump gate"', {"proxyjump": ["gate"]}),
        ("-oPort=2222 -l deploy", {"port": ["2222"], "user": ["deploy"]}),
        ("-i ~/key -i other", {"identityfile": ["~/key", "other"]}),
        ("-J gate.example -4", {"proxyjump": ["gate.example"], "addressfamily": ["inet"]}),
        ("-o ControlMaster=auto -o ControlPersist=60s -C", {"compression": ["yes"]}),
        ("", {}),
    ],
)
def test_options_are_read_as_ssh_reads_them(text: str, values: dict) -> None:
    options = read_arguments(text)
    assert (options.values, options.beyond) == (values, [])


@pytest.mark.parametrize(
    ("text", "beyond"),
    [
        ("-o KnownHostsCommand=/bin/x", ["-o KnownHostsCommand"]),
        ("-o PKCS11Provider=/lib/x.so", ["-o PKCS11Provider"]),
        ("-w 0:0", ["-w", "0:0"]),
    ],
)
def test_what_only_ssh_can_do_is_never_ignored(text: str, beyond: list[str]) -> None:
    assert read_arguments(text).beyond == beyond


def test_values_become_arguments() -> None:
    found = asyncssh_arguments(read_arguments("-p 2222 -o Compression=no -o ServerAliveInterval=5"))
    assert found == {"port": 2222, "compression_algs": None, "keepalive_interval": 5}


def test_a_configuration_that_only_ssh_can_do_is_seen() -> None:
    text = "Host *\n  KnownHostsCommand /bin/x\n  User me\n# SecurityKeyProvider no\n"
    assert beyond_us(keywords_of_config([text])) == ["knownhostscommand"]
