"""A file with a part as wanted: ansible.builtin.lineinfile, blockinfile and replace."""

from undrift.agent import edits
from undrift.agent.answer import answer, difference, resource
from undrift.agent.attributes import apply_attributes, attribute_differences
from undrift.agent.evidence import evidence
from undrift.agent.host import Failed, file_with

MYPY = False
if MYPY:
    from typing import Any

    from undrift.agent.host import Host


def check(args: "dict[str, Any]", host: "Host") -> "dict[str, Any]":
    """args: edit (line, block, replace), path, state, create, and what the edit's module takes."""
    path = args["path"]
    node = host.stat(path)
    if node is not None and node.type == "directory":
        raise Failed("Path %s is a directory !" % path, rc=256)
    if node is None:
        return _missing(path, args, host)
    before = host.read(path)
    after, msg, more = _EDITS[args["edit"]](before, args)
    found = attribute_differences(host, node, args, directory=False)
    if after != before or found:
        host.predict(path, apply_attributes(host, file_with(after, node), args, directory=False))
    shown = evidence(host, path, before, after) if after != before else None
    changed = bool(found) or after != before
    result = dict(more, changed=changed, msg=msg)
    if not changed and args["edit"] != "replace":
        result["diff"] = _no_diff(path)
    if found:
        result["msg"] = (msg + " and " if msg else "") + "ownership, perms or SE linux context changed"
    return answer(result, resource("file", path, found, shown))


def _missing(path: "str", args: "dict[str, Any]", host: "Host") -> "dict[str, Any]":
    """It is not there: made, where `create` says so or a package may bring it; else the task would fail."""
    absent = args["state"] == "absent"
    if absent and (args["edit"] == "line" or args["create"]):
        msg = "file not present" if args["edit"] == "line" else "File %s not present" % path
        return answer({"changed": False, "msg": msg}, resource("file", path))
    if not args["create"]:
        return _awaited(path, args, host)
    after, msg, more = _EDITS[args["edit"]](b"", args)
    if args["edit"] == "line" and not after:
        return answer(dict(more, changed=False, msg=msg), resource("file", path))
    found = [difference("state", "file", "absent")]
    found += attribute_differences(host, None, args, directory=False)
    host.predict(path, apply_attributes(host, file_with(after), args, directory=False))
    if args["edit"] == "block":
        msg = "File created"
    return answer(
        dict(more, changed=True, msg=msg), resource("file", path, found, evidence(host, path, None, after))
    )


def _awaited(path: "str", args: "dict[str, Any]", host: "Host") -> "dict[str, Any]":
    """The task does not make the file itself. Raises Failed where nothing before it may bring it."""
    if host.overlay.installs:
        note = "the file may come with %s" % ", ".join(host.overlay.installs)
        return answer(
            {"changed": True, "msg": note}, resource("file", path, [difference("state", "file", "absent")])
        )
    what = "Destination" if args["edit"] == "line" else "Path"
    raise Failed("%s %s does not exist !" % (what, path), missing=True, rc=257)


def _no_diff(path: "str") -> "list[dict[str, str]]":
    """What the module returns for a file that is as wanted."""
    headers = ["%s (%s)" % (path, what) for what in ("content", "file attributes")]
    empty = {"before": "", "after": ""}
    of_content, of_attributes = ({"before_header": one, "after_header": one} for one in headers)
    return [dict(of_content, **empty), of_attributes]


def _line(before: "bytes", args: "dict[str, Any]") -> "tuple[bytes, str, dict[str, Any]]":
    if args["state"] == "absent":
        after, count = edits.without_line(before, args)
        return after, "%s line(s) removed" % count if count else "", {"found": count, "backup": ""}
    after, msg = edits.with_line(before, args)
    return after, msg, {"backup": ""}


def _block(before: "bytes", args: "dict[str, Any]") -> "tuple[bytes, str, dict[str, Any]]":
    after = edits.with_block(before, args)
    if after == before:
        return after, "", {}
    present = args["state"] == "present" and args["block"]
    return after, "Block inserted" if present else "Block removed", {}


def _replace(before: "bytes", args: "dict[str, Any]") -> "tuple[bytes, str, dict[str, Any]]":
    after, count = edits.replaced(before, args)
    return after, "%s replacements made" % count if after != before else "", {"rc": 0}


_EDITS = {"line": _line, "block": _block, "replace": _replace}
