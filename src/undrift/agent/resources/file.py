"""ansible.builtin.file: a path of some kind with its owner and mode."""

import os

from undrift.agent.answer import answer, difference, resource
from undrift.agent.attributes import apply_attributes, attribute_differences, facts_of
from undrift.agent.host import Failed, Node

MYPY = False
if MYPY:
    from typing import Any

    from undrift.agent.host import Host

#: How many paths below a recursed directory are told one by one.
TOLD_AT_MOST = 20


def check(args: "dict[str, Any]", host: "Host") -> "dict[str, Any]":
    """args: path, state (may be None), src, owner, group, mode, recurse, follow, force."""
    path = args["path"]
    node = host.lstat(path)
    state = args["state"] or _present_state(node, args)
    return _STATES[state](path, node, args, host)


def _present_state(node: "Node | None", args: "dict[str, Any]") -> "str":
    """What `file` takes the state for when it is not given: what is there."""
    if args.get("recurse"):
        return "directory"
    if node is None:
        return "file"
    return {"link": "link" if not args["follow"] else "file", "directory": "directory"}.get(node.type, "file")


def _file(path: "str", node: "Node | None", args: "dict[str, Any]", host: "Host") -> "dict[str, Any]":
    node = host.stat(path) if args["follow"] else node
    if node is None:
        if host.overlay.installs:
            return _made(path, "file", args, host, note="may come with a package that is to be installed")
        raise Failed("file (%s) is absent, cannot continue" % path, missing=True, path=path, state="absent")
    if args["state"] == "file" and node.type != "file":
        raise Failed("file (%s) is %s, cannot continue" % (path, node.type), path=path, state=node.type)
    return _adjusted(path, node, args, host, directory=node.type == "directory")


def _directory(path: "str", node: "Node | None", args: "dict[str, Any]", host: "Host") -> "dict[str, Any]":
    if node is not None and node.type == "link" and args["follow"]:
        behind = host.stat(path)
        if behind is None:
            raise Failed("the link %s points nowhere" % path, path=path)
        node = behind
    if node is None:
        return _made(path, "directory", args, host)
    if node.type != "directory":
        if node.type == "link" and not args["follow"]:
            behind = host.stat(path)
            if behind is not None and behind.type == "directory":
                return _adjusted(path, behind, args, host, directory=True)
        raise Failed("%s already exists as a %s" % (path, node.type), path=path)
    return _adjusted(path, node, args, host, directory=True)


def _absent(path: "str", node: "Node | None", _args: "dict[str, Any]", host: "Host") -> "dict[str, Any]":
    if node is None:
        return answer({"path": path, "state": "absent", "changed": False}, resource("file", path))
    found = [difference("state", "absent", node.type)]
    host.predict(path, None)
    return answer({"path": path, "state": "absent"}, resource("file", path, found))


def _link(path: "str", node: "Node | None", args: "dict[str, Any]", host: "Host") -> "dict[str, Any]":
    src = args["src"] or (node.target if node is not None else None)
    if src is None:
        raise Failed("src is required for creating new symlinks", path=path)
    _refuse_link(path, src, node, args, host)
    found = []
    if node is None:
        found.append(difference("state", "link to %s" % src, "absent"))
    elif node.type != "link":
        found.append(difference("state", "link to %s" % src, node.type))
    elif node.target != src:
        found.append(difference("src", src, node.target))
    if found:
        made = Node("link", 0o777, target=src)
        made.created = node is None
        host.predict(path, made)
    result = {"dest": path, "src": src}
    result.update(facts_of(node))
    return answer(result, resource("file", path, found))


def _refuse_link(path: "str", src: "str", node: "Node | None", args: "dict[str, Any]", host: "Host") -> None:
    """Raise Failed where the module would not make the link."""
    target = os.path.join(os.path.dirname(path), src)
    if node is not None and node.type == "directory" and not args["force"]:
        raise Failed("refusing to convert from directory to symlink for %s" % path, path=path)
    if node is not None and node.type not in ("link", "directory") and not args["force"]:
        raise Failed("refusing to convert from %s to symlink for %s" % (node.type, path), path=path)
    if host.stat(target) is None and not args["force"] and not host.overlay.installs:
        raise Failed(
            'src file does not exist, use "force=yes" if you really want to create the link: %s' % target,
            missing=True,
            path=path,
            src=src,
        )


