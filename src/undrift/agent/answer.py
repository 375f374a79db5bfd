"""How a check says what it found; the forms are in wire."""

MYPY = False
if MYPY:
    from typing import Any


def difference(field: "str", want: "Any", have: "Any") -> "list[Any]":
    """One field that is not as wanted; None: absent."""
    return [field, want, have]


def resource(
    kind: "str",
    name: "str",
    differences: "Any" = (),
    evidence: "dict[str, Any] | None" = None,
    act: "bool" = False,
    note: "str" = "",
) -> "dict[str, Any]":
    """
    What the task is about, and how it differs; in sync when nothing does. act: what the task would do is an act
    (a restart, a touch) and no state, so that it is never drift. note: by what it was judged, said of the whole host.
    """
    said: "dict[str, Any]" = {"kind": kind, "id": name, "differences": list(differences)}
    if evidence is not None:
        said["evidence"] = evidence
    if act:
        said["act"] = True
    if note:
        said["note"] = note
    return said


def answer(result: "dict[str, Any]", *resources: "dict[str, Any]") -> "dict[str, Any]":
    """
    The whole answer: the module's own return values in check mode, and the resources. `changed` is filled in when
    `result` does not say it: something differs, or an act would be done.
    """
    if "changed" not in result:
        result["changed"] = any(
            one["differences"] or one.get("evidence") or one.get("act") for one in resources
        )
    return {"result": result, "resources": list(resources)}
