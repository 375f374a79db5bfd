"""
Runs a genuine Ansible module in check mode, in a fork of the worker. The archive comes over the channel and lies in
memory; module_utils.basic is imported once in the worker, so that a fork costs 6 to 35 ms instead of 100 more.
"""

import importlib
import json
import os
import sys

from undrift.agent import pending, quiet
from undrift.agent.answer import answer, resource
from undrift.agent.evidence import evidence
from undrift.agent.host import Failed, Unknown

MYPY = False
if MYPY:
    from typing import Any

    from undrift.agent.host import Host

#: Arguments that say best what the module is about, the first that is given.
IDS = (
    "path",
    "dest",
    "name",
    "unit",
    "service",
    "pkg",
    "package",
    "user",
    "group",
    "repo",
    "key",
    "src",
    "database",
    "db",
    "policy",
    "state",
)
#: What starts a module in the archive (ansible-core's own).
LOADER = "ansible.module_utils._internal._ansiballz._loader"
#: Modules that manage packages themselves: what they miss is no other package.
PACKAGERS = ("apt", "dnf", "dnf5", "yum")
#: Modules that repeat their environment; none of them asks apt anything of its own.
TELL_ENVIRONMENT = ("setup", "command", "shell", "expect")
#: What a module may say at most, in bytes.
SAID_LIMIT = 32 * 1024 * 1024


def check(args: "dict[str, Any]", host: "Host") -> "dict[str, Any]":
    """
    args: payload, module, fqcn, needs, profile, params (see undrift.walk.genuine); creates, about: not at all, when
    this path is there.
    """
    if args.get("creates"):
        from undrift.agent.resources import creates

        skipped = creates.skipped(args, host)
        if skipped is not None:
            return skipped
    needs = tuple(args["needs"])
    if sys.version_info[:2] < needs:
        have = ".".join(str(number) for number in sys.version_info[:3])
        raise Unknown("needs Python %d.%d on the server, which has %s" % (needs[0], needs[1], have))
    archive = "/proc/self/fd/%d" % host.payloads[args["payload"]]
    _preload(archive, host)
    said = _fork(args, archive, host)
    if args["params"]["ANSIBLE_MODULE_ARGS"].get("_ansible_check_mode"):
        return _judge(said, args, host)
    host.forget()
    return _done(_judge(said, args, host))


def _preload(archive: "str", host: "Host") -> None:
    """Import what every module imports, once for all forks."""
    if host.preloaded == archive:
        return
    if not host.preloaded:
        # Its own libraries (python3-apt ...) a module finds where the distribution puts them.
        import site

        site.main()
    else:
        _forget(host.preloaded)
    host.preloaded = archive
    sys.path.insert(0, archive)
    sys.argv = ["undrift"]
    importlib.invalidate_caches()
    for name in ("ansible.module_utils.basic", LOADER):
        importlib.import_module(name)


def _forget(archive: "str") -> None:
    """Another archive takes the place of this one: what was imported from it would look there for the rest."""
    sys.path.remove(archive)
    for name in [name for name in sys.modules if name.split(".")[0] in ("ansible", "ansible_collections")]:
        del sys.modules[name]


def _fork(args: "dict[str, Any]", archive: "str", host: "Host") -> "bytes":
    """What the module prints."""
    read, write = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            _become_module(args, archive, host, read, write)
        finally:
            os._exit(1)
    os.close(write)
    pieces = []  # type: list[bytes]
    size = 0
    while True:
        piece = os.read(read, 1 << 16)
        if not piece:
            break
        size += len(piece)
        if size > SAID_LIMIT:
            os.kill(pid, 9)
            break
        pieces.append(piece)
    os.close(read)
    status = os.waitpid(pid, 0)[1]
    if not pieces and os.WIFSIGNALED(status):
        raise Unknown("the module was killed by signal %d" % os.WTERMSIG(status))
    return b"".join(pieces)


def _become_module(args: "dict[str, Any]", archive: "str", host: "Host", read: "int", write: "int") -> None:
    """In the fork: be the module. It prints its result and ends."""
    os.close(read)
    os.dup2(write, 1)
    os.dup2(write, 2)
    sys.stdout = os.fdopen(1, "w", 1)
    sys.stderr = sys.stdout
    if args["fqcn"].rsplit(".", 1)[-1] not in TELL_ENVIRONMENT:
        os.environ.setdefault("APT_CONFIG", quiet.apt_config())
    os.environ.update(host.environment)
    os.umask(0o022)
    try:
        os.chdir(os.path.expanduser("~"))
    except OSError:
        os.chdir("/")
    loader = importlib.import_module(LOADER)

    try:
        loader.run_module(
            json_params=json.dumps(args["params"]).encode("utf-8"),
            profile=args["profile"],
            module_fqn=args["module"],
            modlib_path=archive,
            extensions={},
        )
    except SystemExit:
        pass
    except BaseException as problem:
        sys.stdout.write(
            "\n" + json.dumps({"failed": True, "undrift_crash": "%s: %s" % (type(problem).__name__, problem)})
        )
    sys.stdout.flush()
    os._exit(0)


