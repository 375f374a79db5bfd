"""How a host is reached and who one becomes there, as variables, keywords, options and ansible.cfg say together."""

from __future__ import annotations

import functools
import secrets
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ansible import constants as C  # noqa: N812 - as everybody who writes for Ansible calls it
from ansible.plugins.loader import become_loader, connection_loader, shell_loader

from undrift.model.secret import Secret
from undrift.model.target import COMMAND, Become, Target
from undrift.playbook.boot import Core
from undrift.playbook.faults import Fault, translated
from undrift.playbook.options import ReadOptions
from undrift.playbook.scope import Scope

#: Connection variables that Target carries.
ACTING = frozenset(
    [
        "ansible_connection",
        "ansible_host",
        "ansible_ssh_host",
        "ansible_port",
        "ansible_ssh_port",
        "ansible_user",
        "ansible_ssh_user",
        "ansible_password",
        "ansible_ssh_pass",
        "ansible_ssh_password",
        "ansible_private_key",
        "ansible_ssh_private_key",
        "ansible_ssh_private_key_file",
        "ansible_private_key_file",
        "ansible_ssh_private_key_passphrase",
        "ansible_private_key_passphrase",
        "ansible_ssh_common_args",
        "ansible_ssh_extra_args",
        "ansible_ssh_args",
        "ansible_ssh_executable",
        "ansible_ssh_pkcs11_provider",
        "ansible_ssh_retries",
        "ansible_ssh_timeout",
        "ansible_timeout",
        "ansible_ssh_use_tty",
        "ansible_host_key_checking",
        "ansible_ssh_host_key_checking",
        "ansible_shell_executable",
        "ansible_shell_type",
        "ansible_python_interpreter",
    ]
)
#: Those that are about copying files, about ansible-core's own ssh processes, or about what they print.
IDLE = frozenset(
    [
        "ansible_ssh_pipelining",
        "ansible_pipelining",
        "ansible_ssh_transfer_method",
        "ansible_scp_if_ssh",
        "ansible_sftp_batch_mode",
        "ansible_scp_executable",
        "ansible_scp_extra_args",
        "ansible_sftp_executable",
        "ansible_sftp_extra_args",
        "ansible_control_path",
        "ansible_control_path_dir",
        "ansible_ssh_password_mechanism",
        "ansible_ssh_verbosity",
        "ansible_sshpass_prompt",
    ]
)
KNOWN = ACTING | IDLE
#: Types of login shells that start a POSIX shell as we ask them to.
SHELLS = frozenset({"", "sh", "csh", "fish", "bash", "zsh", "ksh"})


@dataclass(frozen=True, slots=True)
class _Said:
    """What the connection variables of one host, its play, the command line and ansible.cfg say."""

    rendered: Mapping[str, Any]  #: the variables that are KNOWN
    scope: Scope
    options: ReadOptions

    def variable(self, *names: str) -> Any:
        """The first of these that says anything; None: none does."""
        return next((self.rendered[name] for name in names if self.rendered.get(name)), None)

    def text(self, *names: str) -> str:
        return str(self.variable(*names) or "")

    def option(self, name: str) -> Any:
        """An option of the ssh plugin: by variable, environment, ansible.cfg or default."""
        return C.config.get_config_value(
            name, plugin_type="connection", plugin_name="ssh", variables=self.rendered
        )

    def keyword(self, name: str) -> Any:
        return self.scope.value(getattr(self.scope.step.task, name))


