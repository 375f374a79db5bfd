"""Which effects of earlier tasks a program's answer hangs on."""

from __future__ import annotations

import pytest

from undrift.agent import pending
from undrift.agent.host import Host

NOBODY = "undrift-nobody-yet"


@pytest.fixture
def host() -> Host:
    host = Host()
    host.overlay.record("path", "/srv/undrift/new", {"type": "directory", "created": True})
    host.overlay.record("path", "/etc/nginx/undrift.conf", {"type": "file", "created": True})
    host.overlay.record("path", "/srv/undrift-gone", None)
    host.overlay.record("path", "/etc/hosts", {"type": "file", "mode": 0o600})
    host.overlay.record("user", NOBODY, {"name": NOBODY})
    host.overlay.record("package", "tree", "present")
    host.overlay.record("unit", "cron.service", {"running": False})
    return host


@pytest.mark.parametrize(
    ("line", "effect"),
    [
        ("cat /srv/undrift/new/deep/file", "make /srv/undrift/new"),
        ("dd if=/srv/undrift/new", "make /srv/undrift/new"),
        ("cat /srv/undrift-gone/x", "remove /srv/undrift-gone"),
        ("cat /etc/hosts", "change /etc/hosts"),
        ("ls /srv/undrift", "make /srv/undrift/new"),
        ("/bin/ls -la /srv", "make /srv/undrift/new"),
        ("nginx -V", "make /etc/nginx/undrift.conf"),
        ("id -u " + NOBODY, "make or change the user " + NOBODY),
        ("dpkg -s tree", "install tree"),
        ("dpkg -l", "install tree"),
        ("systemctl is-active cron", "start, stop or enable cron"),
        ("systemctl is-active cron.service", "start, stop or enable cron.service"),
    ],
)
def test_an_answer_that_would_be_another_is_not_taken(line: str, effect: str, host: Host) -> None:
    assert pending.answered_otherwise(line.split(), host) == "an earlier task would " + effect


@pytest.mark.parametrize(
    "line", ["cat /etc/hostname", "test -d /srv", "dpkg -s curl", "systemctl is-active ssh", "id -u root"]
)
def test_an_answer_about_something_else_is(line: str, host: Host) -> None:
    assert pending.answered_otherwise(line.split(), host) == ""


def test_what_fails_may_hang_on_a_package_or_a_user_to_come(host: Host) -> None:
    assert pending.reason(["whatever"], host) == "an earlier task would install tree"
    other = Host()
    assert pending.reason(["whatever"], other) == ""
    other.overlay.record("user", NOBODY, {"name": NOBODY})
    assert pending.reason({"path": "/srv/x"}, other) == "an earlier task would make the user " + NOBODY
