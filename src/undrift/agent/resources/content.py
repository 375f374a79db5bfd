"""A file with a given content: ansible.builtin.template and ansible.builtin.copy."""

import binascii
import os

from undrift.agent.answer import answer, difference, resource
from undrift.agent.attributes import (
    apply_attributes,
    attribute_differences,
    copied,
    facts_of,
    refuse_context,
)
from undrift.agent.evidence import evidence, keyed_digest
from undrift.agent.host import Failed, Node, Unknown

MYPY = False
if MYPY:
    from typing import Any

    from undrift.agent.host import Host

#: What the module of a directory or a link below takes besides.
PLAIN = {
    "src": None,
    "recurse": False,
    "follow": False,
    "force": True,
    "modification_time": None,
    "access_time": None,
}


def check(args: "dict[str, Any]", host: "Host") -> "dict[str, Any]":
    """
    args: dest, files: [{"name": below dest, or "", "content": base64 or None, "sha1": hex, "size": bytes,
    "mode": octal text or None}], owner, group, mode, directory_mode, force, follow, attributes, context, checksum,
    basename (what the file is called when dest is a directory). Of a directory also src, top (its name below dest),
    directories and links ([where to, name]) below dest. remote_src: src is on the server, and there are no files.
    """
    refuse_context(args.get("context"))
    args = dict(args, dest=host.expand(args["dest"]))
    if args.get("remote_src"):
        return _remote(args, host)
    if args.get("directories") is not None:
        return _tree(args, host)
    return _one(args["basename"], args["files"][0], args, host)


def _one(basename: "str", wanted: "dict[str, Any]", args: "dict[str, Any]", host: "Host") -> "dict[str, Any]":
    """A single file. What a slash at the end of dest names is made, when it is not there."""
    dest, above = args["dest"], []
    there = host.stat(dest)
    if there is not None and there.type == "directory" and not basename:
        raise Failed("can not use content with a dir as dest")
    if dest.endswith("/") or (there is not None and there.type == "directory"):
        above = _folder(dest.rstrip("/") or "/", args, host)
        dest = os.path.join(dest, basename)
    attributes = dict(args, mode=wanted.get("mode") or args.get("mode"))
    found, shown, node = _compare(dest, wanted, attributes, host)
    result: "dict[str, Any]" = {"dest": dest}
    if node is not None:
        result.update(facts_of(node))
    if not (found or shown is not None):
        result.update(changed=False, diff=[], path=dest, checksum=wanted["sha1"])
    return answer(result, *above, resource("file", dest, found, shown))


def _folder(path: "str", args: "dict[str, Any]", host: "Host") -> "list[dict[str, Any]]":
    """A directory that is made on the way to what is in it, and left as it is when it is there."""
    node = host.stat(path)
    if node is not None and node.type != "directory":
        raise Failed("%s is a %s: nothing can be put into it" % (path, node.type), path=path)
    if node is not None:
        return []
    return _by_module(path, "directory", args, host)


def _by_module(
    path: "str", state: "str", args: "dict[str, Any]", host: "Host", src: "str | None" = None
) -> "list[dict[str, Any]]":
    """The answer of ansible.builtin.file, which makes the directories and links of a copy."""
    from undrift.agent.resources.file import check as check_path

    mode = args["directory_mode"] if state == "directory" else None
    wanted = dict(PLAIN, path=path, state=state, src=src, mode=mode, owner=args["owner"], group=args["group"])
    resources: "list[dict[str, Any]]" = check_path(wanted, host)["resources"]
    return resources


def _compare(
    dest: "str", wanted: "dict[str, Any]", args: "dict[str, Any]", host: "Host"
) -> "tuple[list[list[Any]], dict[str, Any] | None, Node | None]":
    """(differing fields, evidence of a differing content, what is there)."""
    itself, node = host.lstat(dest), host.stat(dest)
    # The action looks at the very link, the module behind it.
    spared = node if args.get("follow") or args.get("remote_src") else itself
    if spared is not None and not args.get("force", True):
        return [], None, node or spared
    is_link = itself is not None and itself.type == "link"
    if node is None:
        return _missing(dest, wanted, args, host)
    if node.type != "file":
        raise Failed("%s is a %s: no file can be put in its place" % (dest, node.type), path=dest)
    if is_link and not args.get("follow"):
        return _in_place_of_a_link(dest, node, wanted, args, host)
    found = attribute_differences(host, node, args, directory=False)
    if args.get("attributes"):
        from undrift.agent.flags import flag_differences

        found += flag_differences(dest, node, args["attributes"], host)
    shown = None
    if not _same(dest, node, wanted, host):
        _refuse_checksum(wanted, args)
        shown = _evidence(dest, wanted, host)
    if found or shown:
        after = copied(node)
        if shown:
            after.size, after.content = wanted["size"], wanted["content"]
            _bear(after, wanted)
            after.created |= wanted["content"] is None
        host.predict(host.behind(dest), apply_attributes(host, after, args, directory=False))
    return found, shown, node


def _in_place_of_a_link(
    dest: "str", node: "Node", wanted: "dict[str, Any]", args: "dict[str, Any]", host: "Host"
) -> "tuple[list[list[Any]], dict[str, Any] | None, Node | None]":
    """Links are not followed: a file takes the place of this one, whatever it leads to."""
    shown = None if _same(dest, node, wanted, host) else _evidence(dest, wanted, host)
    made = _new_file(wanted)
    _bear(made, wanted)
    host.predict(dest, apply_attributes(host, made, args, directory=False))
    return [difference("state", "file", "link")], shown, node


