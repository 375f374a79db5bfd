from __future__ import annotations

import pytest

from undrift.channel import values


@pytest.mark.parametrize(
    ("text", "seconds"), [("30", 30), ("30s", 30), ("1m", 60), ("1h30m", 5400), ("1D", 86400), ("none", None)]
)
def test_times_are_read_as_ssh_reads_them(text: str, seconds: int | None) -> None:
    assert values.seconds("ConnectTimeout", text) == seconds


@pytest.mark.parametrize("text", ["soon", "1x", "-1", "1.5", ""])
def test_a_time_that_is_none_is_told_with_the_option(text: str) -> None:
    with pytest.raises(ValueError, match="ConnectTimeout"):
        values.seconds("ConnectTimeout", text)


@pytest.mark.parametrize("text", ["0", "65536", "99999", "x", "-1"])
def test_a_port_that_is_none_is_told_with_the_option(text: str) -> None:
    with pytest.raises(ValueError, match="Port: "):
        values.port_number("Port", text)


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("gate", ("", "gate", None)),
        ("me@gate:2222", ("me", "gate", 2222)),
        ("ssh://me@gate:2222", ("me", "gate", 2222)),
        ("ssh://gate/", ("", "gate", None)),
        ("me@[::1]:22", ("me", "::1", 22)),
        ("::1", ("", "::1", None)),
        ("a@b@gate", ("a@b", "gate", None)),
    ],
)
def test_places_of_jump_hosts(text: str, place: tuple) -> None:
    assert values.place(text) == place


def test_tokens_are_replaced_and_unknown_ones_told() -> None:
    assert values.expanded("ProxyCommand", "nc %h %p 100%%", {"h": "a", "p": "1", "%": "%"}) == "nc a 1 100%"
    with pytest.raises(ValueError, match="IdentityFile: unknown token %y"):
        values.expanded("IdentityFile", "%y", {"h": "a"})


def test_paths_know_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/me")
    monkeypatch.setenv("KEYS", "/keys")
    assert values.expanded_path("IdentityFile", "~/a", {}) == "/home/me/a"
    assert values.expanded_path("IdentityFile", "${KEYS}/a", {}) == "/keys/a"
    with pytest.raises(ValueError, match="NO_SUCH"):
        values.expanded_path("IdentityFile", "${NO_SUCH}", {})
