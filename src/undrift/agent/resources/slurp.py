"""ansible.builtin.slurp: the content of a file, in base64."""

import binascii

from undrift.agent.host import Failed

MYPY = False
if MYPY:
    from typing import Any

    from undrift.agent.host import Host

#: What a register may hold of a file, in bytes.
LIMIT = 8 * 1024 * 1024


def check(args: "dict[str, Any]", host: "Host") -> "dict[str, Any]":
    """args: src."""
    src = args["src"]
    node = host.stat(src)
    if node is None:
        raise Failed("file not found: %s" % src, missing=True)
    if node.type == "directory":
        raise Failed("source is a directory and must be a file: %s" % src)
    content = binascii.b2a_base64(host.read(src, LIMIT)).replace(b"\n", b"").decode("ascii")
    result = {"changed": False, "content": content, "source": src, "encoding": "base64"}
    return {"result": result, "resources": []}
