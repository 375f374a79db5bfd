"""ansible.builtin.template and ansible.builtin.copy: the controller knows the content, the server compares."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import stat
from collections.abc import Mapping
from typing import Any

from undrift.walk.actions.arguments import Argument, BadArgument, read
from undrift.walk.actions.ask import Ask, Occasion, Told
from undrift.walk.actions.files import ATTRIBUTES, plain_mode
from undrift.walk.actions.trees import read_tree

#: Contents up to this many bytes travel; of larger ones the digest does.
TRAVELS = 256 * 1024
#: Directories with more files than this are left to the genuine action.
FILES_AT_MOST = 2000

#: Parts of a context, which are of no effect where SELinux is off.
CONTEXT = ("seuser", "serole", "setype", "selevel")

COMMON = {
    "dest": Argument(kind="path", required=True),
    "src": Argument(kind="path"),
    "backup": Argument(kind="bool", default=False),
    "force": Argument(kind="bool", default=True),
    "follow": Argument(kind="bool", default=False),
    "validate": Argument(),
    "attributes": Argument(aliases=("attr",)),
    **{name: Argument() for name in CONTEXT},
    **ATTRIBUTES,
}
TEMPLATE = {
    **COMMON,
    "newline_sequence": Argument(),
    "block_start_string": Argument(),
    "block_end_string": Argument(),
    "variable_start_string": Argument(),
    "variable_end_string": Argument(),
    "comment_start_string": Argument(),
    "comment_end_string": Argument(),
    "trim_blocks": Argument(kind="raw"),
    "lstrip_blocks": Argument(kind="raw"),
    "output_encoding": Argument(),
}
COPY = {
    **COMMON,
    "content": Argument(kind="raw"),
    "directory_mode": Argument(kind="raw"),
    "local_follow": Argument(kind="bool", default=True),
    "remote_src": Argument(kind="bool", default=False),
    "decrypt": Argument(kind="bool", default=True),
    "checksum": Argument(),
}


def ask_template(args: Mapping[str, Any], occasion: Occasion) -> Ask | Told | None:
    """
    Asks `content`, with the template rendered here; None for arguments beyond TEMPLATE, and a mode that
    plain_mode does not read. Raises BadArgument, and what Occasion.find and render raise.
    """
    values = read(args, TEMPLATE)
    if values is None:
        return None
    if not values["src"]:
        raise BadArgument("src and dest are required")
    source = occasion.find("templates", values["src"])
    content = occasion.render(source, args)
    mode = _mode(values["mode"], source)
    if not plain_mode(mode):
        return None
    return Ask(kind="content", args=_args(values, [_file(content)], mode, os.path.basename(source)))


def ask_copy(args: Mapping[str, Any], occasion: Occasion) -> Ask | Told | None:
    """
    Asks `content`: of `content`, of a file or directory here, of what lies on the server (remote_src). None
    for arguments beyond COPY, a mode that plain_mode does not read, a directory of more than FILES_AT_MOST
    files, and a link to one that is not to be followed. Raises BadArgument, and what Occasion.find and read
    raise.
    """
    values = read(args, COPY)
    if values is None:
        return None
    if values["content"] is not None:
        return _of_content(values)
    if not values["src"]:
        raise BadArgument("src (or content) is required")
    if values["remote_src"]:
        # The module, unlike the action, does neither of both when it is not said.
        return _of_remote(values, follow=values["local_follow"] if "local_follow" in args else None)
    source = occasion.find("files", values["src"])
    if os.path.isdir(source):
        return _of_directory(values, source, occasion)
    mode = _mode(values["mode"], source)
    if not plain_mode(mode):
        return None
    content = _read(source, occasion, decrypt=values["decrypt"])
    return Ask(kind="content", args=_args(values, [content], mode, os.path.basename(source)))


def _of_content(values: dict[str, Any]) -> Ask | None:
    if values["src"]:
        raise BadArgument("src and content are mutually exclusive")
    if values["dest"].endswith("/"):
        raise BadArgument("can not use content with a dir as dest")
    content = values["content"]
    text = json.dumps(content) if isinstance(content, dict | list) else str(content)
    if not plain_mode(values["mode"]):
        return None
    return Ask(
        kind="content",
        args=_args(values, [_file(text.encode("utf-8", "surrogateescape"))], values["mode"], ""),
    )


def _of_remote(values: dict[str, Any], *, follow: bool | None) -> Ask | None:
    mode = values["mode"]
    if not (plain_mode(mode) or mode == "preserve"):
        return None
    return Ask(
        kind="content",
        args={
            **_args(values, [], mode, ""),
            "src": values["src"],
            "remote_src": True,
            "local_follow": follow,
        },
    )


def _of_directory(values: dict[str, Any], source: str, occasion: Occasion) -> Ask | None:
    """With a slash at its end: what is in it; without: itself."""
    mode, below = values["mode"], "" if values["src"].endswith("/") else os.path.basename(source)
    if not (plain_mode(mode) or mode == "preserve") or not plain_mode(values["directory_mode"]):
        return None
    if os.path.islink(source.rstrip("/")) and not values["local_follow"]:
        return None
    tree = read_tree(source.rstrip("/"), below, follow=values["local_follow"])
    if len(tree.files) > FILES_AT_MOST:
        return None
    files = [
        {**_read(path, occasion, decrypt=values["decrypt"]), "name": name, "mode": _kept(mode, path)}
        for path, name in tree.files
    ]
    plain = None if mode == "preserve" else mode
    found = {"top": below, "directories": tree.directories, "links": tree.links, "src": source}
    return Ask(kind="content", args={**_args(values, files, plain, ""), **found})


def _args(values: Mapping[str, Any], files: list[dict[str, Any]], mode: Any, basename: str) -> dict[str, Any]:
    return {
        "dest": values["dest"],
        "files": files,
        "basename": basename,
        "owner": values["owner"],
        "group": values["group"],
        "mode": mode,
        "directory_mode": values.get("directory_mode"),
        "force": values["force"],
        "follow": values["follow"],
        "checksum": values.get("checksum"),
        "attributes": values["attributes"],
        **{name: values[name] for name in ("backup", "validate", "unsafe_writes") if values[name]},
        "context": {name: values[name] for name in CONTEXT if values[name] is not None},
    }


def _read(path: str, occasion: Occasion, *, decrypt: bool) -> dict[str, Any]:
    size = os.stat(path).st_size
    if size > TRAVELS * 16:
        return _large(path, size)
    if not decrypt:
        with open(path, "rb") as file:
            return _file(file.read())
    return _file(occasion.read(path))


def _large(path: str, size: int) -> dict[str, Any]:
    with open(path, "rb") as file:
        return {"content": None, "sha1": hashlib.file_digest(file, "sha1").hexdigest(), "size": size}


def _file(content: bytes) -> dict[str, Any]:
    travels = len(content) <= TRAVELS
    return {
        "content": base64.b64encode(content).decode() if travels else None,
        "sha1": hashlib.sha1(content).hexdigest(),  # noqa: S324 - Ansible's checksum of files
        "size": len(content),
    }


def _mode(mode: Any, source: str) -> Any:
    return _kept("preserve", source) if mode == "preserve" else mode


def _kept(mode: Any, source: str) -> str | None:
    """The source's own mode, where it is to be preserved."""
    return f"{stat.S_IMODE(os.stat(source).st_mode):04o}" if mode == "preserve" else None


ACTIONS = {"ansible.builtin.template": ask_template, "ansible.builtin.copy": ask_copy}
