"""~/.ssh/config as ssh reads it, without asking ssh."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from undrift.channel.configuration import Configuration, fits


def _configuration(folder: Path, text: str | bytes) -> Configuration:
    file = folder / "config"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return Configuration(user=str(file), system=os.devnull)


PLAIN = {
    "the first value counts": ("User a\nUser b\n", {"user": ["a"]}),
    "blocks": ("Host x\n User a\nHost web\n User b\nHost *\n Port 2\n", {"user": ["b"], "port": ["2"]}),
    "capitals and tabs": ("HOST Web\n\tUSER\tMe\n", {"user": ["Me"]}),
    "comments and empty lines": ("# a\n\n  # b\nUser a\n", {"user": ["a"]}),
    "an equals sign with spaces": ("User = a\n", {"user": ["a"]}),
    "all": ("Host x\n User a\nMatch all\n User b\n", {"user": ["b"]}),
    "several keys": ("IdentityFile a\nIdentityFile b\n", {"identityfile": ["a", "b"]}),
    "a command with quotes": (
        "ProxyCommand sh -c 'nc %h' 2>/dev/null\n",
        {"proxycommand": ["sh -c 'nc %h' 2>/dev/null"]},
    ),
    "what is to be ignored": ("IgnoreUnknown Use*\nUseKeychain yes\nPort 2\n", {"port": ["2"]}),
}


@pytest.mark.parametrize("case", PLAIN)
def test_plain_configuration_is_judged_here(case: str, tmp_path: Path) -> None:
    text, values = PLAIN[case]
    configuration = _configuration(tmp_path, text)
    assert not configuration.needs_ssh
    assert configuration.of("web").values == values


@pytest.mark.parametrize(
    "text",
    [
        "Match user a\n",
        'IdentityFile "a b"\n',
        "User a # me\n",
        "User\n",
        "Include ~/%h\n",
        "Include config\n",
    ],
)
def test_what_only_ssh_reads_rightly_is_left_to_it(text: str, tmp_path: Path) -> None:
    assert _configuration(tmp_path, text).needs_ssh


def test_an_included_file_belongs_to_the_block_it_stands_in(tmp_path: Path) -> None:
    (tmp_path / "more.conf").write_text("User a\nHost web\n Port 2\n")
    text = "Host other\n Include *.conf\nHost web\n Include more.conf\nCompression yes\n"
    configuration = _configuration(tmp_path, text)
    assert configuration.of("web").values == {"user": ["a"], "port": ["2"], "compression": ["yes"]}
    assert configuration.of("other").values == {"user": ["a"]}


def test_the_files_are_read_once(tmp_path: Path) -> None:
    configuration = _configuration(tmp_path, "User a\n")
    (tmp_path / "config").unlink()
    assert [configuration.of(host).first("user") for host in ("one", "two")] == ["a", "a"]


@pytest.mark.parametrize(
    ("patterns", "host", "fit"),
    [
        (["*"], "a", True),
        (["web-?"], "web-1", True),
        (["web-?"], "web-10", False),
        (["*", "!a"], "a", False),
        (["!b"], "a", False),
        (["[a]"], "a", False),
        (["WEB"], "web", True),
    ],
)
def test_patterns_fit_as_with_ssh(patterns: list[str], host: str, fit: bool) -> None:
    assert fits(host, patterns) is fit
