"""What the system has no call for: all of it written, and a file without a place on any disk."""

import os


def write_all(fd: "int", data: "bytes") -> None:
    """Write all of it, in as many pieces as the system takes. Raises OSError."""
    left = memoryview(data)
    while left:
        left = left[os.write(fd, left) :]


def memory_file(content: "bytes") -> "int":
    """A file without a place on any disk; an unlinked one where there is no memfd."""
    memfd_create = getattr(os, "memfd_create", None)
    if memfd_create is not None:
        fd: "int" = memfd_create("undrift")
    else:
        import tempfile

        memory = "/dev/shm"  # noqa: S108 - a name of mkstemp's own in it
        fd, path = tempfile.mkstemp(dir=memory if os.path.isdir(memory) else None)
        os.unlink(path)
    write_all(fd, content)
    return fd
