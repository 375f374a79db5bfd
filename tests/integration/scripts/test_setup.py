"""What `make setup` finds, installs or names on a machine: stand-ins for its programs, our own scripts for real."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]

#: A Python that knows its version, and whether it can make environments.
PYTHON = """\
#!/bin/sh
case "$*" in
*--version*) echo Python {version} ;;
*version_info*) exit {too_old} ;;
*ensurepip*) test -e "$(dirname "$0")/ensurepip-{name}" ;;
esac
"""
APT = """\
#!/bin/sh
echo "apt-get $*" >> "$(dirname "$0")/log"
case "$*" in *python3-venv*) : > "$(dirname "$0")/ensurepip-python3" ;; esac
"""


@pytest.fixture
def machine(tmp_path: Path):
    """programs: name to version, a + behind one that can make environments. root: who we are."""

    def made(programs: dict[str, str], *, root: bool, apt: bool = True) -> dict[str, str]:
        for name in ("sh", "dirname", "make", "test", "mkdir", "touch"):
            (tmp_path / name).symlink_to(subprocess.check_output(["which", name], text=True).strip())
        for name, version in programs.items():
            number = version.rstrip("+")
            too_old = int(int(number.split(".")[1]) < 11)
            write(tmp_path / name, PYTHON.format(version=number, too_old=too_old, name=name))
            if version.endswith("+"):
                (tmp_path / f"ensurepip-{name}").touch()
        write(tmp_path / "id", f"#!/bin/sh\necho {0 if root else 1000}\n")
        if apt:
            write(tmp_path / "apt-get", APT)
        return {"PATH": str(tmp_path)}

    return made


def write(path: Path, text: str) -> None:
    path.write_text(text)
    path.chmod(0o755)


def script(name: str, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(ROOT / "scripts" / name), *words], capture_output=True, text=True, check=False, env=environment
    )


@pytest.mark.parametrize(
    ("programs", "found"),
    [
        ({"python3": "3.11.2+"}, "python3"),
        ({"python3": "3.11.2"}, ""),
        ({"python3": "3.10.1+"}, ""),
        ({"python3": "3.10.1+", "python3.12": "3.12.0+"}, "python3.12"),
        ({"python3.14": "3.14.0+", "python3": "3.14.0+"}, "python3.14"),
        ({"python3": "3.15.0+"}, "python3"),
        ({"python3.11": "3.11.2", "python3.13": "3.13.1+"}, "python3.13"),
        ({}, ""),
    ],
)
def test_a_python_is_taken_that_is_new_enough_and_makes_environments(
    programs: dict[str, str], found: str, machine
) -> None:
    assert script("find-python", **machine(programs, root=False)).stdout.strip() == found


@pytest.mark.parametrize(
    ("programs", "missing"),
    [
        ({"python3": "3.11.2"}, "python3-venv"),
        ({"python3": "3.11.2", "python3.11": "3.11.2"}, "python3-venv"),
        ({"python3": "3.10.1", "python3.12": "3.12.0"}, "python3.12-venv"),
        ({}, "python3 python3-venv"),
    ],
)
def test_without_root_exactly_what_is_missing_is_named(
    programs: dict[str, str], missing: str, machine
) -> None:
    done = script("packages", "python", **machine(programs, root=False))
    assert done.returncode == 1
    assert done.stderr == f"these packages are missing: {missing}\nhelp: sudo apt-get install {missing}\n"


def test_a_python_that_is_too_old_is_called_so(machine) -> None:
    done = script("packages", "python", **machine({"python3": "3.9.2+"}, root=True))
    assert done.returncode == 1
    assert "undrift needs Python 3.11 or newer; this is Python 3.9.2" in done.stderr


def test_as_root_it_is_installed_and_found(machine, tmp_path: Path) -> None:
    environment = machine({"python3": "3.11.2"}, root=True)
    done = script("packages", "python", **environment)
    assert (done.returncode, done.stdout) == (0, "installing: python3-venv\n"), done.stderr
    assert "install -y -qq --no-install-recommends python3-venv" in (tmp_path / "log").read_text()
    assert script("find-python", **environment).stdout.strip() == "python3"


@pytest.mark.parametrize("environment", [{}, {"PYTHON": "/opt/python"}])
def test_nothing_is_said_when_nothing_is_missing(environment: dict[str, str], machine) -> None:
    done = script("packages", "python", **machine({"python3": "3.11.2+"}, root=False), **environment)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.parametrize("target", ["setup", "demo", "test"])
def test_make_asks_for_packages_before_it_uses_a_python(target: str) -> None:
    planned = subprocess.run(
        ["make", "--dry-run", "--always-make", target], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    assert planned.index("scripts/packages") < planned.index("scripts/find-python")
