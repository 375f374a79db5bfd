"""What a task looks at by itself (a program, a genuine module) is the server of now: whether that will do."""

import os
import re

MYPY = False
if MYPY:
    from collections.abc import Iterator
    from typing import Any

    from undrift.agent.host import Host

#: Parts of a text that may name something: /srv/x in if=/srv/x, newu in u:newu:rx.
PARTS = re.compile(r"[^\s\"'`;|&()<>,=:]+")
#: Programs that answer for all below the folders they are given.
LISTERS = ("ls", "find", "du", "tree")
#: Programs that read all below a folder without being told.
READS = {"nginx": "/etc/nginx", "sshd": "/etc/ssh", "apt-cache": "/etc/apt"}
#: Programs that tell of all packages, when no package is named.
TELL_PACKAGES = ("dpkg", "dpkg-query", "rpm")


def reason(values: "Any", host: "Host") -> "str":
    """
    Why what failed may go well by then: the effect of an earlier task that `values` (texts, in lists or dictionaries)
    names, or a package or user that would come or go. "" when no earlier task can be to blame.
    """
    return named(values, host) or _package(host) or _newcomer(host)


def named(values: "Any", host: "Host") -> "str":
    """The effect of an earlier task that `values` name, in words; "" when they name none."""
    if not host.overlay.effects:
        return ""
    for word in _words(values):
        said = _path(word, host) if word.startswith("/") else _name(word, host)
        if said:
            return said
    return ""


def answered_otherwise(words: "list[str]", host: "Host") -> "str":
    """The effect of an earlier task that would change what a program says that was asked by these words."""
    if not host.overlay.effects or not words:
        return ""
    program = os.path.basename(words[0])
    folders = [word for word in words[1:] if program in LISTERS and word.startswith("/")]
    folders += [READS[program]] if program in READS else []
    if program in TELL_PACKAGES and all(word.startswith("-") for word in words[1:]):
        return _package(host) or named(words, host)
    return named(words, host) or _below(folders, host)


def _words(values: "Any") -> "Iterator[str]":
    """Every text, and every part of one."""
    if isinstance(values, dict):
        values = [one for pair in values.items() for one in pair]
    if isinstance(values, (list, tuple)):
        for one in values:
            for word in _words(one):
                yield word
    elif isinstance(values, str):
        yield values
        for part in PARTS.findall(values):
            yield part


def _path(word: "str", host: "Host") -> "str":
    """An effect on the path, or on something above it that comes or goes with all that is in it."""
    for path in (host.canonical(word), host.behind(word)):
        if host.overlay.find(path)[0]:
            return _decided_by(path, host)
    return ""


def _decided_by(path: "str", host: "Host") -> "str":
    """The effect on the path itself, or on what it would come or go with."""
    while path not in host.overlay.paths:
        path = os.path.dirname(path)
    return _done_to(path, host.overlay.paths[path])


def _below(folders: "list[str]", host: "Host") -> "str":
    for folder in folders:
        inside = os.path.join(host.behind(folder), "")
        for path, node in host.overlay.paths.items():
            if path.startswith(inside):
                return _done_to(path, node)
    return ""


def _done_to(path: "str", node: "dict[str, Any] | None") -> "str":
    made = node is not None and node.get("created")
    return "an earlier task would %s %s" % ("remove" if node is None else "make" if made else "change", path)


def _name(word: "str", host: "Host") -> "str":
    overlay = host.overlay
    for kind, table in (("user", overlay.users), ("group", overlay.groups)):
        if word in table:
            return "an earlier task would %s the %s %s" % (
                "remove" if table[word] is None else "make or change",
                kind,
                word,
            )
    if word in overlay.packages:
        return _come_or_gone(word, overlay.packages[word])
    if word in overlay.units or word + ".service" in overlay.units:
        return "an earlier task would start, stop or enable %s" % word
    return ""


def _package(host: "Host") -> "str":
    for name, state in host.overlay.packages.items():
        return _come_or_gone(name, state)
    return ""


def _come_or_gone(package: "str", state: "str") -> "str":
    return "an earlier task would %s %s" % ("install" if state == "present" else "remove", package)


def _newcomer(host: "Host") -> "str":
    """A user whom an earlier task would make."""
    import pwd

    for name, fields in host.overlay.users.items():
        try:
            pwd.getpwnam(name)
        except KeyError:
            if fields is not None:
                return "an earlier task would make the user %s" % name
    return ""
