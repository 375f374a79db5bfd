"""ansible-core's errors in our words: its own message, with the deepest place in a file that it knows of."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from ansible._internal._datatag._tags import Origin
from ansible.errors import AnsibleError, AnsibleUndefinedVariable
from ansible.parsing.vault import AnsibleVaultError

from undrift.errors import PlaybookError, VaultError
from undrift.playbook.unwritten import WouldWrite


class Fault(PlaybookError):
    """An expression or argument that cannot be evaluated: the task would fail for this host."""


class Undefined(Fault):
    """A variable that is not there."""


class Unpreviewable(Fault):
    """Nobody can tell: a value that would have to be made first, a module that knows no check mode."""


def fault_from(problem: BaseException, kind: type[PlaybookError] = PlaybookError) -> PlaybookError:
    """
    The error in our words. kind: what it becomes, unless ansible-core's own type says more (a vault without its
    password, an undefined variable).
    """
    chain = list(_causes(problem))
    if any(isinstance(one, AnsibleVaultError) for one in chain):
        kind = VaultError
    elif kind is Fault and any(isinstance(one, AnsibleUndefinedVariable) for one in chain):
        kind = Undefined
    held_back = next((one for one in chain if isinstance(one, WouldWrite)), None)
    if held_back is not None:
        return Unpreviewable(_message(held_back))
    if isinstance(problem, PlaybookError):
        return problem
    helps = [text for one in chain if (text := getattr(one, "_help_text", None))]
    return kind(_message(problem), where=_place(chain), help=str(helps[-1]) if helps else "")


@contextmanager
def translated(kind: type[PlaybookError] = PlaybookError) -> Iterator[None]:
    """Raise ansible-core's errors of the block as ours."""
    try:
        yield
    except (AnsibleError, RecursionError) as problem:
        raise fault_from(problem, kind) from problem


def _causes(problem: BaseException | None) -> Iterator[BaseException]:
    while problem is not None:
        yield problem
        # Some of ansible-core's plugins raise an error of their own in the place of the one that they met.
        problem = problem.__cause__ or (None if problem.__suppress_context__ else problem.__context__)


def _message(problem: BaseException) -> str:
    if isinstance(problem, AnsibleError):
        return " ".join(str(problem.message).split("\n", 1)[0].split()) or str(problem)
    return f"{type(problem).__name__}: {problem}"


def _place(chain: list[BaseException]) -> str:
    """file:line of the deepest error that knows one."""
    for one in reversed(chain):
        found = getattr(one, "obj", None)
        origin = found if isinstance(found, Origin) else Origin.get_tag(found) if found is not None else None
        if origin is not None and origin.path:
            return f"{origin.path}:{origin.line_num}" if origin.line_num else str(origin.path)
    return ""
