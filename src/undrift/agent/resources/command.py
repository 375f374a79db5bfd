"""ansible.builtin.command and shell: whether `creates` and `removes` let it run, and probes that only read."""

import fnmatch
import glob
import os
import time

from undrift.agent import child, pending, quiet
from undrift.agent.answer import answer, difference, resource
from undrift.agent.host import Failed, Unknown

MYPY = False
if MYPY:
    from typing import Any

    from undrift.agent.host import Host


def check(args: "dict[str, Any]", host: "Host") -> "dict[str, Any]":
    """
    args: argv, or line with shell true and executable; chdir, creates, removes, stdin, strip, about. run: it may be
    run now, because it only reads (probe) or the playbook says check_mode: false; else only creates and removes are
    looked at.
    """
    result = {
        "changed": False,
        "stdout": "",
        "stderr": "",
        "rc": 0,
        "cmd": args["line"] if args["shell"] else args["argv"],
    }
    result.update(start=None, end=None, delta=None, msg="")
    # Where nothing is said, it stays where it is: that folder may be one that it could not enter (become).
    return _look(result, dict(args, chdir=_folder(args["chdir"], host), enters=bool(args["chdir"])), host)


def _look(result: "dict[str, Any]", args: "dict[str, Any]", host: "Host") -> "dict[str, Any]":
    if args["creates"] and _exists(args["creates"], args, host):
        return _not_needed(
            result, args, "since %s exists" % args["creates"], "since '%s' exists" % args["creates"]
        )
    if args["removes"] and not _exists(args["removes"], args, host):
        said = "since %s does not exist" % args["removes"]
        return _not_needed(result, args, said, "since '%s' does not exist" % args["removes"])
    if args["run"]:
        return _run(result, args, host)
    result.update(changed=True, msg="Command would have run if not in check mode")
    found = []
    if args["creates"]:
        found.append(difference("creates", args["creates"], "absent"))
        if not glob.has_magic(args["creates"]):
            made = os.path.join(args["chdir"], args["creates"])
            host.overlay.record("path", host.canonical(made), {"type": "file", "created": True})
    elif args["removes"]:
        found.append(difference("removes", "absent", args["removes"]))
    return answer(_with_lines(result), resource("command", args["about"], found))


def _folder(chdir: "str | None", host: "Host") -> "str":
    """Where it runs. Raises Failed where that is no directory, and would be none by then."""
    folder = host.expand(chdir or "")
    node = host.stat(folder)
    if chdir and (node is None or node.type != "directory"):
        raise Failed("Unable to change directory before execution.", missing=True)
    return folder


def _exists(name: "str", args: "dict[str, Any]", host: "Host") -> "bool":
    """Whether the path, or anything that the pattern matches, is there or would be by then."""
    path = os.path.join(args["chdir"], host.expand(name) if name.startswith(("~", "$")) else name)
    if not glob.has_magic(path):
        return host.stat(path) is not None
    foreseen = [one for one in host.overlay.paths if fnmatch.fnmatch(one, path)]
    return any(host.lstat(one) is not None for one in glob.glob(path) + foreseen)


def _not_needed(
    result: "dict[str, Any]", args: "dict[str, Any]", said: "str", why: "str"
) -> "dict[str, Any]":
    result.update(stdout="skipped, %s" % said, msg="Would not run command %s" % why)
    return answer(_with_lines(result), resource("command", args["about"]))


def _run(result: "dict[str, Any]", args: "dict[str, Any]", host: "Host") -> "dict[str, Any]":
    argv = [args["executable"] or "/bin/sh", "-c", args["line"]] if args["shell"] else args["argv"]
    begun = time.time()
    environment = quiet.environment(_words(args)[0]) if args.get("probe") else {}
    environment.update(host.environment)
    try:
        rc, out, err = child.run(
            argv,
            (args["stdin"] or "").encode("utf-8"),
            environment,
            args["chdir"] if args["enters"] else None,
        )
    except child.TooMuch as problem:
        raise Unknown(str(problem)) from problem
    ended = time.time()
    _doubt(rc, args, host)
    if not args.get("probe"):
        host.forget()
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


def _doubt(rc: "int", args: "dict[str, Any]", host: "Host") -> None:
    """Raise Unknown where the answer would be another after what the tasks before would do."""
    words = _words(args)
    asked = [words, args["chdir"]]
    why = pending.reason(asked, host) if rc else ""
    if args.get("probe") and not why:
        why = pending.answered_otherwise(words, host) or pending.named(args["chdir"], host)
    if why:
        raise Unknown("%s, and this may then answer otherwise" % why, "unpreviewable")


def _words(args: "dict[str, Any]") -> "list[str]":
    words = [word.strip("\"'") for word in args["line"].split()] if args["shell"] else args["argv"]
    return words or [""]


def _with_lines(result: "dict[str, Any]") -> "dict[str, Any]":
    result["stdout_lines"] = result["stdout"].splitlines()
    result["stderr_lines"] = result["stderr"].splitlines()
    return result


def _stamp(when: "float") -> "str":
    return time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(when)) + (".%06d" % int(when % 1 * 1e6))
