"""Logging in: codes are single use, short-lived and few; nobody learns which addresses are known."""

import re
from datetime import timedelta

import pytest

from tests.web.conftest import ANNA, BO, Client, Site, csrf_token

STRANGER = "nobody@example.com"


def _without_tokens(page: str) -> str:
    page = re.sub(r'name="csrf_token" value="[^"]+"', "", page)
    return re.sub(r"/login/code/[\w-]+", "/login/code/…", page)


def _wrong(code: str) -> str:
    return f"{(int(code) + 1) % 1_000_000:06}"


def test_a_mailed_code_logs_in(site: Site):
    client = site.client()
    assert client.log_in(ANNA).status_code == 303
    assert client.get("/you").status_code == 200


def test_the_address_is_found_without_regard_to_case(site: Site):
    client = site.client()
    assert client.log_in(" Anna@Example.COM ").status_code == 303
    assert site.mailbox.to(ANNA)


def test_known_and_unknown_addresses_get_the_same_answer(site: Site):
    known, unknown = site.client(), site.client()
    answers = [c.post("/login", {"email": a}) for c, a in ((known, ANNA), (unknown, STRANGER))]
    assert answers[0].status_code == answers[1].status_code == 303
    assert _without_tokens(answers[0].location) == _without_tokens(answers[1].location)
    pages = [c.get(a.location) for c, a in zip((known, unknown), answers, strict=True)]
    assert _without_tokens(pages[0].text) == _without_tokens(pages[1].text)
    wrong = [
        c.post(a.location.partition("?")[0], {"code": "000001"})
        for c, a in zip((known, unknown), answers, strict=True)
    ]
    assert wrong[0].status_code == wrong[1].status_code == 400
    assert _without_tokens(wrong[0].text) == _without_tokens(wrong[1].text)


def test_an_unknown_address_gets_no_mail(site: Site):
    site.client().post("/login", {"email": STRANGER})
    site.client().ask_for_code(ANNA)
    assert [str(m["To"]) for m in site.mailbox.messages] == [ANNA]


def test_a_code_works_once(site: Site):
    client = site.client()
    where, code = client.ask_for_code(ANNA)
    assert client.post(where, {"code": code}).status_code == 303
    assert site.client().post(where, {"code": code}).status_code == 400


@pytest.mark.parametrize(
    "form",
    [
        "{a}{b}", " {a} {b} ", "{a}-{b}", "{a}\u2013{b}", "{a}\u00a0{b}\r\n", "{a}.{b}", "\u200b{a}{b}",
        "Your code to log in: {a} {b}",
    ],
)  # fmt: skip
def test_a_code_may_be_entered_as_people_type_and_paste_it(site: Site, form: str):
    client = site.client()
    where, code = client.ask_for_code(ANNA)
    entered = form.format(a=code[:3], b=code[3:])
    assert client.post(where, {"code": entered}).status_code == 303


def test_a_code_may_be_entered_with_the_digits_of_a_chinese_keyboard(site: Site):
    client = site.client()
    where, code = client.ask_for_code(ANNA)
    wide = code.translate({ord("0") + n: ord("０") + n for n in range(10)})
    assert client.post(where, {"code": wide}).status_code == 303


@pytest.mark.parametrize("entered", ["", "   ", "abc", "²³¹²³¹", "{code}1", "{short}"])
def test_what_is_not_the_six_digits_is_no_code(site: Site, entered: str):
    client = site.client()
    where, code = client.ask_for_code(ANNA)
    typed = entered.format(code=code, short=code[:5])
    assert client.post(where, {"code": typed}).status_code == 400


def test_a_code_expires_after_fifteen_minutes(site: Site):
    client = site.client()
    where, code = client.ask_for_code(ANNA)
    site.clock.advance(timedelta(minutes=15))
    assert client.post(where, {"code": code}).status_code == 400


def test_five_wrong_guesses_end_a_code(site: Site):
    client = site.client()
    where, code = client.ask_for_code(ANNA)
    for _ in range(5):
        assert client.post(where, {"code": _wrong(code)}).status_code == 400
    assert client.post(where, {"code": code}).status_code == 400


def test_a_new_code_ends_the_one_before(site: Site):
    client = site.client()
    first, code = client.ask_for_code(ANNA)
    client.ask_for_code(ANNA)
    assert client.post(first, {"code": code}).status_code == 400


def test_a_code_fits_only_its_own_attempt(site: Site):
    anna, bo = site.client(), site.client()
    _, code_of_anna = anna.ask_for_code(ANNA)
    where_of_bo, code_of_bo = bo.ask_for_code(BO)
    if code_of_anna != code_of_bo:
        assert bo.post(where_of_bo, {"code": code_of_anna}).status_code == 400


def _link(site: Site) -> str:
    found = re.search(rf"{site.base_url}(/login/link/\S+)", site.mailbox.messages[-1].get_content())
    assert found is not None
    return found[1]


