"""Arguments as a module reads them: names and aliases, types, defaults, choices."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from undrift.errors import UndriftError
from undrift.playbook.truth import as_bool


class BadArgument(UndriftError):
    """The module itself would refuse these arguments; the text is what it would say."""

    code = "playbook.argument"


@dataclass(frozen=True, slots=True, kw_only=True)
class Argument:
    """kind: str, int, bool, list (of str), path, raw. default None: not given."""

    kind: str = "str"
    aliases: Sequence[str] = ()
    default: Any = None
    choices: Sequence[Any] = ()
    required: bool = False


Spec = Mapping[str, Argument]


def read(args: Mapping[str, Any], spec: Spec) -> dict[str, Any] | None:
    """
    `args` by their first names, converted, with defaults; every name of the spec is there. None when an argument is
    given that the spec does not know: the genuine module then answers. Raises BadArgument as the module would.
    """
    names = {alias: name for name, argument in spec.items() for alias in (name, *argument.aliases)}
    given = {key: value for key, value in args.items() if not key.startswith("_")}
    if any(key not in names for key in given):
        return None
    values = {name: argument.default for name, argument in spec.items()}
    for key, value in given.items():
        if value is not None:
            values[names[key]] = _convert(key, value, spec[names[key]])
    missing = [name for name, argument in spec.items() if argument.required and values[name] is None]
    if missing:
        raise BadArgument(f"missing required arguments: {', '.join(missing)}")
    return values


def exclude(args: Mapping[str, Any], spec: Spec, *pairs: tuple[str, str]) -> None:
    """Raise BadArgument when both of a pair are given, whatever their values: as the modules count."""
    given = {name for name, argument in spec.items() if any(one in args for one in (name, *argument.aliases))}
    for one, other in pairs:
        if one in given and other in given:
            raise BadArgument(f"parameters are mutually exclusive: {one}|{other}")


def _convert(name: str, value: Any, argument: Argument) -> Any:
    converted = _CONVERTERS[argument.kind](name, value)
    if argument.choices and converted not in argument.choices:
        choices = ", ".join(map(str, argument.choices))
        raise BadArgument(f"value of {name} must be one of: {choices}, got: {converted}")
    return converted


def _bool(name: str, value: Any) -> bool:
    read_as = as_bool(value)
    if read_as is None:
        raise BadArgument(
            f"argument '{name}' is of type {type(value).__name__} and we were unable to convert to bool: "
            f"The value '{value}' is not a valid boolean."
        )
    return read_as


def _int(name: str, value: Any) -> int:
    try:
        return int(str(value).strip())
    except ValueError:
        raise BadArgument(
            f"argument '{name}' is of type {type(value).__name__} and we were unable to convert to int: "
            f"{value!r} cannot be converted to an int"
        ) from None


def _str(_name: str, value: Any) -> str:
    if isinstance(value, bool | int | float):
        return str(value)
    return value if isinstance(value, str) else str(value)


def _list(name: str, value: Any) -> list[str]:
    if isinstance(value, str):
        return [part.strip() for part in value.split(",")] if value else []
    if isinstance(value, list | tuple):
        return [_str(name, one) for one in value]
    return [_str(name, value)]


def _raw(_name: str, value: Any) -> Any:
    return value


_CONVERTERS = {"str": _str, "path": _str, "int": _int, "bool": _bool, "list": _list, "raw": _raw}
