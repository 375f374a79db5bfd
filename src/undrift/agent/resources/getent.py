"""ansible.builtin.getent: entries of the server's databases, as its module returns them."""

from undrift.agent.host import Failed, Unknown

MYPY = False
if MYPY:
    from typing import Any

    from undrift.agent.host import Host

COLON = ("passwd", "shadow", "group", "gshadow")
#: What earlier tasks may make entries of, and the fields behind the name.
FIELDS = {
    "passwd": ("passwd", "uid", "gid", "gecos", "dir", "shell"),
    "group": ("passwd", "gid", "mem"),
}
OF_USERS = ("passwd", "shadow")
PROBLEMS = {
    1: "Missing arguments, or database unknown.",
    2: "One or more supplied key could not be found in the database.",
    3: "Enumeration not supported on this database.",
}


def check(args: "dict[str, Any]", host: "Host") -> "dict[str, Any]":
    """args: database, key, service, split, fail_key. The result has `ansible_facts`, as the module's."""
    database, key = args["database"], args["key"]
    foreseen, line = _foreseen(database, key, host)
    if foreseen:
        return _entries(line, args) if line else _not_found(args, missing=False)
    argv = ["getent", database, *([key] if key is not None else [])]
    argv += ["-s", args["service"]] if args["service"] else []
    status, out, _ = host.run(argv)
    if status == 2 and key is not None:
        return _not_found(args)
    if status:
        raise Failed(PROBLEMS.get(status, "Unexpected failure!"), missing=status == 2)
    return _entries(out.decode("utf-8", "surrogateescape"), args)


def _not_found(args: "dict[str, Any]", missing: "bool" = True) -> "dict[str, Any]":
    if args["fail_key"]:
        raise Failed(PROBLEMS[2], missing=missing)
    facts = {"getent_%s" % args["database"]: {args["key"]: None}}
    return {"result": {"changed": False, "ansible_facts": facts, "msg": PROBLEMS[2]}, "resources": []}


def _entries(text: "str", args: "dict[str, Any]") -> "dict[str, Any]":
    split = args["split"] or (":" if args["database"] in COLON else None)
    entries: "dict[str, Any]" = {}
    for line in text.splitlines():
        record = line.split(split)
        entries.setdefault(record[0], []).append(record[1:])
    plain = {name: found[0] if len(found) == 1 else found for name, found in entries.items()}
    facts = {"getent_%s" % args["database"]: plain}
    return {"result": {"changed": False, "ansible_facts": facts}, "resources": []}


def _foreseen(database: "str", key: "str | None", host: "Host") -> "tuple[bool, str | None]":
    """
    (whether an earlier task decides about the entry, its line or None where it would be gone). Raises Unknown where
    the entry would be another, and nobody knows all of it.
    """
    if database not in COLON:
        return False, None
    table = host.overlay.users if database in OF_USERS else host.overlay.groups
    if key is None and table:
        raise Unknown("an earlier task would change %s" % min(table), "unpreviewable")
    if key is None or key not in table:
        return False, None
    fields = table[key]
    if fields is None:
        return True, None
    values = [_said(fields.get(name)) for name in FIELDS.get(database, ())]
    if not values or None in values:
        raise Unknown("an earlier task would make or change %s" % key, "unpreviewable")
    return True, ":".join([key, *map(str, values)])


def _said(value: "Any") -> "str | None":
    """A field as it stands in a line; None: not known yet."""
    return ",".join(value) if isinstance(value, list) else None if value is None else str(value)
