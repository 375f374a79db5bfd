"""ansible.builtin.file: a path of some kind with its owner and mode, step by step as a run of the module goes."""

import os

from undrift.agent.answer import answer, difference, resource
from undrift.agent.attributes import apply_attributes, attribute_differences, copied, facts_of, wanted_mode
from undrift.agent.host import LINKS_AT_MOST, Failed, Node

MYPY = False
if MYPY:
    from typing import Any

    from undrift.agent.host import Host

#: How many paths below a recursed directory are told one by one; how many are carried forward.
TOLD_AT_MOST = 20
FORETOLD_AT_MOST = 1000


def check(args: "dict[str, Any]", host: "Host") -> "dict[str, Any]":
    """args: path, state (may be None), src, owner, group, mode, recurse, follow, force, modification_time, access_time."""
    path = args["path"]
    if args["src"] and args["state"] == "hard" and _type(host.stat(path)) == "directory":
        path = os.path.join(path, os.path.basename(args["src"]))
    node = host.lstat(path)
    state = args["state"] or _present_state(node, args)
    if args["recurse"] and state != "directory":
        raise Failed("recurse option requires state to be 'directory'", path=path)
    return _STATES[state](path, node, args, host)


def _present_state(node: "Node | None", args: "dict[str, Any]") -> "str":
    """What `file` takes the state for when it is not given: what is there."""
    if node is None:
        return "directory" if args["recurse"] else "file"
    return _state(node)


def _type(node: "Node | None") -> "str | None":
    return None if node is None else node.type


def _state(node: "Node") -> "str":
    """As the module calls it."""
    if node.type in ("link", "directory"):
        return node.type
    return "hard" if node.seen is not None and node.seen.st_nlink > 1 else "file"


# -- the states -------------------------------------------------------------------------------------------------


def _file(path: "str", node: "Node | None", args: "dict[str, Any]", host: "Host") -> "dict[str, Any]":
    at = host.behind(path) if args["follow"] else path
    node = host.lstat(at)
    if node is None:
        if host.overlay.installs:
            return _made(path, "file", args, host, note="may come with a package that is to be installed")
        raise Failed("file (%s) is absent, cannot continue" % path, missing=True, path=path, state="absent")
    if node.type in ("link", "directory"):
        raise Failed("file (%s) is %s, cannot continue" % (at, node.type), path=path, state=node.type)
    return _adjusted(path, at, args, host)


def _directory(path: "str", node: "Node | None", args: "dict[str, Any]", host: "Host") -> "dict[str, Any]":
    at = host.behind(path) if args["follow"] and _type(node) == "link" else path
    node = host.lstat(at)
    if node is None:
        return _made(path, "directory", args, host, at=at)
    if node.type != "directory":
        raise Failed("%s already exists as a %s" % (at, _state(node)), path=path)
    return _adjusted(path, at, args, host)


def _absent(path: "str", node: "Node | None", _args: "dict[str, Any]", host: "Host") -> "dict[str, Any]":
    if node is None:
        return answer({"path": path, "state": "absent", "changed": False}, resource("file", path))
    found = [difference("state", "absent", node.type)]
    host.predict(path, None)
    return answer({"path": path, "state": "absent"}, resource("file", path, found))


def _link(path: "str", node: "Node | None", args: "dict[str, Any]", host: "Host") -> "dict[str, Any]":
    src = args["src"] or _present_source(path, node, args, host)
    if src is not None:
        _refuse_link(path, src, node, args, host)
    if src is None and (node is None or node.type != "link"):
        raise Failed("src is required for creating new symlinks", path=path)
    found = []
    if node is None or node.type != "link":
        found.append(difference("state", "link to %s" % src, "absent" if node is None else node.type))
    elif src is not None and node.target != src:
        found.append(difference("src", src, node.target))
    result = {"dest": path, "src": src}
    result.update(facts_of(node))
    if found:
        made = Node("link", 0o777, uid=os.geteuid(), gid=os.getegid(), target=src)
        made.created = node is None
        host.predict(path, made)
    at = host.behind(path) if args["follow"] else path
    if host.lstat(at) is not None:
        return _adjusted(path, at, args, host, found, result)
    # Nothing is there that could have an owner or a mode.
    return answer(result, resource("file", path, found))


def _present_source(path: "str", node: "Node | None", args: "dict[str, Any]", host: "Host") -> "str | None":
    """Where the link that is there leads, for a task that does not say where to."""
    if not args["follow"] or node is None or host.stat(path) is None:
        return None
    if node.type != "link":
        raise Failed("%s is no link, and where it is to lead is not said" % path, path=path)
    return node.target


