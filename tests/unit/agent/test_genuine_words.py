"""What a genuine module says is nobody's business where the request holds a secret."""

from __future__ import annotations

import pytest

from undrift.agent.host import Host, Unknown
from undrift.agent.resources.genuine import _judge

ARGS = {"fqcn": "a.b.c", "params": {"ANSIBLE_MODULE_ARGS": {"path": "/srv/x", "_ansible_check_mode": True}}}
NO_JSON = b"Traceback: cannot log in with hunter2"
CRASHED = b'{"failed": true, "undrift_crash": "ValueError: hunter2"}'
BROKE_OFF = b'{"failed": true, "exception": "File x\\nValueError: hunter2"}'
FAILED = b'{"failed": true, "msg": "no login with hunter2"}'


@pytest.mark.parametrize("said", [NO_JSON, CRASHED, BROKE_OFF])
@pytest.mark.parametrize("secret", [True, False])
def test_the_words_of_a_module_that_breaks_off_are_told_unless_the_request_is_secret(
    said: bytes, secret: bool
) -> None:
    host = Host()
    host.secret = secret
    with pytest.raises(Unknown) as caught:
        _judge(said, ARGS, host)
    assert ("hunter2" in caught.value.text) is not secret


def test_the_words_of_a_module_that_an_earlier_task_may_help_are_kept_too() -> None:
    host = Host()
    host.secret = True
    host.overlay.record("path", "/srv/x", {"type": "file", "created": True})
    with pytest.raises(Unknown) as caught:
        _judge(FAILED, ARGS, host)
    assert caught.value.kind == "unpreviewable"
    assert "hunter2" not in caught.value.text
