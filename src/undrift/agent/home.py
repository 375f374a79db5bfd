"""The home folder of a user whom an earlier task would make, with what every new one has in it."""

import os

from undrift.agent.host import Node, file_with, made_directory

MYPY = False
if MYPY:
    from typing import Any

    from undrift.agent.host import Host

DEFAULTS = "/etc/default/useradd"
SKELETON = "/etc/skel"
#: How many files of a skeleton are carried forward at most.
FILES_AT_MOST = 200


def new_home(name: "str", host: "Host") -> "str":
    """Where useradd(8) puts the home folder of a new user."""
    return os.path.join(_default("HOME", host) or "/home", name)


def make_home(home: "str", skeleton: "str | None", entry: "dict[str, Any]", host: "Host") -> None:
    """Carry forward that `home` would be there, a copy of the skeleton that belongs to the user of `entry`."""
    host.predict(home, _owned(made_directory(), entry))
    source = skeleton or _default("SKEL", host) or SKELETON
    left = FILES_AT_MOST
    for folder, folders, files in os.walk(source):
        inside = os.path.normpath(os.path.join(home, os.path.relpath(folder, source)))
        for name in folders:
            host.predict(os.path.join(inside, name), _owned(made_directory(), entry))
        for name in files[:left]:
            host.predict(os.path.join(inside, name), _owned(_copy(os.path.join(folder, name), host), entry))
        left -= len(files[:left])


def _copy(path: "str", host: "Host") -> "Node":
    there = host.lstat(path)
    if there is not None and there.type == "link":
        node = Node("link", there.mode, target=there.target)
    else:
        node = file_with(host.read(path))
        node.mode = None if there is None else there.mode
    node.created = True
    return node


def _owned(node: "Node", entry: "dict[str, Any]") -> "Node":
    node.uid, node.gid = entry.get("uid"), entry.get("gid")
    return node


def _default(name: "str", host: "Host") -> "str":
    """A line NAME=value of useradd's defaults."""
    if host.stat(DEFAULTS) is None:
        return ""
    lines = host.read(DEFAULTS).decode("utf-8", "replace").splitlines()
    return next((line.partition("=")[2].strip() for line in lines if line.startswith(name + "=")), "")
