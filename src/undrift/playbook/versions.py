"""
The releases of ansible-core that we work with: 2.19 and 2.20, whose inner parts are alike. 2.21 hands results and
variables between its processes in another way.
"""

from __future__ import annotations

from undrift.errors import UsageError

KNOWN = ("2.19.", "2.20.")


def refuse_unknown(version: str) -> None:
    """Raise UsageError for another release: its inner parts may mean something else."""
    if not version.startswith(KNOWN):
        raise UsageError(
            f"ansible-core {version} is not one that undrift works with (2.19 or 2.20)",
            help="pip install 'ansible-core>=2.19,<2.21'",
        )
