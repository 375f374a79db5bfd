"""ansible.posix.authorized_key: the keys that may log in as a user."""

import os
import re

from undrift.agent.answer import answer, difference, resource
from undrift.agent.evidence import evidence
from undrift.agent.host import Failed, file_with

MYPY = False
if MYPY:
    from typing import Any

    from undrift.agent.host import Host

    #: type, options, comment: what must be the same for a key to be the same
    Traits = tuple[str, dict[str, list[str | None]], str]

#: sshd(8), ssh-keygen(1)
TYPES = re.compile(
    r"(?:(?:sk-|webauthn-sk-)?ecdsa-sha2-nistp\d+|(?:sk-)?ssh-ed25519|ssh-dss|ssh-rsa|ssh-xmss|rsa-sha2-\d+)"
    r"(?:-cert-v01)?(?:@openssh\.com)?$"
)
OPTIONS = re.compile(r"""(?:[^,"']|"[^"]*"|'[^']*')+""")


def check(args: "dict[str, Any]", host: "Host") -> "dict[str, Any]":
    """args: user, key (one or more lines), path, state, key_options, exclusive, comment."""
    wanted = [_wanted(line, args) for line in args["key"].splitlines() if line and not line.startswith("#")]
    path = _file_of(args, host)
    there = host.stat(path) if path else None
    before = host.read(path).decode("utf-8", "surrogateescape") if path and there is not None else ""
    lines = before.splitlines(True)
    present = {key: (at, traits) for at, line in enumerate(lines) for key, traits in [_parsed(line)] if key}
    found = []
    gone = set()
    added = []
    for key, traits in wanted:
        have = present.get(key)
        if args["state"] == "absent":
            if have is not None:
                gone.add(have[0])
                found.append(difference("key", "absent", _named(key, have[1])))
        elif have is None or have[1] != traits:
            gone |= set() if have is None else {have[0]}
            added.append(_line(key, traits))
            found.append(
                difference("key", _named(key, traits), None if have is None else _named(key, have[1]))
            )
    if args["exclusive"] and args["state"] == "present":
        keep = {key for key, _ in wanted}
        for key, (at, traits) in present.items():
            if key not in keep:
                gone.add(at)
                found.append(difference("key", "absent", _named(key, traits)))
    shown = None
    if found and path:
        kept = [
            line if line.endswith("\n") else line + "\n" for at, line in enumerate(lines) if at not in gone
        ]
        after = "".join(kept + added).encode("utf-8", "surrogateescape")
        shown = evidence(host, path, before.encode("utf-8", "surrogateescape") if there else None, after)
        host.predict(path, file_with(after, there))
    result = dict(args, keyfile=path, changed=bool(found))
    return answer(
        result, resource("authorized key", "%s: %s" % (args["user"], _labels(wanted)), found, shown)
    )


def _file_of(args: "dict[str, Any]", host: "Host") -> "str | None":
    """None: of a user whom an earlier task would make, with a home that nobody knows yet."""
    if args["path"] is not None:
        return str(args["path"])
    user = host.user(args["user"])
    if user is None:
        raise Failed(
            "Either user must exist or you must provide full path to key file in check mode", missing=True
        )
    return os.path.join(user["dir"], ".ssh", "authorized_keys") if user.get("dir") else None


def _wanted(line: "str", args: "dict[str, Any]") -> "tuple[str, Traits]":
    key, traits = _parsed(line)
    if key is None:
        raise Failed("invalid key specified: %s" % line)
    kind, options, comment = traits
    if args["key_options"] is not None:
        options = _options(args["key_options"])
    if args["comment"] is not None:
        comment = args["comment"]
    return key, (kind, options, comment)


def _parsed(line: "str") -> "tuple[str | None, Traits]":
    """The key of a line and what else it says; None as key for a comment or what is no key."""
    words = line.replace(r"\#", "#").split()
    nothing: "tuple[str | None, Traits]" = (None, ("", {}, ""))
    if not words or words[0].startswith("#"):
        return nothing
    at = next((number for number, word in enumerate(words) if TYPES.match(word)), None)
    if at is None or at + 1 >= len(words):
        return nothing
    return words[at + 1], (words[at], _options(" ".join(words[:at])), " ".join(words[at + 2 :]))


def _options(text: "str") -> "dict[str, list[str | None]]":
    found: "dict[str, list[str | None]]" = {}
    for part in OPTIONS.findall(text):
        name, equals, value = part.partition("=")
        found.setdefault(name, []).append(value if equals else None)
    return found


def _line(key: "str", traits: "Traits") -> "str":
    kind, options, comment = traits
    said = [
        name if value is None else "%s=%s" % (name, value)
        for name, values in options.items()
        for value in values
    ]
    return "%s%s %s %s\n" % (",".join(said) + " " if said else "", kind, key, comment)


def _named(key: "str", traits: "Traits") -> "str":
    """Short, for people: a public key is no secret, and too long."""
    return " ".join(part for part in (traits[0], "...%s" % key[-12:], traits[2]) if part)


def _labels(wanted: "list[tuple[str, Traits]]") -> "str":
    return ", ".join(traits[2] or "...%s" % key[-12:] for key, traits in wanted)
