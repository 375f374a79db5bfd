"""ansible.posix.mount: a line of fstab, and what is mounted. Never touches a mount point: a dead one would not answer."""

from undrift.agent.answer import answer, difference, resource
from undrift.agent.evidence import evidence
from undrift.agent.host import file_with

MYPY = False
if MYPY:
    from typing import Any

    from undrift.agent.host import Host

FIELDS = ("src", "path", "fstype", "opts", "dump", "passno")
MOUNTS = "/proc/self/mountinfo"


def check(args: "dict[str, Any]", host: "Host") -> "dict[str, Any]":
    """
    args: path, src, fstype, opts, dump, passno (texts), fstab, state (present, mounted, absent, absent_from_fstab,
    unmounted, remounted).
    """
    state, path = args["state"], args["path"]
    found: "list[list[Any]]" = []
    shown = None
    if state in ("present", "mounted", "absent", "absent_from_fstab"):
        found, shown = _of_fstab(args, host)
    mounted = _is_mounted(args, host)
    if state == "mounted" and not mounted:
        found.append(difference("mounted", True, False))
    elif state == "unmounted" and mounted:
        found.append(difference("mounted", False, True))
    result = {name: args[name] for name in ("src", "fstype", "opts", "dump", "passno", "fstab") if args[name]}
    result.update(name=path, boot="yes" if args["boot"] else "no", backup_file="")
    result["changed"] = bool(found) or state == "remounted"
    return answer(result, resource("mount", path, found, shown, act=state == "remounted"))


def _of_fstab(args: "dict[str, Any]", host: "Host") -> "tuple[list[list[Any]], dict[str, Any] | None]":
    fstab = args["fstab"]
    there = host.stat(fstab)
    before = b"" if there is None else host.read(fstab)
    lines = before.decode("utf-8", "surrogateescape").splitlines(True)
    change = _without if args["state"].startswith("absent") else _with
    after, found = change(lines, args)
    if not found:
        return [], None
    content = "".join(after).encode("utf-8", "surrogateescape")
    host.predict(fstab, file_with(content, there))
    return found, evidence(host, fstab, before if there else None, content)


def _with(lines: "list[str]", args: "dict[str, Any]") -> "tuple[list[str], list[list[Any]]]":
    """The lines with the mount as wanted, and what differs."""
    wanted = {name: _escaped(args[name]) for name in FIELDS}
    after = []
    found = []
    exists = False
    if lines and not lines[-1].endswith("\n"):
        lines = [*lines[:-1], lines[-1] + "\n"]
    for line in lines:
        have = _entry(line)
        if have is None or not _is_meant(have, wanted):
            after.append(line)
            continue
        exists = True
        differing = [name for name in FIELDS if name != "path" and have[name] != wanted[name]]
        found += [difference(name, args[name], have[name]) for name in differing]
        after.append(_line(dict(wanted, path=have["path"])) if differing else line)
    if not exists:
        found.append(difference("entry in fstab", "present", "absent"))
        after.append(_line(wanted))
    return after, found


def _without(lines: "list[str]", args: "dict[str, Any]") -> "tuple[list[str], list[list[Any]]]":
    wanted = {name: _escaped(args[name] or "") for name in FIELDS}
    after = []
    for line in lines:
        have = _entry(line)
        # The module does not see a line that leaves its last fields out.
        if have is None or len(line.split()) != len(FIELDS) or not _is_meant(have, wanted):
            after.append(line)
    if len(after) == len(lines):
        return after, []
    return after, [difference("entry in fstab", "absent", "present")]


def _is_meant(have: "dict[str, str]", wanted: "dict[str, str]") -> "bool":
    if have["path"] == "none" and have["fstype"] == "swap" and wanted["src"]:
        return have["path"] == wanted["path"] and have["src"] == wanted["src"]
    return have["path"] == wanted["path"]


def _entry(line: "str") -> "dict[str, str] | None":
    """The fields of a line; None for a comment, an empty line and what cannot be read."""
    if line.lstrip().startswith("#"):
        return None
    fields = line.split("#")[0].split()
    if len(fields) not in (4, 5, 6):
        return None
    return dict(zip(FIELDS, [*fields, "0", "0"][: len(FIELDS)]))


def _line(fields: "dict[str, str]") -> "str":
    return " ".join(fields[name] for name in FIELDS) + "\n"


def _escaped(value: "str") -> "str":
    """As fstab(5) writes spaces and the like."""
    return value.replace("\\", "\\134").replace(" ", "\\040").replace("&", "\\046")


def _is_mounted(args: "dict[str, Any]", host: "Host") -> "bool":
    mounts = [mount for mount in _mounts(host) if mount["at"] == args["path"].rstrip("/")]
    if not mounts:
        return False
    if args["state"] != "mounted" or "bind" not in args["opts"].split(","):
        return True
    return args["src"] in _sources(mounts[-1], host)


def _mounts(host: "Host") -> "list[dict[str, str]]":
    """Device number, root within it, and place of each mount (proc(5)); read once."""
    if MOUNTS not in host.shared:
        with host.open(MOUNTS) as file:
            lines = file.read().decode("utf-8", "surrogateescape").splitlines()
        host.shared[MOUNTS] = [
            {"device": fields[2], "root": _plain(fields[3]), "at": _plain(fields[4]).rstrip("/")}
            for fields in map(str.split, lines)
        ]
    mounts: "list[dict[str, str]]" = host.shared[MOUNTS]
    return mounts


def _sources(mount: "dict[str, str]", host: "Host") -> "set[str]":
    """All paths at which what is mounted can be seen."""
    found = set()
    for other in _mounts(host):
        root = other["root"].rstrip("/")
        if other["device"] == mount["device"] and mount["root"].startswith(root):
            found.add(other["at"] + mount["root"][len(root) :])
    return found


def _plain(text: "str") -> "str":
    for code, char in (("\\040", " "), ("\\011", "\t"), ("\\012", "\n"), ("\\134", "\\")):
        text = text.replace(code, char)
    return text
