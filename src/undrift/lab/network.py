"""A lab's own network. Its name is the claim on the lab's name: the engine gives it to one only."""

from __future__ import annotations

import ipaddress

from undrift.errors import LabError
from undrift.lab.engine import Engine

#: Networks for labs are taken from here, one /24 each, the first that is free.
SUBNETS = [str(net) for net in ipaddress.ip_network("10.231.0.0/16").subnets(new_prefix=24)]


def network(lab: str) -> str:
    """The name that the engine has for the lab's network."""
    return f"undrift-{lab}"


def addresses(subnet: str) -> list[str]:
    """Those for servers; the first few are for the engine."""
    return [str(address) for address in list(ipaddress.ip_network(subnet).hosts())[9:]]


async def exists(engine: Engine, lab: str) -> bool:
    return (await engine.run("network", "inspect", network(lab), check=False)).status == 0


async def make(engine: Engine, lab: str) -> str:
    """Make it on the first subnet that nobody has, and return that. Raises LabError."""
    said = ""
    for subnet in SUBNETS:
        made = await engine.run("network", "create", "--subnet", subnet, network(lab), check=False)
        if made.status == 0:
            return subnet
        said = made.stderr.strip()
        taken = await exists(engine, lab)
        if taken or ("already" not in said and "overlap" not in said and "used" not in said):
            break
    raise LabError(f"no network could be made for the lab: {said}")
