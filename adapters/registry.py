"""From what a data map says of its stores to the adapters that open them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from types import MappingProxyType

from adapters.clock import SystemClock
from adapters.jsonl import JsonlAdapter
from adapters.jsonl.files import GRACE
from adapters.moments import Zone, utc
from adapters.sql import SqlAdapter
from engine.datamap.map import DataMap
from engine.datamap.model import StoreSpec
from engine.errors import PolicyError, did_you_mean
from engine.policy.findings import error
from engine.ports import Clock, DataAdapter

Open = Callable[[str, StoreSpec, DataMap, Clock, Zone], DataAdapter]
"""Open one store: its name, what the map says of it, the map (for messages), the time, and the time zone."""


def open_adapters(
    datamap: DataMap, clock: Clock | None = None, zone: Zone = utc
) -> Mapping[str, DataAdapter]:
    """Open every store of the map; nothing is connected to yet. PolicyError for one that cannot be.

    `clock` tells which files are closed; without one it is the machine's. `zone` tells the time zone of the
    policy in force, in which a date without a time is a day.
    """
    clock = clock or SystemClock()
    opened: dict[str, DataAdapter] = {}
    for name, spec in datamap.stores.items():
        if spec.adapter not in ADAPTERS:
            message = f"no adapter `{spec.adapter}`{did_you_mean(spec.adapter, ADAPTERS)}"
            raise _refused(datamap, name, "adapter", message)
        _check_keys(datamap, name, spec)
        opened[name] = ADAPTERS[spec.adapter](name, spec, datamap, clock, zone)
    return MappingProxyType(opened)


def _check_keys(datamap: DataMap, name: str, spec: StoreSpec) -> None:
    """Refuse what the adapter would not look at: a mistyped option must not pass unseen."""
    place, foreign = ("url", spec.path) if spec.adapter == "sql" else ("path", spec.url)
    if foreign is not None:
        key = "path" if place == "url" else "url"
        message = f"a store of `{spec.adapter}` takes `{place}`, no `{key}`"
        raise _refused(datamap, name, key, message)
    known = OPTIONS[spec.adapter]
    for option in spec.options:
        if option not in known:
            message = f"no option `{option}` of `{spec.adapter}`{did_you_mean(option, known)}"
            raise _refused(datamap, name, "options", message)


def _sql(name: str, spec: StoreSpec, datamap: DataMap, _clock: Clock, zone: Zone) -> DataAdapter:
    if spec.url is None:
        raise _refused(datamap, name, "url", "a store of `sql` needs `url: …`")
    key = spec.options.get("hash key", "").encode() or None
    return SqlAdapter(name, spec.url, locate=datamap.place, hash_key=key, zone=zone)


def _jsonl(name: str, spec: StoreSpec, datamap: DataMap, clock: Clock, zone: Zone) -> DataAdapter:
    if spec.path is None:
        raise _refused(datamap, name, "path", "a store of `jsonl` needs `path: …`, a folder")
    return JsonlAdapter(
        name,
        spec.path,
        clock=clock,
        patterns=[d.files for d in datamap.datasets.values() if d.store == name and d.files],
        grace=_grace(name, spec, datamap),
        locate=datamap.place,
        hash_key=spec.options.get("hash key", "").encode() or None,
        zone=zone,
    )


def _grace(name: str, spec: StoreSpec, datamap: DataMap) -> timedelta:
    """How long after its end a file may still be written to: `options: {grace: 12 hours}`."""
    text = spec.options.get("grace", "")
    hours, _, unit = text.partition(" ")
    if text and not (hours.isdigit() and unit in ("hour", "hours")):
        raise _refused(datamap, name, "options", f"`grace: {text}` is not like `12 hours`")
    return timedelta(hours=int(hours)) if text else GRACE


def _refused(datamap: DataMap, store: str, key: str, message: str) -> PolicyError:
    finding = error("BAD_STORE", message, datamap.document.at("stores", store, key))
    return PolicyError(f"{finding.where}: {message}", [finding])


OPTIONS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {"sql": ("hash key",), "jsonl": ("hash key", "grace")}
)
"""What each adapter takes in `options`."""

ADAPTERS: Mapping[str, Open] = MappingProxyType({"sql": _sql, "jsonl": _jsonl})
"""The adapters by the name that a data map gives them."""
