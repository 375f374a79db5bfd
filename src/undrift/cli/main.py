"""The `undrift` command. Imports next to nothing by itself, so that Ctrl-C is heard from the first moment."""

from __future__ import annotations

import sys

from undrift.cli import terminal
from undrift.errors import UndriftError, UsageError
from undrift.exits import Exit


def main(arguments: list[str] | None = None) -> None:
    """The entry point; ends the process with one of exits.Exit."""
    words = sys.argv[1:] if arguments is None else arguments
    try:
        status = _run(words)
    except KeyboardInterrupt:
        terminal.clear_line(sys.stderr)
        status = Exit.INTERRUPTED
    sys.exit(status)


def _run(words: list[str]) -> int:
    try:
        terminal.first_sign(sys.stderr, words)
        if words[:1] in (["scan"], ["correct"]) and not {"-h", "--help"} & set(words):
            _read_ahead()
        from undrift.cli.app import command

        return command(words)
    except UndriftError as problem:
        _say(problem)
        return problem.exit
    except BrokenPipeError:
        from undrift.cli.outputs import leave_stdout

        leave_stdout()
        return Exit.ERROR
    except Exception as problem:  # noqa: BLE001 - told as a defect, with what to do
        return _unexpected(problem, words)


def _read_ahead() -> None:
    """Start the process that reads the playbook: it has 0.3 s of importing to do while we read the command line."""
    import gc

    # Most of what is loaded stays to the end: collecting it again and again costs a tenth of a scan.
    gc.set_threshold(100_000, 50, 100)
    from undrift.cli import ahead

    ahead.start()


def _say(problem: UndriftError) -> None:
    """An error as people read it: what, where, what was kept, what to do."""
    from undrift.render.texts import visible

    where = f"\n  at {problem.where}" if problem.where else ""
    kept = f"\n  kept: {problem.kept}" if problem.kept else ""
    hint = f"\n  help: {problem.help.strip()}" if problem.help else ""
    terminal.clear_line(sys.stderr)
    sys.stderr.write(visible(f"error[{problem.code}]: {problem.what}{where}{kept}{hint}\n"))


def _unexpected(problem: Exception, words: list[str]) -> int:
    """What is no error of ours: typer's are about the command line, anything else is a defect."""
    import typer

    if isinstance(problem, _mistakes()):
        return _mistaken(problem, words)
    if isinstance(problem, typer.Abort):
        return Exit.INTERRUPTED
    terminal.clear_line(sys.stderr)
    if any(word.startswith("-v") for word in words):
        import traceback

        traceback.print_exception(problem)
    sys.stderr.write(
        f"error[defect]: {type(problem).__name__}: {problem}\n"
        "  this is a defect of undrift; nothing was changed\n"
        "  help: run it again with -v and report what it says\n"
    )
    return Exit.ERROR


def _mistakes() -> type:
    """The class of what typer raises for a mistyped command: click's, or that of a click that typer brings itself."""
    import typer

    return next(kind for kind in typer.BadParameter.__mro__ if kind.__name__ == "ClickException")


def _mistaken(problem: Exception, words: list[str]) -> int:
    said = problem.format_message() if hasattr(problem, "format_message") else str(problem)
    context = getattr(problem, "ctx", None)
    command = " ".join(["undrift", *words[:1]]) if context is None else context.command_path
    _say(UsageError(said, help=f"{command} --help"))
    return Exit.USAGE


if __name__ == "__main__":
    main()
