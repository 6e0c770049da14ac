"""The stores of a data map are opened by the names of their adapters."""

from datetime import timedelta
from pathlib import Path

import pytest

from adapters.jsonl import JsonlAdapter
from adapters.registry import open_adapters
from adapters.sql import SqlAdapter
from engine.datamap.load import read_datamap
from engine.datamap.map import DataMap
from engine.errors import PolicyError
from engine.ports import Always


def datamap(folder: Path, store: str) -> DataMap:
    path = folder / "datamap.yaml"
    path.write_text(
        f"stores: {{s: {store}}}\ndatasets: {{d: {{store: s, table: t, personal: none}}}}\n"
    )
    return read_datamap(path, {})


def test_each_store_gets_the_adapter_that_it_names(tmp_path: Path):
    (sql,) = open_adapters(datamap(tmp_path, "{adapter: sql, url: 'sqlite://'}")).values()
    (jsonl,) = open_adapters(datamap(tmp_path, "{adapter: jsonl, path: logs}")).values()
    assert isinstance(sql, SqlAdapter)
    assert isinstance(jsonl, JsonlAdapter)
    assert sql.store == jsonl.store == "s"


@pytest.mark.parametrize(
    ("store", "says"),
    [
        ("{adapter: sqll, url: 'sqlite://'}", "no adapter `sqll`, did you mean `sql`?"),
        ("{adapter: sql}", "needs `url: …`"),
        ("{adapter: jsonl}", "needs `path: …`"),
        ("{adapter: jsonl, path: x, options: {grace: soon}}", "is not like `12 hours`"),
        ("{adapter: jsonl, path: x, options: {grase: 2 hours}}", "did you mean `grace`?"),
        ("{adapter: sql, url: 'sqlite://', options: {grace: 2 hours}}", "no option `grace`"),
        ("{adapter: sql, url: 'sqlite://', path: x}", "takes `url`, no `path`"),
        ("{adapter: jsonl, path: x, url: 'sqlite://'}", "takes `path`, no `url`"),
    ],
)
def test_a_store_that_cannot_be_opened_is_refused_with_its_place(tmp_path, store, says):
    with pytest.raises(PolicyError, match=r"datamap\.yaml:1:") as refused:
        open_adapters(datamap(tmp_path, store))
    assert says in str(refused.value)
    assert refused.value.findings[0].code == "BAD_STORE"


def test_the_grace_of_files_is_an_option(tmp_path: Path):
    store = f"{{adapter: jsonl, path: '{tmp_path}', options: {{grace: 2 hours}}}}"
    (adapter,) = open_adapters(datamap(tmp_path, store)).values()
    assert isinstance(adapter, JsonlAdapter)
    assert adapter.grace == timedelta(hours=2)


def test_a_wrong_name_is_told_with_its_place_in_the_map(tmp_path: Path):
    read = datamap(tmp_path, "{adapter: sql, url: 'sqlite://'}")
    (adapter,) = open_adapters(read).values()
    with pytest.raises(PolicyError, match=r"datamap\.yaml:2:\d+: there is no table `t`"):
        adapter.count(read.datasets["d"], Always())
    adapter.close()
