"""Where software comes from: ansible.builtin.apt_repository and git."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from undrift.walk.actions.arguments import Argument, read
from undrift.walk.actions.ask import Ask, Occasion, Told

APT_REPOSITORY = {
    "repo": Argument(required=True),
    "state": Argument(default="present", choices=("absent", "present")),
    "filename": Argument(),
    # Of no matter for whether it is there.
    "mode": Argument(kind="raw"),
    "update_cache": Argument(kind="bool", aliases=("update-cache",)),
    "update_cache_retries": Argument(kind="int"),
    "update_cache_retry_max_delay": Argument(kind="int"),
    "install_python_apt": Argument(kind="bool"),
    "validate_certs": Argument(kind="bool"),
}
GIT = {
    "repo": Argument(aliases=("name",), required=True),
    "dest": Argument(kind="path", required=True),
    "version": Argument(default="HEAD"),
    "remote": Argument(default="origin"),
    "update": Argument(kind="bool", default=True),
    "force": Argument(kind="bool", default=False),
    "clone": Argument(kind="bool", default=True),
    # How it comes, not what is there.
    "depth": Argument(kind="int"),
    "single_branch": Argument(kind="bool"),
    "recursive": Argument(kind="bool"),
    "umask": Argument(kind="raw"),
}


def ask_apt_repository(args: Mapping[str, Any], _occasion: Occasion) -> Ask | Told | None:
    """
    Asks `apt_repository`; None for arguments beyond APT_REPOSITORY, a ppa, and a filename with a folder in
    it. Raises BadArgument.
    """
    values = read(args, APT_REPOSITORY)
    if values is None or values["repo"].startswith("ppa:") or "/" in (values["filename"] or ""):
        return None
    return Ask(kind="apt_repository", args={name: values[name] for name in ("repo", "state", "filename")})


def ask_git(args: Mapping[str, Any], _occasion: Occasion) -> Ask | Told | None:
    """
    Asks `git`; None for arguments beyond GIT, and a dest that is relative or holds a variable. Raises
    BadArgument.
    """
    values = read(args, GIT)
    if values is None or not values["dest"].startswith("/") or "$" in values["dest"]:
        return None
    if values["repo"].startswith("/"):
        values["repo"] = f"file://{values['repo']}"
    names = ("repo", "dest", "version", "remote", "update", "force")
    # The files of a work tree are not carried forward to the tasks after it.
    return Ask(kind="git", args={name: values[name] for name in names}, unseen=True)


ACTIONS = {
    "ansible.builtin.apt_repository": ask_apt_repository,
    "ansible.builtin.git": ask_git,
}
