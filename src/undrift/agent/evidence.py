"""What may be shown of a content that differs: both sides, or where that would give a secret away, digests."""

import fnmatch
import hashlib
import hmac
import os

MYPY = False
if MYPY:
    from typing import Any

    from undrift.agent.host import Host, Node

OTHERS_MAY_READ = 0o004
OTHERS_MAY_ENTER = 0o001


def evidence(host: "Host", path: "str", before: "bytes | None", after: "bytes | None") -> "dict[str, Any]":
    """
    Both sides of a content as the answer's "evidence" (see wire). before, after: None where there is no file.
    Digests only, when the request carries a secret, the path is to be concealed, others may not read the file, or
    the content is no UTF-8 text.
    """
    if not concealed(host, path):
        try:
            texts = [None if side is None else side.decode("utf-8") for side in (before, after)]
        except UnicodeDecodeError:
            return dict(_digests(host, before, after), path=path, binary=True)
        size = len(before or b"") + len(after or b"")
        if size <= host.settings["content_limit"] and size <= host.budget and not _has_nul(before, after):
            host.budget -= size
            return {"path": path, "before": texts[0], "after": texts[1]}
        return dict(_digests(host, before, after), path=path, truncated=True)
    return dict(_digests(host, before, after), path=path, concealed=True)


def concealed(host: "Host", path: "str") -> "bool":
    """Whether the content at `path` must never be shown."""
    return host.secret or any(_is_private(host, one) for one in {path, host.behind(path)})


def _is_private(host: "Host", path: "str") -> "bool":
    """Whether a pattern names it, others may not read it, or they may not enter a directory on the way to it."""
    name = os.path.basename(path)
    patterns = host.settings["conceal"]
    if any(fnmatch.fnmatch(name if "/" not in pattern else path, pattern) for pattern in patterns):
        return True
    if _withholds(host.stat(path), OTHERS_MAY_READ):
        return True
    folder = os.path.dirname(path)
    while folder not in ("", "/"):
        if _withholds(host.stat(folder), OTHERS_MAY_ENTER):
            return True
        folder = os.path.dirname(folder)
    return False


def _withholds(node: "Node | None", right: "int") -> "bool":
    return node is not None and node.mode is not None and not node.mode & right


def keyed_digest(host: "Host", content: "bytes | None") -> "str | None":
    """Twelve hex digits, the same for the same content within one run, and of no use to anybody after it."""
    if content is None:
        return None
    key = host.settings["key"].encode("ascii")
    return hmac.new(key, content, hashlib.sha256).hexdigest()[:12]


def _digests(host: "Host", before: "bytes | None", after: "bytes | None") -> "dict[str, Any]":
    return {
        "before_digest": keyed_digest(host, before),
        "after_digest": keyed_digest(host, after),
        "before_size": None if before is None else len(before),
        "after_size": None if after is None else len(after),
        "lines": _differing_lines(before, after),
    }


def _differing_lines(before: "bytes | None", after: "bytes | None") -> "int | None":
    """How many lines stand on one side only; None when that would take too long to find out."""
    if len(before or b"") + len(after or b"") > 1 << 20:
        return None
    import difflib

    one, other = (before or b"").splitlines(), (after or b"").splitlines()
    blocks = difflib.SequenceMatcher(None, one, other, autojunk=False).get_matching_blocks()
    same = sum(block.size for block in blocks)
    return max(len(one), len(other)) - same


def _has_nul(*sides: "bytes | None") -> "bool":
    return any(side is not None and b"\0" in side for side in sides)
