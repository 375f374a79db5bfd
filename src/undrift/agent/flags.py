"""The flags of a file that chattr(1) sets, as the argument `attributes` wants them."""

from undrift.agent.answer import difference

MYPY = False
if MYPY:
    from typing import Any

    from undrift.agent.host import Host, Node


def flag_differences(path: "str", node: "Node", wanted: "str", host: "Host") -> "list[list[Any]]":
    """wanted: `+i`, `-i` or `=i`, also without a sign. Where the file system has no flags, nothing differs."""
    if node.created:
        return []
    sign, letters = (wanted[0], wanted[1:]) if wanted[0] in "+-=" else ("=", wanted)
    status, out, _ = host.run(["lsattr", "-d", host.behind(path)])
    if status or not out.strip():
        return []
    have = out.decode("utf-8", "replace").split()[0].replace("-", "")
    fits = {
        "+": set(letters) <= set(have),
        "-": not set(letters) & set(have),
        "=": set(letters) == set(have),
    }
    return [] if fits[sign] else [difference("attributes", wanted, have)]
