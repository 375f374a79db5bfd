"""
What runs first on the server. The bootstrap (channel.package) reads it from the channel and gives it the core, {module
name: source or code}; from then on the modules of the agent are found there, and compiled when they are imported.
"""

import importlib.machinery
import os
import signal
import sys

MYPY = False
if MYPY:
    from types import ModuleType
    from typing import Any


class Code:
    """A finder and loader of modules that came over the channel: as source, or compiled by a Python like ours."""

    def __init__(self, sources: "dict[str, Any]") -> None:
        self.sources = sources

    def add(self, sources: "dict[str, Any]") -> None:
        """More modules, {full name: source or code}."""
        self.sources.update(sources)

    def find_spec(
        self,
        name: "str",
        path: "object" = None,  # noqa: ARG002 - importlib's own signature
        target: "object" = None,  # noqa: ARG002 - as above
    ) -> "importlib.machinery.ModuleSpec | None":
        """Asked by importlib: None for a module that did not come over the channel."""
        if name not in self.sources:
            return None
        package = any(other.startswith(name + ".") for other in self.sources)
        return importlib.machinery.ModuleSpec(name, self, is_package=package)  # type: ignore[arg-type]

    def create_module(self, spec: "importlib.machinery.ModuleSpec") -> "ModuleType | None":  # noqa: ARG002 - as above
        """Asked by importlib: None leaves it the making of the module."""
        return None

    def exec_module(self, module: "ModuleType") -> None:
        """Asked by importlib: run the module's code; source is compiled first."""
        name = module.__name__
        code = self.sources[name]
        if isinstance(code, str):
            code = compile(code, "<undrift %s>" % name, "exec")
        exec(code, module.__dict__)  # noqa: S102 - the agent itself


def start(sources: "dict[str, Any]") -> None:
    """Serve until the channel closes."""
    code = Code(sources)
    sys.meta_path.insert(0, code)
    _restore_locale()
    # A terminal of its own would send the signals of ours; the children belong to this group.
    try:
        os.setsid()
    except OSError:
        pass
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    signal.signal(signal.SIGPIPE, signal.SIG_IGN)
    loop = __import__("undrift.agent.loop", fromlist=["Supervisor"])
    try:
        loop.Supervisor(code).serve()
    except (BrokenPipeError, KeyboardInterrupt):
        pass
    os._exit(0)


def _restore_locale() -> None:
    """LC_ALL was set for the interpreter's start alone: what is run here has the login's own."""
    former = os.environ.pop("UNDRIFT_LC_ALL", None)
    os.environ.pop("LC_ALL", None)
    if former:
        os.environ["LC_ALL"] = former
