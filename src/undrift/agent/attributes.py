"""Mode, owner and group of a path: what a task wants, and how it differs. As ansible.module_utils.basic reads them."""

import os
import re

from undrift.agent.answer import difference
from undrift.agent.host import Failed, Node, Unknown

MYPY = False
if MYPY:
    from typing import Any

    from undrift.agent.host import Host

_CLAUSE = re.compile(r"^(?P<users>[ugoa]*)(?P<operations>(?:[-+=][rwxXstugo]*)+)$")
_OPERATION = re.compile(r"[-+=][rwxXstugo]*")
_BITS = {
    "u": {"r": 0o400, "w": 0o200, "x": 0o100, "s": 0o4000, "t": 0},
    "g": {"r": 0o040, "w": 0o020, "x": 0o010, "s": 0o2000, "t": 0},
    "o": {"r": 0o004, "w": 0o002, "x": 0o001, "s": 0, "t": 0o1000},
}
#: All bits of a class, for "=".
_MASK = {"u": 0o4700, "g": 0o2070, "o": 0o1007}
_SHIFT = {"u": 6, "g": 3, "o": 0}
UMASK = 0o022


def wanted_mode(mode: "Any", node: "Node | None", *, directory: "bool") -> "int | None":
    """
    The permission bits that `mode` means: octal text, a number, or symbolic (`u=rwX,g+w`), which starts from what
    `node` has. None when it says nothing. Raises Failed as the module does.
    """
    if mode is None:
        return None
    if isinstance(mode, int):
        return mode & 0o7777
    text = str(mode)
    try:
        return int(text, 8) & 0o7777
    except ValueError:
        pass
    present = node.mode if node is not None else (0o777 if directory else 0o666) & ~UMASK
    if present is None:
        raise Unknown("the mode that %s starts from depends on an earlier task" % text, "unpreviewable")
    return _symbolic(text, present, directory)


def _symbolic(text: "str", present: "int", directory: "bool") -> "int":
    mode = present
    for clause in text.split(","):
        match = _CLAUSE.match(clause)
        if match is None:
            raise Failed(
                "mode must be in octal or symbolic form",
                details="bad symbolic permission for mode: %s" % text,
            )
        users = match.group("users")
        classes = "ugo" if not users or "a" in users else users
        # Without a class the umask stands, as in chmod(1).
        spared = UMASK if not users else 0
        for operation in _OPERATION.findall(match.group("operations")):
            for one in classes:
                mode = _operate(mode, one, operation[0], operation[1:], present, directory, spared)
    return mode


def _operate(
    mode: "int", user: "str", sign: "str", letters: "str", present: "int", directory: "bool", spared: "int"
) -> "int":
    bits = 0
    for letter in letters:
        if letter in "ugo":
            bits |= ((present >> _SHIFT[letter]) & 7) << _SHIFT[user]
        elif letter == "X":
            bits |= _BITS[user]["x"] if directory or present & 0o111 else 0
        else:
            bits |= _BITS[user][letter]
    bits &= ~spared
    if sign == "=":
        return (mode & ~_MASK[user]) | bits
    return mode | bits if sign == "+" else mode & ~bits


def octal(mode: "int | None") -> "str | None":
    """As people and modules write it: 0644."""
    return None if mode is None else "%04o" % mode


def user_id(host: "Host", owner: "str") -> "int | None":
    """Raises Failed when there is no such user; None for one that an earlier task would create."""
    entry = host.user(owner)
    if entry is not None:
        return entry["uid"]  # type: ignore[no-any-return]
    if owner.isdigit():
        return int(owner)
    if host.overlay.installs:
        return None
    raise Failed("chown failed: failed to look up user %s" % owner, missing=True)


def group_id(host: "Host", group: "str") -> "int | None":
    """As user_id."""
    entry = host.group(group)
    if entry is not None:
        return entry["gid"]  # type: ignore[no-any-return]
    if group.isdigit():
        return int(group)
    if host.overlay.installs:
        return None
    raise Failed("chgrp failed: failed to look up group %s" % group, missing=True)


