"""What keeps programs from writing when they are only asked something."""

import os

from undrift.agent.files import memory_file

#: Also when it is only asked, apt writes 80 MB of caches and a log of its plan, when it is not told otherwise.
APT_CONFIG = b'Dir::Cache::pkgcache "";\nDir::Cache::srcpkgcache "";\nDir::Log::Planner "/dev/null";\n'


def apt_config() -> "str":
    """A path to settings for apt that lies in memory, for the children of this process."""
    return "/proc/%d/fd/%d" % (os.getpid(), memory_file(APT_CONFIG))


def environment(program: "str") -> "dict[str, str]":
    """For a program that only reads: git refreshes no index, Python keeps nothing compiled, apt no caches."""
    quiet = {"GIT_OPTIONAL_LOCKS": "0", "PYTHONDONTWRITEBYTECODE": "1"}
    if os.path.basename(program).startswith("apt"):
        quiet["APT_CONFIG"] = apt_config()
    return quiet
