"""
Actions whose plugin does part of its work on the controller (unarchive, fetch, synchronize, reboot, those of collections):
ansible-core's own TaskExecutor does the whole of it, over ansible-core's own connection, in a process of its own.
"""

from __future__ import annotations

import os
import pickle
import select
import signal
from collections.abc import Mapping
from typing import Any

from ansible.executor.task_executor import TaskExecutor
from ansible.playbook.play_context import PlayContext
from ansible.plugins import loader as plugin_loaders

from undrift.playbook.boot import Core
from undrift.playbook.scope import Scope


class Acting:
    """One task that is being done. Raises what os.fork raises when there is no process to be had."""

    def __init__(self, core: Core, scope: Scope, args: Mapping[str, Any]) -> None:
        self._said = b""
        self._read, write = os.pipe()
        self._pid = os.fork()
        if self._pid == 0:
            os.close(self._read)
            _be_child(core, scope, args, write)
        os.close(write)

    def result(self) -> dict[str, Any] | None:
        """What the action returns, as `register` holds it; None as long as it is at work."""
        while select.select([self._read], [], [], 0)[0]:
            piece = os.read(self._read, 1 << 20)
            if not piece:
                return self._ended()
            self._said += piece
        return None

    def _ended(self) -> dict[str, Any]:
        os.close(self._read)
        status = os.waitstatus_to_exitcode(os.waitpid(self._pid, 0)[1])
        if status or not self._said:
            return {"failed": True, "msg": f"the process that did it broke off (status {status})"}
        found: dict[str, Any] = pickle.loads(self._said)  # noqa: S301 - our own child
        return {name: value for name, value in found.items() if not name.startswith("_ansible_")}


class _Nobody:
    """Takes what a task executor says to callbacks."""

    def __getattr__(self, _name: str) -> Any:
        return lambda *_, **__: None


def _be_child(core: Core, scope: Scope, args: Mapping[str, Any], write: int) -> None:
    """Do the task, say its result, and end; never returns."""
    try:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        nothing = os.open(os.devnull, os.O_RDWR)
        for fd in (0, 1):
            os.dup2(nothing, fd)
        try:
            result = _execute(core, scope, args)
        except Exception as problem:  # noqa: BLE001 - whatever an action plugin raises is that task's failure
            result = {"failed": True, "msg": f"{type(problem).__name__}: {problem}"}
        said = pickle.dumps(_plain(result))
        with os.fdopen(write, "wb") as pipe:
            pipe.write(said)
        os._exit(0)
    finally:
        os._exit(1)


def _execute(core: Core, scope: Scope, args: Mapping[str, Any]) -> dict[str, Any]:
    """As ansible-core's worker does it: one item, whose condition holds, and that is judged by us."""
    step = scope.step
    host = core.inventory.get_host(scope.memory.host)
    play = step.task.play
    variables = core.variables.get_vars(play=play, host=host, task=step.task)
    variables.update(scope.local)
    task = step.task.copy(exclude_parent=True, exclude_tasks=True)
    task._parent = step.task._parent
    task.args = dict(args)
    task.loop, task.loop_with, task.when, task.until, task.retries = None, None, [], [], None
    task.changed_when, task.failed_when, task.check_mode = [], [], False
    options = core.options
    passwords = {"conn_pass": options.password.reveal, "become_pass": options.become_password.reveal}
    executor = TaskExecutor(
        host,
        task,
        variables,
        PlayContext(play, passwords),
        core.loader,
        plugin_loaders,
        _Nobody(),
        core.variables,
    )
    result: dict[str, Any] = executor.run()
    return result


def _plain(value: Any) -> Any:
    """Without ansible-core's marks, which are of no use to the walk (and what it returns is never trusted)."""
    if isinstance(value, Mapping):
        return {str(key): _plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    if isinstance(value, bool | int | float) or value is None:
        return value
    return str(value)