def _hard(path: "str", node: "Node | None", args: "dict[str, Any]", host: "Host") -> "dict[str, Any]":
    src = args["src"]
    other = host.stat(src) if src else None
    if src and other is None:
        raise Failed("src does not exist", missing=True, path=path, src=src)
    same = (
        node is not None
        and other is not None
        and node.seen is not None
        and other.seen is not None
        and (node.seen.st_dev, node.seen.st_ino) == (other.seen.st_dev, other.seen.st_ino)
    )
    found = (
        []
        if same
        else [difference("state", "hard link to %s" % src, "absent" if node is None else node.type)]
    )
    if found and other is not None:
        made = Node("file", other.mode, other.uid, other.gid, other.size)
        made.created = node is None
        host.predict(path, made)
    result = {"dest": path, "src": src}
    result.update(facts_of(node))
    return answer(result, resource("file", path, found))


def _touch(path: "str", node: "Node | None", args: "dict[str, Any]", host: "Host") -> "dict[str, Any]":
    """A touch changes times, which is an act; that the file is there is a state."""
    if node is None:
        return _made(path, "file", args, host)
    behind = host.stat(path) if args["follow"] and node.type == "link" else node
    preserves = args["modification_time"] == "preserve" and args["access_time"] == "preserve"
    found = attribute_differences(host, behind, args, directory=node.type == "directory")
    result: "dict[str, Any]" = {"dest": path}
    result.update(facts_of(node))
    result["changed"] = bool(found) or not preserves
    return answer(result, resource("file", path, found, act=not preserves))


def _made(
    path: "str", kind: "str", args: "dict[str, Any]", host: "Host", note: "str" = ""
) -> "dict[str, Any]":
    """It is not there, and would be made."""
    parent = host.stat(os.path.dirname(path.rstrip("/")) or "/")
    if kind == "file" and parent is None and not host.overlay.installs:
        raise Failed(
            "Error, could not touch target: [Errno 2] No such file or directory: '%s'" % path, missing=True
        )
    found = [difference("state", kind, "absent")]
    found += attribute_differences(host, None, args, directory=kind == "directory")
    made = Node(kind)
    made.created = True
    host.predict(path, apply_attributes(host, made, args, directory=kind == "directory"))
    result = {"path": path, "state": "absent"}
    if note:
        result["msg"] = note
    return answer(result, resource("file", path, found))


def _adjusted(
    path: "str", node: "Node", args: "dict[str, Any]", host: "Host", directory: "bool"
) -> "dict[str, Any]":
    """It is there; its attributes may differ, and those of all below it."""
    found = attribute_differences(host, node, args, directory=directory)
    if found:
        host.predict(path, apply_attributes(host, _copy(node), args, directory=directory))
    if args.get("recurse") and directory:
        found += _below(path, args, host)
    result = {"path": path}
    result.update(facts_of(node))
    return answer(result, resource("file", path, found))


def _below(top: "str", args: "dict[str, Any]", host: "Host") -> "list[list[Any]]":
    found: "list[list[Any]]" = []
    more = 0
    for folder, folders, files in os.walk(top, followlinks=False):
        for name in sorted(folders + files):
            path = os.path.join(folder, name)
            node = host.lstat(path)
            if node is None or node.type == "link":
                continue
            for field, want, have in attribute_differences(
                host, node, args, directory=node.type == "directory"
            ):
                if len(found) >= TOLD_AT_MOST:
                    more += 1
                else:
                    found.append(difference("%s of %s" % (field, path), want, have))
    if more:
        found.append(difference("below", "as above", "%d more differ" % more))
    return found


def _copy(node: "Node") -> "Node":
    copied = Node(node.type, node.mode, node.uid, node.gid, node.size, node.target, node.content)
    copied.created = node.created
    return copied


_STATES = {
    "file": _file,
    "directory": _directory,
    "absent": _absent,
    "link": _link,
    "hard": _hard,
    "touch": _touch,
}
