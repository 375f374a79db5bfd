"""What travels to a server."""

from __future__ import annotations

import ast
import subprocess
import zlib

import pytest

from undrift.channel import package


def test_the_core_is_small() -> None:
    assert len(package.core()) < 16 * 1024


@pytest.mark.parametrize(
    "kind",
    sorted(name.removeprefix("resources.") for name in package._files() if name.startswith("resources.")),
)
def test_a_kind_brings_all_that_it_imports(kind: str) -> None:
    modules = package.modules_for([package.file_of_kind(kind)])
    assert f"undrift.agent.resources.{kind}" in modules
    known = {f"undrift.agent.{name}" for name in package.CORE} | set(modules)
    for text in modules.values():
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("undrift.agent."):
                assert all(node.module in known or f"{node.module}.{one.name}" in known for one in node.names)


def test_nothing_for_readers_travels() -> None:
    text = zlib.decompress(package.core()).decode()
    assert "MYPY" not in text
    assert '"""' not in text


@pytest.mark.parametrize("python", ["", "/usr/bin/python3", "python3.11"])
def test_the_command_survives_any_number_of_quotes(python: str) -> None:
    assert "'" not in package.command(python, 10)


@pytest.mark.parametrize("python", ["python3; rm -rf /", "$(id)", "a b", "'"])
def test_an_interpreter_that_is_no_name_is_refused(python: str) -> None:
    with pytest.raises(ValueError, match="interpreter"):
        package.command(python, 10)


def test_no_python_is_told_as_such() -> None:
    done = subprocess.run(
        ["/bin/sh", "-c", package.command("/no/such/python", 10)], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout.strip()) == (127, package.NO_PYTHON)
