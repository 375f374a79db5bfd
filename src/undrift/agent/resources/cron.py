"""ansible.builtin.cron: a job in a user's crontab, or in a file of /etc/cron.d."""

import os

from undrift.agent.answer import answer, difference, resource
from undrift.agent.host import Failed, Unknown

MYPY = False
if MYPY:
    from typing import Any

    from undrift.agent.host import Host

MARK = "#Ansible: "
#: Where the crontabs of users lie, as root may read them.
SPOOLS = ("/var/spool/cron/crontabs", "/var/spool/cron")


def check(args: "dict[str, Any]", host: "Host") -> "dict[str, Any]":
    """args: name, job, user, cron_file, state, disabled, special_time, minute, hour, day, month, weekday."""
    lines = _lines(args, host)
    name = args["name"]
    present = _job_of(lines, name)
    wanted = _line(args)
    if present is None and wanted in lines:
        # It is there without its mark: the module would only add that.
        present = ""
    result: "dict[str, Any]" = {"envs": _names_of_variables(lines)}
    found = []
    jobs = _names_of_jobs(lines)
    if args["state"] == "absent":
        if present is not None and name in jobs:
            found.append(difference("state", "absent", present))
            jobs.remove(name)
    elif present != wanted:
        found.append(difference("job", wanted, present))
        jobs = jobs if name in jobs else [*jobs, name]
    result["jobs"] = jobs
    return answer(result, resource("cron", name, found))


def _lines(args: "dict[str, Any]", host: "Host") -> "list[str]":
    """The crontab's lines; none where there is no crontab yet."""
    if args["cron_file"]:
        path = os.path.join("/etc/cron.d", args["cron_file"])
        return [] if host.stat(path) is None else host.read(path).decode("utf-8", "replace").splitlines()
    user = args["user"]
    if user is not None and host.user(user) is None:
        if host.overlay.installs:
            return []
        raise Failed("no such user: %s" % user, missing=True)
    spool = next((folder for folder in SPOOLS if os.path.isdir(folder)), None)
    if os.geteuid() == 0 and spool is not None:
        path = os.path.join(spool, user or "root")
        return [] if host.stat(path) is None else host.read(path).decode("utf-8", "replace").splitlines()
    _refuse_others(user, host)
    status, out, err = host.run(["crontab", "-l", *(["-u", user] if user else [])])
    if status == 127:
        raise Failed('Failed to find required executable "crontab"', missing=True)
    if status not in (0, 1):
        raise Unknown("crontab: %s" % err.decode("utf-8", "replace").strip()[:200])
    return out.decode("utf-8", "replace").splitlines() if status == 0 else []


def _refuse_others(user: "str | None", host: "Host") -> None:
    """Raise Unknown for the crontab of another: crontab(1) says the same where it may not be seen and where none is."""
    entry = host.user(user) if user is not None else None
    if entry is not None and os.geteuid() not in (0, entry["uid"]):
        raise Unknown("permission denied: the crontab of %s can only be read by root" % user)


def _line(args: "dict[str, Any]") -> "str":
    """The line as the module writes it."""
    prefix = "#" if args["disabled"] else ""
    job = (args["job"] or "").strip("\r\n")
    user = (args["user"] or "root") + " " if args["cron_file"] else ""
    if args["special_time"]:
        return "%s@%s %s%s" % (prefix, args["special_time"], user, job)
    when = " ".join(str(args[field]) for field in ("minute", "hour", "day", "month", "weekday"))
    return "%s%s %s%s" % (prefix, when, user, job)


def _job_of(lines: "list[str]", name: "str") -> "str | None":
    """The line behind the job's mark."""
    for mark, line in zip(lines, lines[1:]):
        if mark == MARK + name:
            return line
    return None


def _names_of_jobs(lines: "list[str]") -> "list[str]":
    return [line[len(MARK) :] for line in lines if line.startswith(MARK)]


def _names_of_variables(lines: "list[str]") -> "list[str]":
    return [line.split("=")[0] for line in lines if line.split("=")[0].isidentifier() and "=" in line]
