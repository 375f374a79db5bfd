"""ansible.builtin.dnf: packages of Red Hat and its kin, from the rpm database and the lists that dnf keeps."""

import glob
import os
import time

from undrift.agent.answer import answer, difference, resource
from undrift.agent.host import Failed, Unknown

MYPY = False
if MYPY:
    from typing import Any

    from undrift.agent.host import Host

QUERY = "%{NAME}\\t%{EPOCHNUM}\\t%{VERSION}\\t%{RELEASE}\\t%{ARCH}\\n"
CACHES = ("/var/cache/dnf", "/var/cache/libdnf5", "/var/cache/yum")
#: Asks dnf's own library for what is newer, by the lists that the server has: nothing is fetched, nothing written.
NEWER = """
import sys, dnf
base = dnf.Base()
base.conf.read()
base.conf.substitutions.update_from_etc("/")
base.conf.substitutions["releasever"] = base.conf.substitutions.get("releasever") or ""
base.conf.logdir, dnf.const.LOG_HAWKEY = "/dev", "null"
base.read_all_repos()
wanted = {repo.id for repo in base.repos.iter_enabled()}
base.fill_sack_from_repos_in_cache()
missing = wanted - {repo.id for repo in base.repos.iter_enabled()}
if missing:
    sys.exit("there are none of " + ", ".join(sorted(missing)))
for package in base.sack.query().upgrades().filter(name=sys.argv[1:]).latest():
    print("%s\\t%s-%s" % (package.name, package.version, package.release))
"""


def gather(requests: "list[dict[str, Any]]", host: "Host") -> None:
    """Ask for all upgrades at once, where any will be needed."""
    names = {
        spec.rpartition(".")[0] if _has_arch(spec) else spec
        for args in requests
        if args["state"] == "latest"
        for spec in args["names"]
    }
    if names:
        _newer(names, host)


def check(args: "dict[str, Any]", host: "Host") -> "dict[str, Any]":
    """args: names, state (present, absent, latest)."""
    if not args["names"]:
        return answer({"changed": False}, resource("package lists", "dnf", act=True))
    judge = {"present": _present, "absent": _absent, "latest": _latest}[args["state"]]
    resources = [judge(spec, host) for spec in args["names"]]
    changes = [_change(one) for one in resources if one["differences"]]
    message = (
        "Check mode: No changes made, but would have if not in check mode" if changes else "Nothing to do"
    )
    return answer({"changed": bool(changes), "results": changes, "rc": 0, "msg": message}, *resources)


def _change(one: "dict[str, Any]") -> "str":
    return "%s: %s" % ("Removed" if one["differences"][0][1] == "absent" else "Installed", one["id"])


def _present(spec: "str", host: "Host") -> "dict[str, Any]":
    predicted = host.overlay.packages.get(spec)
    if predicted == "present" or (predicted is None and _installed(spec, host)):
        return resource("package", spec)
    host.overlay.record("package", spec, "present")
    return resource("package", spec, [difference("state", "present", "absent")])


def _absent(spec: "str", host: "Host") -> "dict[str, Any]":
    predicted = host.overlay.packages.get(spec)
    there = _installed(spec, host)
    if predicted == "absent" or (predicted is None and not there):
        return resource("package", spec)
    host.overlay.record("package", spec, "absent")
    return resource("package", spec, [difference("state", "absent", there or "present")])


def _latest(spec: "str", host: "Host") -> "dict[str, Any]":
    have = _installed(spec, host)
    if not have or host.overlay.packages.get(spec):
        return _present(spec, host)
    name = spec.rpartition(".")[0] if _has_arch(spec) else spec
    newer = _newer({name}, host).get(name)
    found = [] if newer is None else [difference("version", newer, have)]
    return resource(
        "package", spec, found, note="`latest` is judged by the server's own package lists, of %s" % _age()
    )


def _installed(spec: "str", host: "Host") -> "str":
    """The version of the installed package that `spec` names in one of dnf's ways; empty when there is none."""
    for name, epoch, version, release, arch in _database(host):
        full = "%s-%s" % (version, release)
        names = {name, "%s-%s" % (name, version), "%s-%s" % (name, full)}
        names |= {"%s-%s:%s" % (name, epoch, full), "%s:%s-%s" % (epoch, name, full)}
        if spec in names or (spec.endswith("." + arch) and spec[: -len(arch) - 1] in names):
            return full
    return _provider(spec, host)


def _provider(spec: "str", host: "Host") -> "str":
    """The installed package that provides a path or a name."""
    status, out, _ = host.run(["rpm", "-q", "--whatprovides", "--qf", "%{VERSION}-%{RELEASE}\\n", spec])
    return out.decode("utf-8", "replace").split("\n")[0] if status == 0 else ""


def _database(host: "Host") -> "list[list[str]]":
    if "rpm" not in host.shared:
        status, out, err = host.run(["rpm", "-qa", "--qf", QUERY])
        if status == 127:
            raise Failed('Failed to find required executable "rpm"', missing=True)
        if status:
            raise Unknown(
                "the package database cannot be read: %s" % err.decode("utf-8", "replace").strip()[:200]
            )
        host.shared["rpm"] = [line.split("\t") for line in out.decode("utf-8", "replace").splitlines()]
    packages: "list[list[str]]" = host.shared["rpm"]
    return packages


def _has_arch(spec: "str") -> "bool":
    return spec.rpartition(".")[2] in ("noarch", "x86_64", "aarch64", "i686", "ppc64le", "s390x", "riscv64")


def _newer(names: "set[str]", host: "Host") -> "dict[str, str]":
    """Asked once for all names that are known by then."""
    asked, found = host.shared.get("upgrades", (set(), {}))
    if not names <= asked:
        found = _upgrades(sorted(names | asked), host)
        host.shared["upgrades"] = (names | asked, found)
    newer: "dict[str, str]" = found
    return newer


def _upgrades(names: "list[str]", host: "Host") -> "dict[str, str]":
    """{name: newer version} by the server's own lists. Raises Unknown when they do not tell."""
    status, out, err = host.run([_interpreter(host), "-c", NEWER, *names])
    if status:
        said = err.decode("utf-8", "replace").strip().split("\n")[-1]
        raise Unknown("the server's own package lists do not tell what is newer: %s" % said[:200])
    lines = out.decode("utf-8", "replace").splitlines()
    return dict(line.split("\t") for line in lines if "\t" in line)


def _interpreter(host: "Host") -> "str":
    """The Python that dnf itself runs under; another one does not have its library."""
    try:
        with host.open("/usr/bin/dnf") as file:
            first = file.readline(256).decode("utf-8", "replace").strip()
    except OSError:
        raise Failed('Failed to find required executable "dnf"', missing=True) from None
    if not first.startswith("#!") or "python" not in first:
        raise Unknown("only dnf 4 tells what is newer by the lists that it has", "unpreviewable")
    return first[2:].split()[0]


def _age() -> "str":
    """The day of the newest list."""
    days = [
        os.stat(path).st_mtime for cache in CACHES for path in glob.glob(cache + "/*/repodata/repomd.xml")
    ]
    return time.strftime("%Y-%m-%d", time.gmtime(max(days))) if days else "unknown age"
