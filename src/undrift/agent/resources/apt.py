"""ansible.builtin.apt: packages of Debian and its kin."""

import fnmatch
import os
import time

from undrift.agent import dpkg
from undrift.agent.answer import answer, difference, resource
from undrift.agent.host import Failed

MYPY = False
if MYPY:
    from typing import Any

    from undrift.agent.host import Host

LISTS = "/var/lib/apt/lists"


def gather(requests: "list[dict[str, Any]]", host: "Host") -> None:
    """Ask for the candidates of all names at once, where any will be needed."""
    names = []
    for args in requests:
        for spec in args["names"]:
            name = spec.partition("=")[0]
            if args["state"] == "latest" or (args["state"] == "present" and not _is_there(name, host)):
                names.append(name)
    if names:
        dpkg.available(names, host)


def check(args: "dict[str, Any]", host: "Host") -> "dict[str, Any]":
    """args: names (may carry =version), state (present, absent, latest), update_cache, purge."""
    if not args["names"]:
        return answer({"changed": False, "cache_updated": False}, resource("package lists", "apt", act=True))
    judge = {"present": _present, "absent": _absent, "latest": _latest}[args["state"]]
    resources = [judge(spec, args, host) for spec in args["names"]]
    result: "dict[str, Any]" = {"changed": any(one["differences"] for one in resources)}
    if args["state"] != "absent":
        result.update(cache_updated=False, cache_update_time=_age_of_lists()[0])
    return answer(result, *resources)


def _is_there(name: "str", host: "Host") -> "bool":
    return host.overlay.packages.get(name) == "present" or dpkg.installed(name, host) is not None


def _present(spec: "str", _args: "dict[str, Any]", host: "Host") -> "dict[str, Any]":
    name, _, version = spec.partition("=")
    predicted = host.overlay.packages.get(name)
    fields = dpkg.installed(name, host) if predicted != "absent" else None
    if predicted == "present" and fields is None:
        return resource("package", name)
    if fields is not None:
        have = fields.get("Version", "")
        if not version or fnmatch.fnmatch(have, version):
            return resource("package", name)
        _refuse_unknown(name, host)
        host.overlay.record("package", name, "present")
        return resource("package", name, [difference("version", version, have)])
    if not version and predicted is None and dpkg.provider(name, host) is not None:
        return resource("package", name)
    _refuse_unknown(name, host)
    host.overlay.record("package", name, "present")
    return resource("package", name, [difference("state", version or "present", "absent")])


def _absent(spec: "str", args: "dict[str, Any]", host: "Host") -> "dict[str, Any]":
    name = spec.partition("=")[0]
    fields = dpkg.installed(name, host)
    predicted = host.overlay.packages.get(name)
    if predicted == "absent" or (fields is None and predicted is None):
        if args.get("purge") and predicted is None and _has_config_left(name, host):
            return resource("package", name, [difference("configuration files", "absent", "present")])
        return resource("package", name)
    host.overlay.record("package", name, "absent")
    return resource(
        "package", name, [difference("state", "absent", (fields or {}).get("Version", "present"))]
    )


def _latest(spec: "str", args: "dict[str, Any]", host: "Host") -> "dict[str, Any]":
    name = spec.partition("=")[0]
    fields = dpkg.installed(name, host)
    if fields is None or host.overlay.packages.get(name):
        return _present(spec, args, host)
    candidate = dpkg.available([name], host).get(name, {}).get("candidate")
    have = fields.get("Version")
    found = [] if candidate is None or candidate == have else [difference("version", candidate, have)]
    return resource(
        "package",
        name,
        found,
        note="`latest` is judged by the server's own package lists, of %s" % _age_of_lists()[1],
    )


def _refuse_unknown(name: "str", host: "Host") -> None:
    """Raise Failed for a package that the server's lists do not know."""
    found = dpkg.available([name], host).get(name, {})
    if found.get("candidate") is not None:
        return
    if dpkg.is_virtual(name, host):
        return
    raise Failed("No package matching '%s' is available" % name, missing=True)


def _has_config_left(name: "str", host: "Host") -> "bool":
    text = dpkg.database(host)
    at = text.find(b"\nPackage: " + name.encode() + b"\n")
    return (
        at >= 0
        and b" config-files" in text[at : text.find(b"\n\n", at + 1)].split(b"Status:", 1)[-1].split(b"\n")[0]
    )


def _age_of_lists() -> "tuple[int, str]":
    """When the server last fetched its lists: seconds since 1970, and in words."""
    for path in ("/var/lib/apt/periodic/update-success-stamp", LISTS):
        if os.path.exists(path):
            when = int(os.stat(path).st_mtime)
            return when, time.strftime("%Y-%m-%d", time.gmtime(when))
    return 0, "unknown age"
