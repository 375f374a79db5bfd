"""How a host is reached, as the inventory, the playbook and ansible.cfg say it together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from undrift.model.secret import NO_SECRET, Secret

#: Stands for the command in Become.line.
COMMAND = "UNDRIFT-COMMAND"


@dataclass(frozen=True, kw_only=True)
class Become:
    """
    Another identity on the host. `key` is the same for what may share one agent ("sudo root"); `line` is the become
    method's own command line, as ansible-core's become plugin builds it, for the command COMMAND.
    """

    key: str
    line: str = field(compare=False)
    prompts: tuple[str, ...] = ()  #: what the method may ask for the password with; empty: it does not ask
    success: str = ""  #: the word the wrapped command prints first, once the identity is taken on
    password: Secret = field(default=NO_SECRET, compare=False)
    needs_tty: bool = False  #: su reads the password from a terminal only
    incorrect: tuple[str, ...] = ()  #: what the method says to a wrong password
    missing: tuple[str, ...] = ()  #: what the method says when it wants a password and got none

    def wrap(self, command: str) -> str:
        """
        The command line that runs a shell command as the other identity. The command has no single quotes in it: then
        it stays itself, however often the line quotes it.
        """
        if "'" in command:
            raise ValueError("a command with single quotes cannot be wrapped")
        return self.line.replace(COMMAND, command)


@dataclass(frozen=True, kw_only=True)
class Target:
    """Everything a login needs. Empty or None: not said, so that ~/.ssh/config and the defaults decide."""

    host: str  #: the name in the inventory
    connection: str = "ssh"  #: ssh, local, or another connection plugin's name
    address: str = ""
    port: int | None = None
    user: str = ""
    password: Secret = NO_SECRET
    key_file: str = ""
    key: Secret = NO_SECRET  #: a private key itself (ansible_private_key)
    key_passphrase: Secret = NO_SECRET
    common_args: str = ""  #: ansible_ssh_common_args and ssh_extra_args, as typed
    ssh_args: str = ""  #: ansible_ssh_args, as typed
    ssh_executable: str = ""
    check_host_key: bool = True
    retries: int = 0  #: of a login that was dropped, where that is more than our own
    tty: bool = True  #: may a program be started on a terminal where become insists?
    shell: str = "/bin/sh"
    timeout: float = 10.0  #: seconds until a login must have begun
    python: str = ""  #: ansible_python_interpreter; empty or auto*: look for one
    #: the variables that another connection plugin reads, by name
    plugin_variables: Mapping[str, Secret] = field(default_factory=dict)
    #: connection variables that change nothing about a scan
    idle: tuple[str, ...] = ()
    #: connection variables that were set and that are none of the above, by name, with a hint or nothing: an error
    others: Mapping[str, str] = field(default_factory=dict)
