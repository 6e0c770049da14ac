"""Officers read the decision log: the latest first, filtered, page by page, and as a file."""

import csv
import io
from datetime import timedelta

import pytest
from sqlalchemy import insert

from engine.store.tables.decisions import decision_log
from tests.web.console.conftest import Desk
from web.console.decisions import COLUMNS, SHOWN


def log(desk: Desk, count: int, **told):
    """Log decisions, the last the latest, two at each moment."""
    now = desk.site.services.clock.now()
    row = {
        "spool": "s", "caller": "abc", "mode": "enforce", "subject": "f" * 64, "operation": "use",
        "category": "usage.call", "purpose": "service", "recipient": "", "effect": "permit",
        "rule": "calls", "lacks": "", "version": "2026-01-01", "digest": "d", **told,
    }  # fmt: skip
    rows = [
        {**row, "place": n, "request": f"call-{n}-{row['rule']}"[:64],
         "at": now - timedelta(minutes=(count - n) // 2)}
        for n in range(count)
    ]  # fmt: skip
    with desk.site.services.database.begin() as conn:
        conn.execute(insert(decision_log), rows)


def test_pages_follow_each_other_without_gap_or_repetition(desk: Desk):
    log(desk, SHOWN * 2 + 3)
    officer, address, seen = desk.officer(), "/console/decisions", []
    while address:
        text = officer.get(address).text
        seen += [part.partition("<")[0] for part in text.split("<code>call-")[1:]]
        _, found, rest = text.partition('href="/console/decisions?after=')
        address = f"/console/decisions?after={rest.partition(chr(34))[0]}" if found else ""
    assert len(seen) == len(set(seen)) == SHOWN * 2 + 3


@pytest.mark.parametrize("question", ["effect=deny", "rule=other", "effect=deny&rule=other"])
def test_only_what_is_asked_for_is_shown(desk: Desk, question):
    log(desk, 2)
    log(desk, 1, spool="t", effect="deny", rule="other")
    text = desk.officer().get(f"/console/decisions?{question}").text
    assert "call-0-other" in text
    assert "call-0-calls" not in text


def test_the_file_holds_the_same_and_no_formula(desk: Desk):
    log(desk, 1, rule="=1+1")
    answer = desk.officer().get("/console/decisions?as=csv")
    head, row = csv.reader(io.StringIO(answer.text))
    assert head == list(COLUMNS)
    assert row[COLUMNS.index("rule")] == "'=1+1"
    assert answer.headers["Content-Disposition"].startswith("attachment")


@pytest.mark.parametrize("place", ["x", "1.2", "9" * 40 + ".s.1", "1.s.-5"])
def test_a_place_that_is_none_is_no_error(desk: Desk, place):
    assert desk.officer().get(f"/console/decisions?after={place}").status_code == 200
