"""ansible.builtin.stat: what is at a path, as its module says it."""

import os

from undrift.agent.fields import fields_by_then, fields_of

MYPY = False
if MYPY:
    from typing import Any

    from undrift.agent.host import Host, Node


def check(args: "dict[str, Any]", host: "Host") -> "dict[str, Any]":
    """args: path, follow, get_checksum, get_mime, get_attributes, checksum_algorithm."""
    path = args["path"]
    node = host.stat(path) if args["follow"] else host.lstat(path)
    if node is None:
        return _said({"exists": False})
    at = host.behind(path) if args["follow"] else host.canonical(path)
    found = _by_then(path, node) if node.predicted else _plain(path, os.lstat(at))
    if not node.created:
        found.update(_permissions(at))
    if node.type == "link":
        found["lnk_source"] = host.behind(path)
        found["lnk_target"] = node.target
    if node.type == "file" and args["get_checksum"] and _has_readable_content(node, found):
        found["checksum"] = host.digest(path, args["checksum_algorithm"])
    if args["get_mime"] and not node.created:
        found.update(_mime(at, host))
    if args["get_attributes"] and not node.created:
        found.update(_attributes(at, host))
    return _said(found)


def _said(found: "dict[str, Any]") -> "dict[str, Any]":
    return {"result": {"changed": False, "stat": found}, "resources": []}


def _by_then(path: "str", node: "Node") -> "dict[str, Any]":
    """What an earlier task would make or change: as much as can be known of it."""
    found = dict(fields_by_then(node), exists=True, path=path)
    if node.mode is not None and os.geteuid() == 0:
        found.update(
            readable=True, writeable=True, executable=node.type == "directory" or bool(node.mode & 0o111)
        )
    return _without_empty_names(found)


def _has_readable_content(node: "Node", found: "dict[str, Any]") -> "bool":
    return node.content is not None or (not node.created and bool(found["readable"]))


def _without_empty_names(found: "dict[str, Any]") -> "dict[str, Any]":
    for key in ("pw_name", "gr_name"):
        if not found.get(key, True):
            del found[key]
    return found


def _plain(path: "str", seen: "os.stat_result") -> "dict[str, Any]":
    found = _without_empty_names(fields_of(seen))
    found.update(
        exists=True,
        path=path,
        blocks=seen.st_blocks,
        block_size=seen.st_blksize,
        device_type=seen.st_rdev,
    )
    return found


def _permissions(path: "str") -> "dict[str, Any]":
    return {
        "readable": os.access(path, os.R_OK),
        "writeable": os.access(path, os.W_OK),
        "executable": os.access(path, os.X_OK),
    }


def _mime(path: "str", host: "Host") -> "dict[str, str]":
    found = {"mimetype": "unknown", "charset": "unknown"}
    status, out, _ = host.run(["file", "--mime-type", "--mime-encoding", path])
    if status == 0:
        kind, _, charset = out.decode("utf-8", "replace").rsplit(":", 1)[1].partition(";")
        found["mimetype"] = kind.strip()
        found["charset"] = charset.split("=", 1)[1].strip() if "=" in charset else "unknown"
    return found


#: Letters of lsattr and what the module calls them (chattr(1)).
FLAGS = {
    "A": "noatime",
    "a": "append",
    "c": "compressed",
    "C": "nocow",
    "d": "nodump",
    "D": "dirsync",
    "e": "extents",
    "E": "encrypted",
    "h": "blocksize",
    "i": "immutable",
    "I": "indexed",
    "j": "journalled",
    "N": "inline",
    "s": "zero",
    "S": "synchronous",
    "t": "notail",
    "T": "blockroot",
    "u": "undelete",
    "X": "compressedraw",
    "Z": "compresseddirty",
}


def _attributes(path: "str", host: "Host") -> "dict[str, Any]":
    found: "dict[str, Any]" = {"version": None, "attributes": [], "attr_flags": ""}
    status, out, _ = host.run(["lsattr", "-vd", path])
    words = out.decode("utf-8", "replace").split()
    if status == 0 and len(words) >= 2:
        flags = words[1].replace("-", "").strip()
        found.update(
            version=words[0], attr_flags=flags, attributes=[FLAGS[one] for one in flags if one in FLAGS]
        )
    return found