def _refuse_link(path: "str", src: "str", node: "Node | None", args: "dict[str, Any]", host: "Host") -> None:
    """Raise Failed where the module would not make the link."""
    inside = path if _type(node) == "directory" else os.path.dirname(path)
    target = os.path.join(inside, src)
    if host.stat(target) is None and not args["force"] and not host.overlay.installs:
        raise Failed(
            "src file does not exist, use 'force=yes' if you really want to create the link: %s" % target,
            missing=True,
            path=path,
            src=src,
        )
    if node is None:
        _need_parent(path, host)
        return
    if node.type != "link" and not args["force"]:
        raise Failed("refusing to convert from %s to symlink for %s" % (_state(node), path), path=path)
    if node.type == "directory" and host.listdir(path):
        raise Failed("the directory %s is not empty, refusing to convert it" % path, path=path)


def _hard(path: "str", node: "Node | None", args: "dict[str, Any]", host: "Host") -> "dict[str, Any]":
    src = args["src"]
    other = host.stat(src) if src else None
    found = _hard_difference(path, node, src, other, args)
    result = {"dest": path, "src": src}
    result.update(facts_of(node))
    # The module has chosen whose owner and mode it sets before it makes the link.
    at = host.behind(path) if args["follow"] else path
    if found and other is not None:
        if node is None:
            _need_parent(path, host)
        made = copied(other)
        made.created = node is None
        host.predict(path, made)
    return _adjusted(path, at, args, host, found, result)


def _hard_difference(
    path: "str", node: "Node | None", src: "str | None", other: "Node | None", args: "dict[str, Any]"
) -> "list[list[Any]]":
    """Empty when the hard link is there. Raises Failed where the module would not make it."""
    if src is None:
        if node is None or _state(node) != "hard":
            raise Failed("src is required for creating new hardlinks", path=path)
        return []
    if other is None:
        raise Failed("src does not exist", missing=True, path=path, src=src)
    if other.type == "directory":
        raise Failed("a directory can have no hard link: %s" % src, path=path, src=src)
    if node is not None and node.type == "link":
        return [] if node.target == src else [difference("src", src, node.target)]
    if node is not None and _is_same(node, other) and _state(node) == "hard":
        return []
    if node is not None and (not args["force"] or node.type == "directory"):
        raise Failed("Cannot link, %s exists at destination" % _state(node), path=path, src=src)
    return [difference("state", "hard link to %s" % src, "absent" if node is None else _state(node))]


def _is_same(node: "Node", other: "Node") -> "bool":
    if node.seen is None or other.seen is None:
        return False
    return (node.seen.st_dev, node.seen.st_ino) == (other.seen.st_dev, other.seen.st_ino)


def _touch(path: "str", node: "Node | None", args: "dict[str, Any]", host: "Host") -> "dict[str, Any]":
    """A touch changes times, which is an act; that the file is there is a state."""
    if node is None:
        _need_parent(path, host)
        return _made(path, "file", args, host)
    at = host.behind(path) if args["follow"] else path
    return _adjusted(path, at, args, host, [], dict({"dest": path}, **facts_of(node)))


# -- what they share --------------------------------------------------------------------------------------------


def _is_touched(args: "dict[str, Any]") -> "bool":
    """Whether the task sets a time to now, which it does each time anew."""
    default = "now" if args["state"] == "touch" else "preserve"
    return any((args[name] or default) == "now" for name in ("modification_time", "access_time"))


def _need_parent(path: "str", host: "Host") -> None:
    parent = host.stat(os.path.dirname(path.rstrip("/")) or "/")
    if parent is None and not host.overlay.installs:
        raise Failed("[Errno 2] No such file or directory: '%s'" % path, missing=True, path=path)
    if parent is not None and parent.type != "directory":
        raise Failed("[Errno 20] Not a directory: '%s'" % path, path=path)


def _made(
    path: "str", kind: "str", args: "dict[str, Any]", host: "Host", note: "str" = "", at: "str" = ""
) -> "dict[str, Any]":
    """It is not there, and would be made; a directory with those above it. at: where, behind links."""
    at = at or path
    found = [difference("state", kind, "absent")]
    found += attribute_differences(host, None, args, directory=kind == "directory")
    above = _missing_above(at, host) if kind == "directory" else []
    if above and _is_touched(args):
        raise Failed(
            "Error while updating modification or access time: %s is not there yet" % path, path=path
        )
    for missing in above:
        _foretell_made(missing, kind, args, host)
    _foretell_made(at, kind, args, host)
    result = {"path": path, "state": "absent"}
    if note:
        result["msg"] = note
    return answer(result, resource("file", path, found))


