"""The commands, put together; only the one that is asked for is loaded."""

from __future__ import annotations

from typing import Annotated

import typer

from undrift import __version__
from undrift.cli import manual
from undrift.exits import Exit

app = typer.Typer(
    name="undrift",
    help=manual.UNDRIFT,
    add_completion=False,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def command(words: list[str]) -> int:
    """
    Run the command line; its exit status. Raises UndriftError, what typer raises for mistakes (see main), and
    KeyboardInterrupt.
    """
    if words in ([], ["lab"]):
        words = [*words, "--help"]
    _mount(words)
    status = typer.main.get_command(app).main(words, prog_name="undrift", standalone_mode=False)
    return status if isinstance(status, int) else Exit.DONE


def _mount(words: list[str]) -> None:
    """Only the command that is asked for is imported; all of them for the help."""
    wanted = next((word for word in words if not word.startswith("-")), "")
    if wanted not in {"lab", "correct"}:
        from undrift.cli.scan import scan

        app.command("scan", help=manual.SCAN)(scan)
    if wanted not in {"lab", "scan"}:
        from undrift.cli.correct import correct

        app.command("correct", help=manual.CORRECT)(correct)
    if wanted not in {"scan", "correct"}:
        from undrift.cli.lab import app as lab

        app.add_typer(lab, name="lab")


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
