"""
What earlier tasks of this run would have created, changed or removed. A scan checks each task against the server as
it would be by then, so that a template into a directory that the playbook itself creates is "would be created".

An effect is a list that JSON can carry, so that it survives the death of a worker:

    ["path", path, node]        node as in Node.asdict(), or None: the path would be gone
    ["user", name, fields]      fields of pwd.struct_passwd that are known, or None: gone
    ["group", name, fields]     {"gid": n or None}, or None: gone
    ["package", name, state]    "present" or "absent"
    ["unit", name, fields]      {"running": bool, "enabled": bool} as far as known
"""

import os

MYPY = False
if MYPY:
    from typing import Any


class Overlay:
    """All effects so far, and what is left of them for each path, user, group, package and unit."""

    def __init__(self) -> None:
        self.effects: "list[list[Any]]" = []
        self.fresh: "list[list[Any]]" = []
        self.paths: "dict[str, dict[str, Any] | None]" = {}
        self.users: "dict[str, dict[str, Any] | None]" = {}
        self.groups: "dict[str, dict[str, Any] | None]" = {}
        self.packages: "dict[str, str]" = {}
        self.units: "dict[str, dict[str, Any]]" = {}

    def record(self, what: "str", name: "str", value: "object") -> None:
        """Carry an effect forward to the tasks that follow."""
        effect: "list[Any]" = [what, name, value]
        self.fresh.append(effect)
        self.apply(effect)

    def apply(self, effect: "list[Any]") -> None:
        """Let an effect count, without telling it to others; the last one for a name holds."""
        what, name, value = effect
        self.effects.append(effect)
        tables: "dict[str, dict[str, Any]]" = {
            "path": self.paths,
            "user": self.users,
            "group": self.groups,
            "package": self.packages,
            "unit": self.units,
        }
        tables[what][name] = value

    def clear(self) -> None:
        """What was foretold is done, or will not be: the server is as it is."""
        Overlay.__init__(self)

    def take_fresh(self) -> "list[list[Any]]":
        """The effects recorded since this was last asked."""
        fresh, self.fresh = self.fresh, []
        return fresh

    @property
    def installs(self) -> "list[str]":
        """The packages that would have been installed by now: what is missing may be theirs."""
        return [name for name, state in self.packages.items() if state == "present"]

    def find(self, path: "str") -> "tuple[bool, dict[str, Any] | None]":
        """
        (True, node) when an earlier task decides what is at `path` (None: nothing), else (False, None).
        `path` has no symbolic links before its last part (see Host.canonical).
        """
        if path in self.paths:
            return True, self.paths[path]
        parent = os.path.dirname(path)
        while parent not in ("/", ""):
            if parent in self.paths:
                node = self.paths[parent]
                # Something new cannot have anything in it yet, and something gone has lost it.
                created = node is None or bool(node.get("created"))
                return (True, None) if created else (False, None)
            parent = os.path.dirname(parent)
        return False, None
