"""Whether what a task does can be undone: said in the plan, and decided by the same rule when it is done."""

MYPY = False
if MYPY:
    from typing import Any

#: Kinds whose whole effect is at paths and in units that are remembered, when the check foretells it there.
FULLY = ("file", "content", "edit", "service", "account", "authorized_key")
#: Kinds whose packages may be had in the old version, or may not.
PERHAPS = ("apt", "rpm", "apt_repository")


def undoable(request: "dict[str, Any]", effects: "list[list[Any]]") -> "str":
    """yes, perhaps or no. effects: what the check foretells."""
    kind = request["kind"]
    if kind in PERHAPS:
        return "perhaps"
    if kind not in FULLY:
        return "no"
    return "yes" if effects or kind == "service" else "no"
