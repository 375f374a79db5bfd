"""Assembles the agent from the files of undrift.agent: the core first, a kind of resource when it is needed."""

from __future__ import annotations

import ast
import functools
import hashlib
import importlib.resources
import json
import sys
import zlib
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple, TypeVar

from undrift import locations

#: What every agent needs, whatever it is asked.
CORE = ("wire", "files", "child", "overlay", "host", "evidence", "answer", "worker", "loop")
_ROOT = "undrift.agent"

#: The packages that the agent's modules lie in; there is nothing in them.
FOLDERS = {"undrift": "", _ROOT: "", f"{_ROOT}.resources": ""}

Documented = TypeVar("Documented", ast.Module, ast.ClassDef, ast.FunctionDef)

#: Reads the agent's source from standard input: exactly its length, so that the messages behind it stay there.
BOOTSTRAP = (
    "import os,zlib\n"
    "n=%d;b=b''\n"
    "while len(b)<n:\n"
    " p=os.read(0,n-len(b))\n"
    " if not p:os._exit(0)\n"
    " b+=p\n"
    "from _frozen_importlib_external import MAGIC_NUMBER as m\n"
    "l=8+int.from_bytes(b[4:8],'big')\n"
    "if b[:4]==m:\n"
    " import marshal\n"
    " c,s=marshal.loads(zlib.decompress(b[8:l]))\n"
    " exec(c);start(s)\n"
    "else:exec(compile(zlib.decompress(b[l:]),'<undrift>','exec'))\n"
)

#: Where a Python is looked for when the inventory names none.
PYTHONS = [
    "python3",
    "python3.13",
    "python3.12",
    "python3.11",
    "python3.10",
    "python3.9",
    "python3.8",
    "python3.7",
    "python3.6",
    "/usr/bin/python3",
    "/usr/libexec/platform-python",
    "/usr/local/bin/python3",
]

#: What is said once a terminal passes everything on as it is.
TTY_READY = "UNDRIFT-READY"

#: What the shell says when there is no Python, and its exit status.
NO_PYTHON = "UNDRIFT-NO-PYTHON"


@functools.cache
def core() -> bytes:
    """The source of the agent's core, compressed."""
    sources = dict(FOLDERS)
    slim = slimmed()
    sources.update({f"{_ROOT}.{name}": slim[name].text for name in CORE})
    start = slim["start"].text
    return zlib.compress(f"{start}\nstart({sources!r})\n".encode(), 9)


def file_of_kind(kind: str) -> str:
    """The file of the agent that answers requests of this kind."""
    return f"resources.{kind}"


@functools.cache
def source_of(name: str) -> dict[str, str]:
    """{module: source} of a file of the agent and of all that it imports of the agent beyond the core."""
    found: dict[str, str] = {}
    waiting = [name]
    while waiting:
        name = waiting.pop()
        module = f"{_ROOT}.{name}"
        if module in found or name in CORE:
            continue
        slim = slimmed()[name]
        found[module] = slim.text
        waiting += [other for other in slim.imports if other not in CORE]
    return found


def modules_for(names: Iterable[str]) -> dict[str, str]:
    """The sources that these files of the agent need beyond the core."""
    found: dict[str, str] = {}
    for name in names:
        found.update(source_of(name))
    return found


@functools.cache
def command(python: str, size: int) -> str:
    """
    The shell command that starts an agent, without a single quote in it (see Become.wrap). size: of the core that it
    is to read first (channel.compiled). python: the interpreter to use; empty: the first that is new enough. Raises ValueError for an interpreter whose name would need quoting.
    """
    if python.strip("/") and not all(char.isalnum() or char in "/._-+" for char in python):
        raise ValueError(f"{python!r} is no name of an interpreter")
    numbers = ",".join(map(str, (BOOTSTRAP % size).encode()))
    run = f'UNDRIFT_LC_ALL="$LC_ALL" LC_ALL=C.UTF-8 exec nice -n 10 "$p" -I -S -c "exec(bytes(({numbers})))"'
    if python:
        return f'p={python}; command -v "$p" >/dev/null 2>&1 || {{ echo {NO_PYTHON}; exit 127; }}; {run}'
    test = '"$p" -c "import sys; sys.exit(sys.version_info < (3, 6))" 2>/dev/null'
    names = " ".join(PYTHONS)
    # python3 is new enough nearly everywhere: the test costs a start of the interpreter, so it is left to the others.
    return (
        f"p=python3; if ! command -v python3 >/dev/null 2>&1; then "
        f"for c in {names}; do p=$c; {test} && break; p=; done; fi; "
        f'[ -n "$p" ] || {{ echo {NO_PYTHON}; exit 127; }}; {run}'
    )


