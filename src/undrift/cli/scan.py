"""undrift scan."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path

from undrift import settings as project
from undrift.cli import again, terminal
from undrift.cli import scan_options as typed
from undrift.cli.outputs import Output, parse_outputs, style_of, write_outputs
from undrift.cli.progress import Progress
from undrift.cli.running import run
from undrift.errors import UndriftError, UsageError
from undrift.model.secret import NO_SECRET, Secret
from undrift.playbook.options import ReadOptions
from undrift.render.view import View
from undrift.scan.events import Note
from undrift.scan.options import CONCEAL, ScanOptions
from undrift.scan.story import Result


def scan(
    playbook: typed.Playbook = "",
    inventory: typed.Inventory = None,
    limit: typed.Limit = "",
    tags: typed.Tags = None,
    skip_tags: typed.SkipTags = None,
    extra_vars: typed.ExtraVars = None,
    user: typed.User = "",
    private_key: typed.PrivateKey = "",
    become: typed.Become = False,
    become_user: typed.BecomeUser = "",
    become_method: typed.BecomeMethod = "",
    ask_pass: typed.AskPass = False,
    ask_become_pass: typed.AskBecomePass = False,
    vault_password_file: typed.VaultPasswordFile = None,
    vault_id: typed.VaultId = None,
    ask_vault_pass: typed.AskVaultPass = False,
    forks: typed.Forks = None,
    timeout: typed.Timeout = None,
    ssh_common_args: typed.SshCommonArgs = "",
    ssh_extra_args: typed.SshExtraArgs = "",
    output: typed.Outputs = None,
    unknown: typed.Unknown = False,
    diff: typed.Diff = True,
    strict: typed.Strict = False,
    min_coverage: typed.MinCoverage = None,
    verbose: typed.Verbose = 0,
    run_probes: typed.RunProbes = False,
    no_run: typed.NoRun = False,
    deadline: typed.Deadline = None,
    accept_new_host_keys: typed.AcceptNewHostKeys = False,
) -> int:
    """Look at every server and say what differs from the playbook: see manual.SCAN."""
    with _progress(verbose) as progress:
        settings = _settings(playbook, progress)
        outputs = parse_outputs(output or [])
        read = ReadOptions(
            playbook=_named(playbook or settings["playbook"]),
            inventory=tuple(inventory or settings["inventory"] or ()),
            limit=_limit(limit),
            tags=_words(tags),
            skip_tags=_words(skip_tags),
            extra_vars=tuple(extra_vars or ()),
            become=become,
            become_user=become_user,
            become_method=become_method,
            become_password=_ask("BECOME password: ", progress) if ask_become_pass else NO_SECRET,
            user=user,
            private_key=private_key,
            password=_ask("SSH password: ", progress) if ask_pass else NO_SECRET,
            ssh_common_args=ssh_common_args,
            ssh_extra_args=ssh_extra_args,
            timeout=timeout,
            forks=forks,
            vault_ids=tuple(vault_id or ()),
            vault_password_files=tuple(vault_password_file or ()),
            vault_password=_ask("Vault password: ", progress) if ask_vault_pass else NO_SECRET,
            verbosity=verbose,
        )
        options = ScanOptions(
            read=read,
            deadline=deadline or settings["deadline"],
            logins=settings["logins"],
            logins_per_jump=settings["logins_per_jump"],
            run_probes=run_probes,
            probes=settings["probes"],
            hold_runs=no_run,
            accept_new_host_keys=accept_new_host_keys,
            conceal=(*CONCEAL, *settings["conceal"]),
            verbosity=verbose,
        )
        result = run(options, progress)
    view = View(
        style=style_of(os.environ),
        unknown=unknown,
        diff=diff,
        whole_diff=verbose > 0,
        next_command=again.typed_so_far(sys.argv[1:]),
        limit=limit,
        strict=strict,
        min_coverage=min_coverage,
    )
    return _tell(result, outputs, view)


def _tell(result: Result, outputs: Sequence[Output], view: View) -> int:
    """Print the report, masked, and return the exit code."""
    from undrift.render.mask import Mask
    from undrift.scan.outcome import exit_of

    mask = Mask(result.secrets)
    report = mask.value(result.report)
    try:
        write_outputs(report, outputs, view)
    except UndriftError as problem:
        problem.what = mask.text(problem.what)
        raise
    return exit_of(report, strict=view.strict, min_coverage=view.min_coverage)


def _progress(verbosity: int) -> Progress:
    live = terminal.is_live(sys.stderr, os.environ)
    return Progress(sys.stderr, live=live, verbosity=verbosity, phase=terminal.FIRST["scan"])


def _settings(playbook: str, progress: Progress) -> project.Settings:
    settings = project.load(project.folder_of(playbook), os.environ)
    for line in settings.told():
        progress(Note(f"setting {line}"))
    return settings


def _named(playbook: str | None) -> str:
    if not playbook:
        raise UsageError("no playbook was named", help="undrift scan site.yml -i inventory.ini")
    return playbook


def _limit(pattern: str) -> str:
    """The pattern. Raises UsageError for @FILE where there is no such file."""
    for word in pattern.split(","):
        if word.startswith("@") and not Path(word[1:]).is_file():
            raise UsageError(f"-l {word}: there is no file {word[1:]}")
    return pattern


def _ask(prompt: str, progress: Progress) -> Secret:
    import getpass

    if not sys.stdin.isatty():
        raise UsageError(f"{prompt.strip(': ')} is to be asked for, and nobody is here to answer")
    progress.clear()
    return Secret(getpass.getpass(prompt))


def _words(values: list[str] | None) -> tuple[str, ...]:
    return tuple(word.strip() for value in values or () for word in value.split(",") if word.strip())
