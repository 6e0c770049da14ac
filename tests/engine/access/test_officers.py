"""Officers: known by name and password, shut out at once when disabled."""

import pytest

from engine.access.officers import Officers
from engine.access.sessions import Sessions
from engine.audit import ledger
from engine.errors import Conflict, InvalidInput, UnknownName
from engine.store.database import Database
from tests.support.clock import FrozenClock

PASSWORD = "correct horse battery"


@pytest.fixture
def officers(database: Database, clock: FrozenClock) -> Officers:
    made = Officers(database, clock)
    made.add("dana", PASSWORD)
    return made


def test_the_right_password_lets_in_and_others_do_not(officers: Officers, clock: FrozenClock):
    found = officers.authenticate("dana", PASSWORD)
    assert found is not None
    assert found.name == "dana"
    assert officers.all()[0].last_login_at == clock.now()
    assert officers.authenticate("dana", PASSWORD + "x") is None
    assert officers.authenticate("nobody", PASSWORD) is None


def test_a_disabled_officer_is_out_at_once_with_every_session(
    officers: Officers, database: Database, clock: FrozenClock
):
    sessions = Sessions(database, clock, b"s" * 32)
    with database.begin() as conn:
        token = sessions.start(conn, "console", "dana")
    assert sessions.find(token)
    officers.disable("dana")
    assert sessions.find(token) is None
    assert officers.authenticate("dana", PASSWORD) is None


def test_a_new_password_replaces_the_old_one(officers: Officers):
    officers.set_password("dana", "another long password")
    assert officers.authenticate("dana", PASSWORD) is None
    assert officers.authenticate("dana", "another long password")


@pytest.mark.parametrize(
    ("name", "password"), [("Dana!", PASSWORD), ("", PASSWORD), ("eli", "short")]
)
def test_bad_names_and_short_passwords_are_refused(officers: Officers, name: str, password: str):
    with pytest.raises(InvalidInput) as refused:
        officers.add(name, password)
    assert password not in str(refused.value)


def test_a_name_is_given_once(officers: Officers):
    with pytest.raises(Conflict):
        officers.add("dana", PASSWORD)


def test_a_mistyped_name_is_met_with_the_near_one(officers: Officers):
    with pytest.raises(UnknownName, match="did you mean `dana`"):
        officers.disable("dna")


def test_changes_stand_in_the_ledger_without_the_password(officers: Officers, database: Database):
    officers.disable("dana")
    with database.read() as conn:
        entries = ledger.entries(conn)
    assert [entry.kind for entry in entries] == ["officer.added", "officer.disabled"]
    assert PASSWORD.encode() not in b"".join(entry.body for entry in entries)
