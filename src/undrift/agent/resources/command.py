"""ansible.builtin.command and shell: whether `creates` and `removes` let it run, and probes that only read."""

import glob
import os
import time

from undrift.agent import child
from undrift.agent.answer import answer, difference, resource
from undrift.agent.host import Failed, Unknown

MYPY = False
if MYPY:
    from typing import Any

    from undrift.agent.host import Host


def check(args: "dict[str, Any]", host: "Host") -> "dict[str, Any]":
    """
    args: argv, or line with shell true and executable; chdir, creates, removes, stdin, strip, about. run: it may be
    run now (a probe, or the playbook says check_mode: false); else only creates and removes are looked at.
    """
    result = {
        "changed": False,
        "stdout": "",
        "stderr": "",
        "rc": 0,
        "cmd": args["line"] if args["shell"] else args["argv"],
    }
    result.update(start=None, end=None, delta=None, msg="")
    home = os.getcwd()
    try:
        _enter(args["chdir"])
        return _look(result, args, host)
    finally:
        os.chdir(home)


def _look(result: "dict[str, Any]", args: "dict[str, Any]", host: "Host") -> "dict[str, Any]":
    if args["creates"] and _exists(args["creates"], host):
        return _not_needed(
            result, args, "since %s exists" % args["creates"], "since '%s' exists" % args["creates"]
        )
    if args["removes"] and not _exists(args["removes"], host):
        said = "since %s does not exist" % args["removes"]
        return _not_needed(result, args, said, "since '%s' does not exist" % args["removes"])
    if args["run"]:
        return _run(result, args, host)
    result.update(changed=True, msg="Command would have run if not in check mode")
    found = []
    if args["creates"]:
        found.append(difference("creates", args["creates"], "absent"))
        if not glob.has_magic(args["creates"]):
            host.overlay.record("path", host.canonical(args["creates"]), {"type": "file", "created": True})
    elif args["removes"]:
        found.append(difference("removes", "absent", args["removes"]))
    return answer(_with_lines(result), resource("command", args["about"], found))


def _enter(folder: "str | None") -> None:
    if not folder:
        return
    try:
        os.chdir(folder)
    except OSError as problem:
        raise Failed("Unable to change directory before execution.", missing=True) from problem


def _exists(pattern: "str", host: "Host") -> "bool":
    if glob.has_magic(pattern):
        return bool(glob.glob(pattern))
    return host.stat(os.path.join(os.getcwd(), pattern)) is not None


def _not_needed(
    result: "dict[str, Any]", args: "dict[str, Any]", said: "str", why: "str"
) -> "dict[str, Any]":
    result.update(stdout="skipped, %s" % said, msg="Would not run command %s" % why)
    return answer(_with_lines(result), resource("command", args["about"]))


def _run(result: "dict[str, Any]", args: "dict[str, Any]", host: "Host") -> "dict[str, Any]":
    argv = [args["executable"] or "/bin/sh", "-c", args["line"]] if args["shell"] else args["argv"]
    begun = time.time()
    try:
        rc, out, err = child.run(
            argv, (args["stdin"] or "").encode("utf-8"), dict(host.environment), args["chdir"]
        )
    except child.TooMuch as problem:
        raise Unknown(str(problem)) from problem
    ended = time.time()
    if rc == 127 and not args["shell"] and b"No such file or directory" in err:
        raise Failed(
            "[Errno 2] No such file or directory: %r" % argv[0], missing=True, rc=2, cmd=result["cmd"]
        )
    texts = [
        side.decode("utf-8", "surrogateescape").encode("utf-8", "replace").decode("utf-8")
        for side in (out, err)
    ]
    if args["strip"]:
        texts = [text.rstrip("\r\n") for text in texts]
    result.update(changed=True, rc=rc, stdout=texts[0], stderr=texts[1])
    result.update(start=_stamp(begun), end=_stamp(ended), delta="0:00:%09.6f" % (ended - begun))
    _with_lines(result)
    if rc != 0:
        more = {key: value for key, value in result.items() if key not in ("msg", "changed")}
        return answer(dict(more, failed=True, changed=True, msg="non-zero return code"))
    return answer(result)


def _with_lines(result: "dict[str, Any]") -> "dict[str, Any]":
    result["stdout_lines"] = result["stdout"].splitlines()
    result["stderr_lines"] = result["stderr"].splitlines()
    return result


def _stamp(when: "float") -> "str":
    return time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(when)) + (".%06d" % int(when % 1 * 1e6))
