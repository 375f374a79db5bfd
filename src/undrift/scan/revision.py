"""Which commit of the playbook's repository a scan looked with. Nothing of the repository is written."""

from __future__ import annotations

import asyncio
from pathlib import Path


async def revision_of(playbook: str) -> tuple[str, bool]:
    """
    (commit, whether the commit is not all that was looked with: a change in the repository that is not committed, a
    playbook or a file in its folder that git does not know). ("", False) where there is no repository or no git.
    """
    folder, name = str(Path(playbook).parent), Path(playbook).name
    try:
        head, known, changed, new = await asyncio.gather(
            _git(folder, "rev-parse", "--verify", "HEAD"),
            _git(folder, "ls-files", "--", name),
            _git(folder, "status", "--porcelain", "--untracked-files=no"),
            _git(folder, "status", "--porcelain", "--untracked-files=normal", "--", "."),
        )
    except OSError:
        return "", False
    return head, bool(head) and (not known or bool(changed or new))


async def _git(folder: str, *args: str) -> str:
    process = await asyncio.create_subprocess_exec(
        "git",
        # Else `status` would bring the index up to date, on disk.
        "--no-optional-locks",
        "-C",
        folder,
        *args,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    out, _ = await process.communicate()
    return out.decode(errors="replace").strip() if process.returncode == 0 else ""
