"""A directory on the controller that is to be copied: what is in it, as the action takes it."""

from __future__ import annotations

import os
from dataclasses import dataclass, field

Identity = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Tree:
    """Names below the destination. files: (path here, name). links: (where it leads, name)."""

    files: list[tuple[str, str]] = field(default_factory=list)
    directories: list[str] = field(default_factory=list)
    links: list[tuple[str, str]] = field(default_factory=list)


def read_tree(top: str, below: str, *, follow: bool) -> Tree:
    """
    All in the directory `top`, under the name `below`. follow: what links lead to is taken in their places, but for
    links that lead nowhere or in a circle (ansible.plugins.action.copy).
    """
    tree = Tree()
    _read(tree, top, below, frozenset({_identity(top)}), follow=follow)
    return tree


def _read(tree: Tree, folder: str, below: str, above: frozenset[Identity], *, follow: bool) -> None:
    for entry in sorted(os.scandir(folder), key=lambda one: one.name):
        name = os.path.join(below, entry.name)
        if entry.is_symlink() and not (follow and _leads_on(entry, above)):
            tree.links.append((os.readlink(entry.path), name))
        elif entry.is_dir():
            tree.directories.append(name)
            _read(tree, entry.path, name, above | {_identity(entry.path)}, follow=follow)
        else:
            tree.files.append((entry.path, name))


def _leads_on(entry: os.DirEntry[str], above: frozenset[Identity]) -> bool:
    """Whether a link leads to a file, or to a directory that it does not lie in."""
    return entry.is_file() or (entry.is_dir() and _identity(entry.path) not in above)


def _identity(path: str) -> Identity:
    there = os.stat(path)
    return there.st_dev, there.st_ino
