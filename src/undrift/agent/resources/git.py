"""ansible.builtin.git: a work tree at a version of a repository."""

import os
import re

from undrift.agent.answer import answer, difference, resource
from undrift.agent.host import Failed, made_directory

MYPY = False
if MYPY:
    from typing import Any

    from undrift.agent.host import Host

COMMIT = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?$")
#: Never ask at a terminal, and never refresh the index: a scan writes nothing.
QUIET = {"GIT_TERMINAL_PROMPT": "0", "GIT_OPTIONAL_LOCKS": "0"}


def check(args: "dict[str, Any]", host: "Host") -> "dict[str, Any]":
    """args: repo, dest, version, remote, update, force."""
    dest = args["dest"]
    if host.stat(os.path.join(dest, ".git")) is None:
        after = _wanted(args["repo"], None, args, host)
        host.predict(dest, made_directory())
        found = [difference("state", "a work tree", "absent")]
        return answer({"before": None, "after": after, "changed": True}, resource("git", dest, found))
    before = _git(["rev-parse", "HEAD"], dest, host).strip()
    result: "dict[str, Any]" = {"before": before, "after": before, "changed": False}
    if not args["update"]:
        return answer(result, resource("git", dest))
    found = []
    if _git(["status", "--porcelain", "--untracked-files=no"], dest, host).strip():
        if not args["force"]:
            raise Failed("Local modifications exist in the destination: %s (force=no)." % dest, before=before)
        found.append(difference("local modifications", "none", "present"))
    url = _git(["config", "--get", "remote.%s.url" % args["remote"]], dest, host, may_fail=True).strip()
    if url and url != args["repo"]:
        found.append(difference("remote", args["repo"], url))
    after = _wanted(args["remote"], dest, args, host)
    if before != after:
        found.append(difference("version", after, before))
    result.update(after=after, changed=bool(found), remote_url_changed=bool(url and url != args["repo"]))
    return answer(result, resource("git", dest, found))


def _wanted(remote: "str", dest: "str | None", args: "dict[str, Any]", host: "Host") -> "str":
    """The commit that the version means in the remote repository; a commit is what it is, and nobody is asked."""
    version = args["version"]
    if COMMIT.match(version):
        return str(version)
    listed = _git(["ls-remote", "--symref", remote], dest, host)
    refs = {}
    for line in listed.splitlines():
        left, _, right = line.partition("\t")
        if left.startswith("ref: "):
            continue
        refs[right] = left
    for name in (
        "HEAD" if version == "HEAD" else "",
        "refs/heads/" + version,
        "refs/tags/%s^{}" % version,
        "refs/tags/" + version,
    ):
        if name in refs:
            return str(refs[name])
    # Part of a commit's name, which a remote does not tell.
    return str(version)


def _git(words: "list[str]", dest: "str | None", host: "Host", may_fail: "bool" = False) -> "str":
    status, out, err = host.run(["git", *words], environment=QUIET, cwd=dest)
    if status == 127:
        raise Failed('Failed to find required executable "git"', missing=True)
    if status and not may_fail:
        raise Failed("git %s: %s" % (words[0], err.decode("utf-8", "replace").strip()[:400]))
    return out.decode("utf-8", "replace")
