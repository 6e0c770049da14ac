"""Codes and sessions on both databases; what pages make of them is tested with the pages."""

import re
from datetime import timedelta

from engine.access.service import Access
from engine.audit import ledger
from engine.store.database import Database
from tests.support.clock import FrozenClock

SECRET = b"s" * 32
ADDRESS = "anna@example.com"


def test_a_code_is_redeemed_once_and_by_its_own_purpose(database: Database, clock: FrozenClock):
    codes = Access(database, clock, SECRET).codes
    with database.begin() as conn:
        issued = codes.issue(conn, "login", ADDRESS, "1")
        assert codes.redeem_code(conn, "step-up", issued.id, issued.code) is None
        assert codes.redeem_code(conn, "login", issued.id, issued.code) == "1"
        assert codes.redeem_code(conn, "login", issued.id, issued.code) is None
        assert codes.redeem_link(conn, "login", issued.link) is None


def test_a_code_is_written_in_one_form_and_redeemed_in_any(database: Database, clock: FrozenClock):
    codes = Access(database, clock, SECRET).codes
    with database.begin() as conn:
        for separator in ("", " ", "-", " - "):
            issued = codes.issue(conn, "login", ADDRESS, "1")
            assert re.fullmatch(r"[0-9]{3} [0-9]{3}", issued.code)
            entered = issued.code.replace(" ", separator)
            assert codes.redeem_code(conn, "login", issued.id, entered) == "1"


def test_an_attempt_for_nobody_never_succeeds(database: Database, clock: FrozenClock):
    codes = Access(database, clock, SECRET).codes
    with database.begin() as conn:
        issued = codes.issue(conn, "login", ADDRESS, None)
        assert codes.redeem_code(conn, "login", issued.id, issued.code) is None
        assert codes.redeem_link(conn, "login", issued.link) is None


def test_what_was_begun_with_one_secret_is_worth_nothing_with_another(
    database: Database, clock: FrozenClock
):
    one, other = Access(database, clock, SECRET), Access(database, clock, b"t" * 32)
    with database.begin() as conn:
        issued = one.codes.issue(conn, "login", ADDRESS, "1")
        token = one.sessions.start(conn, "portal", "1")
        assert other.codes.redeem_code(conn, "login", issued.id, issued.code) is None
    assert one.sessions.find(token)
    assert other.sessions.find(token) is None


def test_what_is_over_is_swept_and_what_is_not_stays(database: Database, clock: FrozenClock):
    access = Access(database, clock, SECRET)
    with database.begin() as conn:
        access.codes.issue(conn, "login", ADDRESS, "1")
        access.sessions.start(conn, "portal", "1")
    clock.advance(timedelta(minutes=29))
    with database.begin() as conn:
        kept = access.sessions.start(conn, "console", "dana")
    clock.advance(timedelta(minutes=1))
    assert access.sweep() == 2
    assert access.sessions.find(kept)


def test_ending_all_sessions_of_one_person_leaves_the_others(
    database: Database, clock: FrozenClock
):
    sessions = Access(database, clock, SECRET).sessions
    with database.begin() as conn:
        anna, bo = (sessions.start(conn, "portal", holder) for holder in "12")
        sessions.end_all(conn, "portal", "1")
    assert sessions.find(anna) is None
    assert sessions.find(bo)


def test_a_login_stands_in_the_ledger_under_a_pseudonym(database: Database, clock: FrozenClock):
    sessions = Access(database, clock, SECRET).sessions
    with database.begin() as conn:
        sessions.start(conn, "portal", "person-1")
    with database.read() as conn:
        (entry,) = ledger.entries(conn, kind="session.started")
    assert entry.subject
    assert b"person-1" not in entry.body
