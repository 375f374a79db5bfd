"""
Run a program and hear it out. subprocess would do, but costs 8 ms to import on every server of every scan.
"""

import os
import select


class TooMuch(Exception):
    """The program said more than was asked to listen to."""


def run(
    argv: "list[str]",
    stdin: "bytes" = b"",
    environment: "dict[str, str] | None" = None,
    cwd: "str | None" = None,
    limit: "int" = 32 * 1024 * 1024,
) -> "tuple[int, bytes, bytes]":
    """
    Return (exit status, standard output, standard error). The status is negative for a signal, 127 when the
    program is not there. `environment` is added to ours. There is no time-out here: the supervisor ends the whole
    worker when a request's deadline has passed.

    Raises TooMuch when the output is longer than `limit` bytes.
    """
    in_read, in_write = os.pipe()
    out_read, out_write = os.pipe()
    err_read, err_write = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            for source, target in ((in_read, 0), (out_write, 1), (err_write, 2)):
                os.dup2(source, target)
            if cwd:
                os.chdir(cwd)
            os.execvpe(argv[0], argv, dict(os.environ, **(environment or {})))
        except OSError as problem:
            os.write(2, str(problem).encode("utf-8", "surrogateescape"))
        finally:
            os._exit(127)
    for fd in (in_read, out_write, err_write):
        os.close(fd)
    try:
        out, err = _converse(stdin, in_write, {out_read: [], err_read: []}, limit)
    except TooMuch:
        os.kill(pid, 9)
        os.waitpid(pid, 0)
        raise
    status = os.waitpid(pid, 0)[1]
    return (-os.WTERMSIG(status) if os.WIFSIGNALED(status) else os.WEXITSTATUS(status)), out, err


def _converse(
    stdin: "bytes", in_write: "int", heard: "dict[int, list[bytes]]", limit: "int"
) -> "list[bytes]":
    """Feed `stdin`, collect what is said on the descriptors of `heard`, close each when it is done."""
    poll = select.poll()
    open_ends = list(heard)
    for fd in open_ends:
        poll.register(fd, select.POLLIN | select.POLLHUP)
    os.set_blocking(in_write, False)
    poll.register(in_write, select.POLLOUT)
    left, size = memoryview(stdin), 0
    writing = True
    try:
        while open_ends:
            for fd, _ in poll.poll():
                if fd == in_write:
                    left, writing = _feed(in_write, left, poll)
                    continue
                piece = os.read(fd, 65536)
                size += len(piece)
                if size > limit:
                    raise TooMuch("the program said more than %d bytes" % limit)
                heard[fd].append(piece)
                if not piece:
                    poll.unregister(fd)
                    open_ends.remove(fd)
    finally:
        if writing:
            os.close(in_write)
        for fd in heard:
            os.close(fd)
    return [b"".join(pieces) for pieces in heard.values()]


def _feed(fd: "int", left: "memoryview", poll: "select.poll") -> "tuple[memoryview, bool]":
    """Write what fits; close the end when all is written or nobody reads. Returns (what is left, still open)."""
    try:
        left = left[os.write(fd, left) :] if left else left
    except BlockingIOError:
        return left, True
    except OSError:
        left = left[:0]
    if left:
        return left, True
    poll.unregister(fd)
    os.close(fd)
    return left, False
