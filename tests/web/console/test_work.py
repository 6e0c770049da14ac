"""What officers do besides purging: requests, holds, keys, promises, the ledger."""

import re
from datetime import UTC, datetime, timedelta

import pytest

from engine.audit import ledger
from engine.rights.state import Status
from tests.web.console.conftest import OFFICER, Desk, seed
from web.console.promises import flat


def test_the_queue_filters_and_sorts_by_links(desk: Desk):
    deletion, complaint = desk.ask("deletion"), desk.ask("complaint", {"text": "slow"}, "2")
    officer = desk.officer()
    page = officer.get("/console/requests").text
    assert deletion in page
    assert complaint in page
    assert deletion not in officer.get("/console/requests?right=complaint").text
    assert deletion in officer.get("/console/requests?status=cooling+off").text
    assert complaint not in officer.get("/console/requests?status=cooling+off").text
    assert "There is no such request" in officer.get("/console/requests?overdue=yes").text
    by_right = officer.get("/console/requests?sort=-right").text
    assert by_right.index(deletion) < by_right.index(complaint)
    assert 'aria-sort="descending"' in by_right
    assert officer.get("/console/requests?sort=nonsense&status=%3Cb%3E&right=x").status_code == 200


def test_an_overdue_request_is_marked_and_asks_for_somebody(desk: Desk):
    request = desk.ask("complaint", {"text": "slow"})
    desk.site.clock.advance(timedelta(days=60))
    officer = desk.officer()
    assert "1 rights request overdue by law" in officer.get("/console/").text
    assert request in officer.get("/console/requests?overdue=yes").text
    assert "overdue" in officer.get(f"/console/requests/{request}").text


def test_the_person_reads_the_officers_refusal(desk: Desk):
    request = desk.ask("deletion")
    officer = desk.officer()
    address = f"/console/requests/{request}/refuse"
    empty = officer.post(address, {"reason": " "})
    assert empty.status_code == 400
    assert "say it in a few words" in empty.text
    assert officer.post(address, {"reason": "an open invoice"}).status_code == 303
    case = desk.site.services.rights.case(request)
    assert case.status is Status.REFUSED
    assert case.request.answer == "an open invoice"
    assert case.history[-1].officer == OFFICER
    assert "What you can do" not in officer.get(f"/console/requests/{request}").text


def test_a_request_is_extended_once_with_reasons(desk: Desk):
    request = desk.ask("deletion")
    before = desk.site.services.rights.case(request).legal_due
    officer = desk.officer()
    address = f"/console/requests/{request}/extend"
    assert officer.post(address, {"reasons": "many systems"}).status_code == 303
    assert desk.site.services.rights.case(request).legal_due > before
    again = officer.post(address, {"reasons": "more"})
    assert again.status_code == 409
    assert "extended already" in again.text


def test_a_complaint_is_answered(desk: Desk):
    request = desk.ask("complaint", {"text": "you are slow"})
    officer = desk.officer()
    assert "you are slow" in officer.get(f"/console/requests/{request}").text
    assert (
        officer.post(f"/console/requests/{request}/answer", {"text": "we are sorry"}).status_code
        == 303
    )
    assert desk.site.services.rights.case(request).status is Status.COMPLETED


def test_a_request_is_carried_out_on_demand(desk: Desk):
    request = desk.ask("access")
    page = desk.officer().order(f"/console/requests/{request}/process")
    assert page.request.path == f"/console/requests/{request}"
    assert desk.site.services.rights.case(request).status is Status.COMPLETED


def test_a_correction_shows_what_is_corrected_but_not_to_what(desk: Desk):
    request = desk.ask("correction", {"account.username": "a-secret-name"})
    page = desk.officer().get(f"/console/requests/{request}").text
    assert "the new value is not shown here" in page
    assert "a-secret-name" not in page


def test_a_hold_is_placed_and_released_in_the_officers_name(desk: Desk):
    officer = desk.officer()
    form = {"reason": "abuse-case", "subject": "1", "note": "case 7", "review": "2026-09-01"}
    placed = officer.post("/console/holds/new", form)
    assert placed.status_code == 303
    hold = desk.retention.holds()[0]
    assert (hold.subject, hold.placed_by, hold.note) == ("1", OFFICER, "case 7")
    assert officer.post(f"/console/holds/{hold.id}/release").status_code == 303
    assert desk.retention.holds() == ()
    assert "over" in officer.get(f"/console/holds/{hold.id}").text
    assert officer.post(f"/console/holds/{hold.id}/release").status_code == 409


