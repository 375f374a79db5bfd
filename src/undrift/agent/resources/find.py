"""ansible.builtin.find: the entries of directories that match."""

import errno
import fnmatch
import os
import re
import stat as bits
import time

from undrift.agent.fields import fields_by_then, fields_of, seen_by_then
from undrift.agent.host import Unknown

MYPY = False
if MYPY:
    from collections.abc import Iterator
    from typing import Any

    from undrift.agent.host import Host, Node

TYPES = {"directory": bits.S_ISDIR, "file": bits.S_ISREG, "link": bits.S_ISLNK}


def check(args: "dict[str, Any]", host: "Host") -> "dict[str, Any]":
    """
    args: as the module's, but age in seconds, size in bytes and mode a number, each None when not given.
    """
    search = _Search(args, host)
    for path in args["paths"]:
        search.walk(path)
    message = "All paths examined"
    if search.skipped_any:
        message = "Not all paths examined, check warnings for details"
    elif search.full:
        message = "Limit of matches reached"
    result = {
        "changed": False,
        "files": search.found,
        "matched": len(search.found),
        "examined": search.examined,
        "skipped_paths": search.skipped,
        "msg": message,
    }
    return {"result": result, "resources": []}


class _Search:
    def __init__(self, args: "dict[str, Any]", host: "Host") -> None:
        self.args = args
        self.host = host
        self.now = time.time()
        self.found: "list[dict[str, Any]]" = []
        self.skipped: "dict[str, str]" = {}
        self.skipped_any = False
        self.examined = 0
        self.content = re.compile(args["contains"]) if args["contains"] is not None else None

    @property
    def full(self) -> "bool":
        return self.args["limit"] is not None and len(self.found) >= self.args["limit"]

    def walk(self, path: "str") -> None:
        top = self.host.stat(path)
        if top is None or top.type != "directory":
            self.skipped[path] = "'%s' is not a directory" % path
            self.skipped_any = True
            return
        for root, folders, files in self._entries(path):
            self.examined += len(files) + len(folders)
            for name in files + folders:
                full_name = os.path.normpath(os.path.join(root, name))
                if self.args["depth"] and _depth(full_name, path) > self.args["depth"]:
                    del folders[:]
                    continue
                if not self.full:
                    self._look_at(name, full_name)
            if not self.args["recurse"] or self.full:
                return

    def _entries(self, path: "str") -> "Iterator[tuple[str, list[str], list[str]]]":
        """As os.walk, with what earlier tasks would make and without what they would remove."""
        if not self.host.overlay.paths:
            return os.walk(path, onerror=self._pass_over, followlinks=self.args["follow"])
        return self._entries_by_then(path)

    def _entries_by_then(self, path: "str") -> "Iterator[tuple[str, list[str], list[str]]]":
        folders: "list[str]" = []
        files: "list[str]" = []
        try:
            names = self.host.listdir(path)
        except OSError as problem:
            self._pass_over(problem)
            return
        for name in names:
            node = self.host.stat(os.path.join(path, name))
            (folders if node is not None and node.type == "directory" else files).append(name)
        yield path, folders, files
        for name in folders:
            inner = os.path.join(path, name)
            node = self.host.lstat(inner)
            if node is not None and (node.type == "directory" or self.args["follow"]):
                for entry in self._entries_by_then(inner):
                    yield entry

    def _pass_over(self, problem: "OSError") -> None:
        if problem.errno not in (errno.EPERM, errno.EACCES, errno.ENOENT):
            raise problem
        self.skipped[str(problem.filename)] = str(problem)

    def _look_at(self, name: "str", path: "str") -> None:
        if (name.startswith(".") and not self.args["hidden"]) or not self._is_named(name):
            return
        try:
            node = self.host.lstat(path)
            if node is None:
                raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), path)
        except OSError as problem:
            self.skipped[path] = str(problem)
            self.skipped_any = True
            return
        if node.predicted:
            self._refuse_unknown(path, node)
        seen = seen_by_then(node) if node.predicted else node.seen
        if seen is None or not self._is_wanted(path, seen):
            return
        entry = dict(fields_by_then(node) if node.predicted else fields_of(seen), path=path)
        if self.args["get_checksum"] and bits.S_ISREG(seen.st_mode):
            entry["checksum"] = self.host.digest(path, self.args["checksum_algorithm"])
        self.found.append(entry)

    def _refuse_unknown(self, path: "str", node: "Node") -> None:
        """Raise Unknown where it hangs on something that nobody knows of a file that an earlier task makes."""
        if (self.args["size"] is not None and node.size is None) or (self.args["mode"] and node.mode is None):
            raise Unknown("an earlier task would make or change %s" % path, "unpreviewable")

    def _is_named(self, name: "str") -> "bool":
        matches = _matches_expression if self.args["use_regex"] else fnmatch.fnmatch
        patterns = self.args["patterns"] or [".*" if self.args["use_regex"] else "*"]
        return any(matches(name, one) for one in patterns) and not any(
            matches(name, one) for one in self.args["excludes"]
        )

    def _is_wanted(self, path: "str", seen: "os.stat_result") -> "bool":
        wanted = self.args["file_type"]
        regular = bits.S_ISREG(seen.st_mode)
        if wanted != "any" and not TYPES[wanted](seen.st_mode):
            return False
        if not _is_so(self.args["age"], self.now - getattr(seen, "st_" + self.args["age_stamp"])):
            return False
        if wanted in ("file", "any") and regular and not _is_so(self.args["size"], seen.st_size):
            return False
        if not self._has_mode(bits.S_IMODE(seen.st_mode)):
            return False
        return wanted != "file" or self._holds(path)

    def _has_mode(self, mode: "int") -> "bool":
        wanted = self.args["mode"]
        if not wanted:
            return True
        return bool(mode == wanted if self.args["exact_mode"] else mode & wanted)

    def _holds(self, path: "str") -> "bool":
        if self.content is None:
            return True
        try:
            if self.host.overlay.paths:
                lines: "Any" = self.host.read(path).splitlines(True)
                return self._matches(lines)
            with self.host.open(path) as file:
                return self._matches(file)
        except OSError:
            return False

    def _matches(self, lines: "Any") -> "bool":
        texts = (line.decode("utf-8", "surrogateescape") for line in lines)
        if self.content is None:
            return True
        if self.args["read_whole_file"]:
            return bool(self.content.search("".join(texts)))
        return any(self.content.match(text) for text in texts)


def _depth(path: "str", top: "str") -> "int":
    return path.count(os.sep) - (top.rstrip(os.sep) + os.sep).count(os.sep) + 1


def _matches_expression(name: "str", pattern: "str") -> "bool":
    return re.match(pattern, name) is not None


def _is_so(limit: "int | None", value: "float") -> "bool":
    """At least the limit; where that is negative, at most its amount."""
    return limit is None or (value >= limit if limit >= 0 else value <= -limit)
