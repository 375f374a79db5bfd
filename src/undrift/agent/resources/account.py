"""ansible.builtin.user and ansible.builtin.group."""

from undrift.agent.answer import answer, difference, resource
from undrift.agent.home import make_home, new_home
from undrift.agent.host import Failed, Unknown
from undrift.agent.wire import UNSHOWN

MYPY = False
if MYPY:
    from typing import Any

    from undrift.agent.host import Host


def check(args: "dict[str, Any]", host: "Host") -> "dict[str, Any]":
    """args: account (user or group), name, state, and what the module takes."""
    return _group(args, host) if args["account"] == "group" else _user(args, host)


# -- group ------------------------------------------------------------------------------------------------------


def _group(args: "dict[str, Any]", host: "Host") -> "dict[str, Any]":
    name = args["name"]
    entry = host.group(name) if not name.isdigit() else None
    result = {"name": name, "state": args["state"]}
    if args["state"] == "absent":
        found = [] if entry is None else [difference("state", "absent", "present")]
        if found:
            host.overlay.record("group", name, None)
        return answer(result, resource("group", name, found))
    result["system"] = args["system"]
    if entry is None:
        host.overlay.record("group", name, {"name": name, "passwd": "x", "gid": args["gid"], "mem": []})
        found = [difference("state", "present", "absent")]
        if args["gid"] is not None:
            found.append(difference("gid", args["gid"], None))
        return answer(result, resource("group", name, found))
    result["gid"] = entry["gid"]
    found = []
    if args["gid"] is not None and entry["gid"] != args["gid"]:
        found.append(difference("gid", args["gid"], entry["gid"]))
        host.overlay.record("group", name, dict(entry, gid=args["gid"]))
    return answer(result, resource("group", name, found))


# -- user -------------------------------------------------------------------------------------------------------


def _user(args: "dict[str, Any]", host: "Host") -> "dict[str, Any]":
    name = args["name"]
    entry = host.user(name) if not name.isdigit() else None
    result = {"name": name, "state": args["state"]}
    if args["state"] == "absent":
        found = [] if entry is None else [difference("state", "absent", "present")]
        if found:
            host.overlay.record("user", name, None)
        return answer(result, resource("user", name, found))
    _refuse_missing_groups(args, host)
    if entry is None:
        return _new_user(name, args, result, host)
    found = _differences(name, entry, args, host)
    if found:
        host.overlay.record("user", name, _wanted(entry, args, host))
    found += _home_difference(entry, args, host)
    result.update(
        append=args["append"],
        move_home=args["move_home"],
        uid=entry["uid"],
        group=entry["gid"],
        comment=entry["gecos"],
        home=entry["dir"],
        shell=entry["shell"],
    )
    if args["groups"] is not None:
        result["groups"] = ",".join(args["groups"])
    if args["password"] is not None:
        result["password"] = "NOT_LOGGING_PASSWORD"  # noqa: S105 - the module's words
    return answer(result, resource("user", name, found))


def _home_difference(entry: "dict[str, Any]", args: "dict[str, Any]", host: "Host") -> "list[list[Any]]":
    """A home folder that is not there is made, for a user who is there too; one that is moved comes with the user."""
    home = args["home"] or entry["dir"]
    if not home or not args["create_home"] or host.stat(home) is not None:
        return []
    if args["move_home"] and home != entry["dir"]:
        return []
    make_home(home, args["skeleton"], entry, host)
    return [difference("home folder", home, "absent")]


def _refuse_missing_groups(args: "dict[str, Any]", host: "Host") -> None:
    for group in [args["group"]] if args["group"] else []:
        if host.group(group) is None and not host.overlay.installs:
            raise Failed("Group %s does not exist" % group, missing=True)
    for group in args["groups"] or []:
        if host.group(group) is None and not host.overlay.installs:
            raise Failed("Group %s does not exist" % group, missing=True)


