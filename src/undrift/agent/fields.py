"""What lstat says of a path, or would say by then, in the words of the stat and find modules."""

import os
import stat as bits
import time

from undrift.agent.attributes import group_name, user_name
from undrift.agent.host import TYPES

MYPY = False
if MYPY:
    from typing import Any

    from undrift.agent.host import Node

#: The fields that nobody knows when that of the node is not known.
OPEN = {
    "mode": (
        "mode",
        "isuid",
        "isgid",
        "rusr",
        "wusr",
        "xusr",
        "rgrp",
        "wgrp",
        "xgrp",
        "roth",
        "woth",
        "xoth",
    ),
    "uid": ("uid", "pw_name"),
    "gid": ("gid", "gr_name"),
    "size": ("size",),
}
#: The fields of what is not there at all yet that only its making decides.
OF_ITS_MAKING = ("inode", "dev", "nlink", "atime", "mtime", "ctime")


def fields_of(seen: "os.stat_result") -> "dict[str, Any]":
    """A name that nobody has for a number is an empty text."""
    mode = seen.st_mode
    found: "dict[str, Any]" = {
        "mode": "%04o" % bits.S_IMODE(mode),
        "isdir": bits.S_ISDIR(mode),
        "ischr": bits.S_ISCHR(mode),
        "isblk": bits.S_ISBLK(mode),
        "isreg": bits.S_ISREG(mode),
        "isfifo": bits.S_ISFIFO(mode),
        "islnk": bits.S_ISLNK(mode),
        "issock": bits.S_ISSOCK(mode),
        "uid": seen.st_uid,
        "gid": seen.st_gid,
        "size": seen.st_size,
        "inode": seen.st_ino,
        "dev": seen.st_dev,
        "nlink": seen.st_nlink,
        "atime": seen.st_atime,
        "mtime": seen.st_mtime,
        "ctime": seen.st_ctime,
        "isuid": bool(mode & bits.S_ISUID),
        "isgid": bool(mode & bits.S_ISGID),
    }
    for letter, user in (("USR", "usr"), ("GRP", "grp"), ("OTH", "oth")):
        for access, name in (("R", "r"), ("W", "w"), ("X", "x")):
            found[name + user] = bool(mode & getattr(bits, "S_I%s%s" % (access, letter)))
    for key, owner in (("pw_name", user_name(seen.st_uid)), ("gr_name", group_name(seen.st_gid))):
        found[key] = "" if not owner or owner.isdigit() else owner
    return found


def seen_by_then(node: "Node") -> "os.stat_result":
    """What lstat would say of a node that an earlier task makes or changes; what nobody knows of it is 0."""
    kind = next(number for number, name in TYPES.items() if name == node.type)
    now = time.time()
    there = node.seen if _is_kept(node) else None
    inode, device, links, times = 0, 0, 1, (now, now, now)
    if there is not None:
        inode, device, links = there.st_ino, there.st_dev, there.st_nlink
        times = (there.st_atime, there.st_mtime if node.content is None else now, now)
    owners = (node.uid or 0, node.gid or 0, node.size or 0)
    return os.stat_result((kind | (node.mode or 0), inode, device, links, *owners, *times))


def fields_by_then(node: "Node") -> "dict[str, Any]":
    """As fields_of, of a node that an earlier task makes or changes, without what nobody knows of it."""
    found = fields_of(seen_by_then(node))
    gone = [name for field, names in OPEN.items() if getattr(node, field) is None for name in names]
    for name in gone + ([] if _is_kept(node) else list(OF_ITS_MAKING)):
        found.pop(name, None)
    return found


def _is_kept(node: "Node") -> "bool":
    """Whether it stays the file that is there, and is only changed."""
    return (
        node.seen is not None and not node.created and TYPES.get(bits.S_IFMT(node.seen.st_mode)) == node.type
    )
