"""
The agent as compiled code, for servers whose Python makes the same code as ours: compiling costs each of them up to
80 ms of CPU. Others get the source.
"""

from __future__ import annotations

import base64
import functools
import importlib.util
import marshal
import zlib
from collections.abc import Iterable
from types import CodeType
from typing import Any

from undrift import locations
from undrift.channel import package

#: Pythons of the same number read the same compiled code (importlib.util.MAGIC_NUMBER).
MAGIC = importlib.util.MAGIC_NUMBER


@functools.cache
def core() -> bytes:
    """What the bootstrap reads: the number, the length of the compiled core, that core, and its source."""
    codes: dict[str, Any] = {
        **package.FOLDERS,
        **{package.module(name): _codes()[name] for name in package.CORE},
    }
    start = zlib.compress(marshal.dumps((_codes()["start"], codes)))
    return MAGIC + len(start).to_bytes(4, "big") + start + package.core()


def code_message(names: Iterable[str], magic: str) -> dict[str, Any]:
    """The message that brings these files of the agent to one whose Python has this number, in hex."""
    modules = package.modules_for(names)
    if magic != MAGIC.hex():
        return {"say": "code", "modules": modules}
    codes = {name: _codes()[name.removeprefix(package.module(""))] for name in modules}
    packed = zlib.compress(marshal.dumps(codes))
    return {"say": "code", "compiled": base64.b64encode(packed).decode("ascii")}


@functools.cache
def _codes() -> dict[str, CodeType]:
    """Every file of the agent by its name below undrift.agent; kept in the cache, by what the files are."""
    kept = locations.cache() / "agent" / f"{package.digest()}-{MAGIC.hex()}.code"
    if kept.is_file():
        found: dict[str, CodeType] = marshal.loads(kept.read_bytes())  # noqa: S302 - our own cache, as .pyc files are
        return found
    texts = {name: slim.text for name, slim in package.slimmed().items()}
    codes = {name: compile(text, f"<undrift {package.module(name)}>", "exec") for name, text in texts.items()}
    locations.keep(kept, marshal.dumps(codes))
    return codes
