"""Whether what a task does can be undone: said in the plan, and decided by the same rule when it is done."""

MYPY = False
if MYPY:
    from typing import Any

#: Kinds whose whole effect is at paths and in units that are remembered.
FULLY = (
    "file",
    "content",
    "edit",
    "service",
    "account",
    "cron",
    "sysctl",
    "authorized_key",
    "hostname",
    "mount",
)
#: Kinds whose packages may be had in the old version, or may not.
PERHAPS = ("apt", "rpm", "apt_repository")


def undoable(request: "dict[str, Any]", effects: "list[list[Any]]") -> "str":
    """yes, perhaps or no. effects: what the check foretells."""
    kind = request["kind"]
    if kind in PERHAPS:
        return "perhaps"
    if kind not in FULLY:
        return "no"
    known = all(what in ("path", "unit", "user", "group") for what, _, _ in effects)
    acts_alone = kind == "service" and not effects
    return "yes" if known and (effects or acts_alone) else "no"
