"""undrift correct."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Mapping
from typing import Annotated, Any

import typer

from undrift.cli import again, asked
from undrift.cli import scan_options as typed
from undrift.cli.outputs import parse_outputs, style_of, write_correction
from undrift.cli.progress import Progress
from undrift.cli.running import run
from undrift.correct.outcome import exit_of
from undrift.correct.story import correct as story
from undrift.errors import UsageError
from undrift.model.correction import Correction
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
    from undrift.render.mask import Mask

    view = View(
        style=style_of(os.environ),
        diff=diff,
        whole_diff=shared["verbose"] > 0,
        next_command=again.typed_so_far(sys.argv[1:]),
        limit=shared["limit"],
    )
    agreed = yes or os.environ.get("UNDRIFT_YES", "") not in {"", "0"}
    with asked.progress_of(shared["verbose"], "correct") as progress:
        outputs = parse_outputs(output or [])
        options = asked.options_of(shared, progress, "correct")

        async def confirm(plan: Correction, secrets: frozenset[str]) -> bool:
            progress.clear()
            return agreed or await _ask(Mask(secrets).value(plan), view, progress)

        corrected = run(
            lambda reader: story(options, progress, reader, confirm, include_unknown=include_unknown),
            progress,
        )
    correction = Mask(corrected.secrets).value(corrected.correction)
    write_correction(correction, outputs, view)
    return exit_of(correction)


async def _ask(plan: Correction, view: View, progress: Progress) -> bool:
    """Show the plan and ask. Raises UsageError where nobody is there to answer."""
    from undrift.render import correction

    sys.stderr.write(correction.plan(plan, view))
    sys.stderr.flush()
    if not sys.stdin.isatty():
        raise UsageError(
            "nobody is here to say yes",
            kept="nothing was changed",
            help="add --yes to bring it about without asking",
        )
    progress.clear()
    sys.stderr.write("Bring this about? Only `yes` will do: ")
    sys.stderr.flush()
    answer: str = await asyncio.to_thread(sys.stdin.readline)
    return answer.strip() == "yes"