def test_a_hold_without_a_date_is_reviewed_when_its_reason_says(desk: Desk):
    form = {"reason": "abuse-case", "subject": "1", "note": "case 7", "review": ""}
    assert desk.officer().post("/console/holds/new", form).status_code == 303
    (hold,) = desk.retention.holds()
    assert 89 <= (hold.review_at - hold.placed_at).days <= 92


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"reason": "abuse-cases"}, "abuse-case"),
        ({"subject": ""}, "name one"),
        ({"review": "soon"}, "year-month-day"),
        ({"review": "2020-01-01"}, "must lie in the future"),
        ({"review": "2027-09-01"}, "are reviewed every 3 months"),
        ({"note": ""}, "what the hold is for"),
        ({"dataset": "cals"}, "calls"),
    ],
)
def test_a_hold_that_makes_no_sense_is_mended_on_its_form(desk: Desk, wrong, told):
    form = {"reason": "abuse-case", "subject": "1", "note": "case 7", "review": "2026-09-01"}
    answer = desk.officer().post("/console/holds/new", form | wrong)
    assert answer.status_code == 400
    assert told in answer.text
    assert desk.retention.holds() == ()


def test_a_restriction_ends_only_with_a_reason_for_the_person(desk: Desk):
    request = desk.ask("restriction")
    desk.site.services.rights.process(request)
    hold = desk.retention.holds()[0]
    officer = desk.officer()
    address = f"/console/holds/{hold.id}/release"
    assert officer.post(address, {"reason": ""}).status_code == 400
    assert desk.retention.holds() == (hold,)
    assert officer.post(address, {"reason": "it was checked"}).status_code == 303
    assert desk.retention.holds() == ()


def test_a_key_is_shown_once_then_rotated_and_revoked(desk: Desk):
    officer, keys = desk.officer(), desk.site.services.access.keys
    page = officer.post("/console/keys/new", {"name": "billing", "scope": ["decide", "consent"]})
    text = re.search(r"upheld_[0-9a-f]{12}_[\w-]{43}", page.text)
    assert text is not None
    assert keys.recognise(text[0], "consent").name == "billing"
    prefix = keys.all()[0].prefix
    for address in ("/console/keys", f"/console/keys/{prefix}"):
        assert text[0] not in officer.get(address).text
    assert officer.post(f"/console/keys/{prefix}/rotate", {"hours": "many"}).status_code == 400
    new = officer.post(f"/console/keys/{prefix}/rotate", {"hours": "0"})
    assert "has ended" in new.text
    assert keys.find(text[0]) is None
    successor = next(key for key in keys.all() if key.prefix != prefix)
    assert officer.post(f"/console/keys/{successor.prefix}/revoke").status_code == 303
    assert "There is no key" in officer.get("/console/keys").text
    with desk.site.services.database.read() as conn:
        told = [
            ledger.latest(conn, 1, f"key.{how}")[0] for how in ("created", "rotated", "revoked")
        ]
    assert [entry.facts["officer"] for entry in told] == [OFFICER] * 3
    assert successor.prefix in officer.get("/console/keys?show=all").text


@pytest.mark.parametrize("form", [{"name": "", "scope": "decide"}, {"name": "billing"}])
def test_a_key_without_name_or_scope_is_not_made(desk: Desk, form):
    assert desk.officer().post("/console/keys/new", form).status_code == 400
    assert desk.site.services.access.keys.all() == []


def test_the_promises_are_checked_on_demand_and_filtered(desk: Desk):
    seed(desk)
    officer = desk.officer()
    broken = officer.get("/console/promises?state=broken").text
    assert "/console/promises/5.b" in broken
    assert "/console/promises/5.a" not in broken
    page = officer.order("/console/promises")
    assert page.request.path == "/console/promises"
    found = desk.site.services.promises.current()
    assert len(found) > 10
    assert "How it changed" in officer.get("/console/promises/5.b").text


def test_figures_are_told_one_by_one_with_times_as_times():
    calls = {"rows": 5, "oldest": "2026-06-15T12:00:00+00:00"}
    found = {"datasets": {"api_calls": calls}, "last_purge": {"verified": True}}
    moment = datetime(2026, 6, 15, 12, tzinfo=UTC)
    assert list(flat(found)) == [
        ("api_calls: rows", 5),
        ("api_calls: oldest", moment),
        ("last purge: verified", "yes"),
    ]


def test_the_ledger_is_read_newest_first_and_by_kind(desk: Desk):
    seed(desk)
    officer = desk.officer()
    page = officer.get("/console/ledger").text
    with desk.site.services.database.read() as conn:
        size = ledger.head(conn).size
    assert f"{size} entries" in page
    assert f"/console/ledger/{size - 1}" in page
    only = officer.get("/console/ledger?kind=hold.placed").text
    assert only.count('<th scope="row"') == 1
    assert "desk.example" in page
    assert officer.get("/console/ledger?before=-1&kind=%3Cb%3E").status_code == 200
    assert officer.get(f"/console/ledger?before=-{9**30}").status_code == 200
    assert officer.get(f"/console/ledger?before={9**30}").status_code == 200


def test_an_announced_version_shows_what_it_changes(desk: Desk):
    desk.site.publish("2026-10-01")
    officer = desk.officer()
    assert "announced" in officer.get("/console/versions").text
    page = officer.get("/console/versions/2026-10-01").text
    assert "changes in meaning" in page
    assert "re-consent" in page