def target_of(core: Core, variables: Mapping[str, Any], scope: Scope, host: str) -> Target:
    """
    How `host` is reached. variables: all of its own. Raises Fault when one of them cannot be rendered.
    """
    rendered = {name: scope.value(variables[name]) for name in sorted(KNOWN & variables.keys())}
    said = _Said(rendered, scope, core.options)
    connection = _short(said.variable("ansible_connection") or said.keyword("connection") or "ssh")
    with translated(Fault):
        return Target(
            host=host,
            connection=connection,
            plugin_variables=_plugin_variables(core, connection, variables, scope, host),
            address=said.text("ansible_host", "ansible_ssh_host"),
            port=_port(said),
            user=_user(said),
            password=Secret(str(said.option("password") or said.options.password.reveal)),
            key_file=str(said.option("private_key_file") or said.options.private_key or ""),
            key=Secret(said.text("ansible_private_key", "ansible_ssh_private_key")),
            key_passphrase=Secret(
                said.text("ansible_private_key_passphrase", "ansible_ssh_private_key_passphrase")
            ),
            common_args=_common_args(said),
            ssh_args=said.text("ansible_ssh_args") or _configured("ssh_args"),
            ssh_executable=said.text("ansible_ssh_executable") or _configured("ssh_executable"),
            check_host_key=bool(said.option("host_key_checking")),
            retries=int(said.option("reconnection_retries") or 0),
            tty=bool(said.option("use_tty")),
            shell=_shell(said.variable("ansible_shell_executable")),
            timeout=_timeout(said),
            python=_interpreter(said.variable("ansible_python_interpreter")),
            idle=tuple(sorted(IDLE & rendered.keys())),
            others=_unknown(variables) | _foreign_shell(said.variable("ansible_shell_type")),
        )


def _port(said: _Said) -> int | None:
    port = said.option("port") or said.keyword("port")
    return int(port) if port else None


def _user(said: _Said) -> str:
    named = said.variable("ansible_user", "ansible_ssh_user")
    return str(named or said.keyword("remote_user") or said.options.user or "")


def _common_args(said: _Said) -> str:
    parts = (
        _token(said.variable("ansible_ssh_pkcs11_provider")),
        said.option("ssh_common_args") or said.options.ssh_common_args,
        said.option("ssh_extra_args") or said.options.ssh_extra_args,
    )
    return " ".join(part for part in parts if part)


def _unknown(variables: Mapping[str, Any]) -> dict[str, str]:
    """
    Variables that can only be meant for the connection and that nobody knows, with the nearest name that is known. A
    variable of the user's own may well begin with ansible_, as facts do: only a slip of one letter is taken for one.
    """
    found = {}
    for name in variables:
        if not name.startswith("ansible_") or name in KNOWN or name.startswith("ansible_ssh_host_key_"):
            continue
        near = _nearest(name)
        slip = near and not isinstance(variables[name], list | dict)
        if slip or name.startswith("ansible_ssh_"):
            found[name] = f"did you mean {near}?" if near else ""
    return found


@functools.cache
def _nearest(name: str) -> str:
    """The known name that is one slip away; empty: none. A plural is another word and no slip."""
    return next((known for known in sorted(KNOWN) if name != f"{known}s" and _one_slip(name, known)), "")


def _one_slip(one: str, other: str) -> bool:
    """Is one letter more, less, another, or are two neighbours the other way round?"""
    if abs(len(one) - len(other)) > 1 or one == other:
        return False
    start = next(
        (place for place, pair in enumerate(zip(one, other, strict=False)) if pair[0] != pair[1]), None
    )
    if start is None:
        return True
    mine, theirs = one[start:], other[start:]
    if len(one) != len(other):
        return mine[1:] == theirs or mine == theirs[1:]
    return mine[1:] == theirs[1:] or (mine[:2] == theirs[:2][::-1] and mine[2:] == theirs[2:])


def _timeout(said: _Said) -> float:
    """
    In seconds: --timeout, ansible_ssh_timeout, ansible_timeout, what ansible.cfg says. Raises Fault for one that is no
    number.
    """
    nearer = said.options.timeout or "ansible_ssh_timeout" in said.rendered
    asked = said.options.timeout if nearer else said.variable("ansible_timeout")
    try:
        seconds = float(asked or 0)
    except (TypeError, ValueError):
        raise Fault(f"ansible_timeout: {asked!r} is not a number of seconds") from None
    return seconds or float(said.option("timeout") or C.DEFAULT_TIMEOUT)


def _shell(value: Any) -> str:
    """The shell that a command is handed to. Raises Fault for what would need quoting."""
    path = str(value or C.DEFAULT_EXECUTABLE or "/bin/sh")
    if not all(char.isalnum() or char in "/._-+" for char in path):
        raise Fault(f"ansible_shell_executable: {path!r} is no name of a shell")
    return path


