"""Assembles the agent from the files of undrift.agent: the core first, a kind of resource when it is needed."""

from __future__ import annotations

import ast
import functools
import importlib.resources
import shlex
import zlib
from collections.abc import Iterable
from typing import TypeVar

#: What every agent needs, whatever it is asked.
CORE = ("wire", "child", "overlay", "host", "evidence", "answer", "loop")
_ROOT = "undrift.agent"

Documented = TypeVar("Documented", ast.Module, ast.ClassDef, ast.FunctionDef)

#: Reads the agent's source from standard input: exactly its length, so that the messages behind it stay there.
BOOTSTRAP = (
    "import os,zlib\n"
    "n=%d;b=b''\n"
    "while len(b)<n:\n"
    " p=os.read(0,n-len(b))\n"
    " if not p:os._exit(0)\n"
    " b+=p\n"
    "exec(compile(zlib.decompress(b),'<undrift>','exec'))\n"
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

#: What the shell says when there is no Python, and its exit status.
NO_PYTHON = "UNDRIFT-NO-PYTHON"


@functools.cache
def core() -> bytes:
    """The agent's core, compressed; what the bootstrap reads."""
    sources = {"undrift": "", _ROOT: "", f"{_ROOT}.resources": ""}
    sources.update({f"{_ROOT}.{name}": _slim(_read(name)) for name in CORE})
    start = _slim(_read("start"))
    return zlib.compress(f"{start}\nstart({sources!r})\n".encode(), 9)


@functools.cache
def source_of_kind(kind: str) -> dict[str, str]:
    """{module: source} of resources/KIND.py and all that it imports of the agent beyond the core."""
    found: dict[str, str] = {}
    waiting = [f"resources.{kind}"]
    while waiting:
        name = waiting.pop()
        module = f"{_ROOT}.{name}"
        if module in found or name in CORE:
            continue
        text = _read(name)
        found[module] = _slim(text)
        waiting += [other for other in _imports(text) if other not in CORE]
    return found


def modules_for(kinds: Iterable[str]) -> dict[str, str]:
    """The sources that these kinds need beyond the core."""
    found: dict[str, str] = {}
    for kind in kinds:
        found.update(source_of_kind(kind))
    return found


def command(python: str) -> str:
    """
    The shell command that starts an agent. python: the interpreter to use; empty: the first that is new enough.
    """
    line = shlex.quote(BOOTSTRAP % len(core()))
    run = f'UNDRIFT_LC_ALL="$LC_ALL" LC_ALL=C.UTF-8 exec nice -n 10 "$p" -I -S -c {line}'
    if python:
        return f'p={shlex.quote(python)}; command -v "$p" >/dev/null 2>&1 || {{ echo {NO_PYTHON}; exit 127; }}; {run}'
    test = '"$p" -c "import sys; sys.exit(sys.version_info < (3, 6))" 2>/dev/null'
    names = " ".join(PYTHONS)
    # python3 is new enough nearly everywhere: the test costs a start of the interpreter, so it is left to the others.
    return (
        f"p=python3; if ! command -v python3 >/dev/null 2>&1 || ! command -v nice >/dev/null; then p=; "
        f"for c in {names}; do p=$c; {test} && break; p=; done; fi; "
        f'[ -n "$p" ] || {{ echo {NO_PYTHON}; exit 127; }}; {run}'
    )


def _read(name: str) -> str:
    path = importlib.resources.files("undrift.agent")
    return path.joinpath(*name.split(".")[:-1], name.rsplit(".", 1)[-1] + ".py").read_text(encoding="utf-8")


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


def _is_module(name: str) -> bool:
    path = importlib.resources.files("undrift.agent")
    return path.joinpath(*name.split(".")[:-1], name.rsplit(".", 1)[-1] + ".py").is_file()


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
