"""What may be run in a scan without being asked: every row was looked at."""

from __future__ import annotations

import pytest

from undrift.walk.actions.probes import may_run

ALLOWED = """\
systemctl is-active cron
systemctl is-enabled nginx.service
systemctl show --property=MainPID cron
systemctl status nginx --no-pager
systemctl list-units --type=service
/usr/bin/systemctl is-failed x
systemctl --version
dpkg -l
dpkg -s nginx
dpkg-query -W nginx
dpkg-query -W -f=${Version} nginx
rpm -q bash
rpm -qa
rpm -q --qf=%{VERSION} bash
getent passwd root
id -u deploy
whoami
cat /etc/os-release
head -n 1 /etc/hostname
grep -c root /etc/passwd
test -f /etc/hosts
[ -d /srv ]
stat -c %a /etc/hosts
ls -la /etc
readlink -f /usr/bin/python3
uname -r
sysctl -n net.ipv4.ip_forward
sysctl kernel.hostname
ss -tln
which nginx
nproc
nginx --version
lsb_release -a
true"""

REFUSED = """\
systemctl restart nginx
systemctl stop cron
systemctl enable x
systemctl daemon-reload
systemctl edit nginx
systemctl --host=other is-active x
systemctl -H other show x
systemctl
dpkg -i package.deb
dpkg --purge nginx
dpkg-query -W --admindir=/tmp nginx
dpkg-query
rpm -i package.rpm
rpm -e bash
rpm -q --pipe rm bash
rpm -q --define x bash
rpm --eval x
sysctl -w net.ipv4.ip_forward=1
sysctl net.ipv4.ip_forward=1
sysctl -p
sysctl -n
ss -K dst 10.0.0.1
uname file
rm -rf /
curl http://example.invalid
/opt/app --version
./app --version
bash -c true
python3 -c pass
find / -delete
FOO=bar cat x
nginx -t
git status
"""


@pytest.mark.parametrize("line", ALLOWED.splitlines())
def test_a_program_that_only_reads_may_run(line: str) -> None:
    assert may_run(line, (), by_shell=False)


@pytest.mark.parametrize("line", REFUSED.splitlines())
def test_everything_else_may_not(line: str) -> None:
    assert not may_run(line, (), by_shell=False)


@pytest.mark.parametrize(
    "line",
    [
        "cat /etc/hosts | grep x",
        "cat /etc/hosts > /tmp/x",
        "cat $HOME/x",
        "cat `id`",
        "cat /etc/*",
        "id; rm x",
        "id && rm x",
        "test -f x || touch x",
        "cat ~/x",
    ],
)
def test_a_line_that_needs_a_shell_may_not(line: str) -> None:
    assert not may_run(line, (), by_shell=True)


def test_a_plain_line_of_a_shell_task_may() -> None:
    assert may_run("systemctl is-active cron", (), by_shell=True)


@pytest.mark.parametrize(("pattern", "allowed"), [("/opt/app status*", True), ("/opt/other*", False)])
def test_undrift_yaml_may_name_others(pattern: str, allowed: bool) -> None:
    assert may_run("/opt/app status --short", [pattern], by_shell=False) is allowed
