"""What the user asked for, from the words typed: the same for every command that walks a playbook."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from undrift import settings as project
from undrift.cli import terminal
from undrift.cli.progress import Progress
from undrift.errors import UsageError
from undrift.model.secret import NO_SECRET, Secret
from undrift.playbook.options import ReadOptions
from undrift.scan.events import Note
from undrift.scan.options import CONCEAL, ScanOptions


def options_of(typed: Mapping[str, Any], progress: Progress, command: str) -> ScanOptions:
    """typed: by the names in scan_options.SHARED. Raises UsageError."""
    settings = _settings(typed["playbook"], progress)
    verbose = typed["verbose"]
    return ScanOptions(
        read=ReadOptions(
            playbook=_named(typed["playbook"] or settings["playbook"], command),
            inventory=tuple(typed["inventory"] or settings["inventory"] or ()),
            limit=_limit(typed["limit"]),
            tags=_words(typed["tags"]),
            skip_tags=_words(typed["skip_tags"]),
            extra_vars=tuple(typed["extra_vars"] or ()),
            become=typed["become"],
            become_user=typed["become_user"],
            become_method=typed["become_method"],
            become_password=_asked("BECOME password: ", progress, wanted=typed["ask_become_pass"]),
            user=typed["user"],
            private_key=typed["private_key"],
            password=_asked("SSH password: ", progress, wanted=typed["ask_pass"]),
            ssh_common_args=typed["ssh_common_args"],
            ssh_extra_args=typed["ssh_extra_args"],
            timeout=typed["timeout"],
            forks=typed["forks"],
            vault_ids=tuple(typed["vault_id"] or ()),
            vault_password_files=tuple(typed["vault_password_file"] or ()),
            vault_password=_asked("Vault password: ", progress, wanted=typed["ask_vault_pass"]),
            verbosity=verbose,
        ),
        deadline=typed["deadline"] or settings["deadline"],
        logins=settings["logins"],
        logins_per_jump=settings["logins_per_jump"],
        run_probes=typed["run_probes"],
        probes=settings["probes"],
        hold_runs=typed["no_run"],
        accept_new_host_keys=typed["accept_new_host_keys"],
        conceal=(*CONCEAL, *settings["conceal"]),
        verbosity=verbose,
    )


def progress_of(verbosity: int, command: str) -> Progress:
    live = terminal.is_live(sys.stderr, os.environ)
    return Progress(sys.stderr, live=live, verbosity=verbosity, phase=terminal.FIRST[command])


def _settings(playbook: str, progress: Progress) -> project.Settings:
    settings = project.load(project.folder_of(playbook), os.environ)
    for line in settings.told():
        progress(Note(f"setting {line}"))
    return settings


def _named(playbook: str | None, command: str) -> str:
    if not playbook:
        raise UsageError("no playbook was named", help=f"undrift {command} site.yml -i inventory.ini")
    return playbook


def _limit(pattern: str) -> str:
    """The pattern. Raises UsageError for @FILE where there is no such file."""
    for word in pattern.split(","):
        if word.startswith("@") and not Path(word[1:]).is_file():
            raise UsageError(f"-l {word}: there is no file {word[1:]}")
    return pattern


def _asked(prompt: str, progress: Progress, *, wanted: bool) -> Secret:
    import getpass

    if not wanted:
        return NO_SECRET
    if not sys.stdin.isatty():
        raise UsageError(f"{prompt.strip(': ')} is to be asked for, and nobody is here to answer")
    progress.clear()
    return Secret(getpass.getpass(prompt))


def _words(values: list[str] | None) -> tuple[str, ...]:
    return tuple(word.strip() for value in values or () for word in value.split(",") if word.strip())
