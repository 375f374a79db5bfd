"""What ansible.builtin.copy makes with remote_src: copies of what the server itself has."""

import binascii
import hashlib
import os

from undrift.agent.answer import answer, difference, resource
from undrift.agent.attributes import apply_attributes, attribute_differences, copied, facts_of, octal
from undrift.agent.evidence import evidence
from undrift.agent.host import Failed, file_with

MYPY = False
if MYPY:
    from typing import Any

    from undrift.agent.host import Host, Node

#: What filecmp.dircmp, by which the module compares two directories, leaves out.
LEFT_OUT = ("RCS", "CVS", "tags", ".git", ".hg", ".bzr", "_darcs", "__pycache__")


def copied_file(
    src: "str", node: "Node", args: "dict[str, Any]", host: "Host"
) -> "tuple[dict[str, Any], dict[str, Any]]":
    """(the file as it is wanted, what the module returns of its source)."""
    content = host.read(src)
    wanted = {
        "content": binascii.b2a_base64(content).decode("ascii"),
        "sha1": hashlib.sha1(content).hexdigest(),  # noqa: S324 - Ansible's checksum of files
        "size": len(content),
        "mode": octal(node.mode) if args["mode"] == "preserve" else None,
        "born": node.mode,
    }
    return wanted, {"src": src, "md5sum": hashlib.md5(content).hexdigest()}  # noqa: S324 - as above


def copied_tree(src: "str", args: "dict[str, Any]", host: "Host") -> "dict[str, Any]":
    """
    The directory `src` in `dest`, or with a slash at its end all that is in it. Owner and group are set on all below,
    the mode on `dest` alone; of what is there already only what the source has is looked at.
    """
    dest = args["dest"]
    there = host.stat(dest)
    if there is not None and there.type != "directory":
        raise Failed("%s is a %s: no directory can be put in its place" % (dest, there.type))
    if there is None and not dest.endswith("/") and host.stat(os.path.dirname(dest)) is None:
        raise Failed("Destination directory %s does not exist" % os.path.dirname(dest), missing=True)
    into = os.path.join(dest, os.path.basename(src)).rstrip("/")
    source = host.stat(src)
    mode = octal(source.mode) if args["mode"] == "preserve" and source is not None else args["mode"]
    tree = _Tree(dict(args, mode=None), host)
    tree.compare(src.rstrip("/"), into)
    tree.set_mode(into if there is not None else dest.rstrip("/"), mode)
    result = {"dest": os.path.join(dest, os.path.basename(src)) if there is not None else dest, "src": src}
    if there is not None and not any(one["differences"] or one.get("evidence") for one in tree.resources):
        result.update(facts_of(host.stat(into)), checksum=None, md5sum=None)
    return answer(result, *tree.resources)


class _Tree:
    def __init__(self, args: "dict[str, Any]", host: "Host") -> None:
        self.args = args
        self.host = host
        self.resources: "list[dict[str, Any]]" = []

    def compare(self, src: "str", dest: "str") -> None:
        """The directory at `dest` has all that the one at `src` has."""
        node = self.host.stat(dest)
        if node is None:
            self._make(src, dest)
            return
        self._own(dest)
        for name in self.host.listdir(src):
            if name not in LEFT_OUT:
                self._compare_entry(os.path.join(src, name), os.path.join(dest, name))

    def set_mode(self, path: "str", mode: "Any") -> None:
        node = self.host.lstat(path)
        if node is None or mode is None:
            return
        wanted = dict(self.args, owner=None, group=None, mode=mode)
        found = attribute_differences(self.host, node, wanted, directory=True)
        if found and not node.created:
            self.resources.append(resource("file", path, found))
        self.host.predict(path, apply_attributes(self.host, copied(node), wanted, directory=True))

    def _compare_entry(self, src: "str", dest: "str") -> None:
        one, other = self.host.stat(src), self.host.stat(dest)
        if one is None:
            return
        if self.host.lstat(dest) is None:
            self._make(src, dest)
        elif other is not None and one.type == other.type == "directory":
            self.compare(src, dest)
        elif other is not None and one.type == other.type == "file":
            self._compare_file(src, dest, one, other)

    def _compare_file(self, src: "str", dest: "str", one: "Node", other: "Node") -> None:
        self._own(dest)
        if one.size == other.size and self.host.digest(src) == self.host.digest(dest):
            return
        before, after = self.host.read(dest), self.host.read(src)
        self.resources.append(resource("file", dest, (), evidence(self.host, dest, before, after)))
        self.host.predict(dest, file_with(after, other))

    def _own(self, path: "str") -> None:
        node = self.host.lstat(path)
        if node is None:
            return
        directory = node.type == "directory"
        found = attribute_differences(self.host, node, self.args, directory=directory)
        if found:
            self.resources.append(resource("file", path, found))
            self.host.predict(path, apply_attributes(self.host, copied(node), self.args, directory=directory))

    def _make(self, src: "str", dest: "str") -> None:
        """One resource for all that is to be made there; all of it is carried forward."""
        node = self.host.stat(src)
        kind = "file" if node is None else node.type
        self.resources.append(resource("file", dest, [difference("state", kind, "absent")]))
        self._foretell(src, dest)

    def _foretell(self, src: "str", dest: "str") -> None:
        keeps_links = self.args.get("local_follow") is False
        node = self.host.lstat(src) if keeps_links else self.host.stat(src)
        if node is None:
            return
        made = file_with(self.host.read(src)) if node.type == "file" else copied(node)
        made.created, made.mode, made.uid, made.gid = True, node.mode, os.geteuid(), os.getegid()
        self.host.predict(
            dest, apply_attributes(self.host, made, self.args, directory=node.type == "directory")
        )
        for name in self.host.listdir(src) if node.type == "directory" else ():
            self._foretell(os.path.join(src, name), os.path.join(dest, name))
