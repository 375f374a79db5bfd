"""ansible.builtin.apt, dnf and yum, and ansible.builtin.package where one of them manages the packages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from undrift.walk.actions.arguments import Argument, read
from undrift.walk.actions.ask import Ask, Occasion, Told

APT = {
    "name": Argument(kind="list", aliases=("package", "pkg"), default=()),
    "state": Argument(
        default="present",
        choices=("absent", "build-dep", "fixed", "latest", "present", "installed", "removed"),
    ),
    "update_cache": Argument(kind="bool", aliases=("update-cache",), default=False),
    "purge": Argument(kind="bool", default=False),
    # Of no matter for what is there and what should be.
    "cache_valid_time": Argument(kind="int"),
    "update_cache_retries": Argument(kind="int"),
    "update_cache_retry_max_delay": Argument(kind="int"),
    "force_apt_get": Argument(kind="bool"),
    "allow_unauthenticated": Argument(kind="bool", aliases=("allow-unauthenticated",)),
    "install_recommends": Argument(kind="bool", aliases=("install-recommends",)),
    "dpkg_options": Argument(),
    "lock_timeout": Argument(kind="int"),
    "force": Argument(kind="bool"),
    "fail_on_autoremove": Argument(kind="bool"),
    "allow_change_held_packages": Argument(kind="bool"),
    "allow_downgrade": Argument(
        kind="bool", aliases=("allow-downgrade", "allow_downgrades", "allow-downgrades")
    ),
    "policy_rc_d": Argument(kind="int"),
}
#: Behind the first three, what is of no matter for what is there and what should be.
DNF = {
    "name": Argument(kind="list", aliases=("pkg",), default=()),
    "state": Argument(choices=("absent", "present", "installed", "removed", "latest")),
    "update_cache": Argument(kind="bool", aliases=("expire-cache",), default=False),
    "disable_gpg_check": Argument(kind="bool"),
    "install_weak_deps": Argument(kind="bool"),
    "lock_timeout": Argument(kind="int"),
    "nobest": Argument(kind="bool"),
    "best": Argument(kind="bool"),
    "skip_broken": Argument(kind="bool"),
    "sslverify": Argument(kind="bool"),
    "validate_certs": Argument(kind="bool"),
    "allow_downgrade": Argument(kind="bool"),
    "allowerasing": Argument(kind="bool"),
    "cacheonly": Argument(kind="bool"),
    "use_backend": Argument(choices=("auto", "dnf", "dnf4", "yum", "yum4")),
}


def ask_apt(args: Mapping[str, Any], _occasion: Occasion) -> Ask | Told | None:
    """
    Asks `apt`; None for arguments beyond APT, the states build-dep and fixed, names that are more than a
    package's, and neither a name nor update_cache. Raises BadArgument.
    """
    values = read(args, APT)
    if values is None:
        return None
    state = {"installed": "present", "removed": "absent"}.get(values["state"], values["state"])
    names = [name for name in values["name"] if name]
    if state not in {"present", "absent", "latest"} or any(_is_special(name) for name in names):
        return None
    if not names and not values["update_cache"]:
        return None
    return Ask(kind="apt", args={"names": names, "state": state, "purge": values["purge"]})


def ask_dnf(args: Mapping[str, Any], _occasion: Occasion) -> Ask | Told | None:
    """
    Asks `rpm`; None for arguments beyond DNF, names that are more than a package's, and neither a name nor
    update_cache. Raises BadArgument.
    """
    values = read(args, DNF)
    if values is None:
        return None
    state = {"installed": "present", "removed": "absent", None: "present"}.get(
        values["state"], values["state"]
    )
    names = [name for name in values["name"] if name]
    if any(_is_special_to_dnf(name) for name in names) or (not names and not values["update_cache"]):
        return None
    return Ask(kind="rpm", args={"names": names, "state": state})


def ask_package(args: Mapping[str, Any], occasion: Occasion) -> Ask | Told | None:
    """All but `use` is for the module that it names, as the action of that name hands it on."""
    use = str(args.get("use") or "auto")
    manager = use if use != "auto" else str(occasion.fact("pkg_mgr"))
    ours = ACTIONS.get(f"ansible.builtin.{manager.removeprefix('ansible.builtin.')}")
    if ours is None or ours is ask_package:
        return None
    return ours({key: value for key, value in args.items() if key != "use"}, occasion)


def _is_special(name: str) -> bool:
    """Patterns, files, releases and tasks: apt's own business."""
    return any(char in name for char in "*?[]/^<>+ ") or name.endswith(".deb")


def _is_special_to_dnf(name: str) -> bool:
    """Patterns, files, groups, modules, addresses and comparisons: dnf's own business."""
    return any(char in name for char in "*?[]@<>= ") or "://" in name or name.endswith(".rpm")


ACTIONS = {
    "ansible.builtin.apt": ask_apt,
    "ansible.builtin.dnf": ask_dnf,
    "ansible.builtin.dnf5": ask_dnf,
    "ansible.builtin.package": ask_package,
    "ansible.builtin.yum": ask_dnf,
}
