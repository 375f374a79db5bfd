"""Units as systemd shows them, all that a batch asks about in one call."""

import os

from undrift.agent.host import Unknown

MYPY = False
if MYPY:
    from undrift.agent.host import Host

#: Where unit files lie, the first that goes before.
FOLDERS = (
    "/etc/systemd/system",
    "/run/systemd/system",
    "/usr/local/lib/systemd/system",
    "/usr/lib/systemd/system",
    "/lib/systemd/system",
)
#: Of ActiveState.
RUNNING = ("active", "activating")
SUFFIXES = (
    ".service",
    ".socket",
    ".device",
    ".mount",
    ".automount",
    ".swap",
    ".target",
    ".path",
    ".timer",
    ".slice",
    ".scope",
)


def full_name(name: "str") -> "str":
    """The unit's name with its suffix: .service when it has none, as systemctl takes it."""
    return name if name.endswith(SUFFIXES) else name + ".service"


def gather(names: "list[str]", host: "Host") -> None:
    """Read these units at once, those that are not known yet."""
    known = host.shared.setdefault("units", {})
    wanted = sorted({full_name(name) for name in names} - set(known))
    if wanted:
        known.update(_show(wanted, host))


def unit(name: "str", host: "Host") -> "dict[str, str]":
    """All properties of a unit. Raises Unknown where systemd cannot be asked."""
    gather([name], host)
    found: "dict[str, str]" = host.shared["units"][full_name(name)]
    return found


def _show(names: "list[str]", host: "Host") -> "dict[str, dict[str, str]]":
    status, out, err = host.run(["systemctl", "show", "--no-pager", "--", *names])
    blocks = out.decode("utf-8", "replace").rstrip("\n").split("\n\n")
    if status == 127 or len(blocks) != len(names):
        said = (err.decode("utf-8", "replace").strip() or "systemctl answered oddly")[:200]
        raise Unknown("systemd cannot be asked: %s" % said)
    return dict(zip(names, [_properties(block) for block in blocks]))


def _properties(text: "str") -> "dict[str, str]":
    """name=value lines; a value in braces may go on over lines."""
    found: "dict[str, str]" = {}
    last = None
    for line in text.split("\n"):
        name, separator, value = line.partition("=")
        if separator and name.replace("_", "").isalnum() and name[:1].isupper():
            found[name] = value
            last = name
        elif last is not None:
            found[last] += "\n" + line
    return found


def state_of(name: "str", host: "Host") -> "dict[str, bool]":
    """{"running", "enabled", "masked"} as they are. Raises Unknown where systemd cannot be asked."""
    properties = unit(name, host)
    return {
        "running": properties.get("ActiveState") in RUNNING,
        "enabled": is_enabled(name, properties),
        "masked": properties.get("UnitFileState", "").startswith("masked")
        or properties.get("LoadState") == "masked",
    }


def is_enabled(name: "str", properties: "dict[str, str]") -> "bool":
    """
    Whether it is started at boot, as ansible.builtin.systemd decides by `systemctl is-enabled`: what is enabled for
    this boot only, or indirectly, is not. An alias is what its unit is; Ansible would call it disabled for ever.
    """
    state = properties.get("UnitFileState", "")
    if state == "generated" and "sysv" in properties.get("Description", "").lower() + properties.get(
        "SourcePath", ""
    ):
        return _has_rc_links(name)
    return state in ("enabled", "static", "generated", "transient")


def _has_rc_links(name: "str") -> "bool":
    """An init script is started at boot when a runlevel has a link to start it."""
    script = name[: -len(".service")] if name.endswith(".service") else name
    for level in "2345":
        try:
            links = os.listdir("/etc/rc%s.d" % level)
        except OSError:
            continue
        if any(link[:1] == "S" and link[3:] == script for link in links):
            return True
    return False
