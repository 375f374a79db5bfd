"""
Two servers that were alike: one through `ansible-playbook`, the other through `undrift correct`. They must be alike again,
the whole file system, packages and units; and a second correction must find nothing to do.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from labs import WITH_COLLECTIONS, TestLab, undrift

pytestmark = pytest.mark.lab

CASES = Path(__file__).parents[1] / "cases" / "twins"

#: What differs between two servers anyway, from run to run, or is the memory of one of the two.
ELSEWHERE = (
    "/proc /sys /run /dev /tmp /var/tmp /var/log /var/cache /var/lib/undrift /var/tmp /var/lib/apt/lists /root/.ansible /home/*/.ansible"
    " /var/www/.ansible /etc/hostname /etc/hosts /etc/resolv.conf /etc/machine-id /var/lib/systemd /var/lib/dpkg/*-old"
    " /var/spool/cron/crontabs/* /etc/*- /etc/.pwd.lock /var/lib/dbus /root/.local"
)
LISTED = r"""
for path in {elsewhere}; do echo "$path"; done > /tmp/elsewhere
prune=$(sed 's/.*/-path & -prune -o/' /tmp/elsewhere | tr '\n' ' ')
find / -xdev $prune ! -type f -printf '%p\t%y %m %U %G %l\n'
find / -xdev $prune -type f -printf '%p\t%m %U %G %n\n'
find / -xdev $prune -type f -print0 | xargs -0 sha256sum | sed -E 's/^(\S+)  (.*)$/content \2\t\1/'
for user in root www-data; do crontab -l -u $user 2>/dev/null | sed "s/.*/crontab $user: &\t/"; done
dpkg-query -W -f 'package ${{Package}}\t${{Version}} ${{db:Status-Status}}\n'
systemctl list-unit-files --no-legend --no-pager | awk '{{print "unit " $1 "\t" $2}}'
systemctl list-units --all --type=service --no-legend --no-pager --plain | awk '{{print "state " $1 "\t" $3 " " $4}}'
"""
#: Backups are named by process and second.
PASSING = ("~", ".swp")


def _snapshot(lab: TestLab, host: str) -> dict[str, str]:
    said = lab.sh(host, LISTED.format(elsewhere=ELSEWHERE))
    found = dict(line.split("\t", 1) for line in said.splitlines() if "\t" in line)
    return {_without_stamp(name): value for name, value in found.items() if "undrift-" not in name}


def _without_stamp(name: str) -> str:
    """The name of a backup without when it was made."""
    return name.partition(".")[0] + ".backup" if name.endswith(PASSING) else name


def _cases() -> Iterator[object]:
    for path in sorted(CASES.glob("*.yml")):
        case = yaml.safe_load(path.read_text())
        yield pytest.param(case, id=case["case"])


@pytest.mark.parametrize("case", list(_cases()))
def test_a_corrected_server_is_the_twin_of_one_that_ansible_made(
    case: dict, project: Path, lab: TestLab
) -> None:
    for name, text in {**case.get("files", {}), "site.yml": yaml.safe_dump(case["playbook"])}.items():
        file = project / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    for host in ("web-1", "web-2"):
        lab.fresh(host)
    theirs = lab.play("site.yml", "-l", "web-1")
    ours = _correct(lab)
    assert (theirs.status != 0) == bool(case.get("fails")), theirs.stdout
    assert (ours.status != 0) == bool(case.get("fails")), ours.stdout + ours.stderr
    assert "still differs" not in ours.stdout + ours.stderr, ours.stdout
    one, other = _snapshot(lab, "web-1"), _snapshot(lab, "web-2")
    different = {
        name: (one.get(name), other.get(name))
        for name in sorted(one.keys() | other.keys())
        if one.get(name) != other.get(name)
    }
    assert not different, json.dumps(different, indent=1)[:4000] + ours.stdout
    if not (case.get("fails") or case.get("never_at_rest")):
        again = _correct(lab, include_unknown=False)
        assert again.status == 0, again.stdout + again.stderr
        assert "nothing to change" in again.stdout, again.stdout


def _correct(lab: TestLab, *, include_unknown: bool = True):
    more = ["--include-unknown"] if include_unknown else []
    words = ["correct", "site.yml", "-i", str(lab.inventory), "-l", "web-2", "--yes", *more]
    return undrift(*words, **WITH_COLLECTIONS)
