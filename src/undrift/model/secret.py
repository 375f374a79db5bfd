from __future__ import annotations

from dataclasses import dataclass, field

#: What is shown in the place of a secret.
HIDDEN = "«secret»"


@dataclass(frozen=True, slots=True)
class Secret:
    """A value that cannot leak by being printed; `reveal` is where it is used."""

    reveal: str = field(repr=False)

    def __str__(self) -> str:
        return HIDDEN

    def __bool__(self) -> bool:
        return bool(self.reveal)


NO_SECRET = Secret("")
