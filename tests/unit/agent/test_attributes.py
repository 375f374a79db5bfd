from __future__ import annotations

import pytest

from undrift.agent.attributes import wanted_mode
from undrift.agent.host import Failed, Node


@pytest.mark.parametrize(
    ("mode", "present", "directory", "wanted"),
    [
        ("0644", 0o600, False, 0o644),
        ("644", 0o600, False, 0o644),
        (0o755, 0o600, False, 0o755),
        ("1777", 0o755, True, 0o1777),
        ("u=rwx,g=rx,o=", 0o000, False, 0o750),
        ("u=rwX,g=rX,o=rX", 0o700, True, 0o755),
        ("u=rwX,go=rX", 0o600, False, 0o644),
        ("a+X", 0o644, False, 0o644),
        ("a+X", 0o744, False, 0o755),
        ("go-w", 0o666, False, 0o644),
        ("+x", 0o644, False, 0o755),
        ("g=u", 0o740, False, 0o770),
        ("u+s", 0o755, False, 0o4755),
        ("o+t", 0o755, True, 0o1755),
        (None, 0o644, False, None),
    ],
)
def test_a_mode_means_what_chmod_means(
    mode: object, present: int, directory: bool, wanted: int | None
) -> None:
    assert wanted_mode(mode, Node("file", present), directory=directory) == wanted


@pytest.mark.parametrize("mode", ["rwxr-xr-x", "u=z", "+", "x"])
def test_a_mode_that_is_none_is_refused(mode: str) -> None:
    if mode == "+":
        assert wanted_mode(mode, Node("file", 0o644), directory=False) == 0o644
        return
    with pytest.raises(Failed, match="octal or symbolic"):
        wanted_mode(mode, Node("file", 0o644), directory=False)
