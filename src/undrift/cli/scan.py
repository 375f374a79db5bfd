"""undrift scan."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from typing import Any

from undrift.cli import again, asked
from undrift.cli import scan_options as typed
from undrift.cli.outputs import Output, parse_outputs, style_of, write_outputs
from undrift.cli.running import run
from undrift.errors import UndriftError
from undrift.render.view import View
from undrift.scan.session import Result
from undrift.scan.story import scan as story


@typed.with_shared
def scan(
    shared: Mapping[str, Any],
    output: typed.Outputs = None,
    unknown: typed.Unknown = False,
    diff: typed.Diff = True,
    strict: typed.Strict = False,
    min_coverage: typed.MinCoverage = None,
) -> int:
    """Look at every server and say what differs from the playbook: see manual.SCAN."""
    with asked.progress_of(shared["verbose"], "scan") as progress:
        outputs = parse_outputs(output or [])
        options = asked.options_of(shared, progress, "scan")
        result = run(lambda reader: story(options, progress, reader), progress)
    view = View(
        style=style_of(os.environ),
        unknown=unknown,
        diff=diff,
        whole_diff=shared["verbose"] > 0,
        next_command=again.typed_so_far(sys.argv[1:]),
        limit=shared["limit"],
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
