"""Every connection variable acts, or is an error that names it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ACTING = {
    ("ansible_timeout", 7): ("timeout", 7.0),
    ("ansible_ssh_timeout", 8): ("timeout", 8.0),
    ("ansible_ssh_retries", 4): ("retries", 4),
    ("ansible_ssh_use_tty", "false"): ("tty", False),
    ("ansible_shell_executable", "/bin/bash"): ("shell", "/bin/bash"),
    ("ansible_python_interpreter", "/usr/bin/env python3"): ("python", "python3"),
    ("ansible_python_interpreter", "/opt/python"): ("python", "/opt/python"),
    ("ansible_python_interpreter", "auto_silent"): ("python", ""),
    ("ansible_ssh_executable", "/opt/ssh"): ("ssh_executable", "/opt/ssh"),
    ("ansible_ssh_pkcs11_provider", "/lib/x.so"): ("common_args", "-o PKCS11Provider=/lib/x.so"),
    ("ansible_ssh_verbosity", 3): ("idle", ["ansible_ssh_verbosity"]),
    ("ansible_shell_type", "sh"): ("others", {}),
    ("ansible_port", 2222): ("port", 2222),
    ("ansible_private_key", "word"): ("key", "word"),
    ("ansible_ssh_private_key", "word"): ("key", "word"),
    ("ansible_private_key_passphrase", "word"): ("key_passphrase", "word"),
    ("ansible_ssh_private_key_passphrase", "word"): ("key_passphrase", "word"),
}


NAMED = {
    ("ansible_conection", "local"): "did you mean ansible_connection?",
    ("ansible_prt", 22): "did you mean ansible_port?",
    ("ansible_usre", "me"): "did you mean ansible_user?",
    ("ansible_ssh_prot", 22): "did you mean ansible_ssh_port?",
    ("ansible_ssh_no_such", 1): "",
    ("ansible_shell_type", "powershell"): "undrift does not know powershell",
}
ORDINARY = {
    "ansible_hostname": "web",
    "ansible_nodename": "web",
    "ansible_hosts": "web",
    "ansible_users": "me",
    "ansible_usera": ["me"],
    "ansible_user_id": "me",
    "ansible_user_dir": "/",
    "ansible_become_user": "me",
    "ansible_become_pass": "x",
    "ansible_distribution": "Debian",
    "ansible_python": {},
    "ansible_python_version": "3",
    "ansible_ssh_host_key_ed25519_public": "AAAA",
    "ansible_ssh_host_key_ed25519_public_keytype": "ssh-ed25519",
    "ansible_check_mode": True,
    "ansible_my_own": 1,
}
SENSELESS = {
    "ansible_timeout": "soon",
    "ansible_shell_executable": "/bin/sh -x",
    "ansible_ssh_retries": "often",
}
GIVEN = [*ACTING, *NAMED, *ORDINARY.items(), *SENSELESS.items()]


def _ask(variables: list[dict], **environment: str) -> dict:
    done = subprocess.run(
        [sys.executable, Path(__file__).with_name("targets.py")],
        input=json.dumps(variables),
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, **environment},
    )
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def told() -> dict:
    """What each of the variables, given alone, makes of a target."""
    answer = _ask([{name: value} for name, value in GIVEN])
    return dict(zip(map(str, GIVEN), answer["targets"], strict=True)) | {"become": answer["become"]}


@pytest.mark.parametrize("given", ACTING, ids=str)
def test_a_connection_variable_acts(given: tuple, told: dict) -> None:
    field, value = ACTING[given]
    assert told[str(given)][field] == value


@pytest.mark.parametrize("given", NAMED, ids=str)
def test_a_variable_that_does_nothing_is_named(given: tuple, told: dict) -> None:
    assert told[str(given)]["others"] == {given[0]: NAMED[given]}


@pytest.mark.parametrize("name", ORDINARY)
def test_variables_that_merely_begin_so_are_no_matter(name: str, told: dict) -> None:
    assert told[str((name, ORDINARY[name]))]["others"] == {}


@pytest.mark.parametrize("name", SENSELESS)
def test_a_value_that_makes_no_sense_is_refused(name: str, told: dict) -> None:
    assert SENSELESS[name] in told[str((name, SENSELESS[name]))]["refused"]


def test_becoming_another_user_is_by_the_shell_that_is_asked_for(told: dict) -> None:
    assert "/bin/bash -c" in told["become"]


def test_an_executable_of_the_configuration_is_used() -> None:
    assert _ask([{}], ANSIBLE_SSH_EXECUTABLE="/opt/ssh")["targets"][0]["ssh_executable"] == "/opt/ssh"
