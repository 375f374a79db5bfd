"""Drift as it comes about by hand, for trying a scan on."""

from __future__ import annotations

from undrift.lab.engine import Engine
from undrift.lab.servers import Server, run

#: What is done, and how: a patch here, an edited file there.
BREAKS = {
    "edited /etc/nginx/nginx.conf": "sed -i 's/worker_connections .*/worker_connections 42;/' /etc/nginx/nginx.conf",
    "stopped and disabled cron": "systemctl disable --now cron",
    "removed the package rsync": "dpkg --force-depends --purge rsync",
    "changed the mode of /etc/crontab to 0666": "chmod 0666 /etc/crontab",
    "added the user mallory": "id mallory >/dev/null 2>&1 || useradd --create-home mallory",
}


async def break_server(engine: Engine, server: Server) -> list[str]:
    """Make typical drift on the server; returns what was done, in words."""
    done = []
    for words, command in BREAKS.items():
        outcome = await run(engine, server, "sh", "-c", command)
        if outcome.status == 0:
            done.append(words)
    return done
