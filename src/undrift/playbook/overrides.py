"""How a template action's own arguments change the way its template is read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from undrift.playbook.truth import is_true

TEMPLATE_OVERRIDES = [
    "block_start_string",
    "block_end_string",
    "variable_start_string",
    "variable_end_string",
    "comment_start_string",
    "comment_end_string",
    "trim_blocks",
    "lstrip_blocks",
    "newline_sequence",
]


def overrides_of(args: Mapping[str, Any]) -> dict[str, Any]:
    """Block and variable marks, trimming and newlines, as the arguments or Ansible's defaults say."""
    options = {name: args[name] for name in TEMPLATE_OVERRIDES if args.get(name) is not None}
    for name, default in (("trim_blocks", True), ("lstrip_blocks", False)):
        options[name] = is_true(options.get(name, default))
    newline = options.get("newline_sequence", "\n")
    options["newline_sequence"] = {"\\n": "\n", "\\r": "\r", "\\r\\n": "\r\n"}.get(newline, newline)
    return options


def jinja_options(options: Mapping[str, Any]) -> dict[str, Any] | None:
    """What changes how the text is read, None when it is read as any other."""
    found = {name: value for name, value in options.items() if name.endswith("_string")}
    return found or None
