"""
Brings what a task asks for about. The check says what differs, and how it would be by then (the overlay); that is made
so, after it was written down how it was. Then the check must find nothing any more.
"""

import binascii
import os
import pwd

from undrift.agent import writing
from undrift.agent.host import Failed
from undrift.agent.preimages import mark
from undrift.agent.undo import undoable
from undrift.agent.worker import is_failure, look

MYPY = False
if MYPY:
    from typing import Any

    from undrift.agent.host import Host
    from undrift.agent.journal import Journal

#: The files that hold the users and the groups.
ACCOUNTS = ("/etc/passwd", "/etc/shadow", "/etc/group", "/etc/gshadow", "/etc/subuid", "/etc/subgid")


def do(request: "dict[str, Any]", host: "Host") -> "dict[str, Any]":
    """
    The answer to a request that is to be brought about: as the check's, with the result of what was done. Besides
    "applied": {"n": its number in the journal, "undo"} when something was done, "disagrees": text when the check still
    finds a difference after it.
    """
    about = request["apply"]
    if about.get("reads"):
        return _looked_at(request, host)[0]
    if not checks_itself(request):
        return _run(request, host)
    said, effects = _looked_at(request, host)
    if not _is_wanted(said, about):
        return said
    undo = undoable(request, effects)
    paths = paths_of(request, effects)
    _refuse_stale(paths, host)
    entry = Entry(request, ", ".join(str(one["id"]) for one in said["resources"]), undo, paths, host)
    with entry:
        done = _bring_about(request, said, effects, host)
        entry.failed = failed = is_failure(done)
    done["applied"] = {"n": entry.number, "undo": undo}
    if not failed:
        _confirm(request, done, host)
    return done


class Entry:
    """What is done within it is remembered: begun before, ended after, whatever happens."""

    def __init__(
        self, request: "dict[str, Any]", name: "str", undo: "str", paths: "list[str]", host: "Host"
    ) -> None:
        about = request["apply"]
        self.failed = True
        self._paths = paths
        self._journal: "Journal" = host.journal()
        described = {"task": about["task"], "at": about["at"], "kind": request["kind"], "undo": undo}
        self.number = self._journal.begin(dict(described, id=name[:200]), paths, units_of(request, host))

    def __enter__(self) -> None:
        """It was begun when it was made."""

    def __exit__(self, *_: "object") -> None:
        outcome = "failed" if self.failed else "changed"
        self._journal.end(self.number, outcome, [mark(path) for path in self._paths])


def _looked_at(request: "dict[str, Any]", host: "Host") -> "tuple[dict[str, Any], list[list[Any]]]":
    """(what the check says, what it foretells); nothing of it is carried forward: what is done is really there."""
    said = look(request, host)
    effects = host.overlay.take_fresh()
    host.overlay.clear()
    return said, effects


def _run(request: "dict[str, Any]", host: "Host") -> "dict[str, Any]":
    """What can only be run: a command, a genuine module that we have no check for."""
    name = str(request["args"].get("about") or request["args"].get("fqcn") or request["kind"])
    entry = Entry(request, name, "no", [], host)
    with entry:
        done = look(request, host)
        entry.failed = is_failure(done)
    host.overlay.clear()
    host.forget()
    if done["result"].get("changed"):
        done["applied"] = {"n": entry.number, "undo": "no"}
    return done


def checks_itself(request: "dict[str, Any]") -> "bool":
    """Whether there is a check of ours: what is only run tells nothing when it is run again."""
    return request["kind"] not in ("genuine", "command")


def _is_wanted(said: "dict[str, Any]", about: "dict[str, Any]") -> "bool":
    if "unknown" in said:
        # Nobody can foretell it: that is no reason not to do it.
        return bool(about.get("do")) and said["unknown"]["class"] == "unpreviewable"
    return bool(said["result"].get("changed")) and not said["result"].get("failed")


