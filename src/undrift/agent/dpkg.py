"""Debian's package database, read once: /var/lib/dpkg/status is searched as bytes, which costs less than dpkg-query."""

import re

from undrift.agent.host import Unknown

MYPY = False
if MYPY:
    from typing import Any

    from undrift.agent.host import Host

STATUS = "/var/lib/dpkg/status"

#: apt would write 80 MB of its own on the way to an answer; a scan writes nothing.
WITHOUT_CACHE = ("-o", "Dir::Cache::pkgcache=", "-o", "Dir::Cache::srcpkgcache=")


def database(host: "Host") -> "bytes":
    """The text of the status file, with a newline before it, so that every field begins behind one."""
    if "dpkg" not in host.shared:
        try:
            with open(STATUS, "rb") as file:
                host.shared["dpkg"] = b"\n" + file.read()
        except OSError as problem:
            raise Unknown("the package database cannot be read: %s" % problem) from problem
    text: "bytes" = host.shared["dpkg"]
    return text


def installed(name: "str", host: "Host") -> "dict[str, str] | None":
    """The fields of an installed package (`name` or `name:arch`); None when it is not installed."""
    plain, _, arch = name.partition(":")
    text = database(host)
    needle = b"\nPackage: " + plain.encode() + b"\n"
    at = text.find(needle)
    while at >= 0:
        end = text.find(b"\n\n", at)
        fields = _fields(text[at + 1 : end if end >= 0 else len(text)])
        if fields.get("Status", "").endswith(" installed") and arch in ("", fields.get("Architecture", "")):
            return fields
        at = text.find(needle, at + 1)
    return None


def provider(name: "str", host: "Host") -> "str | None":
    """An installed package that provides the virtual package `name`."""
    text = database(host)
    for match in re.finditer(rb"\nProvides: ([^\n]*\b" + re.escape(name.encode()) + rb"\b[^\n]*)", text):
        provided = [part.split(b"(")[0].strip() for part in match.group(1).split(b",")]
        if name.encode() not in provided:
            continue
        begin = text.rfind(b"\n\n", 0, match.start()) + 1
        package = _fields(text[begin : match.end()].lstrip(b"\n")).get("Package")
        if package and installed(package, host) is not None:
            return package
    return None


def _fields(block: "bytes") -> "dict[str, str]":
    """The one-line fields of a paragraph."""
    found = {}
    for line in block.decode("utf-8", "replace").split("\n"):
        name, separator, value = line.partition(": ")
        if separator and not name.startswith(" "):
            found[name] = value
    return found


def available(names: "list[str]", host: "Host") -> "dict[str, dict[str, Any]]":
    """
    {name: {"candidate": version or None, "known": whether the lists have it, "virtual": nobody but providers}} by the
    server's own lists. Asked once for all names of a batch.
    """
    known: "dict[str, dict[str, Any]]" = host.shared.setdefault("apt policy", {})
    wanted = sorted(set(names) - set(known))
    if wanted:
        status, out, err = host.run(["apt-cache", *WITHOUT_CACHE, "policy", "--", *wanted])
        if status:
            raise Unknown("apt-cache: %s" % err.decode("utf-8", "replace").strip()[:200])
        known.update(_policies(out.decode("utf-8", "replace")))
        for name in wanted:
            known.setdefault(name, {"candidate": None, "known": False})
    return known


def _policies(text: "str") -> "dict[str, dict[str, Any]]":
    found: "dict[str, dict[str, Any]]" = {}
    name = ""
    for line in text.split("\n"):
        if line and not line.startswith(" ") and line.endswith(":"):
            name = line[:-1]
            found[name] = {"candidate": None, "known": True}
        elif line.strip().startswith("Candidate:") and name:
            version = line.split(":", 1)[1].strip()
            found[name]["candidate"] = None if version == "(none)" else version
    return found


def is_virtual(name: "str", host: "Host") -> "bool":
    """Whether the lists know `name` only as something that others provide."""
    _, out, _ = host.run(["apt-cache", *WITHOUT_CACHE, "showpkg", "--", name])
    return b"\nReverse Provides:" in out and bool(out.split(b"\nReverse Provides:")[1].strip())
