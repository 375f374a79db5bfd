"""
A program of its own: runs commands on one host through one of ansible-core's connection plugins. JSON, a line each way.

It is told first which plugin and its variables, {"plugin": name, "variables": {...}}, and says {"ready": true} once it
is connected; then for each {"command": text, "stdin": base64, "become": {...} or null} it says {"status": n, "stdout":
base64, "stderr": base64}. Instead of any of these it may say {"error": text}.
"""

from __future__ import annotations

import base64
import json
import os
import secrets
import shlex
import signal
import sys
import tempfile
from typing import Any

os.environ["ANSIBLE_LOG_PATH"] = os.devnull
# As in boot: ansible-core's own folder is in memory, and removed at a normal end.
os.environ.setdefault("ANSIBLE_LOCAL_TEMP", "/dev/shm" if os.access("/dev/shm", os.W_OK) else "/tmp")  # noqa: S108

from ansible.errors import AnsibleError
from ansible.playbook.play_context import PlayContext
from ansible.plugins.loader import add_all_plugin_dirs, become_loader, connection_loader, init_plugin_loader

#: Where a program's input is laid for a plugin that cannot feed it: in memory before on disk.
PLACES = ("/dev/shm", "/tmp", "/var/tmp")  # noqa: S108 - a folder of our own is made there


def main() -> int:
    """Converse until standard input ends. Returns the exit status: 1 when an error was told."""
    signal.signal(signal.SIGTERM, lambda _signal, _frame: sys.exit(0))
    # The plugin may print: what we say goes another way.
    answers = os.fdopen(os.dup(1), "w", encoding="ascii")
    os.dup2(2, 1)

    def say(message: dict[str, Any]) -> None:
        answers.write(json.dumps(message) + "\n")
        answers.flush()

    try:
        connection = _connected(json.loads(sys.stdin.readline()))
        say({"ready": True})
        for line in sys.stdin:
            request = json.loads(line)
            _become(connection, request["become"])
            status, out, err = _run(connection, request["command"], base64.b64decode(request["stdin"]))
            say({"status": status, "stdout": _text(out), "stderr": _text(err)})
    except AnsibleError as problem:
        say({"error": str(problem.message)})
        return 1
    except Exception as problem:  # noqa: BLE001 - a plugin may raise anything
        say({"error": f"{type(problem).__name__}: {problem}"})
        return 1
    return 0


def _connected(told: dict[str, Any]) -> Any:
    """The plugin, connected. Raises AnsibleError."""
    variables = told["variables"]
    init_plugin_loader([os.path.join(variables["playbook_dir"], "collections")])
    add_all_plugin_dirs(variables["playbook_dir"])
    context = PlayContext()
    context.remote_addr = variables.get("ansible_host") or variables["inventory_hostname"]
    context.remote_user = variables.get("ansible_user")
    connection = connection_loader.get(told["plugin"], context, os.devnull)
    if connection is None:
        raise AnsibleError(f"the connection plugin {told['plugin']!r} is not supported: it is not installed")
    connection.set_options(var_options=variables)
    connection._connect()
    return connection


def _become(connection: Any, told: dict[str, str] | None) -> None:
    """Let the plugin answer the prompt of a become method whose command line is made already."""
    plugin = None
    if told is not None:
        plugin = become_loader.get(told["method"])
        plugin.set_options(task_keys={"become_pass": told["password"]})
        plugin.prompt, plugin.success = told["prompt"], told["success"]
    connection.set_become_plugin(plugin)


def _run(connection: Any, command: str, stdin: bytes) -> tuple[int, Any, Any]:
    """Raises AnsibleError when the input cannot be brought to the host."""
    sudoable = connection.become is not None
    if connection.has_pipelining:
        found: tuple[int, Any, Any] = connection.exec_command(command, in_data=stdin, sudoable=sudoable)
        return found
    folder = _lay(connection, stdin)
    script = f"trap 'rm -rf {folder}' EXIT; {command} < {folder}/stdin"
    return connection.exec_command(f"/bin/sh -c {shlex.quote(script)}", sudoable=sudoable)


def _lay(connection: Any, stdin: bytes) -> str:
    """The folder on the host that holds the input in a file `stdin`; only who logged in may look into it."""
    why: Any = ""
    for place in PLACES:
        folder = f"{place}/undrift-{secrets.token_hex(8)}"
        status, why = _shell(connection, f"umask 077 && mkdir {folder}")
        if status:
            continue
        try:
            with tempfile.NamedTemporaryFile() as file:
                file.write(stdin)
                file.flush()
                connection.put_file(file.name, f"{folder}/stdin")
        except (AnsibleError, OSError) as problem:
            # Some plugins write into the host's disk from outside, where what it has mounted is not seen.
            why = problem
        if _shell(connection, f"test -s {folder}/stdin")[0] == 0:
            return folder
        _shell(connection, f"rm -rf {folder}")
    raise AnsibleError(f"nothing can be laid into {', '.join(PLACES)}: {why}")


def _shell(connection: Any, script: str) -> tuple[int, str]:
    """The exit status, and what was said to standard error."""
    status, _, err = connection.exec_command(f"/bin/sh -c {shlex.quote(script)}", sudoable=False)
    return status, err.decode("utf-8", "replace").strip() if isinstance(err, bytes) else str(err).strip()


def _text(data: Any) -> str:
    return base64.b64encode(data if isinstance(data, bytes) else str(data).encode()).decode("ascii")


if __name__ == "__main__":
    sys.exit(main())
