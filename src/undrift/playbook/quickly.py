"""Where ansible-core does over and over what comes out the same: the same results, sooner."""

from __future__ import annotations

import hashlib
import pickle
from collections.abc import Callable
from typing import Any

from ansible._internal._templating import _lazy_containers
from ansible.utils.collection_loader import _collection_finder

from undrift import locations

Reader = Callable[[str | bytes, Any], dict[str, Any]]


def remember_routing() -> None:
    """The routing tables of plugins: ansible-core's own is 376 kB of YAML, which takes 50 ms to read."""
    read: Reader = _collection_finder._meta_yml_to_dict

    def remembered(data: str | bytes, content_id: Any) -> dict[str, Any]:
        raw = data.encode() if isinstance(data, str) else data
        kept = locations.cache() / "routing" / f"{hashlib.sha256(raw).hexdigest()[:24]}.pickle"
        if kept.is_file():
            found: dict[str, Any] = pickle.loads(kept.read_bytes())  # noqa: S301 - our own cache
            return found
        found = read(data, content_id)
        if len(raw) > WORTH_IT:
            locations.keep(kept, pickle.dumps(found, protocol=pickle.HIGHEST_PROTOCOL))
        return found

    _collection_finder._meta_yml_to_dict = remembered


#: Smaller tables are read as quickly as looked up, in bytes.
WORTH_IT = 4096


def pass_scalars_through() -> None:
    """
    Every value that a template prints is offered to be wrapped for lazy access, which scalars never are: an eighth of
    a template's time went into two context managers around the look at their type.
    """
    lazy = _lazy_containers._AnsibleLazyTemplateMixin
    create = lazy._try_create
    scalars = _lazy_containers._KNOWN_TYPES - lazy._dispatch_types.keys()

    def quickly(item: Any, *options: Any, **more: Any) -> Any:
        return item if type(item) in scalars else create(item, *options, **more)

    if create.__name__ != quickly.__name__:
        lazy._try_create = staticmethod(quickly)
