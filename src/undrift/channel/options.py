"""Options of ssh as the inventory gives them: `-o`, `-i`, `-J` and the like, as they would be typed behind `ssh`."""

from __future__ import annotations

import shlex
from collections.abc import Iterable
from dataclasses import dataclass, field

from undrift.channel.keywords import OLD_NAMES

#: Flags of ssh that take no value and do not matter here.
PLAIN_FLAGS = frozenset("qTtvxXYnakKgN")
#: Flags that are an option with a value, and those that are one by themselves.
FLAGS = {"i": "identityfile", "p": "port", "l": "user", "J": "proxyjump", "c": "ciphers", "m": "macs"}
FLAGS |= {"b": "bindaddress", "S": "controlpath"}
SWITCHES = {
    "4": ("addressfamily", "inet"),
    "6": ("addressfamily", "inet6"),
    "C": ("compression", "yes"),
    "A": ("forwardagent", "yes"),
}
#: Of these all that are given count; of any other the first.
MANY = frozenset(["identityfile", "certificatefile", "sendenv", "setenv"])


@dataclass(slots=True)
class SshOptions:
    """values: option in small letters to what was given for it, the first that is given wins, as with ssh."""

    values: dict[str, list[str]] = field(default_factory=dict)
    #: flags that only the system's ssh can do
    beyond: list[str] = field(default_factory=list)

    def first(self, name: str) -> str:
        """The value that counts, for an option in small letters; empty when none was given."""
        return self.values.get(name, [""])[0]

    def add(self, name: str, value: str) -> None:
        """Note a value behind those given before, under the option's present name (OLD_NAMES)."""
        key = name.lower()
        self.values.setdefault(OLD_NAMES.get(key, key), []).append(value)


def read_arguments(text: str) -> SshOptions:
    """The options in arguments. Raises ValueError for unbalanced quotes and for a flag without its value."""
    options = SshOptions()
    words = iter(shlex.split(text))
    for word in words:
        if word.startswith("-") and len(word) > 1:
            _read_flags(options, word[1:], words)
        else:
            options.beyond.append(word)
    return options


def _read_flags(options: SshOptions, letters: str, words: Iterable[str]) -> None:
    """One word of flags: several without a value may stand together, one with a value is the last."""
    for place, flag in enumerate(letters, 1):
        if flag in SWITCHES:
            options.add(*SWITCHES[flag])
        elif flag == "o" or flag in FLAGS:
            value = letters[place:] or next(iter(words), "")
            if not value:
                raise ValueError(f"-{flag} wants a value")
            if flag == "o":
                options.add(*read_option(value))
            else:
                options.add(FLAGS[flag], value)
            return
        elif flag not in PLAIN_FLAGS:
            options.beyond.append(f"-{letters[place - 1 :]}")
            return


def read_option(text: str) -> tuple[str, str]:
    """Name and value of `Name=value`, `Name value` or `Name "value"`. Raises ValueError for one without a value."""
    name, _, value = text.strip().replace("=", " ", 1).partition(" ")
    if " " in text.strip().partition("=")[0].strip():
        name, _, value = text.strip().partition(" ")
    value = value.strip().removeprefix("=").strip()
    if not value:
        raise ValueError(f"{name} wants a value")
    if len(value) > 1 and value[0] == value[-1] == '"' and '"' not in value[1:-1]:
        value = value[1:-1]
    return name, value


def joined(*sources: SshOptions) -> SshOptions:
    """The sources as one; what an earlier one says goes before a later one, as ssh has it."""
    whole = SshOptions()
    for source in sources:
        whole.beyond += source.beyond
        for name, values in source.values.items():
            if name in MANY:
                whole.values.setdefault(name, []).extend(values)
            else:
                whole.values.setdefault(name, values)
    return whole
