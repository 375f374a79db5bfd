"""Every module that we do not answer ourselves: the real one, run by the agent in check mode."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from undrift.playbook.packing import module_params
from undrift.playbook.steps import Step
from undrift.playbook.truth import is_true
from undrift.walk.actions.ask import Ask, Occasion, Told
from undrift.walk.actions.services import UNUSED
from undrift.walk.desk import Desk

#: Actions that do something which is no state, or that nobody can preview; they never act in a scan.
NEVER_ACT = {
    "ansible.builtin.wait_for": "it waits",
    "ansible.builtin.wait_for_connection": "it waits",
    "ansible.builtin.pause": "it waits",
    "ansible.builtin.reboot": "it reboots the server",
    "ansible.builtin.uri": "an HTTP request may have any effect",
    "ansible.builtin.raw": "a command's effect cannot be previewed",
    "ansible.builtin.fetch": "it copies a file to the controller",
    "ansible.builtin.async_status": "it asks after a task that a scan does not start",
}
ACTS = frozenset({"ansible.builtin.wait_for", "ansible.builtin.wait_for_connection", "ansible.builtin.pause"})

#: Actions of the controller that only choose a module: by which fact.
CHOOSES_BY = {"ansible.builtin.package": "pkg_mgr", "ansible.builtin.service": "service_mgr"}
#: Actions of the controller that, with these arguments, do no more than run the module of their name.
RUNS_MODULE = {
    "ansible.builtin.unarchive": "remote_src",
    "ansible.builtin.assemble": "remote_src",
    "ansible.builtin.dnf": "",
    "ansible.builtin.yum": "",
}
#: Modules that fetch what this argument names, also in check mode, to look into it.
FETCHES = {
    "apt": "deb",
    "apt_key": "url",
    "deb822_repository": "signed_by",
    "dnf": "name",
    "dnf5": "name",
    "rpm_key": "key",
    "unarchive": "src",
    "yum": "name",
}
CONTROLLER = "%s with these arguments does part of its work on the controller"
FETCHED = "it would have to be downloaded to be looked into"


def ask_genuine(
    desk: Desk, step: Step, args: Mapping[str, Any], occasion: Occasion, *, check: bool
) -> Ask | Told:
    """
    The question for the real module, packed. Told, where an action plugin of the controller would do more than run
    it, or it never acts in a scan; a correction lets it. Raises StillOut for a fact that decides which module it is; Fault for a module
    that is not there.
    """
    why = NEVER_ACT.get(step.action) or (FETCHED if _fetches(step.action, args) else "")
    if why and not desk.applies:
        return Told(unpreviewable=why, act=step.action in ACTS)
    if step.action in CHOOSES_BY:
        return _chosen(desk, step, args, occasion, check=check)
    if step.action == "ansible.builtin.gather_facts":
        module = desk.packer.pack_named("ansible.builtin.setup")
        given = {key: value for key, value in args.items() if key != "parallel"}
        return _ask(module.path, module.fqcn, module.needs_python, given, check=check)
    if step.action == "ansible.builtin.unarchive" and args.get("creates"):
        return _unless_created(desk, step, args, check=check)
    if step.has_action_plugin and not _only_runs_its_module(step, args):
        return Told(unpreviewable=CONTROLLER % step.action)
    module = desk.packer.pack(step)
    return _ask(module.path, module.fqcn, module.needs_python, args, check=check)


def _chosen(
    desk: Desk, step: Step, args: Mapping[str, Any], occasion: Occasion, *, check: bool
) -> Ask | Told:
    """`package` and `service`: the module that the fact, or `use`, names; as their action plugins do."""
    use = str(args.get("use") or "auto")
    name = use if use != "auto" else str(occasion.fact(CHOOSES_BY[step.action]))
    if step.action.endswith("service") and name not in {"systemd", "sysvinit", "openrc"}:
        name = "service"
    if _fetches(name, args) and not desk.applies:
        return Told(unpreviewable=FETCHED)
    module = desk.packer.pack_named(name if "." in name else f"ansible.builtin.{name}")
    unused = {"use", *(UNUSED if name == "systemd" else ())}
    given = {key: value for key, value in args.items() if key not in unused}
    return _ask(module.path, module.fqcn, module.needs_python, given, check=check)


def _fetches(module: str, args: Mapping[str, Any]) -> bool:
    """Whether the real module would download something in check mode."""
    argument = FETCHES.get(module.removeprefix("ansible.builtin."))
    return argument is not None and "://" in str(args.get(argument, ""))


def _unless_created(desk: Desk, step: Step, args: Mapping[str, Any], *, check: bool) -> Ask | Told:
    """`creates` decides first; only an archive that the server has is then looked into."""
    first = {"creates": str(args["creates"]), "about": str(args.get("dest", ""))}
    if not _only_runs_its_module(step, args):
        # Nothing is unpacked here, also where the playbook says check_mode: false.
        return Ask(kind="creates", args=first) if check else Told(unpreviewable=CONTROLLER % step.action)
    module = desk.packer.pack(step)
    ask = _ask(module.path, module.fqcn, module.needs_python, args, check=check)
    return Ask(kind="genuine", args={**ask.args, **first})


def _only_runs_its_module(step: Step, args: Mapping[str, Any]) -> bool:
    if step.action not in RUNS_MODULE:
        return False
    argument = RUNS_MODULE[step.action]
    default = "yes" if step.action.endswith("assemble") else "no"
    return not argument or is_true(args.get(argument, default))


def _ask(path: str, fqcn: str, needs: tuple[int, int], args: Mapping[str, Any], *, check: bool) -> Ask:
    return Ask(
        kind="genuine",
        args={
            "module": path,
            "fqcn": fqcn,
            "needs": list(needs),
            "profile": "legacy",
            "params": module_params(args, check=check, fqcn=fqcn),
        },
    )
