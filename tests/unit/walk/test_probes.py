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
hostname -f
hostname
df -h /
nproc --all
getconf LONG_BIT
timedatectl
timedatectl show -p Timezone --value
timedatectl status
hostnamectl
hostnamectl --static
findmnt -n -o SOURCE /
lsblk -J
free -m
date
date +%s
date -u -d yesterday +%F
groups deploy
locale -a
ip addr
ip -4 addr show dev eth0
ip -o link show
ip route show default
ip route get 10.0.0.1
apt-cache policy nginx
apt-cache show nginx
pip freeze
pip3 list --format=json
pip show requests
nginx -v
nginx -V
sshd -T
git -C /srv/app rev-parse HEAD
git -C /srv/app status --porcelain
git -C /srv/app describe --tags --always
git -C /srv/app log -1 --format=%H
git status
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
nginx
nginx -s reload
hostname web-1
hostname -F /etc/hostname
hostname -b web-1
df --sync
findmnt --poll
getconf -v x y
timedatectl set-timezone UTC
timedatectl -H other show
timedatectl --adjust-system-clock
hostnamectl set-hostname x
hostnamectl hostname x
free -s 1
date -s 10:00
date --set=10:00
date 11251200
ip link set eth0 down
ip -b file
ip -n other addr
ip netns exec x rm y
ip addr flush dev eth0
ip
apt-cache gencaches
apt-cache -o x=y policy
apt update
pip install x
pip list --outdated
pip
sshd
sshd -D
git -C /srv/app pull
git -C /srv/app log --output=/srv/x
git -C /srv/app log -p
git -c core.pager=x log
git
command rm
command -v
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


@pytest.mark.parametrize(
    "line",
    [
        "systemctl is-active cron",
        "command -v git",
        'grep -c "root:x" /etc/passwd',
        "grep -E '^(root|daemon):' /etc/passwd",
        "dpkg-query -W -f='${Version}' nginx",
        'test "1" = "1"',
    ],
)
def test_a_line_of_a_shell_task_without_anything_of_a_shell_may(line: str) -> None:
    assert may_run(line, (), by_shell=True)


@pytest.mark.parametrize(
    "line",
    [
        'cat "$HOME/x"',
        'cat "`id`"',
        "grep 'a' x | sh",
        "grep 'a'> x",
        "cat 'a' \"b",
        "cat \\'a; rm x\\'",
        "A='b' cat x",
        "cat 'x'\nrm x",
    ],
)
def test_a_quoted_line_that_needs_a_shell_may_not(line: str) -> None:
    assert not may_run(line, (), by_shell=True)


@pytest.mark.parametrize(("pattern", "allowed"), [("/opt/app status*", True), ("/opt/other*", False)])
def test_undrift_yaml_may_name_others(pattern: str, allowed: bool) -> None:
    assert may_run("/opt/app status --short", [pattern], by_shell=False) is allowed
