"""Upheld's own tables are mapped, and what they hold of people goes by the same engine."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import insert, select

from adapters.sql import SqlAdapter
from engine.datamap.load import check_against
from engine.retention.own import STORE, own_datamap, own_policy, own_retention
from engine.retention.service import RetentionService
from engine.store.database import Database
from engine.store.schema import full_metadata
from engine.store.tables.access import login_codes, web_sessions
from engine.store.tables.consent import subject_facts
from tests.engine.retention.world import BOTH
from tests.support.clock import FrozenClock


@pytest.fixture
def service(database: Database, clock: FrozenClock) -> Iterator[RetentionService]:
    adapter = SqlAdapter(STORE, database.url.render_as_string(hide_password=False))
    yield own_retention(database, {STORE: adapter}, clock)
    adapter.close()


def test_the_map_and_the_policy_fit_together():
    assert check_against(own_datamap(Database("sqlite://")), own_policy()) == []


def test_every_table_is_mapped_or_said_to_hold_nothing_personal():
    datamap = own_datamap(Database("sqlite://"))
    known = {spec.table for spec in datamap.datasets.values()} | set(datamap.ignored[STORE])
    assert set(full_metadata().tables) - known == set()


def test_the_plan_has_nothing_to_complain_of(service: RetentionService):
    assert service.plan().notes == ()


@BOTH
def test_old_sessions_and_codes_go_unasked_and_recent_ones_stay(
    service: RetentionService, database: Database, clock: FrozenClock
):
    now = clock.now()
    with database.begin() as conn:
        for number, age in enumerate([1, 29, 31, 90]):
            row = {"token_digest": str(number), "kind": "portal", "holder": "7"}
            seen = now - timedelta(days=age)
            conn.execute(insert(web_sessions), row | {"started_at": seen, "seen_at": seen})
        for number in range(300):
            row = {"id": str(number), "purpose": "login", "address_digest": "x", "holder": "7"}
            row |= {"code_digest": "x", "link_digest": str(number)}
            old = now - timedelta(days=2)
            row |= {"issued_at": old, "expires_at": old, "attempts": 0}
            conn.execute(insert(login_codes), row)
    run = service.purge(scheduled=True)
    assert run.state == "done"
    with database.read() as conn:
        assert conn.execute(select(web_sessions.c.token_digest)).scalars().all() == ["0", "1"]
        assert conn.execute(select(login_codes.c.id)).scalars().all() == []
    assert service.verify(run.id).upheld


@BOTH
def test_what_a_person_said_goes_three_years_after_they_left(
    service: RetentionService, database: Database, clock: FrozenClock
):
    row = {"subject_id": "7", "account": "cancelled", "restricted": False, "choices": {}}
    row |= {"objections": {}, "changed_at": clock.now()}
    with database.begin() as conn:
        conn.execute(insert(subject_facts), row)
    service.plan()
    clock.advance(timedelta(days=3 * 365 + 3))
    assert service.purge().of("upheld-people.delete").done == 1
