"""Records are filtered field by field; what the data map does not know is taken out."""

from typing import Any

import pytest

from engine.datamap.model import Dataset
from engine.decisions.decision import Request
from engine.decisions.facts import NOTHING_KNOWN
from engine.decisions.table import compile_table
from engine.enforcement.records import categories_in, filter_record
from tests.support.policies import policy

SPEC = Dataset.model_validate(
    {
        "store": "platform",
        "table": "calls",
        "key": "id",
        "row": "usage.call",
        "rows": {"type": "2"},
        "subject": {"user_id": "users.id"},
        "times": {"record.created": {"field": "created_at"}},
        "fields": {
            "model": "usage.call",
            "prompt": "usage.content",
            "channel": "not personal",
            "meta.client.ip": "person.phone",
            "meta.model": "usage.call",
        },
    }
)
RULES = {"use": [{"data": "usage.call", "for": "service", "basis": "legal obligation"}]}
RECORD = {
    "id": 7,
    "user_id": 42,
    "type": 2,
    "created_at": "2026-01-01",
    "model": "m",
    "prompt": "hello",
    "channel": "web",
}


@pytest.fixture
def decide(tmp_path):
    table = compile_table(policy(tmp_path, **RULES))
    facts = table.facts(NOTHING_KNOWN)
    return lambda category: table.decide(Request("use", category, "service"), facts)


def test_what_is_permitted_stays_with_keys_links_and_what_is_not_personal(decide):
    found = filter_record(SPEC, RECORD, decide)
    assert found.record == {k: v for k, v in RECORD.items() if k != "prompt"}
    (removed,) = found.removed
    assert (removed.field, removed.category) == ("prompt", "usage.content")
    assert "usage.content" in removed.reason


def test_the_record_that_was_given_is_left_as_it_was(decide):
    record = {"id": 1, "prompt": "hello", "meta": {"client": {"ip": "192.0.2.1"}}}
    filter_record(SPEC, record, decide)
    assert record == {"id": 1, "prompt": "hello", "meta": {"client": {"ip": "192.0.2.1"}}}


@pytest.mark.parametrize(
    ("meta", "left", "removed"),
    [
        ({"model": "m", "client": {"ip": "192.0.2.1"}}, {"model": "m", "client": {}}, ["meta.client.ip"]),
        ({"model": "m"}, {"model": "m"}, []),
        ({"model": "m", "new": 1}, {"model": "m"}, ["meta.new"]),
        ({"client": {"ip": 1, "port": 2}}, {"client": {}}, ["meta.client.ip", "meta.client.port"]),
        ({"client": "text"}, {}, ["meta.client"]),
    ],
)  # fmt: skip
def test_json_columns_are_filtered_by_path(decide, meta, left, removed):
    found = filter_record(SPEC, {"id": 1, "meta": meta}, decide)
    assert found.record == {"id": 1, "meta": left}
    assert [one.field for one in found.removed] == removed


def test_a_json_column_that_is_not_json_is_taken_out_whole(decide):
    found = filter_record(SPEC, {"id": 1, "meta": "text"}, decide)
    assert found.record == {"id": 1}


def test_a_column_that_the_map_does_not_know_is_taken_out(decide):
    found = filter_record(SPEC, {"id": 1, "surprise": "x"}, decide)
    assert found.record == {"id": 1}
    assert found.removed[0].reason.startswith("the data map does not say what this field holds")


def test_the_categories_are_those_of_the_fields_that_the_record_has():
    record: dict[str, Any] = {**RECORD, "meta": {"client": {"ip": "192.0.2.1"}}}
    assert categories_in(SPEC, {"id": 1}) == ()
    assert categories_in(SPEC, record) == ("usage.call", "usage.content", "person.phone")
