"""Officers read the decision log: the latest first, filtered, page by page, and as a file."""

import csv
import io
from datetime import timedelta

import pytest

from engine.promises.promise import State
from tests.web.console.conftest import Desk, log
from web.console.decisions import COLUMNS, SHOWN


def test_pages_follow_each_other_without_gap_or_repetition(desk: Desk):
    log(desk, SHOWN * 2 + 3)
    officer, address, seen = desk.officer(), "/console/decisions", []
    while address:
        text = officer.get(address).text
        seen += [part.partition("<")[0] for part in text.split('<code class="long">call-')[1:]]
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


def test_beside_the_rule_stands_its_clause_in_the_version_that_decided(desk: Desk):
    desk.site.find("5.b", State.KEPT, "nothing is overdue")
    old = desk.site.services.versions().get("2026-04-03")
    rule = next(one for one in old.rules() if tuple(one.clause) == ("5.b",))
    other = next(one for one in old.rules() if tuple(one.clause) == ("2.a",))
    log(desk, 1, rule=rule.id, version=old.version)
    log(desk, 1, spool="t", rule=other.id, version=old.version)
    log(desk, 1, spool="u", rule=rule.id, version="1999-01-01")
    text = desk.officer().get("/console/decisions").text
    assert text.count('<a href="/console/promises/5.b">5.b</a>') == 1
    # Nobody has looked yet whether this one is kept, so it has no page: its words are in the text.
    assert '<a href="/policy/2026-04-03#c-2.a">2.a</a>' in text


def test_a_clause_of_an_older_version_leads_to_its_words_there(desk: Desk):
    desk.site.find("5.b", State.KEPT, "nothing is overdue")
    old = desk.site.services.versions().get("2026-04-03")
    rule = next(one for one in old.rules() if tuple(one.clause) == ("5.b",))
    desk.site.publish("2026-10-01")
    desk.site.clock.advance(timedelta(days=150))
    log(desk, 1, rule=rule.id, version=old.version)
    text = desk.officer().get("/console/decisions").text
    assert '<a href="/policy/2026-04-03#c-5.b">5.b</a>' in text


def test_an_empty_log_says_so_and_a_filter_that_finds_nothing_leads_back(desk: Desk):
    officer = desk.officer()
    assert "No decision is logged" in officer.get("/console/decisions").text
    assert "No such decision is logged" in officer.get("/console/decisions?effect=deny").text


@pytest.mark.parametrize("place", ["x", "1.2", "9" * 40 + ".s.1", "1.s.-5"])
def test_a_place_that_is_none_is_no_error(desk: Desk, place):
    assert desk.officer().get(f"/console/decisions?after={place}").status_code == 200
