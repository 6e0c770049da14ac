"""Every page of the console shows what there is, to officers alone, and repeats nobody's markup."""

import pytest
from werkzeug.routing import Rule

from tests.web.conftest import ANNA, BO
from tests.web.console.conftest import EVIL, Desk, seed
from web.console.guard import PUBLIC


def _rules(desk: Desk) -> list[Rule]:
    return [r for r in desk.app.url_map.iter_rules() if r.endpoint.startswith("console.")]


def _addresses(rule: Rule, ids: dict[str, str]) -> str:
    address = str(rule)
    for name, value in ids.items():
        address = address.replace(f"<{name}>", value)
    assert "<" not in address, f"this test does not know what to put into {rule}"
    return address


def _pages(desk: Desk, ids: dict[str, str]) -> list[str]:
    rules = [rule for rule in _rules(desk) if "GET" in (rule.methods or ())]
    return sorted(_addresses(rule, ids) for rule in rules)


@pytest.fixture
def ids(desk: Desk) -> dict[str, str]:
    return seed(desk)


def test_every_page_is_there_for_an_officer(desk: Desk, ids: dict[str, str]):
    officer = desk.officer()
    order = officer.post("/console/promises").location
    ids["int:number"] = order.rpartition("/")[2]
    desk.finish()
    pages = _pages(desk, ids)
    assert len(pages) >= 20
    for address in pages:
        answer = officer.get(address, follow_redirects=True)
        assert answer.status_code == 200, (address, answer.text)
        assert "Log out (mira)" in answer.text, address


def test_no_page_repeats_markup_or_shows_an_address(desk: Desk, ids: dict[str, str]):
    officer = desk.officer()
    for address in _pages(desk, ids):
        answer = officer.get(address)
        assert EVIL not in answer.text, address
        assert ANNA not in answer.text, address
        assert BO not in answer.text, address


def test_what_somebody_typed_is_shown_as_they_typed_it(desk: Desk, ids: dict[str, str]):
    officer = desk.officer()
    escaped = "&lt;script&gt;alert(1)&lt;/script&gt;"
    for address in ("/console/holds", "/console/keys", "/console/promises/5.b"):
        assert escaped in officer.get(address).text, address


def test_a_stranger_is_sent_to_log_in_everywhere(desk: Desk, ids: dict[str, str]):
    stranger = desk.client()
    _refused_everywhere(desk, ids, stranger)


def test_a_person_of_the_portal_is_nobody_here(desk: Desk, ids: dict[str, str]):
    person = desk.client()
    with desk.site.services.database.begin() as conn:
        person.set_cookie(desk.site.services.access.sessions.start(conn, "portal", "1"))
    _refused_everywhere(desk, ids, person)


def _refused_everywhere(desk, ids, client):
    walked = 0
    for rule in _rules(desk):
        if rule.endpoint in PUBLIC:
            continue
        address = _addresses(rule, ids)
        for method in sorted((rule.methods or set()) & {"GET", "POST"}):
            answer = client.get(address) if method == "GET" else client.post(address)
            assert answer.status_code == 303, (method, address)
            assert answer.location.startswith("/console/login"), (method, address)
            walked += 1
    assert walked >= 30


def test_every_form_is_refused_without_its_token(desk: Desk, ids: dict[str, str]):
    officer = desk.officer()
    addresses = [_addresses(r, ids) for r in _rules(desk) if "POST" in (r.methods or ())]
    assert len(addresses) >= 12
    for address in addresses:
        answer = officer.raw_post(address, {"digest": ids["digest"], "reason": "x"})
        assert answer.status_code == 400, address
        assert "This form has expired" in answer.text


def test_what_does_not_exist_is_told_in_words(desk: Desk):
    officer = desk.officer()
    for address in ("runs/none", "plans/0123456789ab", "holds/none", "keys/none", "promises/99.z",
                    "requests/none", "ledger/99999", "ledger/99999999999999999999999",
                    "orders/99999", "versions/none"):  # fmt: skip
        answer = officer.get(f"/console/{address}")
        assert answer.status_code == 404, address
        assert "Not found" in answer.text
        assert "Traceback" not in answer.text


def test_no_page_holds_a_script_or_an_inline_style(desk: Desk, ids: dict[str, str]):
    officer = desk.officer()
    for address in _pages(desk, ids):
        page = officer.get(address).text
        assert "<script" not in page, address
        assert " style=" not in page, address


def test_before_anything_was_done_the_pages_say_so(desk: Desk):
    officer = desk.officer()
    assert "no plan was ever made" in officer.get("/console/").text.lower()
    assert "No plan was made yet" in officer.get("/console/plans").text
    assert "Nothing is held back" in officer.get("/console/holds").text
    assert "Nobody has looked yet" in officer.get("/console/promises").text


def test_the_first_page_leads_to_what_waits(desk: Desk, ids: dict[str, str]):
    page = desk.officer().get("/console/").text
    assert "1 promise broken" in page
    assert 'href="/console/promises?state=broken"' in page
    assert "1 hold to be reviewed within 14 days" in page
    assert "1 complaint to be answered by an officer" in page
    assert f"/console/runs/{ids['run_id']}" in page
    assert "180 changes" in page
