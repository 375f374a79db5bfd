"""ansible.builtin.get_url."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from undrift.walk.actions.arguments import Argument, read
from undrift.walk.actions.ask import Ask, Occasion, Told
from undrift.walk.actions.files import ATTRIBUTES, plain_mode

#: How the file comes is of no matter for whether it is there.
MANNER = [
    "url_username",
    "url_password",
    "force_basic_auth",
    "use_gssapi",
    "http_agent",
    "timeout",
    "headers",
    "use_proxy",
    "validate_certs",
    "client_cert",
    "client_key",
    "ciphers",
    "decompress",
    "unredirected_headers",
    "use_netrc",
    "tmp_dest",
    "backup",
]
GET_URL = {
    "url": Argument(required=True),
    "dest": Argument(kind="path", required=True),
    "checksum": Argument(default=""),
    "force": Argument(kind="bool", default=False),
    **ATTRIBUTES,
    **{
        name: Argument(kind="raw", aliases=("username",) if name == "url_username" else ()) for name in MANNER
    },
}
ALGORITHMS = frozenset({"md5", "sha1", "sha224", "sha256", "sha384", "sha512"})


def ask_get_url(args: Mapping[str, Any], _occasion: Occasion) -> Ask | Told | None:
    """
    Asks `download`; Told for a checksum that is itself to be downloaded; None for arguments beyond GET_URL,
    and a mode that plain_mode does not read. Raises BadArgument.
    """
    values = read(args, GET_URL)
    if values is None or not plain_mode(values["mode"]):
        return None
    algorithm, _, digest = values["checksum"].partition(":")
    if values["checksum"] and (algorithm not in ALGORITHMS or not digest.strip().isalnum()):
        # The digest is to be downloaded, too.
        return Told(unpreviewable="the checksum would have to be downloaded")
    wanted = {name: values[name] for name in ("url", "dest", "force", "owner", "group", "mode")}
    given = (
        {"algorithm": algorithm, "checksum": digest.strip().lower()}
        if digest
        else {"algorithm": None, "checksum": None}
    )
    return Ask(kind="download", args={**wanted, **given})


ACTIONS = {"ansible.builtin.get_url": ask_get_url}