def _refuse_stale(paths: "list[str]", host: "Host") -> None:
    """
    Raise Failed for a path that somebody has changed since the plan was begun and before this correction was: whoever
    said yes did not know of it. What changed later is this correction's own doing.
    """
    for path in paths:
        try:
            changed = os.lstat(path).st_ctime
        except OSError:
            continue
        if host.planned_at <= changed < host.begun_at:
            raise Failed(
                "%s was changed by somebody else since the plan was made; it is left as it is" % path
            )


def paths_of(request: "dict[str, Any]", effects: "list[list[Any]]") -> "list[str]":
    """The paths that it will change, as far as that can be told, those above first."""
    return sorted(
        {str(name) for what, name, _ in effects if what == "path"} | set(account_paths(request, effects))
    )


def account_paths(request: "dict[str, Any]", effects: "list[list[Any]]") -> "list[str]":
    """The files that hold the accounts, and the home of a user who is made, or goes with all that is his."""
    if request["kind"] != "account":
        return []
    found = list(ACCOUNTS)
    for what, name, fields in effects:
        if what != "user":
            continue
        try:
            there = pwd.getpwnam(name).pw_dir
        except KeyError:
            found += [str(fields["dir"])] if fields and fields.get("dir") else []
        else:
            found += [there] if fields is None and request["args"].get("remove") else []
    return found


def units_of(request: "dict[str, Any]", host: "Host") -> "list[dict[str, Any]]":
    """The state of the unit that it is about, as it was."""
    name = request["args"].get("name") if request["kind"] == "service" else None
    if not name:
        return []
    from undrift.agent import systemd

    return [dict(systemd.state_of(name, host), unit=systemd.full_name(name))]


def _bring_about(
    request: "dict[str, Any]", said: "dict[str, Any]", effects: "list[list[Any]]", host: "Host"
) -> "dict[str, Any]":
    """The answer once it is done. Raises what the kind, or the file system, raises."""
    about = request["apply"]
    if about.get("do"):
        done = look(dict(request, kind=about["do"]["kind"], args=about["do"]["args"]), host)
        return dict(done, resources=said["resources"]) if said["resources"] else done
    kind = __import__("undrift.agent.resources." + request["kind"], fromlist=["check"])
    native = getattr(kind, "apply", None)
    if native is not None:
        native(request["args"], host)
    else:
        for what, path, node in effects:
            if what == "path":
                _make(path, node, said["result"], request["args"], host)
    host.forget()
    said["result"]["changed"] = True
    return said


def _make(
    path: "str",
    node: "dict[str, Any] | None",
    result: "dict[str, Any]",
    args: "dict[str, Any]",
    host: "Host",
) -> None:
    """What was foretold of a path, validated and backed up as the task says."""
    has_content = node is not None and node["type"] == "file" and node.get("content") is not None
    if has_content and args.get("validate"):
        writing.validate(str(args["validate"]), binascii.a2b_base64(node["content"]), host)  # type: ignore[index]
    if has_content and args.get("backup") and os.path.isfile(path):
        result["backup_file"] = writing.back_up(path)
    writing.make(path, node, in_place=bool(args.get("unsafe_writes")))


def _confirm(request: "dict[str, Any]", done: "dict[str, Any]", host: "Host") -> None:
    """The check must find nothing any more; where it still does, that is said."""
    again = look(request, host)
    host.overlay.clear()
    left = [one for one in again["resources"] if one["differences"] or one.get("evidence")]
    if left:
        first = left[0]
        fields = ", ".join(str(one[0]) for one in first["differences"]) or "content"
        done["disagrees"] = "%s %s still differs afterwards: %s" % (first["kind"], first["id"], fields)
    elif again["result"].get("failed"):
        done["disagrees"] = "afterwards the check fails: %s" % again["result"].get("msg", "")
    for name, value in again["result"].items():
        # What a module tells of a path is of the path as it is by then.
        done["result"].setdefault(name, value)
