"""undrift correct."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Mapping
from typing import Annotated, Any

import typer

from undrift.cli import asked
from undrift.cli import scan_options as typed
from undrift.cli.outputs import parse_outputs, style_of, write_correction
from undrift.cli.running import run
from undrift.correct.outcome import exit_of
from undrift.correct.story import correct as story
from undrift.errors import UsageError
from undrift.model.correction import Correction
from undrift.render import OF_CORRECTIONS
from undrift.render.view import View

Yes = Annotated[bool, typer.Option("--yes", help="Do not ask; UNDRIFT_YES=1 says the same.")]
IncludeUnknown = Annotated[
    bool,
    typer.Option(
        "--include-unknown", help="Also hosts where nothing differs but some tasks cannot be previewed."
    ),
]


@typed.with_shared
def correct(
    shared: Mapping[str, Any],
    yes: Yes = False,
    include_unknown: IncludeUnknown = False,
    output: typed.Outputs = None,
    diff: typed.Diff = True,
) -> int:
    """Bring the servers to what the playbook says: see manual.CORRECT."""
    from undrift.render import correction as render
    from undrift.render.mask import Mask

    view = View(
        style=style_of(os.environ),
        diff=diff,
        whole_diff=shared["verbose"] > 0,
    )
    agreed = yes or os.environ.get("UNDRIFT_YES", "") not in {"", "0"}
    with asked.progress_of(shared["verbose"], "correct") as progress:
        outputs = parse_outputs(output or [], OF_CORRECTIONS)
        options = asked.options_of(shared, progress, "correct")

        async def confirm(plan: Correction, secrets: frozenset[str]) -> bool:
            progress.clear()
            sys.stderr.write(render.plan(Mask(secrets).value(plan), view))
            return agreed or await _is_answered_yes()

        corrected = run(
            lambda reader: story(options, progress, reader, confirm, include_unknown=include_unknown),
            progress,
        )
    correction = Mask(corrected.secrets).value(corrected.correction)
    write_correction(correction, outputs, view)
    return exit_of(correction)


async def _is_answered_yes() -> bool:
    """Ask. Raises UsageError where nobody is there to answer. Ctrl-C is heard while it waits."""
    if not sys.stdin.isatty():
        raise UsageError(
            "nobody is here to say yes",
            kept="nothing was changed",
            help="add --yes to bring it about without asking",
        )
    sys.stderr.write("Bring this about? Only `yes` will do: ")
    sys.stderr.flush()
    loop, typed_in = asyncio.get_running_loop(), asyncio.Event()
    loop.add_reader(sys.stdin, typed_in.set)
    try:
        await typed_in.wait()
    finally:
        loop.remove_reader(sys.stdin)
    return sys.stdin.readline().strip() == "yes"
