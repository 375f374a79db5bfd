"""What ansible.builtin.copy makes with remote_src: copies of what the server itself has."""

import binascii
import hashlib
import os

from undrift.agent.answer import answer, difference, resource
from undrift.agent.attributes import apply_attributes, copied, facts_of, octal
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
    the mode on `dest` alone, or on what a link there leads to when there is a slash behind it; of what is there already
    only what the source has is looked at.
    """
    if args.get("checksum"):
        raise Failed("Copied file does not match the expected checksum. Transfer failed.")
    dest = args["dest"]
    there = host.stat(dest)
    target = os.path.join(dest, os.path.basename(src)) if _type(there) == "directory" else dest
    result = {"dest": target, "src": src}
    if not args["force"] and host.stat(target) is not None:
        return answer(dict(result, changed=False, msg="file already exists"), resource("file", target))
    if _type(there) != "directory":
        _refuse(dest, host)
    elif _type(host.lstat(target)) == "link" and not args["follow"]:
        raise Failed("%s is a link, and no directory can be put in its place" % target)
    into = dest if src.endswith("/") else os.path.join(dest, os.path.basename(src))
    source = host.stat(src)
    mode = octal(source.mode) if args["mode"] == "preserve" and source is not None else args["mode"]
    tree = _Tree(dict(args, mode=None), host)
    tree.compare(src.rstrip("/"), into)
    tree.own(into)
    tree.set_attributes(target, mode)
    if there is not None and not any(one["differences"] or one.get("evidence") for one in tree.resources):
        result.update(facts_of(host.stat(into)), checksum=None, md5sum=None)
    return answer(result, *tree.resources)


def _type(node: "Node | None") -> "str | None":
    return None if node is None else node.type


def _refuse(dest: "str", host: "Host") -> None:
    """Raise Failed where no directory can be made at `dest`."""
    if host.lstat(dest) is not None:
        raise Failed("%s is no directory, and none can be put in its place" % dest)
    if _type(host.stat(os.path.dirname(dest))) is None and not host.overlay.installs:
        raise Failed("Destination directory %s does not exist" % os.path.dirname(dest), missing=True)
    if _type(host.stat(os.path.dirname(dest))) not in (None, "directory"):
        raise Failed("%s is no directory: nothing can be put into it" % os.path.dirname(dest))


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
        for name in self.host.listdir(src):
            if name not in LEFT_OUT:
                self._compare_entry(os.path.join(src, name), os.path.join(dest, name))

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
        if one.size == other.size and self.host.digest(src) == self.host.digest(dest):
            return
        before, after = self.host.read(dest), self.host.read(src)
        self.resources.append(resource("file", dest, (), evidence(self.host, dest, before, after)))
        self.host.predict(dest, file_with(after, other))

    def own(self, top: "str") -> None:
        """Owner and group are set on all below, also on what the source does not have."""
        from undrift.agent.resources.file import Below, adjust_attributes

        node = self.host.lstat(top)
        if node is None or node.created:
            return
        args = dict(self.args, follow=False)
        found = adjust_attributes(top, node, args, self.host) + Below(args, self.host).differences(top)
        if found:
            self.resources.append(resource("file", top.rstrip("/"), found))

    def set_attributes(self, path: "str", mode: "Any") -> None:
        """What the module sets at its end on the directory itself."""
        from undrift.agent.resources.file import adjust_attributes

        at = self.host.behind(path) if self.args["follow"] else path
        node = self.host.lstat(at)
        if node is None:
            return
        found = adjust_attributes(at, node, dict(self.args, mode=mode), self.host)
        if found and not node.created:
            self.resources.append(resource("file", at.rstrip("/"), found))

    def _make(self, src: "str", dest: "str") -> None:
        """One resource for all that is to be made there; all of it is carried forward."""
        node = self.host.lstat(src)
        kind = "file" if node is None else node.type
        self.resources.append(resource("file", dest, [difference("state", kind, "absent")]))
        if kind != "link" or self.args["local_follow"] is not None:
            self._foretell(src, dest)

    def _foretell(self, src: "str", dest: "str") -> None:
        node = self.host.stat(src) if self.args["local_follow"] else self.host.lstat(src)
        if node is None:
            return
        made = file_with(self.host.read(src)) if node.type == "file" else copied(node)
        made.created, made.mode, made.uid, made.gid = True, node.mode, os.geteuid(), os.getegid()
        self.host.predict(
            dest, apply_attributes(self.host, made, self.args, directory=node.type == "directory")
        )
        for name in self.host.listdir(src) if node.type == "directory" else ():
            self._foretell(os.path.join(src, name), os.path.join(dest, name))
