"""Facts: only those that something refers to, all that the play names in one go."""

from __future__ import annotations

from typing import Any

from undrift.playbook.packing import module_params
from undrift.playbook.plays import Story
from undrift.walk.actions.facts import NATIVE
from undrift.walk.desk import Desk

SETUP = "ansible.builtin.setup"


def facts_request(
    desk: Desk, story: Story, names: set[str], *, everything: bool
) -> tuple[str, dict[str, Any]]:
    """
    (kind, args) of the question for the facts `names` and all others that the play names; everything: all there are.
    Our own reader answers where it knows every one of them, else the real `setup`, with the subsets that hold them.
    """
    wanted = names | (story.facts_named() if story.gathers_facts else frozenset())
    known = wanted & NATIVE
    if not everything and names <= NATIVE:
        return "facts", {"names": sorted(known)}
    from undrift.playbook.subsets import subsets_of  # noqa: PLC0415 - 20 ms that hardly any playbook needs

    module = desk.packer.pack_named(SETUP)
    subsets = ["all"] if everything else subsets_of(wanted)
    params = module_params({"gather_subset": subsets, "gather_timeout": 10}, check=True, fqcn=SETUP)
    return "genuine", {
        "module": module.path,
        "fqcn": module.fqcn,
        "needs": list(module.needs_python),
        "profile": "legacy",
        "params": params,
    }
