"""A systemd unit: ansible.builtin.systemd, and ansible.builtin.service where systemd is the service manager."""

from undrift.agent import systemd
from undrift.agent.answer import answer, difference, resource
from undrift.agent.host import Failed

MYPY = False
if MYPY:
    from typing import Any

    from undrift.agent.host import Host


def gather(requests: "list[dict[str, Any]]", host: "Host") -> None:
    """Read the units of all requests in one call."""
    systemd.gather([args["name"] for args in requests if args["name"]], host)


def check(args: "dict[str, Any]", host: "Host") -> "dict[str, Any]":
    """args: name (None: only daemon_reload), state, enabled, masked, daemon_reload, daemon_reexec, no_block."""
    name = args["name"]
    if name is None:
        return answer(
            {"changed": False, "name": None, "status": {}}, resource("service", "systemd", act=True)
        )
    properties = systemd.unit(name, host)
    if _is_missing(properties):
        return _missing(name, args, host)
    if "LoadError" in properties and properties.get("LoadState") not in ("masked", "loaded"):
        raise Failed("Error loading unit file '%s': %s" % (name, properties["LoadError"]))
    predicted = host.overlay.units.get(systemd.full_name(name), {})
    state = dict(systemd.state_of(name, host), **predicted)
    running = state["running"]
    found = _differences(args, running, state["enabled"], state["masked"])
    acts = args["state"] in ("restarted", "reloaded")
    if acts and not running:
        found.append(difference("state", "started", "stopped"))
    _predict(name, args, found, host)
    result = {"name": name, "status": properties, "changed": bool(found) or acts}
    if args["state"]:
        result["state"] = "stopped" if args["state"] == "stopped" else "started"
    if args["enabled"] is not None:
        result["enabled"] = args["enabled"]
    return answer(result, resource("service", name, found, act=acts))


def apply(args: "dict[str, Any]", host: "Host") -> None:
    """In the order of the modules: what systemd is to read anew, whether it may start, at boot, and now."""
    name = args["name"]
    if args.get("daemon_reload"):
        _order("daemon-reload", [], host)
    if args.get("daemon_reexec"):
        _order("daemon-reexec", [], host)
    if name is None:
        return
    unit = systemd.full_name(name)
    host.forget()
    if args["masked"] is not None:
        _order("mask" if args["masked"] else "unmask", [unit], host)
    state = systemd.state_of(name, host)
    if args["enabled"] is not None and state["enabled"] != args["enabled"]:
        _order("enable" if args["enabled"] else "disable", [unit], host)
    word = _order_for(args["state"], state["running"])
    if word:
        _order(word, [unit], host, *(["--no-block"] if args.get("no_block") else []))


def _order_for(state: "str | None", running: "bool") -> "str":
    """What systemctl is to be told; "" for nothing. A reload of what does not run starts it."""
    if state == "restarted":
        return "restart"
    if state == "stopped":
        return "stop" if running else ""
    if state == "reloaded" and running:
        return "reload"
    return "" if state is None or running else "start"


def _order(word: "str", units: "list[str]", host: "Host", *options: "str") -> None:
    """Raises Failed with what systemctl says."""
    status, _, err = host.run(["systemctl", word, *options, *units])
    if status:
        said = err.decode("utf-8", "replace").strip()
        raise Failed("Unable to %s %s: %s" % (word, " ".join(units) or "systemd", said), rc=status)


def _is_missing(properties: "dict[str, str]") -> "bool":
    return properties.get("LoadState") == "not-found" and properties.get("ActiveState") not in systemd.RUNNING


def _missing(name: "str", args: "dict[str, Any]", host: "Host") -> "dict[str, Any]":
    """It may come with what an earlier task would make or install; else the task would fail."""
    source = _unit_file(name, host) or ", ".join(host.overlay.installs)
    if not source:
        raise Failed("Could not find the requested service %s: host" % name, missing=True)
    found = []
    if args["state"] is not None and args["state"] != "stopped":
        found.append(difference("state", "started", "absent"))
    if args["enabled"]:
        found.append(difference("enabled", True, "absent"))
    note = "the service may come with %s" % source
    result = {"name": name, "status": {}, "changed": bool(found), "msg": note}
    _predict(name, args, found, host)
    return answer(result, resource("service", name, found))


def _unit_file(name: "str", host: "Host") -> "str":
    """The unit file that an earlier task would make; "" for none."""
    unit = systemd.full_name(name)
    template = unit.partition("@")[0] + "@." + unit.rpartition(".")[2] if "@" in unit else unit
    for folder in systemd.FOLDERS:
        for file in (unit, template):
            path = "%s/%s" % (folder, file)
            if host.overlay.find(host.canonical(path))[1] is not None:
                return path
    return ""


def _differences(
    args: "dict[str, Any]", running: "bool", enabled: "bool", masked: "bool"
) -> "list[list[Any]]":
    found = []
    if args["masked"] is not None and masked != args["masked"]:
        found.append(difference("masked", args["masked"], masked))
    if args["enabled"] is not None and enabled != args["enabled"]:
        found.append(difference("enabled", args["enabled"], enabled))
    if args["state"] == "started" and not running:
        found.append(difference("state", "started", "stopped"))
    if args["state"] == "stopped" and running:
        found.append(difference("state", "stopped", "started"))
    return found


def _predict(name: "str", args: "dict[str, Any]", found: "list[list[Any]]", host: "Host") -> None:
    if not found:
        return
    fields = dict(host.overlay.units.get(systemd.full_name(name), {}))
    if args["enabled"] is not None:
        fields["enabled"] = args["enabled"]
    if args["state"] is not None:
        fields["running"] = args["state"] != "stopped"
    host.overlay.record("unit", systemd.full_name(name), fields)