def test_opening_the_link_does_nothing_until_the_button_is_pressed(site: Site):
    client = site.client()
    client.ask_for_code(ANNA)
    link = _link(site)
    for _ in range(2):  # a mail scanner, then the person
        assert client.get(link).status_code == 200
    assert client.get("/you").status_code == 303
    assert client.post(link).status_code == 303
    assert client.get("/you").status_code == 200
    assert site.client().post(link).status_code == 400


def test_the_link_is_built_from_the_configured_address(site: Site):
    client = site.client()
    token = csrf_token(client.get("/login"))
    client.raw_post(
        "/login",
        {"csrf_token": token, "email": ANNA},
        headers={"X-Forwarded-Host": "evil.example"},
    )
    assert "evil" not in site.mailbox.wait_for(1)[0].get_content()
    assert _link(site).startswith("/login/link/")


@pytest.mark.parametrize("address", ["", "anna", "@example.com", "anna@", f"{'a' * 255}@b.c"])
def test_what_is_no_address_is_said_to_be_none(site: Site, address: str):
    answer = site.client().post("/login", {"email": address})
    assert answer.status_code == 400
    assert "This is not an e-mail address" in answer.text


@pytest.mark.parametrize("address", [ANNA, STRANGER])
def test_codes_for_one_address_are_limited_alike_for_known_and_unknown(site: Site, address: str):
    client = site.client()
    for _ in range(5):
        assert client.post("/login", {"email": address}).status_code == 303
    refused = client.post("/login", {"email": address})
    assert refused.status_code == 429
    assert int(refused.headers["Retry-After"]) == 12 * 60
    site.clock.advance(timedelta(minutes=12))
    assert client.post("/login", {"email": address}).status_code == 303


def test_login_begins_a_new_session_token(site: Site):
    client = site.client()
    client.get("/login")
    before = client.cookie()
    client.log_in(ANNA)
    assert before
    assert client.cookie() != before


def test_a_planted_token_is_never_logged_in(site: Site):
    planted = "x" * 43
    victim, thief = site.client(), site.client()
    victim.set_cookie(planted)
    victim.log_in(ANNA)
    thief.set_cookie(planted)
    assert victim.get("/you").status_code == 200
    assert thief.get("/you").status_code == 303


def test_logging_in_again_ends_the_session_before(site: Site):
    client = site.client()
    client.log_in(ANNA)
    first = client.cookie()
    client.log_in(BO)
    assert first
    old = site.client()
    old.set_cookie(first)
    assert old.get("/you").status_code == 303


def test_logging_out_ends_the_session_on_the_server(site: Site):
    client = site.client()
    client.log_in(ANNA)
    token = client.cookie()
    assert client.post("/logout").status_code == 303
    assert token
    again = site.client()
    again.set_cookie(token)
    assert again.get("/you").status_code == 303


def test_an_unused_session_ends_after_half_an_hour(site: Site):
    client = site.client()
    client.log_in(ANNA)
    site.clock.advance(timedelta(minutes=29))
    assert client.get("/you").status_code == 200
    site.clock.advance(timedelta(minutes=29))
    assert client.get("/you").status_code == 200
    site.clock.advance(timedelta(minutes=30))
    assert client.get("/you").status_code == 303


def test_a_session_ends_after_twelve_hours_however_busy(site: Site):
    client = site.client()
    client.log_in(ANNA)
    for _ in range(12 * 3 - 1):
        site.clock.advance(timedelta(minutes=20))
        assert client.get("/you").status_code == 200
    site.clock.advance(timedelta(minutes=20))
    assert client.get("/you").status_code == 303


def test_who_is_not_logged_in_comes_back_to_where_they_wanted(site: Site):
    client = site.client()
    assert client.get("/you/choices").location == "/login?next=%2Fyou%2Fchoices"


@pytest.mark.parametrize(
    "elsewhere",
    [
        "https://evil.example/you",
        "//evil.example/you",
        "/\\evil.example/you",
        "/youth",
        "javascript:x",
        "http://[",
        "//[x/you",
    ],
)
def test_nobody_is_sent_elsewhere_after_login(site: Site, elsewhere: str):
    client = site.client()
    where, code = client.ask_for_code(ANNA)
    agreed = client.post(where, {"code": code, "next": elsewhere})
    assert agreed.location in {"/you", "/gate"}


def test_no_secret_and_no_address_lies_in_the_tables_in_clear(site: Site, tmp_path):
    client = site.client()
    _, code = client.ask_for_code(ANNA)
    client.log_in(ANNA)
    token = client.cookie()
    stored = b"".join(p.read_bytes() for p in tmp_path.glob("upheld.db*"))
    for secret in (code, token, _link(site).rpartition("/")[2], ANNA):
        assert secret
        if len(secret) > 6:
            assert secret.encode() not in stored


def test_a_fresh_code_proves_only_the_session_that_asked(site: Site):
    anna, bo = site.client(), site.client()
    anna.log_in(ANNA)
    bo.log_in(BO)
    where, code = anna.ask_for_code("", "/you/prove")
    assert bo.post(where, {"code": code}).status_code == 400
    assert isinstance(anna, Client)
