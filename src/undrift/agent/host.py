"""The server as a check sees it: what is there, or would be there after the tasks before. Reading only."""

import errno
import grp
import os
import pwd
import stat as stat_bits

from undrift.agent import child
from undrift.agent.overlay import Overlay
from undrift.agent.wire import SETTINGS

MYPY = False
if MYPY:
    from typing import Any, BinaryIO

#: as the kernel counts before it says ELOOP
LINKS_AT_MOST = 40

TYPES = {
    stat_bits.S_IFREG: "file",
    stat_bits.S_IFDIR: "directory",
    stat_bits.S_IFLNK: "link",
    stat_bits.S_IFCHR: "char",
    stat_bits.S_IFBLK: "block",
    stat_bits.S_IFIFO: "fifo",
    stat_bits.S_IFSOCK: "socket",
}


class Unknown(Exception):
    """The task cannot be checked. `kind` is "failed" (we tried and could not) or "unpreviewable" (by nature)."""

    def __init__(self, text: "str", kind: "str" = "failed") -> None:
        Exception.__init__(self, text)
        self.text = text
        self.kind = kind


class Failed(Exception):
    """The task itself would fail. `missing`: for want of something that a task of unknown effect may provide."""

    def __init__(self, msg: "str", missing: "bool" = False, **result: "object") -> None:
        Exception.__init__(self, msg)
        self.msg = msg
        self.missing = missing
        self.result = result


class Node:
    """One entry of the file system. mode: permission bits only. A value that cannot be known yet is None."""

    __slots__ = ("content", "created", "gid", "mode", "predicted", "seen", "size", "target", "type", "uid")

    def __init__(
        self,
        type: "str",  # noqa: A002 - the word for it
        mode: "int | None" = None,
        uid: "int | None" = None,
        gid: "int | None" = None,
        size: "int | None" = None,
        target: "str | None" = None,
        content: "str | None" = None,
    ) -> None:
        self.type = type
        self.mode = mode
        self.uid = uid
        self.gid = gid
        self.size = size
        self.target = target
        #: base64 of the content, of a predicted file whose content is known
        self.content = content
        #: the task before would have made it so
        self.predicted = False
        #: it is not there at all yet
        self.created = False
        #: os.stat_result of what is really there, when something is
        self.seen: "os.stat_result | None" = None

    def asdict(self) -> "dict[str, Any]":
        """The node as an effect carries it (agent.overlay): without `seen` and `predicted`."""
        return {name: getattr(self, name) for name in self.__slots__ if name not in ("seen", "predicted")}