def _foreign_shell(value: Any) -> dict[str, str]:
    kind = str(value or "").rpartition(".")[2]
    return {} if kind in SHELLS else {"ansible_shell_type": f"undrift does not know {kind}"}


def _token(provider: Any) -> str:
    return f"-o {shlex.quote(f'PKCS11Provider={provider}')}" if provider else ""


def _plugin_variables(
    core: Core, connection: str, variables: Mapping[str, Any], scope: Scope, host: str
) -> dict[str, Secret]:
    """What a plugin other than ours reads: the variables that it names in its documentation."""
    if connection in {"ssh", "local"}:
        return {}
    found = connection_loader.get_with_context(connection, class_only=True)
    names = C.config.get_plugin_vars("connection", found.object._load_name) if found.object else []
    named = {name: Secret(str(scope.value(variables[name]))) for name in names if name in variables}
    return {"inventory_hostname": Secret(host), "playbook_dir": Secret(core.loader.get_basedir()), **named}


def become_of(core: Core, scope: Scope) -> Become | None:
    """Who the step's task becomes; None: it stays who logged in. Raises Fault."""
    task = scope.step.task
    variables = scope.chain
    says = variables.get("ansible_become", task.become)
    if not scope.flag(says):
        return None
    method = str(
        scope.value(variables.get("ansible_become_method", task.become_method)) or C.DEFAULT_BECOME_METHOD
    )
    plugin = become_loader.get(method)
    if plugin is None:
        raise Fault(f"become method {method!r} is not known", where=f"{scope.step.file}:{scope.step.line}")
    names = C.config.get_plugin_vars("become", plugin._load_name)
    rendered = {name: scope.value(variables[name]) for name in names if name in variables}
    keys = {
        "become": True,
        "become_user": scope.value(task.become_user),
        "become_exe": scope.value(task.become_exe),
        "become_flags": scope.value(task.become_flags),
        "become_pass": core.options.become_password.reveal or None,
    }
    with translated(Fault):
        plugin.set_options(task_keys=keys, var_options=rendered)
    return _become(method, plugin, _shell(scope.value(variables.get("ansible_shell_executable"))))


def _become(method: str, plugin: Any, executable: str) -> Become:
    shell = shell_loader.get("sh")
    shell.executable = executable
    mark = secrets.token_hex(8)

    # The plugin makes a new mark each time; ours stays, so that whoever waits knows what for.
    line = str(plugin.build_become_command(COMMAND, shell)).replace(plugin._id, mark)
    user = plugin.get_option("become_user") or "root"
    return Become(
        key=f"{method} {user} {plugin.get_option('become_flags') or ''}".strip(),
        line=line,
        prompts=_prompts(plugin, mark),
        success=str(plugin.success).replace(plugin._id, mark),
        password=Secret(str(plugin.get_option("become_pass") or "")),
        needs_tty=bool(plugin.require_tty),
        incorrect=tuple(plugin.fail or ()),
        missing=tuple(plugin.missing or ()),
    )


def _prompts(plugin: Any, mark: str) -> tuple[str, ...]:
    """How the method asks; su asks in the language of the server."""
    if isinstance(plugin.prompt, str):
        return (plugin.prompt.replace(plugin._id, mark),) if plugin.prompt else ()
    return tuple(plugin.get_option("prompt_l10n") or plugin.SU_PROMPT_LOCALIZATIONS) if plugin.prompt else ()


def _configured(name: str) -> str:
    """An ssh setting that ansible.cfg or the environment says; ansible-core's own default is none of ours."""
    value, origin = C.config.get_config_value_and_origin(name, plugin_type="connection", plugin_name="ssh")
    return "" if origin == "default" else str(value or "")


def _interpreter(value: Any) -> str:
    """The name or path of a Python; by `/usr/bin/env NAME` it is looked for as any name is."""
    text = str(value or "").strip()
    first, _, rest = text.partition(" ")
    if first.endswith("/env") and rest.strip():
        text = rest.strip()
    return "" if text.startswith("auto") else text


def _short(connection: Any) -> str:
    name = str(connection).removeprefix("ansible.builtin.").removeprefix("ansible.legacy.")
    return "ssh" if name in {"smart", "paramiko", "paramiko_ssh", "ssh"} else name