class Slim(NamedTuple):
    """A file of the agent as it travels, and the files of the agent that it imports."""

    text: str
    imports: tuple[str, ...]


@functools.cache
def slimmed() -> dict[str, Slim]:
    """
    Every file of the agent by its name below undrift.agent. Slimming all of them takes 0.2 s, so that the outcome is
    kept in the cache, by what the files are.
    """
    files = _files()
    kept = locations.cache() / "agent" / f"{digest()}.json"
    if kept.is_file():
        return {
            name: Slim(text, tuple(imports)) for name, (text, imports) in json.loads(kept.read_text()).items()
        }
    texts = {name: path.read_text(encoding="utf-8") for name, path in files.items()}
    slim = {name: Slim(_slim(text), tuple(_imports(text))) for name, text in texts.items()}
    locations.keep(kept, json.dumps(slim).encode())
    return slim


@functools.cache
def digest() -> str:
    """Sixteen hex digits for the files of the agent as they are; what is made of them is kept under it."""
    stats = [(name, path.stat().st_mtime_ns, path.stat().st_size) for name, path in _files().items()]
    return hashlib.sha256(repr((sys.version_info[:2], stats)).encode()).hexdigest()[:16]


def module(name: str) -> str:
    """The full name of a file of the agent."""
    return f"{_ROOT}.{name}"


@functools.cache
def _files() -> dict[str, Path]:
    root = Path(str(importlib.resources.files("undrift.agent")))
    found = [path for path in root.rglob("*.py") if path.name != "__init__.py"]
    return {".".join(path.relative_to(root).with_suffix("").parts): path for path in sorted(found)}


def _imports(text: str) -> list[str]:
    """The modules of the agent that the text imports, below undrift.agent."""
    found = []
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(_ROOT):
            below = (node.module or "").removeprefix(_ROOT).lstrip(".")
            for alias in node.names:
                name = f"{below}.{alias.name}".lstrip(".")
                found.append(name if _is_module(name) else below)
    return [name for name in found if name]


def command_on_tty(python: str, size: int) -> str:
    """As `command`, on a terminal: it would turn newlines, echo, and act on control characters."""
    # In two words, so that an echo of the command line is not taken for the word itself.
    return f'stty raw -echo; printf "%s-%s" {TTY_READY.replace("-", " ")}; {command(python, size)}'


def _is_module(name: str) -> bool:
    return name in _files()


def _slim(text: str) -> str:
    """Without docstrings, annotations, comments and what is for readers of types: less to send and to compile."""
    return ast.unparse(_Slimmer().visit(ast.parse(text)))


class _Slimmer(ast.NodeTransformer):
    def visit_Module(self, node: ast.Module) -> ast.Module:
        return self._without_docstring(node)

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.ClassDef:
        return self._without_docstring(node)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.FunctionDef:
        node.returns = None
        arguments = node.args
        for argument in [
            *arguments.posonlyargs,
            *arguments.args,
            *arguments.kwonlyargs,
            arguments.vararg,
            arguments.kwarg,
        ]:
            if argument is not None:
                argument.annotation = None
        return self._without_docstring(node)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.stmt | None:
        if node.value is None:
            return ast.copy_location(ast.Pass(), node)
        return ast.copy_location(ast.Assign(targets=[node.target], value=node.value), node)

    def visit_Assign(self, node: ast.Assign) -> ast.stmt | None:
        target = node.targets[0]
        return None if isinstance(target, ast.Name) and target.id == "MYPY" else node

    def visit_If(self, node: ast.If) -> ast.stmt | None:
        if isinstance(node.test, ast.Name) and node.test.id == "MYPY":
            return None
        self.generic_visit(node)
        return node

    def _without_docstring(self, node: Documented) -> Documented:
        if ast.get_docstring(node, clean=False) is not None:
            node.body = node.body[1:] or [ast.Pass()]
        self.generic_visit(node)
        return node