def _new_user(
    name: "str", args: "dict[str, Any]", result: "dict[str, Any]", host: "Host"
) -> "dict[str, Any]":
    found = [difference("state", "present", "absent")]
    fields = ("uid", "group", "groups", "shell", "home", "comment")
    found += [difference(field, args[field], None) for field in fields if args[field] is not None]
    wanted = _wanted({"name": name, "dir": new_home(name, host)}, args, host)
    host.overlay.record("user", name, wanted)
    if args["create_home"] and host.stat(wanted["dir"]) is None:
        make_home(wanted["dir"], args["skeleton"], wanted, host)
    if host.group(name) is None and args["group"] is None:
        # useradd makes a group of the same name.
        host.overlay.record("group", name, {"name": name, "passwd": "x", "gid": None, "mem": []})
    return answer(result, resource("user", name, found))


def _wanted(entry: "dict[str, Any]", args: "dict[str, Any]", host: "Host") -> "dict[str, Any]":
    """The entry as it would be."""
    fields = {key: entry.get(key) for key in ("name", "passwd", "uid", "gid", "gecos", "dir", "shell")}
    for field, name in (("uid", "uid"), ("home", "dir"), ("shell", "shell"), ("comment", "gecos")):
        if args[field] is not None:
            fields[name] = args[field]
    if args["group"] is not None:
        fields["gid"] = (host.group(args["group"]) or {}).get("gid")
    return fields


def _differences(
    name: "str", entry: "dict[str, Any]", args: "dict[str, Any]", host: "Host"
) -> "list[list[Any]]":
    found = []
    for field, key in (("uid", "uid"), ("comment", "gecos"), ("home", "dir"), ("shell", "shell")):
        if args[field] is not None and entry[key] != args[field]:
            found.append(difference(field, args[field], entry[key]))
    if args["group"] is not None:
        wanted = host.group(args["group"])
        if wanted is None or wanted["gid"] != entry["gid"]:
            found.append(difference("group", args["group"], _group_name(entry["gid"])))
    if args["groups"] is not None:
        found += _group_differences(name, args, host)
    if args["password"] is not None and args["update_password"] == "always":  # noqa: S105 - a word of the module's
        found += _password_difference(name, args["password"])
    return found


def _group_differences(name: "str", args: "dict[str, Any]", host: "Host") -> "list[list[Any]]":
    have = _memberships(name, host)
    want = {_group_name_of(group, host) for group in args["groups"]}
    if args["append"]:
        missing = want - have
        return [difference("groups", sorted(have | want), sorted(have))] if missing else []
    return [difference("groups", sorted(want), sorted(have))] if want != have else []


def _memberships(name: "str", host: "Host") -> "set[str]":
    """The groups that list the user as a member; read once for all users."""
    if "memberships" not in host.shared:
        import grp

        table: "dict[str, set[str]]" = {}
        for group in grp.getgrall():
            for member in group.gr_mem:
                table.setdefault(member, set()).add(group.gr_name)
        host.shared["memberships"] = table
    return set(host.shared["memberships"].get(name, ()))


def _group_name_of(group: "str", host: "Host") -> "str":
    entry = host.group(group)
    return str(entry["name"]) if entry is not None else group


def _group_name(gid: "int | None") -> "str":
    import grp

    if gid is None:
        return ""
    try:
        return grp.getgrgid(gid).gr_name
    except KeyError:
        return str(gid)


def _password_difference(name: "str", wanted: "str") -> "list[list[Any]]":
    """The hash is compared and never shown."""
    try:
        with open("/etc/shadow", encoding="utf-8", errors="surrogateescape") as lines:
            for line in lines:
                fields = line.rstrip("\n").split(":")
                if fields[0] == name:
                    # A lock before the hash is another matter, password_lock's.
                    same = fields[1].lstrip("!") == wanted.lstrip("!")
                    return [] if same else [difference("password", UNSHOWN, UNSHOWN)]
    except PermissionError as problem:
        raise Unknown("the password can only be compared by root: %s" % problem.filename) from problem
    return [difference("password", UNSHOWN, None)]
