"""Which commit of the playbook's repository a scan looked with."""

from __future__ import annotations

import asyncio
from pathlib import Path


async def revision_of(playbook: str) -> tuple[str, bool]:
    """(commit, whether anything is uncommitted); ("", False) where there is no repository or no git."""
    folder = str(Path(playbook).parent)
    try:
        head, status = await asyncio.gather(
            _git(folder, "rev-parse", "HEAD"), _git(folder, "status", "--porcelain", "--untracked-files=no")
        )
    except OSError:
        return "", False
    return head, bool(status)


async def _git(folder: str, *args: str) -> str:
    process = await asyncio.create_subprocess_exec(
        "git",
        "-C",
        folder,
        *args,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    out, _ = await process.communicate()
    return out.decode(errors="replace").strip() if process.returncode == 0 else ""
