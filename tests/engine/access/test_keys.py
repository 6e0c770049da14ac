"""API keys: shown once, kept as digests, limited by scope, ended by rotation and revocation."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from engine.access.keys import ApiKeys
from engine.audit import ledger
from engine.errors import Conflict, Forbidden, InvalidInput, Unauthenticated, UnknownName
from engine.store.database import Database
from engine.store.tables.access import api_keys
from tests.support.clock import FrozenClock


@pytest.fixture
def keys(database: Database, clock: FrozenClock) -> ApiKeys:
    return ApiKeys(database, clock, b"s" * 32)


def test_a_key_opens_its_scopes_and_no_others(keys: ApiKeys):
    made, text = keys.create("billing", ["decide", "consent"])
    assert keys.recognise(text, "decide").prefix == made.prefix
    assert keys.recognise(text, "consent").name == "billing"
    with pytest.raises(Forbidden):
        keys.recognise(text, "rights")


def test_an_admin_key_has_every_scope(keys: ApiKeys):
    _, text = keys.create("operations", ["admin"])
    assert keys.recognise(text, "rights").allows("decide")


def test_the_secret_is_not_stored(keys: ApiKeys, database: Database):
    _, text = keys.create("billing", ["decide"])
    with database.read() as conn:
        row = str(conn.execute(select(api_keys)).one())
    assert text.rpartition("_")[2] not in row
    assert len(text) > 60


@pytest.mark.parametrize("change", [lambda t: t[:-1] + "x", lambda t: "", lambda t: t + "x",
                                    lambda t: t.replace("upheld_", "upheld_0", 1),
                                    lambda t: "upheld_" + "0" * 12 + t[19:]])  # fmt: skip
def test_anything_but_the_key_opens_nothing(keys: ApiKeys, change):
    _, text = keys.create("billing", ["decide"])
    if change(text) != text:
        with pytest.raises(Unauthenticated):
            keys.recognise(change(text), "decide")


def test_a_rotated_key_works_through_its_grace_and_then_ends(keys: ApiKeys, clock: FrozenClock):
    old, text = keys.create("billing", ["decide"])
    new, new_text = keys.rotate(old.prefix, grace=timedelta(hours=1))
    assert keys.recognise(text, "decide")
    assert keys.recognise(new_text, "decide").scopes == new.scopes == old.scopes
    clock.advance(timedelta(hours=1))
    assert keys.find(text) is None
    assert keys.find(new_text)
    with pytest.raises(Conflict):
        keys.rotate(old.prefix)


def test_a_revoked_key_ends_at_once(keys: ApiKeys):
    made, text = keys.create("billing", ["decide"])
    keys.revoke(made.prefix)
    assert keys.find(text) is None
    assert keys.all()[0].revoked_at is not None


def test_the_time_of_last_use_is_kept(keys: ApiKeys, clock: FrozenClock):
    _, text = keys.create("billing", ["decide"])
    clock.advance(timedelta(hours=1))
    keys.find(text)
    assert keys.all()[0].last_used_at == clock.now()


@pytest.mark.parametrize(
    ("name", "scopes", "error"),
    [("", ["decide"], InvalidInput), ("a", [], InvalidInput), ("a", ["decde"], UnknownName)],
)
def test_a_key_needs_a_name_and_known_scopes(keys: ApiKeys, name, scopes, error):
    with pytest.raises(error):
        keys.create(name, scopes)


def test_an_unknown_prefix_is_said_to_be_unknown(keys: ApiKeys):
    with pytest.raises(UnknownName):
        keys.revoke("000000000000")


def test_every_change_stands_in_the_ledger(keys: ApiKeys, database: Database):
    made, _ = keys.create("billing", ["decide"])
    new, _ = keys.rotate(made.prefix)
    keys.revoke(new.prefix)
    with database.read() as conn:
        kinds = [entry.kind for entry in ledger.entries(conn)]
    assert kinds == ["key.created", "key.rotated", "key.revoked"]
