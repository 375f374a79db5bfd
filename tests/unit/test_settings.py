from __future__ import annotations

from pathlib import Path

import pytest

from undrift.errors import UsageError
from undrift.settings import Source, load


def test_without_a_file_there_are_defaults(tmp_path: Path) -> None:
    settings = load(tmp_path, {})
    assert settings["deadline"] == 30.0
    assert settings.values["deadline"].source is Source.DEFAULT


def test_the_environment_beats_the_file_and_each_value_knows_its_place(tmp_path: Path) -> None:
    (tmp_path / "undrift.yaml").write_text("inventory: prod.ini\nplaybook: site.yml\ndeadline: 5\n")
    settings = load(tmp_path, {"UNDRIFT_DEADLINE": "7"})
    assert settings["inventory"] == (str(tmp_path / "prod.ini"),)
    assert settings.values["playbook"].where.endswith("undrift.yaml:2")
    assert (settings["deadline"], settings.values["deadline"].where) == (7.0, "UNDRIFT_DEADLINE")


@pytest.mark.parametrize(
    ("text", "says", "line"),
    [
        ("inventroy: x\n", "did you mean 'inventory'", 1),
        ("playbook: site.yml\ncolour: red\n", "unknown key 'colour'", 2),
        ("deadline: soon\n", "is not seconds", 1),
        ("deadline: -1\n", "is not seconds", 1),
        ("logins: 1.5\n", "is not a whole number", 1),
        ("probes: 3\n", "list of shell patterns", 1),
        ("[a, b]\n", "no keys", 1),
    ],
)
def test_a_mistake_is_told_with_its_line(text: str, says: str, line: int, tmp_path: Path) -> None:
    (tmp_path / "undrift.yaml").write_text(text)
    with pytest.raises(UsageError, match=says) as error:
        load(tmp_path, {})
    assert error.value.where.endswith(f"undrift.yaml:{line}")


def test_broken_yaml_is_told(tmp_path: Path) -> None:
    (tmp_path / "undrift.yaml").write_text("a: [\n")
    with pytest.raises(UsageError, match="cannot be read"):
        load(tmp_path, {})
