"""The `undrift` command."""

from __future__ import annotations

import gc
import sys
from typing import Annotated

import typer

from undrift import __version__
from undrift.errors import UndriftError
from undrift.exits import Exit

app = typer.Typer(
    name="undrift",
    help="Ends configuration drift on fleets of Linux servers, from the Ansible playbooks you already have.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"undrift {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    """Ends configuration drift."""


def main(arguments: list[str] | None = None) -> None:
    """The entry point; ends the process with one of exits.Exit."""
    words = sys.argv[1:] if arguments is None else arguments
    # Most of what is loaded stays to the end: collecting it again and again costs a tenth of a scan.
    gc.set_threshold(100_000, 50, 100)
    if words[:1] == ["scan"] and not {"-h", "--help"} & set(words):
        _read_ahead()
    _mount(words)
    try:
        status = typer.main.get_command(app).main(words, prog_name="undrift", standalone_mode=False)
    except UndriftError as problem:
        _say(problem)
        sys.exit(problem.exit)
    except KeyboardInterrupt:
        sys.exit(Exit.INTERRUPTED)
    except BrokenPipeError:
        _leave_pipe()
        sys.exit(Exit.ERROR)
    except Exception as problem:  # noqa: BLE001 - told as a defect, with what to do
        sys.exit(_unexpected(problem, words))
    sys.exit(status if isinstance(status, int) else Exit.DONE)


def _read_ahead() -> None:
    """Start the process that reads the playbook: it has 0.3 s of importing to do while we read the command line."""
    if sys.stderr.isatty():
        sys.stderr.write("\rstarting")
        sys.stderr.flush()
    from undrift.cli import ahead

    ahead.start()


def _mount(words: list[str]) -> None:
    """Only the command that is asked for is imported; all of them for the help."""
    wanted = next((word for word in words if not word.startswith("-")), "")
    if wanted in {"scan", ""} or wanted not in {"scan", "lab"}:
        from undrift.cli.scan import scan

        app.command("scan")(scan)
    if wanted != "scan":
        from undrift.cli.lab import app as lab

        app.add_typer(lab, name="lab")


def _say(problem: UndriftError) -> None:
    """An error as people read it: what, where, what was kept, what to do."""
    where = f"\n  at {problem.where}" if problem.where else ""
    kept = f"\n  kept: {problem.kept}" if problem.kept else ""
    hint = f"\n  help: {problem.help.strip()}" if problem.help else ""
    sys.stderr.write(f"error[{problem.code}]: {problem.what}{where}{kept}{hint}\n")


def _unexpected(problem: Exception, words: list[str]) -> int:
    """What nobody expected: click's own errors are about the command line, anything else is a defect of ours."""
    import click

    if isinstance(problem, click.ClickException):
        problem.show()
        return Exit.USAGE
    if isinstance(problem, click.exceptions.Abort):
        return Exit.INTERRUPTED
    if any(word.startswith("-v") for word in words):
        import traceback

        traceback.print_exception(problem)
    sys.stderr.write(
        f"error[defect]: {type(problem).__name__}: {problem}\n"
        "  this is a defect of undrift; nothing was changed\n"
        "  help: run it again with -v and report what it says\n"
    )
    return Exit.ERROR


def _leave_pipe() -> None:
    """Whoever read our output is gone (`| head`): say nothing more, not even on the way out."""
    import os

    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


if __name__ == "__main__":
    main()
