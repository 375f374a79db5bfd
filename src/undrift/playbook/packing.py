"""
Packs genuine modules for the agent: one archive for all that a play may use. Each module's own payload, as ansible-core
makes it, carries the same 160 kB of module_utils; the union of 16 modules is twice the size of one.
"""

from __future__ import annotations

import base64
import hashlib
import io
import os
import re
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ansible.executor.module_common import modify_module
from ansible.parsing.dataloader import DataLoader
from ansible.plugins.loader import module_loader
from ansible.template import Templar

from undrift import locations
from undrift.model.mail import Archive
from undrift.playbook.boot import core_version
from undrift.playbook.faults import Fault, Unpreviewable, translated
from undrift.playbook.steps import Step

#: The oldest Python on a server that the modules of this ansible-core run on.
NEEDS_PYTHON = (3, 8) if core_version.startswith("2.19") else (3, 9)

_ZIP = re.compile(rb"zip_data='([A-Za-z0-9+/=\s]+)'")
_ZIP_DOUBLE = re.compile(rb'zip_data="([A-Za-z0-9+/=\s]+)"')


@dataclass(frozen=True, slots=True, kw_only=True)
class Module:
    """A genuine module. path: dotted, inside the archive."""

    fqcn: str
    path: str
    needs_python: tuple[int, int] = NEEDS_PYTHON


class Packer:
    """
    Packs each module once; `archive` unites those that were asked for. cache: a folder that keeps what packing a
    module cost 60 to 200 ms to find out.
    """

    def __init__(self, loader: DataLoader, cache: Path) -> None:
        self._loader = loader
        self._cache = cache
        self._modules: dict[str, Module] = {}
        self._files: dict[str, bytes] = {}
        self._archive: Archive | None = None

    def pack(self, step: Step) -> Module:
        """
        The module of a step, now part of the archive. Raises Fault when there is no such module, or it is none that
        can be previewed (not Python, old style).
        """
        known = self._modules.get(step.action)
        if known is not None:
            return known
        if not step.module_path:
            raise Fault(f"the module {step.action} was not found", where=f"{step.file}:{step.line}")
        return self._pack(step.action, step.module_path, f"{step.file}:{step.line}")

    def pack_named(self, fqcn: str) -> Module:
        """As `pack`, for a module that no step names by itself (setup, the module behind `package`)."""
        found = module_loader.find_plugin_with_context(fqcn)
        if not found.resolved:
            raise Fault(f"the module {fqcn} was not found")
        return self._modules.get(fqcn) or self._pack(fqcn, str(found.plugin_resolved_path), "")

    def _pack(self, fqcn: str, path: str, where: str) -> Module:
        kept = self._cache / f"{self._key(fqcn, path)}.zip"
        content = kept.read_bytes() if kept.is_file() else self._build(fqcn, path, where)
        names = self._unzip(content)
        if not kept.is_file():
            locations.keep(kept, content)
        module = Module(fqcn=fqcn, path=_dotted(names, path))
        self._modules[fqcn] = module
        return module

    @staticmethod
    def _key(fqcn: str, path: str) -> str:
        stat = os.stat(path)
        what = f"{core_version} {fqcn} {path} {stat.st_mtime_ns} {stat.st_size}"
        return f"{fqcn}-{hashlib.sha256(what.encode()).hexdigest()[:16]}"

    def _build(self, fqcn: str, path: str, where: str) -> bytes:
        """The archive in the payload that ansible-core makes of the module."""
        with translated(Fault):
            built = modify_module(
                module_name=fqcn,
                module_path=path,
                module_args={},
                templar=Templar(loader=self._loader),
                task_vars={"ansible_python_interpreter": "/usr/bin/python3"},
                module_compression="ZIP_STORED",
            )
        if built.module_style != "new":
            raise Unpreviewable(
                f"the module {fqcn} is of a style that cannot be previewed ({built.module_style})",
                where=where,
            )
        match = _ZIP.search(built.b_module_data) or _ZIP_DOUBLE.search(built.b_module_data)
        if match is None:
            raise Fault(
                f"the module {fqcn} could not be packed: ansible-core {core_version} packs in another way"
            )
        return base64.b64decode(match.group(1))

    def _unzip(self, content: bytes) -> list[str]:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            for name in archive.namelist():
                self._files[name] = archive.read(name)
            return archive.namelist()

    def archive(self) -> Archive:
        """All that was packed so far. The name changes with the content."""
        if self._archive is not None and self._archive.name == self._name():
            return self._archive
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
            for name in sorted(self._files):
                archive.writestr(name, self._files[name])
        self._archive = Archive(name=self._name(), content=buffer.getvalue())
        return self._archive

    def _name(self) -> str:
        return f"modules-{len(self._modules)}"


def module_params(args: Mapping[str, Any], *, check: bool, fqcn: str) -> dict[str, Any]:
    """
    What ansible-core hands to a module beside its arguments. no_log keeps it from writing to the server's syslog.
    """
    return {
        "ANSIBLE_MODULE_ARGS": {
            **{key: value for key, value in args.items() if not key.startswith("_ansible_")},
            "_ansible_check_mode": check,
            "_ansible_no_log": True,
            "_ansible_debug": False,
            "_ansible_diff": True,
            "_ansible_verbosity": 0,
            "_ansible_version": core_version,
            "_ansible_module_name": fqcn,
            "_ansible_syslog_facility": "LOG_USER",
            "_ansible_selinux_special_fs": ["fuse", "nfs", "vboxsf", "ramfs", "9p", "vfat"],
            "_ansible_socket": None,
            "_ansible_shell_executable": "/bin/sh",
            "_ansible_keep_remote_files": False,
            "_ansible_tmpdir": "/dev/shm",  # noqa: S108 - a folder in memory: a scan writes to no disk
            "_ansible_remote_tmp": "/dev/shm",  # noqa: S108 - as above
            "_ansible_ignore_unknown_opts": False,
            "_ansible_target_log_info": None,
            "_ansible_tracebacks_for": [],
        }
    }


def _dotted(names: list[str], path: str) -> str:
    """The module's dotted path among the names of its payload."""
    stem = path.rsplit("/", 1)[-1].removesuffix(".py")
    for name in names:
        if name.endswith(f"/{stem}.py") and ("/modules/" in name or name.startswith("ansible/legacy/")):
            return name.removesuffix(".py").replace("/", ".")
    raise Fault(f"the payload of {stem} has no module of that name in it")
