"""ansible.builtin.getent: entries of the server's databases, as its module returns them."""

from undrift.agent.host import Failed

MYPY = False
if MYPY:
    from typing import Any

    from undrift.agent.host import Host

COLON = ("passwd", "shadow", "group", "gshadow")
PROBLEMS = {
    1: "Missing arguments, or database unknown.",
    2: "One or more supplied key could not be found in the database.",
    3: "Enumeration not supported on this database.",
}


def check(args: "dict[str, Any]", host: "Host") -> "dict[str, Any]":
    """args: database, key, service, split, fail_key. The result has `ansible_facts`, as the module's."""
    database, key = args["database"], args["key"]
    argv = ["getent", database, *([key] if key is not None else [])]
    argv += ["-s", args["service"]] if args["service"] else []
    status, out, _ = host.run(argv)
    tree = "getent_%s" % database
    if status == 2 and key is not None and not args["fail_key"]:
        result = {"changed": False, "ansible_facts": {tree: {key: None}}, "msg": PROBLEMS[2]}
        return {"result": result, "resources": []}
    if status:
        raise Failed(PROBLEMS.get(status, "Unexpected failure!"), missing=status == 2)
    split = args["split"] or (":" if database in COLON else None)
    entries: "dict[str, Any]" = {}
    for line in out.decode("utf-8", "surrogateescape").splitlines():
        record = line.split(split)
        entries.setdefault(record[0], []).append(record[1:])
    plain = {name: found[0] if len(found) == 1 else found for name, found in entries.items()}
    return {"result": {"changed": False, "ansible_facts": {tree: plain}}, "resources": []}
