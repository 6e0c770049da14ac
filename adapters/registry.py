"""From what a data map says of its stores to the adapters that open them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from adapters.clock import SystemClock
from adapters.sql import SqlAdapter
from engine.datamap.map import DataMap
from engine.datamap.model import StoreSpec
from engine.errors import PolicyError, did_you_mean
from engine.policy.findings import error
from engine.ports import Clock, DataAdapter

Open = Callable[[str, StoreSpec, DataMap, Clock], DataAdapter]
"""Open one store: its name, what the map says of it, the map (for messages), and the time."""


def open_adapters(datamap: DataMap, clock: Clock | None = None) -> Mapping[str, DataAdapter]:
    """Open every store of the map; nothing is connected to yet. PolicyError for one that cannot be.

    `clock` tells which files are closed; without one it is the machine's.
    """
    clock = clock or SystemClock()
    opened: dict[str, DataAdapter] = {}
    for name, spec in datamap.stores.items():
        if spec.adapter not in ADAPTERS:
            message = f"no adapter `{spec.adapter}`{did_you_mean(spec.adapter, ADAPTERS)}"
            raise _refused(datamap, name, "adapter", message)
        opened[name] = ADAPTERS[spec.adapter](name, spec, datamap, clock)
    return MappingProxyType(opened)


def _sql(name: str, spec: StoreSpec, datamap: DataMap, _clock: Clock) -> DataAdapter:
    if spec.url is None:
        raise _refused(datamap, name, "url", "a store of `sql` needs `url: …`")
    key = spec.options.get("hash key", "").encode() or None
    return SqlAdapter(name, spec.url, locate=datamap.place, hash_key=key)


def _refused(datamap: DataMap, store: str, key: str, message: str) -> PolicyError:
    finding = error("BAD_STORE", message, datamap.document.at("stores", store, key))
    return PolicyError(f"{finding.where}: {message}", [finding])


ADAPTERS: Mapping[str, Open] = MappingProxyType({"sql": _sql})
"""The adapters by the name that a data map gives them."""