def _missing(
    dest: "str", wanted: "dict[str, Any]", args: "dict[str, Any]", host: "Host"
) -> "tuple[list[list[Any]], dict[str, Any] | None, Node | None]":
    parent = os.path.dirname(dest)
    above = host.stat(parent)
    if above is None and not host.overlay.installs:
        raise Failed("Destination directory %s does not exist" % parent, missing=True)
    if above is not None and above.type != "directory":
        raise Failed("%s is a %s: nothing can be put into it" % (parent, above.type), path=dest)
    _refuse_checksum(wanted, args)
    found = [difference("state", "file", "absent")]
    found += attribute_differences(host, None, args, directory=False)
    made = _new_file(wanted)
    if host.lstat(dest) is not None:
        _bear(made, wanted)
    host.predict(dest, apply_attributes(host, made, args, directory=False))
    return found, _evidence(dest, wanted, host, there=False), None


def _new_file(wanted: "dict[str, Any]") -> "Node":
    made = Node("file", None, os.geteuid(), os.getegid(), wanted["size"], content=wanted["content"])
    made.created = True
    return made


def _bear(node: "Node", wanted: "dict[str, Any]") -> None:
    """A copy of a file of the server's own takes the mode of that when it replaces another."""
    if wanted.get("born") is not None:
        node.mode, node.uid, node.gid = wanted["born"], os.geteuid(), os.getegid()


def _refuse_checksum(wanted: "dict[str, Any]", args: "dict[str, Any]") -> None:
    if args.get("checksum") not in (None, "", wanted["sha1"]):
        raise Failed(
            "Copied file does not match the expected checksum. Transfer failed.",
            checksum=wanted["sha1"],
            expected_checksum=args.get("checksum"),
        )


def _same(dest: "str", node: "Node", wanted: "dict[str, Any]", host: "Host") -> "bool":
    if node.size is not None and node.size != wanted["size"]:
        return False
    if node.predicted and node.created and node.content is None:
        raise Unknown("what %s will hold depends on an earlier task" % dest, "unpreviewable")
    if wanted["content"] is not None and wanted["size"] <= host.settings["edit_limit"]:
        return host.read(dest) == binascii.a2b_base64(wanted["content"])
    return bool(host.digest(dest, "sha1") == wanted["sha1"])


def _evidence(dest: "str", wanted: "dict[str, Any]", host: "Host", there: "bool" = True) -> "dict[str, Any]":
    size = _size(dest, host) if there else None
    if wanted["content"] is None or (size or 0) > host.settings["content_limit"]:
        # What is too large to be shown is not read either, but where only a digest can tell.
        digest = host.digest(dest, "sha1") if there and size == wanted["size"] else "%s bytes" % size
        return {
            "path": dest,
            "before_digest": keyed_digest(host, digest.encode("ascii")) if there else None,
            "after_digest": keyed_digest(host, wanted["sha1"].encode("ascii")),
            "before_size": size,
            "after_size": wanted["size"],
            "lines": None,
            "truncated": True,
        }
    before = host.read(dest) if there else None
    return evidence(host, dest, before, binascii.a2b_base64(wanted["content"]))


def _size(dest: "str", host: "Host") -> "int":
    node = host.stat(dest)
    return node.size or 0 if node is not None else 0


def _tree(args: "dict[str, Any]", host: "Host") -> "dict[str, Any]":
    """A directory with all below it: its files make those above them, then the others and the links are made."""
    resources = []
    if args["files"] or args["directories"]:
        resources += _folder(os.path.join(args["dest"], args["top"]).rstrip("/") or "/", args, host)
    for name in args["directories"]:
        resources += _by_module(os.path.join(args["dest"], name), "directory", args, host)
    for one in args["files"]:
        path = os.path.join(args["dest"], one["name"])
        attributes = dict(args, mode=one.get("mode") or args.get("mode"), follow=False)
        found, shown, _ = _compare(path, one, attributes, host)
        resources.append(resource("file", path, found, shown))
    for target, name in args["links"]:
        resources += _by_module(os.path.join(args["dest"], name), "link", args, host, target)
    return answer({"dest": os.path.join(args["dest"], ""), "src": args["src"]}, *resources)


def _remote(args: "dict[str, Any]", host: "Host") -> "dict[str, Any]":
    """The content is that of another file on the server, or of a directory there."""
    from undrift.agent.copies import copied_file, copied_tree

    src = host.expand(args["src"])
    node = host.stat(src)
    if node is None:
        raise Failed("Source %s not found" % src, missing=True)
    if node.type == "directory":
        above = _folder(args["dest"].rstrip("/"), args, host) if args["dest"].endswith("/") else []
        said = copied_tree(src, args, host)
        said["result"]["changed"] |= bool(above)
        return dict(said, resources=above + said["resources"])
    if node.type != "file":
        raise Failed("Cannot copy invalid source '%s': not a file" % src)
    wanted, more = copied_file(src, node, args, host)
    _refuse_checksum(wanted, args)
    said = _one(os.path.basename(src), wanted, args, host)
    if not said["result"].get("changed"):
        said["result"].pop("path", None)
        said["result"].pop("diff", None)
        said["result"].update(more)
    return said
