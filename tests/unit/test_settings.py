from __future__ import annotations

from pathlib import Path

import pytest

from undrift.errors import UsageError
from undrift.settings import Source, folder_of, load


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
        ("deadline: soon\n", "'soon' is not a number of seconds above 0", 1),
        ("deadline: -1\n", "-1 is not a number of seconds above 0", 1),
        ("deadline: .nan\n", "nan is not a number of seconds above 0", 1),
        ("logins: 1.5\n", "is not a whole number", 1),
        ("logins: 0\n", "0 is not a whole number, at least 1", 1),
        ("playbook: a.yml\nlogins_per_jump: none\n", "is not a whole number, at least 1", 2),
        ("logins: 1\ndeadline: 3\nlogins: 2\n", "'logins' is there twice, in line 1 and again here", 3),
        ("playbook: [a\n  b: c\n", "expected ',' or ']'", 2),
        ("playbook: 'a\n", "unexpected end of stream", 2),
        ("probes: 3\n", "list of shell patterns", 1),
        ("[a, b]\n", "no keys", 1),
    ],
)
def test_a_mistake_is_told_with_its_line(text: str, says: str, line: int, tmp_path: Path) -> None:
    (tmp_path / "undrift.yaml").write_text(text)
    with pytest.raises(UsageError, match=says) as error:
        load(tmp_path, {})
    assert error.value.where.endswith(f"undrift.yaml:{line}")


@pytest.mark.parametrize("content", [b"playbook: \xff\n", b"playbook: a\x01\n"])
def test_a_file_that_is_no_text_is_told_in_words(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "undrift.yaml").write_bytes(content)
    with pytest.raises(UsageError, match="cannot be read") as error:
        load(tmp_path, {})
    assert "string>" not in error.value.what
    assert error.value.where.endswith("undrift.yaml")


def test_what_somebody_has_set_is_told_with_its_place(tmp_path: Path) -> None:
    (tmp_path / "undrift.yaml").write_text("logins: 7\ninventory: [a.ini, b.ini]\n")
    told = list(load(tmp_path, {"UNDRIFT_DEADLINE": "3"}).told())
    assert told == [
        f"inventory: {tmp_path}/a.ini, {tmp_path}/b.ini ({tmp_path}/undrift.yaml:2)",
        "deadline: 3.0 (UNDRIFT_DEADLINE)",
        f"logins: 7 ({tmp_path}/undrift.yaml:1)",
    ]


@pytest.mark.parametrize(
    ("files", "playbook", "counts"),
    [
        (["plays/undrift.yaml", "undrift.yaml"], "plays/site.yml", "plays"),
        (["undrift.yaml"], "plays/site.yml", "."),
        (["undrift.yaml"], "", "."),
        (["undrift.yaml"], "site.yml", "."),
        ([], "plays/site.yml", "."),
    ],
)
def test_the_file_beside_the_playbook_counts_before_the_one_here(
    files: list[str], playbook: str, counts: str, project: Path
) -> None:
    (project / "plays").mkdir()
    for name in files:
        (project / name).write_text("logins: 1\n")
    assert folder_of(playbook).resolve() == (project / counts).resolve()
