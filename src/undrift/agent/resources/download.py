"""ansible.builtin.get_url without a download: whether the file is there, with the digest it should have."""

import os

from undrift.agent.answer import answer, difference, resource
from undrift.agent.attributes import apply_attributes, attribute_differences, facts_of
from undrift.agent.host import Failed, Node, Unknown

MYPY = False
if MYPY:
    from typing import Any

    from undrift.agent.host import Host


def check(args: "dict[str, Any]", host: "Host") -> "dict[str, Any]":
    """args: url, dest, force, algorithm, checksum (both None when none is given), owner, group, mode."""
    dest = host.expand(args["dest"])
    node = host.stat(dest)
    if node is not None and node.type == "directory":
        dest = os.path.join(dest, args["url"].split("?")[0].rstrip("/").rsplit("/", 1)[-1])
        node = host.stat(dest)
    result: "dict[str, Any]" = {"dest": dest, "url": args["url"], "elapsed": 0}
    if node is None:
        return _missing(dest, args, result, host)
    found = attribute_differences(host, node, args, directory=False)
    if args["checksum"] is not None:
        have = host.digest(dest, args["algorithm"])
        if have != args["checksum"]:
            found.append(difference(args["algorithm"], args["checksum"], have))
    elif args["force"]:
        raise Unknown("with force it is downloaded every time, and only then compared", "unpreviewable")
    result.update(facts_of(node))
    return answer(result, resource("file", dest, found))


def _missing(dest: "str", args: "dict[str, Any]", result: "dict[str, Any]", host: "Host") -> "dict[str, Any]":
    parent = os.path.dirname(dest)
    if host.stat(parent) is None and not host.overlay.installs:
        raise Failed("Destination %s does not exist" % parent, missing=True)
    made = Node("file")
    made.created = True
    host.predict(dest, apply_attributes(host, made, args, directory=False))
    return answer(result, resource("file", dest, [difference("state", "file", "absent")]))
