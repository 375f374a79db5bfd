from __future__ import annotations

from dataclasses import dataclass

from undrift.model.secret import NO_SECRET, Secret


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadOptions:
    """What the command line says about the playbook, in the words of ansible-playbook."""

    playbook: str
    inventory: tuple[str, ...] = ()
    check: bool = True  #: as --check: nothing is changed
    limit: str = ""
    hosts: tuple[str, ...] = ()  #: only these, of what limit leaves: a plan's own choice; empty: all of them
    tags: tuple[str, ...] = ()
    skip_tags: tuple[str, ...] = ()
    extra_vars: tuple[str, ...] = ()  #: key=value, JSON, or @file
    become: bool = False
    become_user: str = ""
    become_method: str = ""
    become_password: Secret = NO_SECRET
    user: str = ""
    private_key: str = ""
    password: Secret = NO_SECRET
    ssh_common_args: str = ""
    ssh_extra_args: str = ""
    timeout: int | None = None  #: seconds for a login
    forks: int | None = None
    vault_ids: tuple[str, ...] = ()  #: label@source, as --vault-id
    vault_password_files: tuple[str, ...] = ()
    vault_password: Secret = NO_SECRET  #: asked for by --ask-vault-pass
    verbosity: int = 0
