"""undrift.yaml and UNDRIFT_*: each value with the place it came from. Higher sources win."""

from __future__ import annotations

import difflib
import enum
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from undrift.errors import UsageError

FILE = "undrift.yaml"


class Source(enum.IntEnum):
    """Higher wins."""

    DEFAULT = 0
    PROJECT = 1
    ENVIRONMENT = 2
    COMMAND_LINE = 3


@dataclass(slots=True)
class Setting:
    value: Any
    source: Source = Source.DEFAULT
    where: str = ""

    def offer(self, value: Any, source: Source, where: str) -> None:
        if source >= self.source:
            self.value, self.source, self.where = value, source, where


#: The keys of undrift.yaml that this version knows: what a value looks like, and the default.
KEYS: Mapping[str, tuple[str, Any]] = {
    "inventory": ("a path, or a list of paths", None),
    "playbook": ("a path", None),
    "probes": ("a list of shell patterns", ()),
    "conceal": ("a list of shell patterns of paths", ()),
    "deadline": ("seconds", 30.0),
    "logins": ("a whole number", 50),
    "logins_per_jump": ("a whole number", 10),
}


@dataclass(slots=True)
class Settings:
    values: dict[str, Setting] = field(
        default_factory=lambda: {key: Setting(default) for key, (_, default) in KEYS.items()}
    )

    def __getitem__(self, key: str) -> Any:
        return self.values[key].value


def load(folder: Path, environment: Mapping[str, str]) -> Settings:
    """
    The settings of the project in `folder`. Raises UsageError with file and line for a file that cannot be read, an
    unknown key (with the nearest known one), or a value of another kind.
    """
    settings = Settings()
    file = folder / FILE
    if file.is_file():
        _read_file(file, settings)
    for key in KEYS:
        name = f"UNDRIFT_{key.upper()}"
        if name in environment:
            settings.values[key].offer(_converted(key, environment[name], name), Source.ENVIRONMENT, name)
    return settings


def _read_file(file: Path, settings: Settings) -> None:
    import yaml  # noqa: PLC0415 - only where there is such a file

    try:
        tree = yaml.compose(file.read_text(encoding="utf-8"), Loader=yaml.SafeLoader)
    except (yaml.YAMLError, UnicodeDecodeError, OSError) as problem:
        raise UsageError(f"{FILE} cannot be read: {problem}", where=str(file)) from problem
    if tree is None:
        return
    if not isinstance(tree, yaml.MappingNode):
        raise UsageError(f"{FILE} holds no keys with values", where=f"{file}:1")
    loader = yaml.SafeLoader("")
    for key_node, value_node in tree.value:
        key, where = str(key_node.value), f"{file}:{key_node.start_mark.line + 1}"
        if key not in KEYS:
            near = difflib.get_close_matches(key, KEYS, n=1)
            hint = f", did you mean {near[0]!r}?" if near else ""
            raise UsageError(
                f"unknown key {key!r}{hint}", where=where, help=f"known keys: {', '.join(sorted(KEYS))}"
            )
        value = loader.construct_object(value_node, deep=True)
        settings.values[key].offer(_converted(key, value, where, base=file.parent), Source.PROJECT, where)


def _converted(key: str, value: Any, where: str, *, base: Path | None = None) -> Any:
    try:
        return _CONVERTERS[key](value, base)
    except (TypeError, ValueError):
        raise UsageError(f"{key}: {value!r} is not {KEYS[key][0]}", where=where) from None


def _path(value: Any, base: Path | None) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value if base is None or "," in value else str(base / value)


def _paths(value: Any, base: Path | None) -> tuple[str, ...]:
    return tuple(_path(one, base) for one in (value if isinstance(value, list) else [value]))


def _patterns(value: Any, base: Path | None) -> tuple[str, ...]:
    del base
    words = value.split(os.pathsep) if isinstance(value, str) else value
    if not isinstance(words, list) or not all(isinstance(word, str) for word in words):
        raise TypeError
    return tuple(words)


def _seconds(value: Any, base: Path | None) -> float:
    del base
    seconds = float(value)
    if isinstance(value, bool) or seconds <= 0:
        raise ValueError
    return seconds


def _count(value: Any, base: Path | None) -> int:
    del base
    count = int(value)
    if isinstance(value, bool | float) or count < 1:
        raise ValueError
    return count


_CONVERTERS = {
    "inventory": _paths,
    "playbook": _path,
    "probes": _patterns,
    "conceal": _patterns,
    "deadline": _seconds,
    "logins": _count,
    "logins_per_jump": _count,
}
