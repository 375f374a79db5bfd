"""A file with a given content: ansible.builtin.template and ansible.builtin.copy."""

import binascii
import hashlib
import os

from undrift.agent.answer import answer, difference, resource
from undrift.agent.attributes import (
    apply_attributes,
    attribute_differences,
    copied,
    facts_of,
    octal,
)
from undrift.agent.evidence import evidence, keyed_digest
from undrift.agent.host import Failed, Node

MYPY = False
if MYPY:
    from typing import Any

    from undrift.agent.host import Host


def check(args: "dict[str, Any]", host: "Host") -> "dict[str, Any]":
    """
    args: dest, files: [{"name": below dest, or "", "content": base64 or None, "sha1": hex, "size": bytes,
    "mode": octal text or None}], directories: [names below dest], owner, group, mode, directory_mode, force, follow,
    basename (what the file is called when dest is a directory), remote_src.
    """
    if args.get("remote_src"):
        return _copied(args, host)
    if args.get("directories") is not None:
        return _tree(args, host)
    dest = _into(args["dest"], args["basename"], host)
    return _one(dest, args["files"][0], args, host)


def _into(dest: "str", basename: "str", host: "Host") -> "str":
    """The file that is meant when `dest` names a directory."""
    node = host.stat(dest)
    if dest.endswith("/") or (node is not None and node.type == "directory"):
        return os.path.join(dest, basename)
    return dest


def _one(dest: "str", wanted: "dict[str, Any]", args: "dict[str, Any]", host: "Host") -> "dict[str, Any]":
    attributes = dict(args, mode=wanted.get("mode") or args.get("mode"))
    found, shown, node = _compare(dest, wanted, attributes, host)
    result: "dict[str, Any]" = {"dest": dest}
    if node is not None:
        result.update(facts_of(node))
    if found or shown is not None:
        result.update(changed=True)
    else:
        result.update(changed=False, path=dest, checksum=wanted["sha1"])
    return answer(result, resource("file", dest, found, shown))


def _compare(
    dest: "str", wanted: "dict[str, Any]", args: "dict[str, Any]", host: "Host"
) -> "tuple[list[list[Any]], dict[str, Any] | None, Node | None]":
    """(differing fields, evidence of a differing content, what is there)."""
    node = host.lstat(dest)
    if node is not None and node.type == "link":
        node = host.stat(dest) if args.get("follow", True) or host.stat(dest) is not None else None
    if node is None:
        return _missing(dest, wanted, args, host)
    if node.type != "file":
        raise Failed("%s is a %s: no file can be put in its place" % (dest, node.type), path=dest)
    if not args.get("force", True):
        return [], None, node
    found = attribute_differences(host, node, args, directory=False)
    shown = None
    if not _same(dest, node, wanted, host):
        shown = _evidence(dest, wanted, host)
        after = copied(node)
        after.size, after.content = wanted["size"], wanted["content"]
        host.predict(dest, apply_attributes(host, after, args, directory=False))
    elif found:
        host.predict(dest, apply_attributes(host, copied(node), args, directory=False))
    return found, shown, node


def _missing(
    dest: "str", wanted: "dict[str, Any]", args: "dict[str, Any]", host: "Host"
) -> "tuple[list[list[Any]], dict[str, Any] | None, Node | None]":
    parent = os.path.dirname(dest)
    if host.stat(parent) is None and not args.get("makes_parents") and not host.overlay.installs:
        raise Failed("Destination directory %s does not exist" % parent, missing=True)
    found = [difference("state", "file", "absent")]
    found += attribute_differences(host, None, args, directory=False)
    made = Node("file", size=wanted["size"], content=wanted["content"])
    made.created = True
    host.predict(dest, apply_attributes(host, made, args, directory=False))
    return found, _evidence(dest, wanted, host, there=False), None


def _same(dest: "str", node: "Node", wanted: "dict[str, Any]", host: "Host") -> "bool":
    if node.size is not None and node.size != wanted["size"]:
        return False
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
    """A directory with all below it."""
    resources = []
    for name in args["directories"]:
        path = os.path.join(args["dest"], name).rstrip("/")
        node = host.stat(path)
        wanted = dict(args, mode=args.get("directory_mode"))
        found = [] if node is not None else [difference("state", "directory", "absent")]
        if node is not None and node.type != "directory":
            raise Failed("%s is a %s: no directory can be put in its place" % (path, node.type))
        if node is None or args.get("directory_mode") is not None:
            found += attribute_differences(host, node, wanted, directory=True)
        if node is None:
            made = Node("directory")
            made.created = True
            host.predict(path, apply_attributes(host, made, wanted, directory=True))
        resources.append(resource("file", path, found))
    inner = dict(args, makes_parents=True)
    for one in args["files"]:
        path = os.path.join(args["dest"], one["name"])
        attributes = dict(inner, mode=one.get("mode") or args.get("mode"))
        found, shown, _ = _compare(path, one, attributes, host)
        resources.append(resource("file", path, found, shown))
    return answer({"dest": args["dest"]}, *resources)


def _copied(args: "dict[str, Any]", host: "Host") -> "dict[str, Any]":
    """remote_src: the content is that of another file on the server."""
    src = args["src"]
    node = host.stat(src)
    if node is None:
        raise Failed("Source %s not found" % src, missing=True)
    if node.type != "file":
        raise Failed("Remote copy of a %s cannot be compared" % node.type)
    content = host.read(src)
    mode = octal(node.mode) if args.get("mode") == "preserve" else args.get("mode")
    wanted = {
        "content": binascii.b2a_base64(content).decode("ascii"),
        "sha1": hashlib.sha1(content).hexdigest(),  # noqa: S324 - Ansible's checksum of files
        "size": len(content),
    }
    dest = _into(args["dest"], os.path.basename(src), host)
    return _one(dest, wanted, dict(args, mode=mode), host)
