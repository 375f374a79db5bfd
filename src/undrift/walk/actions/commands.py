"""ansible.builtin.command, shell, script and raw: their effect is unknown, but for what `creates` says and for probes."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from typing import Any

from undrift.walk.actions import probes
from undrift.walk.actions.arguments import Argument, BadArgument, read
from undrift.walk.actions.ask import Ask, Occasion, Told

SPEC = {
    "cmd": Argument(),
    "argv": Argument(kind="raw"),
    "chdir": Argument(kind="path"),
    "creates": Argument(kind="path"),
    "removes": Argument(kind="path"),
    "executable": Argument(kind="path"),
    "stdin": Argument(),
    "stdin_add_newline": Argument(kind="bool", default=True),
    "strip_empty_ends": Argument(kind="bool", default=True),
    "expand_argument_vars": Argument(kind="bool", default=True),
}
#: What may run a line that was looked at.
SHELLS = frozenset({None, "sh", "bash", "/bin/sh", "/bin/bash", "/usr/bin/sh", "/usr/bin/bash"})
NOBODY_KNOWS = "a command's effect cannot be previewed"
HELD_BACK = (
    "a command that says changed_when: false, and is none of those known to read only; --run-probes runs it"
)


def ask_command(args: Mapping[str, Any], occasion: Occasion) -> Ask | Told | None:
    """
    Asks `command` where the line may run (a probe, check_mode: false), or creates or removes is given; else
    Told that nobody knows, and a probe is held back. Raises BadArgument as the module would.
    """
    return _ask(args, occasion, by_shell=bool(args.get("_uses_shell")))


def ask_shell(args: Mapping[str, Any], occasion: Occasion) -> Ask | Told | None:
    """As ask_command, always by a shell."""
    return _ask(args, occasion, by_shell=True)


def ask_script(args: Mapping[str, Any], occasion: Occasion) -> Ask | Told | None:
    """Only `creates` and `removes` can be told; the script itself never runs in a scan."""
    values = read({key: value for key, value in args.items() if key != "decrypt"}, SPEC)
    if values is None or not occasion.check_mode:
        return Told(unpreviewable="a script's effect cannot be previewed")
    if values["creates"] or values["removes"]:
        line = str(args.get("_raw_params") or values["cmd"] or "")
        return Ask(kind="command", args=_args(values, line, [], by_shell=True, run=False))
    return Told(unpreviewable="a script's effect cannot be previewed")


def ask_raw(_args: Mapping[str, Any], _occasion: Occasion) -> Ask | Told | None:
    """Always Told: it has neither a check mode nor `creates`."""
    return Told(unpreviewable=NOBODY_KNOWS)


def _ask(args: Mapping[str, Any], occasion: Occasion, *, by_shell: bool) -> Ask | Told | None:
    values = read(args, SPEC)
    if values is None:
        return Told(unpreviewable=NOBODY_KNOWS)
    line, argv = _command(args, values, by_shell=by_shell)
    probe = occasion.changed_when_false and (
        occasion.run_probes
        or (
            values["executable"] in SHELLS
            and probes.may_run(line, occasion.probe_patterns, by_shell=by_shell)
        )
    )
    run = not occasion.check_mode or probe
    if run or values["creates"] or values["removes"]:
        if run and not by_shell and any("$" in word or word.startswith("~") for word in argv):
            # The module expands variables of the server's own environment: a shell does it alike.
            by_shell, line = True, " ".join(_quoted(word) for word in argv)
        return Ask(
            kind="command",
            args=_args(values, line, argv, by_shell=by_shell, run=run, probe=occasion.check_mode),
        )
    if occasion.changed_when_false:
        occasion.hold_probe()
        return Told(unpreviewable=HELD_BACK)
    return Told(unpreviewable=NOBODY_KNOWS)


def _command(args: Mapping[str, Any], values: Mapping[str, Any], *, by_shell: bool) -> tuple[str, list[str]]:
    """(the line, its words; none for a shell)."""
    raw = args.get("_raw_params")
    argv = values["argv"]
    line = str(raw or values["cmd"] or "")
    if bool(line) == bool(argv):
        raise BadArgument(
            "no command given" if not line else "only one of command or argv can be given, not both."
        )
    if by_shell:
        return line, []
    try:
        words = [str(word) for word in argv] if argv else shlex.split(line)
    except ValueError as problem:
        raise BadArgument(f"the command line cannot be read: {problem}") from problem
    return line or shlex.join(words), words


def _quoted(word: str) -> str:
    """Quoted but for variables and a home folder, which the module expands."""
    return '"' + word.replace("\\", "\\\\").replace('"', '\\"').replace("`", "\\`") + '"'


def _args(
    values: Mapping[str, Any], line: str, argv: list[str], *, by_shell: bool, run: bool, probe: bool = True
) -> dict[str, Any]:
    stdin = values["stdin"]
    if stdin is not None and values["stdin_add_newline"]:
        stdin += "\n"
    return {
        "line": line,
        "argv": argv,
        "shell": by_shell,
        "executable": values["executable"] if by_shell else None,
        "chdir": values["chdir"],
        "creates": values["creates"],
        "removes": values["removes"],
        "stdin": stdin,
        "strip": values["strip_empty_ends"],
        "run": run,
        "probe": probe,
        "about": line if len(line) <= 120 else line[:117] + "...",
    }


ACTIONS = {
    "ansible.builtin.command": ask_command,
    "ansible.builtin.shell": ask_shell,
    "ansible.builtin.script": ask_script,
    "ansible.builtin.raw": ask_raw,
}
