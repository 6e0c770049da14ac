"""Deciding about a person by their stored facts; whatever cannot be read is a deny."""

from dataclasses import dataclass
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa

from engine.decisions.current import CurrentTable
from engine.decisions.decision import Request
from engine.decisions.facts import SubjectFacts
from engine.decisions.service import DecisionService
from engine.decisions.table import compile_table
from engine.errors import Unavailable
from engine.policy.versions import PolicyFolder
from tests.support.policies import policy

CALLS = Request("use", "usage.call", "service")
RULES = {"use": [{"data": "usage", "for": "service", "basis": "contract"}]}


@dataclass
class AccountsTable:
    """Facts from a table of the test's own: account states by person."""

    table: str = "accounts"

    def facts_of(self, conn, subject_id, *, now, by_api_key=False, signals=None):
        query = sa.text(f"select state from {self.table} where id = :id")
        state = conn.execute(query, {"id": subject_id}).scalar()
        return SubjectFacts(account=state, restricted=False)


@pytest.fixture
def accounts(database):
    with database.begin() as conn:
        conn.execute(sa.text("create table accounts (id varchar(20), state varchar(20))"))
        conn.execute(
            sa.text("insert into accounts values ('u-71', 'active'), ('u-72', 'cancelled')")
        )
    return database


def service(database, tmp_path, clock, source=None):
    table = compile_table(policy(tmp_path, **RULES))
    return DecisionService(database, lambda: table, source or AccountsTable(), clock)


def test_the_facts_of_the_person_decide(accounts, tmp_path, clock):
    decisions = service(accounts, tmp_path, clock)
    told = {
        name: decisions.decide(CALLS, name).permitted for name in ("u-71", "u-72", "nobody", None)
    }
    assert told == {"u-71": True, "u-72": False, "nobody": False, None: False}


def test_several_requests_are_decided_in_their_order(accounts, tmp_path, clock):
    requests = (CALLS, Request("use", "person.email", "service"), CALLS)
    answers = service(accounts, tmp_path, clock).decide_all(requests, "u-71")
    assert [answer.effect for answer in answers] == ["permit", "deny", "permit"]


def test_facts_that_cannot_be_read_deny_with_a_reason(accounts, tmp_path, clock, caplog):
    broken = service(accounts, tmp_path, clock, AccountsTable("gone"))
    answer = broken.decide(CALLS, "u-71")
    assert not answer.permitted
    assert "cannot be read now" in answer.reason
    assert "u-71" not in caplog.text


def test_without_a_published_policy_nothing_can_be_decided(accounts, clock):
    with pytest.raises(Unavailable, match="no policy is published"):
        DecisionService(accounts, lambda: None, AccountsTable(), clock).decide(CALLS, "u-71")


def test_a_person_of_no_told_type_is_of_the_first(accounts, tmp_path, clock):
    rule = {"data": "usage", "for": "service", "basis": "contract", "when": {"subject": "customer"}}
    table = compile_table(policy(tmp_path, use=[rule]))
    decisions = DecisionService(accounts, lambda: table, AccountsTable(), clock)
    assert decisions.decide(CALLS, "u-71").permitted


def test_the_table_follows_the_version_in_force(tmp_path, clock):
    folder = PolicyFolder(tmp_path)
    for version, rules in (("2026-01-01", RULES), ("2026-02-01", {})):
        policy(tmp_path, version, **rules)
        folder.publish(version, by="an officer", now=datetime(2025, 12, 1, tzinfo=UTC))
    current = CurrentTable(folder.published, clock)
    clock.set(datetime(2025, 12, 31, tzinfo=UTC))
    assert current() is None
    clock.set(datetime(2026, 1, 10, tzinfo=UTC))
    assert current().policy.version == "2026-01-01"
    assert current() is current()
    clock.set(datetime(2026, 2, 10, tzinfo=UTC))
    assert current().policy.version == "2026-02-01"