class Host:
    """
    settings: as in wire.SETTINGS, those that are left out have their default. environment: of the request at hand.
    """

    def __init__(self, settings: "dict[str, Any] | None" = None) -> None:
        self.settings: "dict[str, Any]" = dict(SETTINGS, **(settings or {}))
        self.overlay = Overlay()
        #: whatever a kind reads once for all its requests (package database, unit states); key: the kind's choice
        self.shared: "dict[Any, Any]" = {}
        #: zip archives of genuine modules by name, as file descriptors of memory files
        self.payloads: "dict[str, int]" = {}
        #: the archive of genuine modules whose common part is imported
        self.preloaded = ""
        self.environment: "dict[str, str]" = {}
        #: the request at hand carries a secret: nothing of its content may be shown
        self.secret = False
        #: where what is done is remembered; "" as long as nothing may be done (see session.take)
        self.run_folder = ""
        #: when the plan was begun, and when what it says: by the clock of this server, in seconds
        self.planned_at = self.begun_at = 0.0
        self._journal: "Any" = None
        #: evidence still allowed to be brought along, in bytes
        self.budget = int(self.settings["answer_limit"])

    def journal(self) -> "Any":
        """The memory of this run (journal.Journal)."""
        if self._journal is None:
            from undrift.agent.journal import Journal

            self._journal = Journal(self.run_folder)
        return self._journal

    def forget(self) -> None:
        """Something was really done on the server: what was read before may be true no longer."""
        self.shared.clear()

    # -- files ------------------------------------------------------------------------------------------------

    def expand(self, path: "str") -> "str":
        """An argument that is a path as modules read it: variables and home folders in their places, and absolute."""
        environment = dict(os.environ, **self.environment)
        for name in sorted(environment, key=len, reverse=True):
            if "$" not in path:
                break
            path = path.replace("${%s}" % name, environment[name]).replace("$" + name, environment[name])
        if path.startswith("~"):
            name, slash, rest = path[1:].partition("/")
            entry = self.user(name) if name else None
            home = str(entry["dir"]) if entry and entry.get("dir") else os.path.expanduser("~" + name)
            path = home + slash + rest
        return os.path.join(os.getcwd(), path)

    def canonical(self, path: "str") -> "str":
        """`path`, absolute and with the links before its last part resolved: all of them before a slash at its end."""
        if path.endswith("/"):
            return self._resolve(os.path.normpath(os.path.join("/", path)), 0)
        head, tail = os.path.split(os.path.normpath(os.path.join("/", path)))
        return os.path.join(self._resolve(head, 0), tail) if tail else head

    def _resolve(self, path: "str", depth: "int") -> "str":
        """`path` with every link in it resolved, those included that earlier tasks would make."""
        if not self.overlay.paths or depth > LINKS_AT_MOST:
            return os.path.realpath(path)
        done = "/"
        parts = path.strip("/").split("/")
        for position, part in enumerate(parts):
            step = os.path.join(done, part)
            node = self._node(step)
            if node is not None and node.type == "link" and node.target:
                rest = os.path.join(os.path.normpath(os.path.join(done, node.target)), *parts[position + 1 :])
                return self._resolve(rest, depth + 1)
            done = step
        return done

    def _node(self, canonical: "str") -> "Node | None":
        decided, fields = self.overlay.find(canonical)
        seen = None if decided and fields is None else self._seen(canonical)
        if not decided:
            return seen
        if fields is None:
            return None
        node = Node(str(fields["type"]))
        for name, value in fields.items():
            setattr(node, name, value)
        node.predicted = True
        node.seen = seen.seen if seen else None
        return node

    @staticmethod
    def _seen(path: "str") -> "Node | None":
        try:
            seen = os.lstat(path)
        except OSError as problem:
            if problem.errno in (errno.ENOENT, errno.ENOTDIR, errno.ELOOP, errno.ENAMETOOLONG):
                return None
            raise
        kind = TYPES.get(stat_bits.S_IFMT(seen.st_mode), "other")
        node = Node(kind, stat_bits.S_IMODE(seen.st_mode), seen.st_uid, seen.st_gid, seen.st_size)
        node.target = os.readlink(path) if kind == "link" else None
        node.seen = seen
        return node

    def lstat(self, path: "str") -> "Node | None":
        """What is at `path` itself, or None. Raises OSError (EACCES ...) when the server will not tell."""
        if not self.overlay.paths:
            return self._seen(path)
        return self._node(self.canonical(path))

    def stat(self, path: "str") -> "Node | None":
        """What is at `path` behind all links; None when there is nothing (a dangling link leads to nothing)."""
        if self.overlay.paths:
            return self._node(self._resolve(self.canonical(path), 0))
        node = self._seen(path)
        return self._seen(os.path.realpath(path)) if node is not None and node.type == "link" else node

    def behind(self, path: "str") -> "str":
        """Where `path` leads, with every link resolved, those included that earlier tasks would make."""
        return self._resolve(self.canonical(path), 0)

    def read(self, path: "str", limit: "int | None" = None) -> "bytes":
        """
        The whole content of the regular file at `path` (links followed). `limit`: most bytes, default
        settings["edit_limit"]. Raises Unknown when it is too large, no regular file, or predicted with a content
        nobody knows; OSError as open() does.
        """
        most = self.settings["edit_limit"] if limit is None else limit
        node = self.stat(path)
        if node is not None and node.predicted and (node.content is not None or node.created):
            if node.content is None:
                raise Unknown("what %s will hold depends on an earlier task" % path, "unpreviewable")
            import binascii

            return binascii.a2b_base64(node.content)
        if node is not None and node.type != "file":
            raise Unknown("%s is a %s, not a file" % (path, node.type))
        with self.open(self._real(path)) as file:
            content = file.read(most + 1)
        if len(content) > most:
            raise Unknown("%s is larger than %d bytes" % (path, most))
        return content

    def _real(self, path: "str") -> "str":
        """Where the content at `path` really lies, links that earlier tasks would make followed."""
        return self._resolve(self.canonical(path), 0) if self.overlay.paths else path

    @staticmethod
    def open(path: "str") -> "BinaryIO":
        """Open for reading in binary, never waiting for the other end of a FIFO."""
        return os.fdopen(os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC), "rb")

    def digest(self, path: "str", algorithm: "str" = "sha256") -> "str":
        """Hex digest of the file at `path`, read in pieces; of the predicted content when there is one."""
        import hashlib

        total = hashlib.new(algorithm)
        node = self.stat(path)
        if node is not None and node.predicted and (node.content is not None or node.created):
            total.update(self.read(path))
            return total.hexdigest()
        with self.open(self._real(path)) as file:
            for piece in iter(lambda: file.read(1 << 20), b""):
                total.update(piece)
        return total.hexdigest()

    def listdir(self, path: "str") -> "list[str]":
        """The sorted names in the directory at `path`, with what earlier tasks would add or remove."""
        real = self._resolve(self.canonical(path), 0)
        node = self._node(real)
        names = set() if node is None or node.created else set(os.listdir(real))
        for other in self.overlay.paths:
            if os.path.dirname(other) == real:
                (names.add if self.overlay.paths[other] is not None else names.discard)(
                    os.path.basename(other)
                )
        return sorted(names)

    def predict(self, path: "str", node: "Node | None") -> None:
        """Carry forward: `path` would be `node` (None: gone). Set node.created when nothing is there now."""
        if node is not None:
            parent = os.path.dirname(self.canonical(path))
            if self._node(parent) is None:
                self.predict(parent, made_directory())
        self.overlay.record("path", self.canonical(path), None if node is None else node.asdict())

    # -- users and groups -------------------------------------------------------------------------------------

    def user(self, name: "str") -> "dict[str, Any] | None":
        """Fields of struct_passwd by name or number; fields an earlier task leaves open are None. None: nobody."""
        if name in self.overlay.users:
            return self.overlay.users[name]
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            if not name.isdigit():
                return None
            try:
                entry = pwd.getpwuid(int(name))
            except KeyError:
                return None
        fields = ("name", "passwd", "uid", "gid", "gecos", "dir", "shell")
        return {field: getattr(entry, "pw_" + field) for field in fields}

    def group(self, name: "str") -> "dict[str, Any] | None":
        """{"name", "passwd", "gid", "mem"} by name or number, None when there is none; gid None: not known yet."""
        if name in self.overlay.groups:
            return self.overlay.groups[name]
        try:
            entry = grp.getgrnam(name)
        except KeyError:
            if not name.isdigit():
                return None
            try:
                entry = grp.getgrgid(int(name))
            except KeyError:
                return None
        return {
            "name": entry.gr_name,
            "passwd": entry.gr_passwd,
            "gid": entry.gr_gid,
            "mem": list(entry.gr_mem),
        }

    # -- programs ---------------------------------------------------------------------------------------------

    def run(
        self,
        argv: "list[str]",
        stdin: "bytes" = b"",
        environment: "dict[str, str] | None" = None,
        cwd: "str | None" = None,
    ) -> "tuple[int, bytes, bytes]":
        """child.run with the environment of the request; C.UTF-8 so that words can be read by a program."""
        words = {"LC_ALL": "C.UTF-8", "LANGUAGE": ""}
        words.update(self.environment)
        words.update(environment or {})
        return child.run(argv, stdin, words, cwd)


def made_directory() -> "Node":
    """A directory that an earlier task would make on the way to something else."""
    node = Node("directory")
    node.created = True
    return node


def file_with(content: "bytes", there: "Node | None" = None) -> "Node":
    """A file that an earlier task would give this content. there: what it is made from, or None: it is new."""
    import binascii

    node = Node("file", size=len(content), content=binascii.b2a_base64(content).decode("ascii"))
    if there is None:
        node.created = True
    else:
        node.mode, node.uid, node.gid, node.created = there.mode, there.uid, there.gid, there.created
    return node
