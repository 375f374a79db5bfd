"""Files of the playbook on the controller: where Ansible finds them, and what is in them."""

from __future__ import annotations

import os

from ansible.errors import AnsibleFileNotFound

from undrift.playbook.boot import Core
from undrift.playbook.faults import Fault, translated
from undrift.playbook.steps import Step


def find(core: Core, step: Step, kind: str, name: str) -> str:
    """
    The path of `name` in `kind` ("files", "templates", "vars") as the step's role or playbook would find it. Raises
    Fault with Ansible's words when there is none.
    """
    key = (tuple(step.search_path), kind, name)
    found = core.found_files.get(key)
    if found is not None and os.path.exists(found):
        return found
    try:
        found = core.found_files[key] = str(
            core.loader.path_dwim_relative_stack(step.search_path, kind, name)
        )
    except AnsibleFileNotFound as problem:
        raise Fault(
            f"Could not find or access '{name}' on the Ansible Controller.\n{problem.message}",
            where=f"{step.file}:{step.line}",
        ) from problem
    return found


def read(core: Core, path: str) -> tuple[bytes, bool]:
    """The content of the file, decrypted, and whether it was vaulted. Raises Fault, VaultError."""
    with translated(Fault):
        content, readable = core.loader._get_file_contents(path)
    return bytes(content), not readable


def read_text(core: Core, path: str) -> str:
    """A template file's text, decrypted; a vaulted path is remembered by the loader."""
    with translated(Fault):
        return str(core.loader.get_text_file_contents(path))
