"""ansible.builtin.apt_repository: a line in the files of /etc/apt/sources.list.d."""

import os
import re

from undrift.agent.answer import answer, difference, resource
from undrift.agent.evidence import evidence
from undrift.agent.host import Failed, file_with

MYPY = False
if MYPY:
    from typing import Any

    from undrift.agent.host import Host

MAIN = "/etc/apt/sources.list"
FOLDER = "/etc/apt/sources.list.d"
TYPES = ("deb", "deb-src")


def check(args: "dict[str, Any]", host: "Host") -> "dict[str, Any]":
    """args: repo (a line), state, filename (without .list, or None)."""
    wanted = _parsed(args["repo"])
    if wanted is None or args["repo"].lstrip().startswith("#"):
        raise Failed("Invalid repository string: %s" % args["repo"])
    name = wanted[1]
    files = {path: _lines(path, host) for path in _files(host)}
    enabled = [(path, at) for path, at, on in _places(files, name) if on]
    disabled = [(path, at) for path, at, on in _places(files, name) if not on]
    after = {path: list(lines) for path, lines in files.items()}
    found = []
    if args["state"] == "absent":
        if enabled:
            found.append(difference("state", "absent", "present in %s" % enabled[0][0]))
        for path, at in reversed(enabled):
            del after[path][at]
    elif disabled:
        found.append(difference("state", "enabled", "commented out in %s" % disabled[0][0]))
        for path, at in disabled:
            after[path][at] = name + "\n"
    elif not enabled:
        path = os.path.join(FOLDER, _file_name(args, name))
        found.append(difference("state", "present", "absent"))
        after.setdefault(path, []).append(name + "\n")
    changed = {path: lines for path, lines in after.items() if lines != files.get(path)}
    shown = None
    for path, lines in changed.items():
        shown = _change(path, lines, host)
    result = {
        "repo": args["repo"],
        "state": args["state"],
        "changed": bool(found),
        "sources_added": [path for path in changed if path not in files],
        "sources_removed": [path for path, lines in changed.items() if not lines],
    }
    return answer(result, resource("apt repository", name, found, shown))


def _change(path: "str", lines: "list[str]", host: "Host") -> "dict[str, Any]":
    there = host.stat(path)
    before = host.read(path) if there is not None else None
    after = "".join(lines).encode("utf-8", "surrogateescape")
    shown = evidence(host, path, before, after)
    host.predict(path, file_with(after, there) if lines else None)
    return shown


def _files(host: "Host") -> "list[str]":
    names = host.listdir(FOLDER) if host.stat(FOLDER) is not None else []
    found = [os.path.join(FOLDER, name) for name in names if name.endswith(".list")]
    return [MAIN, *found] if host.stat(MAIN) is not None else found


def _lines(path: "str", host: "Host") -> "list[str]":
    return host.read(path).decode("utf-8", "surrogateescape").splitlines(True)


def _places(files: "dict[str, list[str]]", name: "str") -> "list[tuple[str, int, bool]]":
    """Where the source stands: file, line, and whether it is not commented out."""
    found = []
    for path, lines in files.items():
        for at, line in enumerate(lines):
            parsed = _parsed(line)
            if parsed is not None and parsed[1] == name:
                found.append((path, at, parsed[0]))
    return found


def _parsed(line: "str") -> "tuple[bool, str] | None":
    """(whether it counts, the source without comment and needless spaces); None when it is no source."""
    line = line.strip()
    counts = not line.startswith("#")
    line = line if counts else line[1:]
    words = (line[: line.find("#")] if line.find("#") > 0 else line).split()
    return (counts, " ".join(words)) if words and words[0] in TYPES else None


def _file_name(args: "dict[str, Any]", name: "str") -> "str":
    if args["filename"] is not None:
        return "%s.list" % args["filename"]
    plain = re.sub(r"\w+://", "", re.sub(r"\[[^\]]+\]", "", name))
    first = next((word for word in plain.split() if word not in TYPES), "")
    return "%s.list" % "_".join(re.sub("[^a-zA-Z0-9]", " ", first.rpartition("@")[2]).split())