def user_name(uid: "int | None") -> "str | None":
    """The user's name, the number as text where it has none; None stays None."""
    import pwd

    if uid is None:
        return None
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


def group_name(gid: "int | None") -> "str | None":
    """As user_name."""
    import grp

    if gid is None:
        return None
    try:
        return grp.getgrgid(gid).gr_name
    except KeyError:
        return str(gid)


def attribute_differences(
    host: "Host", node: "Node | None", args: "dict[str, Any]", *, directory: "bool"
) -> "list[list[Any]]":
    """How owner, group and mode of `args` differ from `node` (None: nothing is there)."""
    found = []
    for field, want, look, name in (
        ("owner", args.get("owner"), user_id, user_name),
        ("group", args.get("group"), group_id, group_name),
    ):
        if want is None:
            continue
        wanted = look(host, str(want))
        have = None if node is None else (node.uid if field == "owner" else node.gid)
        if node is None or wanted is None or have != wanted:
            found.append(difference(field, str(want), name(have)))
    if args.get("mode") is not None:
        there = None if node is None else copied(node)
        mode = apply_attributes(host, there or new_node(directory=directory), args, directory=directory).mode
        if node is None or node.mode != mode:
            found.append(difference("mode", octal(mode), octal(None if node is None else node.mode)))
    return found


def apply_attributes(host: "Host", node: "Node", args: "dict[str, Any]", *, directory: "bool") -> "Node":
    """The node with the wanted owner, group and mode, in the order of the modules; unknown ones are None."""
    if node.created and node.mode is None:
        node.mode = (0o777 if directory else 0o666) & ~UMASK
    for field, look in (("owner", user_id), ("group", group_id)):
        if args.get(field) is not None:
            _change_owner(node, field, look(host, str(args[field])), directory=directory)
    mode = wanted_mode(args.get("mode"), node, directory=directory)
    if mode is not None:
        node.mode = mode
    return node


def _change_owner(node: "Node", field: "str", number: "int | None", *, directory: "bool") -> None:
    """The kernel takes the set-id bits of a file that gets another owner (chown(2))."""
    name = "uid" if field == "owner" else "gid"
    if not directory and node.mode is not None and getattr(node, name) != number:
        node.mode &= ~0o4000
        if node.mode & 0o010:
            node.mode &= ~0o2000
    setattr(node, name, number)


def copied(node: "Node") -> "Node":
    """The same entry, to be changed."""
    copy = Node(node.type, node.mode, node.uid, node.gid, node.size, node.target, node.content)
    copy.created = node.created
    return copy


def new_node(*, directory: "bool") -> "Node":
    """A file or directory that is just being made."""
    node = Node("directory" if directory else "file")
    node.created = True
    return node


def facts_of(node: "Node | None") -> "dict[str, Any]":
    """What a file module's result says of a path as it is now."""
    if node is None:
        return {"state": "absent"}
    facts = {"state": _state(node), "uid": node.uid, "gid": node.gid, "mode": octal(node.mode)}
    facts["owner"], facts["group"] = user_name(node.uid), group_name(node.gid)
    if node.size is not None:
        facts["size"] = node.size
    return facts


def _state(node: "Node") -> "str":
    if node.type == "link":
        return "link"
    if node.type == "directory":
        return "directory"
    return "hard" if node.seen is not None and node.seen.st_nlink > 1 else "file"


def refuse_context(context: "dict[str, str] | None") -> None:
    """Raise Unknown for a wanted context where SELinux is on; where it is off, a context is of no effect."""
    if context and os.path.exists("/sys/fs/selinux/enforce"):
        raise Unknown(
            "the SELinux context (%s) is not compared" % ", ".join(sorted(context)), "unpreviewable"
        )