def _missing_above(path: "str", host: "Host") -> "list[str]":
    """The directories above that are not there, the uppermost first. Raises Failed where something is in the way."""
    missing: "list[str]" = []
    above = os.path.dirname(path)
    while above != "/":
        there = host.stat(above)
        if there is not None:
            if there.type != "directory":
                raise Failed("There was an issue creating %s as requested: %s is a file" % (path, above))
            break
        if host.lstat(above) is not None:
            raise Failed("There was an issue creating %s as requested: %s leads nowhere" % (path, above))
        missing.insert(0, above)
        above = os.path.dirname(above)
    return missing


def _foretell_made(path: "str", kind: "str", args: "dict[str, Any]", host: "Host") -> None:
    made = Node(kind, uid=os.geteuid(), gid=os.getegid())
    made.created = True
    host.predict(path, apply_attributes(host, made, args, directory=kind == "directory"))


def _adjusted(
    path: "str",
    at: "str",
    args: "dict[str, Any]",
    host: "Host",
    found: "list[list[Any]] | None" = None,
    result: "dict[str, Any] | None" = None,
) -> "dict[str, Any]":
    """
    It is there, or would be by now; its attributes may differ, and those of all below it. at: whose they are, behind
    links. found: what differs besides.
    """
    found = list(found or [])
    node = host.lstat(at)
    sets = any(args[name] for name in ("owner", "group", "mode"))
    if (node is None and sets) or (_is_touched(args) and host.stat(at) is None):
        raise Failed("%s leads nowhere: nothing has an owner, a mode or a time there" % path, path=path)
    if result is None:
        result = dict({"path": path}, **facts_of(node))
    found += adjust_attributes(at, node, args, host)
    if args["recurse"]:
        found += Below(args, host).differences(at)
    touched = _is_touched(args)
    result["changed"] = bool(found) or touched
    return answer(result, resource("file", path, found, act=touched))


def adjust_attributes(
    path: "str", node: "Node | None", args: "dict[str, Any]", host: "Host"
) -> "list[list[Any]]":
    """How owner, group and mode differ; what they would be is carried forward."""
    if node is None:
        return []
    if node.type == "link":
        # A link has an owner of its own, and no mode: what is given must be one all the same.
        wanted_mode(args["mode"], node, directory=False)
        args = dict(args, mode=None)
    directory = node.type == "directory"
    found = attribute_differences(host, node, args, directory=directory)
    if found:
        host.predict(path, apply_attributes(host, copied(node), args, directory=directory))
    return found


class Below:
    """All that is below a directory, links followed where the task says so."""

    def __init__(self, args: "dict[str, Any]", host: "Host") -> None:
        self.args = args
        self.host = host
        self.found: "list[list[Any]]" = []
        self.more = 0
        self.foretold = 0

    def differences(self, top: "str") -> "list[list[Any]]":
        """How all below `top` differs: TOLD_AT_MOST differences, and one that counts the rest."""
        self._walk(top, 0)
        if self.more:
            self.found.append(difference("below", "as above", "%d more differ" % self.more))
        return self.found

    def _walk(self, top: "str", depth: "int") -> None:
        if depth > LINKS_AT_MOST:
            raise Failed("Could not recursively set attributes on %s: its links lead in a circle" % top)
        for folder, folders, files in os.walk(top):
            for name in sorted(folders + files):
                path = os.path.join(folder, name)
                node = self.host.lstat(path)
                self._note(path, node)
                if node is not None and node.type == "link" and self.args["follow"]:
                    self._behind(os.path.join(folder, node.target or ""), depth)

    def _behind(self, path: "str", depth: "int") -> None:
        node = self.host.stat(path)
        if node is not None:
            if node.type == "directory":
                self._walk(path, depth + 1)
            self._note(path, self.host.lstat(path))

    def _note(self, path: "str", node: "Node | None") -> None:
        if node is None:
            return
        args = dict(self.args, mode=None) if node.type == "link" else self.args
        directory = node.type == "directory"
        found = attribute_differences(self.host, node, args, directory=directory)
        for field, want, have in found:
            if len(self.found) >= TOLD_AT_MOST:
                self.more += 1
            else:
                self.found.append(difference("%s of %s" % (field, path), want, have))
        if found and self.foretold < FORETOLD_AT_MOST:
            self.foretold += 1
            self.host.predict(path, apply_attributes(self.host, copied(node), args, directory=directory))


_STATES = {
    "file": _file,
    "directory": _directory,
    "absent": _absent,
    "link": _link,
    "hard": _hard,
    "touch": _touch,
}
