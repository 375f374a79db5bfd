"""The commonest facts, without the 72 ms that it takes to import setup's collectors. Exactly as setup says them."""

import os

MYPY = False
if MYPY:
    from typing import Any

    from undrift.agent.host import Host

#: ID of os-release to what setup calls the distribution; others are left to setup.
DISTRIBUTIONS = {
    "debian": ("Debian", "Debian"),
    "ubuntu": ("Ubuntu", "Debian"),
    "rocky": ("Rocky", "RedHat"),
    "almalinux": ("AlmaLinux", "RedHat"),
    "fedora": ("Fedora", "RedHat"),
}


def check(args: "dict[str, Any]", host: "Host") -> "dict[str, Any]":
    """args: names, without the prefix. The result has `ansible_facts`, as setup's."""
    cache = host.shared.setdefault("facts", {})
    facts = {}
    for name in args["names"]:
        reader = READERS[name]
        if reader not in cache:
            cache[reader] = reader()
        facts["ansible_" + name] = cache[reader].get(name)
    known = {name: value for name, value in facts.items() if value is not None}
    return {"result": {"changed": False, "ansible_facts": known}, "resources": []}


def _kernel() -> "dict[str, Any]":
    said = os.uname()
    machine = said.machine
    architecture = "i386" if machine in ("i386", "i486", "i586", "i686") else machine
    return {
        "system": said.sysname,
        "kernel": said.release,
        "kernel_version": said.version,
        "machine": machine,
        "architecture": architecture,
        "nodename": said.nodename,
        "hostname": said.nodename.split(".")[0],
    }


def _names() -> "dict[str, Any]":
    import socket

    fqdn = socket.getfqdn()
    return {"fqdn": fqdn, "domain": ".".join(fqdn.split(".")[1:])}


def os_release() -> "dict[str, str]":
    """The fields of os-release, unquoted."""
    fields = {}
    for path in ("/etc/os-release", "/usr/lib/os-release"):
        try:
            with open(path, encoding="utf-8", errors="replace") as lines:
                for line in lines:
                    name, _, value = line.strip().partition("=")
                    fields[name] = value.strip("'\"")
            break
        except OSError:
            continue
    return fields


def _distribution() -> "dict[str, Any]":
    fields = os_release()
    name, family = DISTRIBUTIONS.get(fields.get("ID", ""), (None, None))
    version = fields.get("VERSION_ID", "")
    if name == "Debian":
        try:
            with open("/etc/debian_version", encoding="ascii") as file:
                version = file.read().strip()
        except OSError:
            pass
        if not version[:1].isdigit():
            version = fields.get("VERSION_ID", "")
    return {
        "distribution": name,
        "os_family": family,
        "distribution_version": version,
        "distribution_major_version": version.split(".")[0],
        "distribution_release": fields.get("VERSION_CODENAME") or None,
    }


def _managers() -> "dict[str, Any]":
    family = _distribution()["os_family"]
    pkg_mgr = None
    if family == "Debian" and os.path.exists("/usr/bin/apt-get"):
        pkg_mgr = "apt"
    elif family == "RedHat":
        pkg_mgr = "dnf5" if os.path.exists("/usr/bin/dnf5") else "dnf"
    try:
        with open("/proc/1/comm", encoding="ascii") as file:
            first = file.read().strip()
    except OSError:
        first = ""
    return {"pkg_mgr": pkg_mgr, "service_mgr": "systemd" if first == "systemd" or _booted_systemd() else None}


def _booted_systemd() -> "bool":
    return any(
        os.path.exists(path) for path in ("/run/systemd/system/", "/dev/.run/systemd/", "/dev/.systemd/")
    )


def _user() -> "dict[str, Any]":
    import getpass
    import pwd

    name = getpass.getuser()
    try:
        entry = pwd.getpwnam(name)
    except KeyError:
        entry = pwd.getpwuid(os.getuid())
    return {
        "user_id": name,
        "user_uid": entry.pw_uid,
        "user_gid": entry.pw_gid,
        "user_gecos": entry.pw_gecos,
        "user_dir": entry.pw_dir,
        "user_shell": entry.pw_shell,
    }


def _python() -> "dict[str, Any]":
    import platform

    return {"python_version": platform.python_version()}


def _environment() -> "dict[str, Any]":
    return {"env": dict(os.environ)}


def _size() -> "dict[str, Any]":
    found = {"processor_nproc": len(os.sched_getaffinity(0))}
    try:
        with open("/proc/meminfo", encoding="ascii") as lines:
            for line in lines:
                name, _, value = line.partition(":")
                if name in ("MemTotal", "SwapTotal"):
                    found[name.lower() + "_mb"] = int(value.split()[0]) // 1024
    except OSError:
        pass
    return found


READERS = {
    name: reader
    for reader, names in (
        (_kernel, "architecture machine system kernel kernel_version hostname nodename"),
        (_names, "fqdn domain"),
        (
            _distribution,
            "distribution distribution_version distribution_major_version distribution_release os_family",
        ),
        (_managers, "pkg_mgr service_mgr"),
        (_user, "user_id user_uid user_gid user_dir user_shell user_gecos"),
        (_python, "python_version"),
        (_environment, "env"),
        (_size, "processor_nproc memtotal_mb swaptotal_mb"),
    )
    for name in names.split()
}
