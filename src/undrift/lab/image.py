"""The servers' image, made once from the distribution and kept by the digest of its recipe."""

from __future__ import annotations

import asyncio
import hashlib
import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

from undrift.errors import LabError
from undrift.lab.engine import Engine

PACKAGES = [
    "systemd",
    "systemd-sysv",
    "dbus",
    "openssh-server",
    "python3",
    "python3-apt",
    "sudo",
    "cron",
    "procps",
    "iproute2",
    "ca-certificates",
    "curl",
    "git",
    "acl",
    "nginx-light",
    "locales",
    "rsync",
    "gpg",
]

SSHD = """\
MaxStartups 1000
MaxSessions 100
UseDNS no
PrintMotd no
StrictModes no
HostKey /etc/undrift-lab/ssh_host_ed25519_key
AuthorizedKeysFile .ssh/authorized_keys /etc/undrift-lab/authorized_keys
"""

#: What is done in the new root file system, after its packages are there.
SETUP = """\
set -eu
rm -f /etc/ssh/ssh_host_*
printf '%s' "$SSHD" > /etc/ssh/sshd_config.d/undrift-lab.conf
useradd --create-home --shell /bin/bash admin
printf 'admin ALL=(ALL) NOPASSWD: ALL\\n' > /etc/sudoers.d/admin
chmod 0440 /etc/sudoers.d/admin
systemctl disable nginx.service
systemctl mask systemd-resolved.service systemd-networkd.service systemd-logind.service getty.target \\
    systemd-udevd.service apt-daily.timer apt-daily-upgrade.timer e2scrub_all.timer fstrim.timer \\
    dpkg-db-backup.timer systemd-timesyncd.service systemd-firstboot.service
rm -f /etc/machine-id
"""

SUITE = "bookworm"


def recipe_digest() -> str:
    """Twelve hex digits; another recipe has others."""
    recipe = "\n".join([SUITE, *PACKAGES, SSHD, SETUP])
    return hashlib.sha256(recipe.encode()).hexdigest()[:12]


def silent(text: str) -> None:
    """Tells nobody."""
    del text


async def ensure_image(engine: Engine, tell: Callable[[str], None] = silent) -> str:
    """
    The name of the image, built now when it is not there yet (about 40 s). tell: hears of that. Raises LabError.
    """
    name = f"localhost/undrift-lab:{recipe_digest()}"
    if (await engine.run("image", "inspect", name, check=False)).status == 0:
        return name
    _need("mmdebstrap", "mmdebstrap")
    if os.geteuid() != 0:
        _need("newuidmap", "uidmap")
    tell("making the servers' image: about 40 s, this once")
    with tempfile.TemporaryDirectory(prefix="undrift-lab-") as folder:
        archive = Path(folder) / "root.tar"
        await _bootstrap(archive)
        await engine.run("import", str(archive), name)
    return name


def _need(command: str, package: str) -> None:
    if not shutil.which(command):
        raise LabError(
            f"the lab's image is made with {command}, which is not here", help=f"apt-get install {package}"
        )


async def _bootstrap(archive: Path) -> None:
    """A Debian root file system as a tar archive."""
    command = [
        "mmdebstrap",
        "--variant=minbase",
        f"--include={','.join(PACKAGES)}",
        # The lists stay: an apt task must be able to tell which packages there are.
        "--skip=cleanup/apt/lists",
        '--customize-hook=SSHD="$UNDRIFT_SSHD" chroot "$1" sh -c "$UNDRIFT_SETUP"',
        SUITE,
        str(archive),
    ]
    process = await asyncio.create_subprocess_exec(
        "env",
        f"UNDRIFT_SSHD={SSHD}",
        f"UNDRIFT_SETUP={SETUP}",
        *command,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
    )
    _, err = await process.communicate()
    if process.returncode:
        last = "\n".join(err.decode(errors="replace").splitlines()[-5:])
        raise LabError(f"the lab's image could not be made:\n{last}")
