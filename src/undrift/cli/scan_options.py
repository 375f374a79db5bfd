"""
The options of the commands that walk a playbook, one name each; their words mean what they mean in ansible-playbook where
it has them.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Mapping
from typing import Annotated, Any

import typer

ANSIBLE = "As in ansible-playbook"
ANSWER = "What is told"
CAREFUL = "What may be run, and what is never shown"


def _ansible(*names: str, help: str, **more: Any) -> Any:  # noqa: A002 - typer's word
    return typer.Option(*names, help=help, rich_help_panel=ANSIBLE, **more)


def _answer(*names: str, help: str, **more: Any) -> Any:  # noqa: A002 - typer's word
    return typer.Option(*names, help=help, rich_help_panel=ANSWER, **more)


def _careful(*names: str, help: str, **more: Any) -> Any:  # noqa: A002 - typer's word
    return typer.Option(*names, help=help, rich_help_panel=CAREFUL, **more)


Playbook = Annotated[str, typer.Argument(help="The playbook. May be left out when undrift.yaml names one.")]

Inventory = Annotated[
    list[str] | None,
    _ansible(
        "-i",
        "--inventory",
        metavar="WHERE",
        help="Inventory file, folder, script or `host1,host2,`. May be repeated.",
    ),
]
Limit = Annotated[
    str, _ansible("-l", "--limit", metavar="PATTERN", help="Only these hosts: an Ansible pattern, or @FILE.")
]
Tags = Annotated[
    list[str] | None, _ansible("-t", "--tags", metavar="TAGS", help="Only tasks with these tags.")
]
SkipTags = Annotated[
    list[str] | None, _ansible("--skip-tags", metavar="TAGS", help="Not the tasks with these tags.")
]
ExtraVars = Annotated[
    list[str] | None, _ansible("-e", "--extra-vars", metavar="VARS", help="key=value, JSON or @FILE.")
]
User = Annotated[str, _ansible("-u", "--user", metavar="USER", help="Log in as this user.")]
PrivateKey = Annotated[str, _ansible("--private-key", metavar="FILE", help="Log in with this key.")]
Become = Annotated[bool, _ansible("-b", "--become", help="Look as another user, root unless said.")]
BecomeUser = Annotated[str, _ansible("--become-user", metavar="USER", help="The user to become.")]
BecomeMethod = Annotated[str, _ansible("--become-method", metavar="METHOD", help="sudo, su, doas ...")]
AskPass = Annotated[bool, _ansible("-k", "--ask-pass", help="Ask for the login password.")]
AskBecomePass = Annotated[
    bool, _ansible("-K", "--ask-become-pass", help="Ask for the password of sudo and its like.")
]
VaultPasswordFile = Annotated[
    list[str] | None,
    _ansible("--vault-password-file", metavar="FILE", help="A file or script that gives the vault password."),
]
VaultId = Annotated[
    list[str] | None, _ansible("--vault-id", metavar="ID", help="label@source, as for ansible-vault.")
]
AskVaultPass = Annotated[bool, _ansible("-J", "--ask-vault-pass", help="Ask for the vault password.")]
Forks = Annotated[
    int | None, _ansible("-f", "--forks", metavar="N", min=1, help="Logins at once; 50 when nothing is said.")
]
Timeout = Annotated[
    int | None,
    _ansible(
        "-T", "--timeout", metavar="SECONDS", min=1, help="Seconds for a login; 10 when nothing is said."
    ),
]
SshCommonArgs = Annotated[
    str,
    _ansible(
        "--ssh-common-args", metavar="OPTIONS", help="Options as typed behind ssh, for logins and jumps."
    ),
]
SshExtraArgs = Annotated[
    str, _ansible("--ssh-extra-args", metavar="OPTIONS", help="Options as typed behind ssh, for logins.")
]

Outputs = Annotated[
    list[str] | None,
    _answer(
        "-o",
        "--output",
        help="human, json, jsonl or junit; FORMAT=FILE writes a file. May be repeated.",
        metavar="FORMAT",
    ),
]
Unknown = Annotated[bool, _answer("--unknown", help="List what could not be checked, and why.")]
Diff = Annotated[
    bool, _answer("--diff/--no-diff", help="Show the differing lines of files, or not.", show_default=False)
]
Strict = Annotated[
    bool, _answer("--strict", help="Exit 4 also when something cannot be previewed by nature.")
]
MinCoverage = Annotated[
    float | None,
    _answer(
        "--min-coverage",
        metavar="PERCENT",
        min=0,
        max=100,
        help="Exit 4 when less than so many percent were checked.",
    ),
]
Verbose = Annotated[
    int,
    _answer(
        "-v", "--verbose", count=True, show_default=False, help="Say more, and show diffs whole; -vv, -vvv."
    ),
]

RunProbes = Annotated[
    bool, _careful("--run-probes", help="Run commands that say changed_when: false, whatever they are.")
]
NoRun = Annotated[bool, _careful("--no-run", help="Hold back what says check_mode: false.")]
Deadline = Annotated[
    float | None,
    _careful(
        "--deadline",
        metavar="SECONDS",
        min=0.1,
        help="Seconds for one answer of a server; 30 when nothing is said.",
    ),
]
AcceptNewHostKeys = Annotated[
    bool, _careful("--accept-new-host-keys", help="Record host keys that are not known yet.")
]

#: What every command that walks a playbook takes, with what it is when nothing is said.
SHARED: Mapping[str, tuple[Any, Any]] = {
    "playbook": (Playbook, ""),
    "inventory": (Inventory, None),
    "limit": (Limit, ""),
    "tags": (Tags, None),
    "skip_tags": (SkipTags, None),
    "extra_vars": (ExtraVars, None),
    "user": (User, ""),
    "private_key": (PrivateKey, ""),
    "become": (Become, False),
    "become_user": (BecomeUser, ""),
    "become_method": (BecomeMethod, ""),
    "ask_pass": (AskPass, False),
    "ask_become_pass": (AskBecomePass, False),
    "vault_password_file": (VaultPasswordFile, None),
    "vault_id": (VaultId, None),
    "ask_vault_pass": (AskVaultPass, False),
    "forks": (Forks, None),
    "timeout": (Timeout, None),
    "ssh_common_args": (SshCommonArgs, ""),
    "ssh_extra_args": (SshExtraArgs, ""),
    "verbose": (Verbose, 0),
    "run_probes": (RunProbes, False),
    "no_run": (NoRun, False),
    "deadline": (Deadline, None),
    "accept_new_host_keys": (AcceptNewHostKeys, False),
}


def with_shared(command: Callable[..., int]) -> Callable[..., int]:
    """A command that takes SHARED as its first argument, for typer, which reads signatures: with all of them in it."""
    own = inspect.signature(command, eval_str=True).parameters
    shared = [
        inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=kind)
        for name, (kind, default) in SHARED.items()
    ]
    more = [one.replace(kind=inspect.Parameter.KEYWORD_ONLY) for one in list(own.values())[1:]]

    @functools.wraps(command)
    def whole(**typed: Any) -> int:
        return command(
            {name: typed[name] for name in SHARED},
            **{name: value for name, value in typed.items() if name not in SHARED},
        )

    parameters = [*shared, *more]
    whole.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]  # how inspect is told
    whole.__annotations__ = {one.name: one.annotation for one in parameters}
    del whole.__wrapped__  # its signature is not this one's
    return whole
