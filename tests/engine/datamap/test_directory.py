"""Who is who on the platform, where the data map says too little."""

from pathlib import Path

import pytest

from adapters.registry import open_adapters
from engine.datamap.directory import PlatformDirectory
from engine.datamap.load import read_datamap
from engine.errors import NotFound
from tests.support.clock import FrozenClock


def test_where_the_map_has_no_people_nobody_is_found(tmp_path: Path) -> None:
    path = tmp_path / "datamap.yaml"
    path.write_text(
        "stores: {s: {adapter: sql, url: 'sqlite://'}}\n"
        "datasets: {d: {store: s, table: t, personal: none}}\n"
    )
    datamap = read_datamap(path, {})
    directory = PlatformDirectory(datamap, open_adapters(datamap, FrozenClock()))
    assert directory.facts("1") is None
    assert directory.person("1") is None
    assert directory.addresses("1") == []
    assert directory.find("a@example.com") is None
    with pytest.raises(NotFound, match="no dataset with `person: …`"):
        directory.place("1")
