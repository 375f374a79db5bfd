"""What `creates` alone decides: ansible.builtin.unarchive of an archive that the controller has."""

from undrift.agent.answer import answer, difference, resource

MYPY = False
if MYPY:
    from typing import Any

    from undrift.agent.host import Host


def check(args: "dict[str, Any]", host: "Host") -> "dict[str, Any]":
    """args: creates, about (where it is unpacked)."""
    said = skipped(args, host)
    if said is not None:
        return said
    path = host.expand(args["creates"])
    host.overlay.record("path", host.canonical(path), {"type": "file", "created": True})
    found = [difference("creates", args["creates"], "absent")]
    return answer({"changed": True, "dest": args["about"]}, resource("archive", args["about"], found))


def skipped(args: "dict[str, Any]", host: "Host") -> "dict[str, Any] | None":
    """The answer of a task that is not done, because what it creates is there; None: it is done."""
    if host.stat(host.expand(args["creates"])) is None:
        return None
    result = {"changed": False, "skipped": True, "msg": "skipped, since %s exists" % args["creates"]}
    return answer(result, resource("archive", args["about"]))
