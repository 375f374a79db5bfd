"""What lstat says of a path, in the words of the stat and find modules."""

import stat as bits

from undrift.agent.attributes import group_name, user_name

MYPY = False
if MYPY:
    import os
    from typing import Any


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
