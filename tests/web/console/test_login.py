"""Officers log in by name and password; who guesses learns nothing, and soon has to wait."""

from datetime import timedelta

from tests.web.console.conftest import OFFICER, PASSWORD, Desk
from web.console.login import TRIES_FOR_NAME


def test_name_and_password_open_the_console_under_a_new_session(desk: Desk):
    client = desk.client()
    client.get("/console/login")
    before = client.cookie()
    answer = client.enter(OFFICER, PASSWORD)
    assert answer.location == "/console/"
    assert client.cookie() != before
    assert client.get("/console/").status_code == 200


def test_an_unknown_name_and_a_wrong_password_get_the_same_answer(desk: Desk):
    answers = [desk.client().enter(*given) for given in ((OFFICER, "wrong"), ("nobody", PASSWORD))]
    assert [answer.status_code for answer in answers] == [400, 400]
    wrong = "Name and password do not fit together"
    assert all(wrong in answer.text for answer in answers)
    assert not any(name in answer.text for name in (OFFICER, "nobody") for answer in answers)


def test_guessing_has_to_wait_even_with_the_right_password(desk: Desk):
    for _ in range(TRIES_FOR_NAME.times):
        assert desk.client().enter(OFFICER, "wrong").status_code == 400
    answer = desk.client().enter(OFFICER, PASSWORD)
    assert answer.status_code == 429
    assert int(answer.headers["Retry-After"]) > 0
    assert "try again in" in answer.text
    desk.site.clock.advance(TRIES_FOR_NAME.within)
    assert desk.client().enter(OFFICER, PASSWORD).status_code == 303


def test_after_the_login_the_officer_comes_to_the_page_they_wanted(desk: Desk):
    client = desk.client()
    assert client.get("/console/runs").location == "/console/login?next=%2Fconsole%2Fruns"
    assert client.enter(OFFICER, PASSWORD, next="/console/runs").location == "/console/runs"


def test_nobody_is_sent_elsewhere_by_the_login(desk: Desk):
    for target in (
        "https://example.com/console/",
        "//example.com/console/",
        "/you",
        "/console\\@x",
        "http://[",
    ):
        assert desk.client().enter(OFFICER, PASSWORD, next=target).location == "/console/"


def test_logging_out_ends_the_session(desk: Desk):
    officer = desk.officer()
    token = officer.cookie()
    assert officer.post("/console/logout").location == "/console/login"
    officer.set_cookie(token or "")
    assert officer.get("/console/").status_code == 303


def test_a_disabled_officer_is_out_at_once(desk: Desk):
    officer = desk.officer()
    desk.site.services.access.officers.disable(OFFICER)
    assert officer.get("/console/").status_code == 303
    assert desk.client().enter(OFFICER, PASSWORD).status_code == 400


def test_a_session_unused_for_half_an_hour_is_over(desk: Desk):
    officer = desk.officer()
    desk.site.clock.advance(timedelta(minutes=31))
    assert officer.get("/console/").status_code == 303


def test_an_officers_session_opens_no_page_of_a_person(desk: Desk):
    assert desk.officer().get("/you").location.startswith("/login")
