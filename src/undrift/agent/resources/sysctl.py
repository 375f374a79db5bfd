"""ansible.posix.sysctl: a kernel parameter in its file, and as it is now."""

from undrift.agent.answer import answer, difference, resource
from undrift.agent.evidence import evidence
from undrift.agent.host import file_with

MYPY = False
if MYPY:
    from typing import Any

    from undrift.agent.host import Host


def check(args: "dict[str, Any]", host: "Host") -> "dict[str, Any]":
    """args: name, value (a text), state, path (of the file), live: whether the running kernel's value counts."""
    name, wanted, path = args["name"], args["value"], args["path"]
    before = b"" if host.stat(path) is None else host.read(path)
    text = before.decode("utf-8", "surrogateescape")
    have = _assignments(text).get(name)
    found = []
    shown = None
    if args["state"] == "absent":
        if have:
            found.append(difference("value", "absent", have))
    elif have != wanted:
        found.append(difference("value", wanted, have))
    if found:
        after = _rewritten(text, args).encode("utf-8", "surrogateescape")
        shown = evidence(host, path, before or None, after)
        host.predict(path, file_with(after, host.stat(path)))
    if args["state"] == "present" and args["live"] and (args["set"] or not found):
        running = _running(name, host)
        if running is None or running.split() != wanted.split():
            found.append(difference("running value", wanted, running))
    return answer({"changed": bool(found)}, resource("sysctl", name, found, shown))


def _assignments(text: "str") -> "dict[str, str]":
    """The values in the file; the last one counts."""
    found = {}
    for line in text.split("\n"):
        name, value = _parts(line)
        if name is not None:
            found[name] = value
    return found


def _parts(line: "str") -> "tuple[str | None, str]":
    line = line.strip()
    if not line or line.startswith(("#", ";")) or "=" not in line:
        return None, ""
    name, _, value = line.partition("=")
    return name.strip(), value.strip()


def _rewritten(text: "str", args: "dict[str, Any]") -> "str":
    """The file as the module writes it: each name once, without spaces around the equals sign."""
    lines = []
    seen = set()
    wanted = "%s=%s" % (args["name"], args["value"]) if args["state"] == "present" else None
    for line in text.splitlines():
        name, value = _parts(line)
        if name is None:
            lines.append(line.strip())
        elif name not in seen:
            seen.add(name)
            new = wanted if name == args["name"] else "%s=%s" % (name, value)
            lines += [] if new is None else [new]
    if args["name"] not in seen and wanted is not None:
        lines.append(wanted)
    return "".join(line + "\n" for line in lines)


def _running(name: "str", host: "Host") -> "str | None":
    """The kernel's own value; None when it knows no such name."""
    separator = next((char for char in name if char in "./"), ".")
    path = name if separator == "/" else name.translate(str.maketrans("./", "/."))
    try:
        with host.open("/proc/sys/" + path) as file:
            return file.read().decode("utf-8", "replace").strip()
    except OSError:
        return None
