"""undrift scan."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from undrift.cli.again import typed_so_far
from undrift.cli.progress import Progress
from undrift.errors import UndriftError, UsageError
from undrift.model.secret import NO_SECRET, Secret
from undrift.playbook.options import ReadOptions
from undrift.scan.events import Phase
from undrift.scan.options import CONCEAL, ScanOptions

ANSIBLE = "As in ansible-playbook"
ANSWER = "What is told"
CAREFUL = "What may be run, and what is never shown"


def scan(
    playbook: Annotated[
        str, typer.Argument(help="The playbook. May be left out when undrift.yaml names one.")
    ] = "",
    inventory: Annotated[
        list[str] | None,
        typer.Option(
            "-i",
            "--inventory",
            help="Inventory file, folder, script or `host1,host2,`.",
            rich_help_panel=ANSIBLE,
        ),
    ] = None,
    limit: Annotated[
        str,
        typer.Option("-l", "--limit", help="Only these hosts: an Ansible pattern.", rich_help_panel=ANSIBLE),
    ] = "",
    tags: Annotated[
        list[str] | None,
        typer.Option("-t", "--tags", help="Only tasks with these tags.", rich_help_panel=ANSIBLE),
    ] = None,
    skip_tags: Annotated[
        list[str] | None,
        typer.Option("--skip-tags", help="Not the tasks with these tags.", rich_help_panel=ANSIBLE),
    ] = None,
    extra_vars: Annotated[
        list[str] | None,
        typer.Option("-e", "--extra-vars", help="key=value, JSON or @file.", rich_help_panel=ANSIBLE),
    ] = None,
    user: Annotated[
        str, typer.Option("-u", "--user", help="Log in as this user.", rich_help_panel=ANSIBLE)
    ] = "",
    private_key: Annotated[
        str, typer.Option("--private-key", help="Log in with this key.", rich_help_panel=ANSIBLE)
    ] = "",
    become: Annotated[
        bool,
        typer.Option(
            "-b", "--become", help="Look as another user, root unless said.", rich_help_panel=ANSIBLE
        ),
    ] = False,
    become_user: Annotated[
        str, typer.Option("--become-user", help="The user to become.", rich_help_panel=ANSIBLE)
    ] = "",
    become_method: Annotated[
        str, typer.Option("--become-method", help="sudo, su, doas ...", rich_help_panel=ANSIBLE)
    ] = "",
    ask_pass: Annotated[
        bool, typer.Option("-k", "--ask-pass", help="Ask for the login password.", rich_help_panel=ANSIBLE)
    ] = False,
    ask_become_pass: Annotated[
        bool,
        typer.Option(
            "-K",
            "--ask-become-pass",
            help="Ask for the password of sudo and its like.",
            rich_help_panel=ANSIBLE,
        ),
    ] = False,
    vault_password_file: Annotated[
        list[str] | None,
        typer.Option("--vault-password-file", help="A file or script.", rich_help_panel=ANSIBLE),
    ] = None,
    vault_id: Annotated[
        list[str] | None, typer.Option("--vault-id", help="label@source.", rich_help_panel=ANSIBLE)
    ] = None,
    ask_vault_pass: Annotated[
        bool,
        typer.Option("-J", "--ask-vault-pass", help="Ask for the vault password.", rich_help_panel=ANSIBLE),
    ] = False,
    forks: Annotated[
        int | None,
        typer.Option("-f", "--forks", min=1, help="Logins at once. [default: 50]", rich_help_panel=ANSIBLE),
    ] = None,
    timeout: Annotated[
        int | None,
        typer.Option(
            "-T", "--timeout", min=1, help="Seconds for a login. [default: 10]", rich_help_panel=ANSIBLE
        ),
    ] = None,
    ssh_common_args: Annotated[
        str, typer.Option("--ssh-common-args", help="As typed behind ssh.", rich_help_panel=ANSIBLE)
    ] = "",
    ssh_extra_args: Annotated[
        str, typer.Option("--ssh-extra-args", help="As typed behind ssh.", rich_help_panel=ANSIBLE)
    ] = "",
    output: Annotated[
        list[str] | None,
        typer.Option(
            "-o",
            "--output",
            help="human, json, jsonl or junit; FORMAT=FILE writes a file. May be repeated.",
            rich_help_panel=ANSWER,
        ),
    ] = None,
    unknown: Annotated[
        bool,
        typer.Option("--unknown", help="List what could not be checked, and why.", rich_help_panel=ANSWER),
    ] = False,
    diff: Annotated[
        bool,
        typer.Option("--diff/--no-diff", help="Show the differing lines of files.", rich_help_panel=ANSWER),
    ] = True,
    strict: Annotated[
        bool,
        typer.Option(
            "--strict",
            help="Exit 4 also when something cannot be previewed by nature.",
            rich_help_panel=ANSWER,
        ),
    ] = False,
    min_coverage: Annotated[
        float | None,
        typer.Option(
            "--min-coverage",
            min=0,
            max=100,
            help="Exit 4 when less than so many percent was checked.",
            rich_help_panel=ANSWER,
        ),
    ] = None,
    verbose: Annotated[
        int, typer.Option("-v", "--verbose", count=True, help="Say more; -vv, -vvv.", rich_help_panel=ANSWER)
    ] = 0,
    run_probes: Annotated[
        bool,
        typer.Option(
            "--run-probes",
            help="Run commands that say changed_when: false, whatever they are.",
            rich_help_panel=CAREFUL,
        ),
    ] = False,
    no_run: Annotated[
        bool, typer.Option("--no-run", help="Hold back what says check_mode: false.", rich_help_panel=CAREFUL)
    ] = False,
    deadline: Annotated[
        float | None,
        typer.Option(
            "--deadline", min=0.1, help="Seconds for one answer. [default: 30]", rich_help_panel=CAREFUL
        ),
    ] = None,
    accept_new_host_keys: Annotated[
        bool,
        typer.Option(
            "--accept-new-host-keys", help="Record host keys that are not known yet.", rich_help_panel=CAREFUL
        ),
    ] = False,
) -> int:
    """
    Look at every server and say what differs from the playbook. Nothing is changed, nothing is installed.

    [bold]Examples[/bold]

      undrift scan site.yml -i prod.ini

      undrift scan site.yml -i prod.ini -l web -t nginx --unknown

      undrift scan site.yml -i prod.ini -o human -o junit=drift.xml -o json=drift.json

    [bold]Words[/bold]: in sync; drifted (the server differs); failed (the task itself would fail); unknown (could not be
    checked, with the reason: unknown never counts as in sync); act (a restart and its like, no state).

    [bold]Exit codes[/bold]: 0 in sync, 2 something differs, 4 a host was silent or a check failed, 1 could not work,
    64 the command line makes no sense, 130 interrupted.
    """
    from undrift import settings as project
    from undrift.cli.outputs import parse_outputs

    begun = Progress(terminal=sys.stderr.isatty(), verbosity=verbose)
    begun(Phase("starting"))
    try:
        settings = project.load(Path.cwd(), os.environ)
        outputs = parse_outputs(output or [])
        playbook = playbook or str(settings["playbook"] or "")
        if not playbook:
            raise UsageError("no playbook was named", help="undrift scan site.yml -i inventory.ini")
        read = ReadOptions(
            playbook=playbook,
            inventory=tuple(inventory or settings["inventory"] or ()),
            limit=limit,
            tags=_words(tags),
            skip_tags=_words(skip_tags),
            extra_vars=tuple(extra_vars or ()),
            become=become,
            become_user=become_user,
            become_method=become_method,
            become_password=_ask(begun, "BECOME password: ") if ask_become_pass else NO_SECRET,
            user=user,
            private_key=private_key,
            password=_ask(begun, "SSH password: ") if ask_pass else NO_SECRET,
            ssh_common_args=ssh_common_args,
            ssh_extra_args=ssh_extra_args,
            timeout=timeout,
            forks=forks,
            vault_ids=tuple(vault_id or ()),
            vault_password_files=tuple(vault_password_file or ()),
            vault_password=_ask(begun, "Vault password: ") if ask_vault_pass else NO_SECRET,
            verbosity=verbose,
        )
        options = ScanOptions(
            read=read,
            deadline=deadline or settings["deadline"],
            logins=settings["logins"],
            run_probes=run_probes,
            probes=settings["probes"],
            hold_runs=no_run,
            accept_new_host_keys=accept_new_host_keys,
            conceal=(*CONCEAL, *settings["conceal"]),
            verbosity=verbose,
        )
        result = _run(options, begun)
    finally:
        begun.clear()
    return _tell(
        result,
        outputs,
        unknown=unknown,
        diff=diff,
        whole_diff=verbose > 0,
        strict=strict,
        min_coverage=min_coverage,
        command=typed_so_far(sys.argv[1:]),
        limit=limit,
    )


def _run(options: ScanOptions, progress: Progress) -> Any:
    """The story, with Ctrl-C: once to end it with what is known, twice to end at once."""
    import asyncio

    from undrift.cli import ahead
    from undrift.scan.story import scan as story

    reader = ahead.take()

    async def told() -> Any:
        task = asyncio.current_task()
        loop = asyncio.get_running_loop()
        presses = 0

        def press() -> None:
            nonlocal presses
            presses += 1
            if presses > 1 or task is None:
                os._exit(130)
            task.cancel()

        loop.add_signal_handler(signal.SIGINT, press)
        try:
            return await story(options, progress, reader)
        finally:
            loop.remove_signal_handler(signal.SIGINT)

    return asyncio.run(told())


def _tell(
    result: Any,
    outputs: Any,
    *,
    unknown: bool,
    diff: bool,
    whole_diff: bool,
    strict: bool,
    min_coverage: float | None,
    command: str,
    limit: str | None,
) -> int:
    """Print the report, masked, and return the exit code."""
    from undrift.cli.outputs import style_of, write_outputs
    from undrift.render.mask import Mask
    from undrift.render.view import View
    from undrift.scan.outcome import exit_of

    mask = Mask(result.secrets)
    view = View(
        style=style_of(os.environ),
        unknown=unknown,
        diff=diff,
        whole_diff=whole_diff,
        next_command=command,
        limit=limit or "",
    )
    report = mask.value(result.report)
    try:
        write_outputs(report, outputs, view)
    except UndriftError as problem:
        problem.what = mask.text(problem.what)
        raise
    return exit_of(report, strict=strict, min_coverage=min_coverage)


def _ask(progress: Progress, prompt: str) -> Secret:
    import getpass

    if not sys.stdin.isatty():
        raise UsageError(f"{prompt.strip(': ')} is to be asked for, and nobody is here to answer")
    progress.clear()
    return Secret(getpass.getpass(prompt))


def _words(values: list[str] | None) -> tuple[str, ...]:
    return tuple(word.strip() for value in values or () for word in value.split(",") if word.strip())
