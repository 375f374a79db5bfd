"""How many logins go on at once is a setting."""

from __future__ import annotations

from pathlib import Path

import pytest

from undrift import settings
from undrift.errors import UsageError


def test_the_limit_of_a_jump_host_is_set_by_file_and_environment(tmp_path: Path) -> None:
    assert settings.load(tmp_path, {})["logins_per_jump"] == 10
    (tmp_path / settings.FILE).write_text("logins_per_jump: 3\n")
    assert settings.load(tmp_path, {})["logins_per_jump"] == 3
    assert settings.load(tmp_path, {"UNDRIFT_LOGINS_PER_JUMP": "4"})["logins_per_jump"] == 4


@pytest.mark.parametrize("value", ["0", "many", "-1"])
def test_a_limit_that_is_none_is_refused(value: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="logins_per_jump"):
        settings.load(tmp_path, {"UNDRIFT_LOGINS_PER_JUMP": value})
