"""Places of the conformance suite as dated files of JSON lines, all of them closed long ago."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from adapters.conformance import PLACES
from adapters.jsonl import JsonlAdapter
from adapters.moments import Zone, utc
from engine.datamap.model import Dataset
from tests.support.clock import FrozenClock

NOW = datetime(2026, 6, 1, tzinfo=UTC)


class JsonlWorkspace:
    """Seven rows a file, so that a test meets several; every second file is compressed if asked for."""

    def __init__(self, folder: Path, *, compressed: bool = False) -> None:
        self.folder = folder
        self._suffixes = ("", ".gz") if compressed else ("", "")
        patterns = [f"{place}-%Y-%m-%d.jsonl" for place in PLACES]
        self._make = partial(
            JsonlAdapter, "logs", folder, clock=FrozenClock(NOW), patterns=patterns
        )
        self._adapters: dict[Zone, JsonlAdapter] = {}

    def fill(self, place: str, rows: Iterable[Mapping[str, Any]]) -> None:
        lines = [json.dumps(row, default=lambda day: day.isoformat()) + "\n" for row in rows]
        for number, start in enumerate(range(0, len(lines), 7)):
            day = date(2025, 1, 1) + timedelta(days=number)
            text = "".join(lines[start : start + 7]).encode()
            path = self.folder / f"{place}-{day}.jsonl{self._suffixes[number % 2]}"
            path.write_bytes(gzip.compress(text) if path.suffix == ".gz" else text)

    def adapter(self, zone: Zone = utc) -> JsonlAdapter:
        return self._adapters.setdefault(zone, self._make(zone=zone))

    def dataset(self, place: str, **said: Any) -> Dataset:
        return Dataset(store="logs", files=f"{place}-%Y-%m-%d.jsonl", key=("id",), **said)

    def stored(self, place: str) -> list[dict[str, Any]]:
        found = []
        for path in sorted(self.folder.glob(f"{place}-*")):
            data = path.read_bytes()
            text = (gzip.decompress(data) if path.suffix == ".gz" else data).decode()
            found += [json.loads(line) for line in text.splitlines()]
        return found
