"""Color for terminals, by the environment's rules: NO_COLOR, FORCE_COLOR, TERM=dumb."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

CODES = {"red": "31", "green": "32", "yellow": "33", "blue": "34", "cyan": "36", "bold": "1", "dim": "2"}


@dataclass(frozen=True, slots=True)
class Style:
    """Called with a text and names of CODES: the text with these codes around it, if there is color."""

    color: bool = False

    def __call__(self, text: str, *names: str) -> str:
        if not self.color or not text:
            return text
        return f"\033[{';'.join(CODES[name] for name in names)}m{text}\033[0m"


PLAIN = Style()


def wants_color(environment: Mapping[str, str], *, terminal: bool) -> bool:
    """Whether to color what goes to a stream; see no-color.org and force-color.org."""
    if environment.get("NO_COLOR"):
        return False
    if environment.get("FORCE_COLOR", "") not in {"", "0"}:
        return True
    return terminal and environment.get("TERM") != "dumb"