def _done(said: "dict[str, Any]") -> "dict[str, Any]":
    """What really ran has left nothing that differs: what it did was an act."""
    for one in said["resources"]:
        one.update(differences=[], act=bool(said["result"].get("changed")))
        one.pop("evidence", None)
    return said


def _judge(said: "bytes", args: "dict[str, Any]", host: "Host") -> "dict[str, Any]":
    result = _parse(said.decode("utf-8", "replace"), host)
    if "undrift_crash" in result:
        raise Unknown(_unless_secret("the module broke off", result["undrift_crash"], host))
    msg = str(result.get("msg", ""))
    if result.get("skipped") and "check mode" in msg:
        raise Unknown(msg, "unpreviewable")
    diffs = result.pop("diff", None)
    for noise in ("invocation", "warnings", "deprecations"):
        result.pop(noise, None)
    crash = result.get("exception")
    if result.get("failed") and not msg and crash:
        said_so = crash["event"]["msg"] if isinstance(crash, dict) else str(crash).strip().splitlines()[-1]
        raise Unknown(_unless_secret("the module broke off", said_so, host))
    if result.get("failed"):
        _excuse(msg, args, host)
        more = {key: value for key, value in result.items() if key not in ("failed", "msg", "changed")}
        raise Failed(msg or "the module failed without a word", missing=_sounds_missing(msg), **more)
    kind, name = _about(args)
    if not result.get("changed"):
        return answer(result, resource(kind, name))
    differences, shown = _differences(diffs, name, host)
    if not differences and shown is None:
        differences = [["changed", True, False]]
    return answer(result, resource(kind, name, differences, shown))


def _excuse(msg: "str", args: "dict[str, Any]", host: "Host") -> None:
    """Raise Unknown where the module may fail for want of what an earlier task would have made by then."""
    judge = pending.named if args["fqcn"].rsplit(".", 1)[-1] in PACKAGERS else pending.reason
    why = judge(args["params"]["ANSIBLE_MODULE_ARGS"], host)
    if why:
        text = _unless_secret("%s: the module fails without it" % why, msg, host)
        raise Unknown(text, "unpreviewable")


def _unless_secret(text: "str", words: "str", host: "Host") -> "str":
    """What a module says may hold what the request hides."""
    return text if host.secret else "%s: %s" % (text, words)


def _parse(text: "str", host: "Host") -> "dict[str, Any]":
    """The last JSON object of the text: modules may print warnings before it."""
    for line in reversed(text.strip().splitlines()):
        start = line.find("{")
        if start >= 0:
            try:
                found = json.loads(line[start:])
            except ValueError:
                continue
            if isinstance(found, dict):
                return found
    last = text.strip().splitlines()[-1:] or ["nothing"]
    raise Unknown(_unless_secret("the module did not answer in JSON", last[0][:200], host))


def _about(args: "dict[str, Any]") -> "tuple[str, str]":
    given = args["params"]["ANSIBLE_MODULE_ARGS"]
    kind = args["fqcn"].rsplit(".", 1)[-1]
    for name in IDS:
        value = given.get(name)
        if isinstance(value, str) and value:
            return kind, value
        if isinstance(value, list) and value:
            return kind, ", ".join(str(one) for one in value)
    return kind, ""


def _differences(diffs: "Any", name: "str", host: "Host") -> "tuple[list[list[Any]], dict[str, Any] | None]":
    """Fields that differ, and evidence of a content, from the module's own diff."""
    found = []  # type: list[list[Any]]
    shown = None  # type: dict[str, Any] | None
    for one in diffs if isinstance(diffs, list) else [diffs]:
        if not isinstance(one, dict):
            continue
        before, after = one.get("before"), one.get("after")
        if isinstance(before, dict) and isinstance(after, dict):
            fields = [field for field in sorted(set(before) | set(after)) if field != "path"]
            found += [[f, after.get(f), before.get(f)] for f in fields if before.get(f) != after.get(f)]
        elif isinstance(before, str) and isinstance(after, str) and before != after:
            path = str(one.get("after_header") or one.get("before_header") or name).split(" (")[0]
            shown = evidence(host, path, before.encode("utf-8"), after.encode("utf-8"))
        elif isinstance(one.get("prepared"), str) and one["prepared"]:
            shown = evidence(host, name, b"", one["prepared"].encode("utf-8"))
    return found, shown


def _sounds_missing(msg: "str") -> "bool":
    """Whether the module fails for want of something that may come yet. Its words are all there is to tell by."""
    words = (
        "not found",
        "does not exist",
        "no such file",
        "could not find",
        "not exist",
        "missing",
        "is required",
    )
    return any(word in msg.lower() for word in words)
