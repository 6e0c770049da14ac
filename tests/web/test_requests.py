"""Rights requests on the portal: asked for, confirmed, followed, downloaded, taken back."""

import re
import zipfile
from datetime import timedelta
from io import BytesIO

import pytest

from tests.web.conftest import ANNA, BO, Client, Site


def _code(site: Site) -> str:
    body = site.mailbox.messages[-1].get_content()
    found = re.search(r"\b\d{3} \d{3}\b", body)
    assert found is not None, body
    return found[0]


def _file(client: Client, right: str, **form: str) -> str:
    """File a request through its pages; returns its own page."""
    page = client.get(f"/you/requests/new/{right}")
    assert page.status_code == 200
    answer = client.post(f"/you/requests/new/{right}", form)
    if answer.status_code == 200:
        assert "Is this right?" in answer.text
        answer = client.post(f"/you/requests/new/{right}", {**form, "confirmed": "yes"})
    assert answer.status_code == 303, answer.text
    return answer.location


def _confirm(client: Client, page: str) -> None:
    assert client.post(f"{page}/verify", {"code": _code(client.site)}).status_code == 303


@pytest.fixture
def anna(site: Site) -> Client:
    client = site.client()
    client.log_in(ANNA)
    return client


def test_the_four_requests_are_offered_each_on_a_page_of_its_own(anna: Client):
    page = anna.get("/you/requests/new").text
    for right in ("access", "correction", "export", "deletion"):
        assert f"/you/requests/new/{right}" in page
        assert anna.get(f"/you/requests/new/{right}").status_code == 200
    assert anna.get("/you/requests/new/complaint").status_code == 404


def test_a_copy_is_given_out_only_after_a_fresh_code(anna: Client):
    page = _file(anna, "access")
    anna.site.services.rights.process_due()
    assert "Download" in anna.get(page).text
    refused = anna.get(f"{page}/download")
    assert refused.status_code == 303
    assert refused.location.startswith("/you/prove?next=%2Fyou%2Frequests%2F")
    anna.prove()
    with anna.get(f"{page}/download") as package:
        assert package.status_code == 200
        assert package.headers["Content-Disposition"].startswith("attachment")
        files = zipfile.ZipFile(BytesIO(package.data)).namelist()
    assert any(name.endswith(".json") for name in files)


def test_an_export_waits_for_the_code_from_the_mail(anna: Client):
    page = _file(anna, "export")
    assert "Enter the code" in anna.get(page).text
    anna.site.services.rights.process_due()
    assert "Download" not in anna.get(page).text
    _confirm(anna, page)
    anna.site.services.rights.process_due()
    assert "Download" in anna.get(page).text


def test_a_wrong_code_is_said_to_be_wrong_and_confirms_nothing(anna: Client):
    page = _file(anna, "export")
    wrong = f"{(int(_code(anna.site).replace(' ', '')) + 1) % 1_000_000:06}"
    answer = anna.post(f"{page}/verify", {"code": wrong})
    assert answer.status_code == 400
    assert "This code does not fit" in answer.text
    assert "Confirm my request" in anna.get(page).text


def test_a_deletion_asks_twice_shows_its_cooling_off_and_can_be_taken_back(anna: Client):
    assert "3 days to change your mind" in anna.get("/you/requests/new/deletion").text
    page = _file(anna, "deletion")
    _confirm(anna, page)
    shown = anna.get(page).text
    assert "You can still change your mind" in shown
    assert "18 June 2026" in shown
    assert anna.post(f"{page}/cancel").status_code == 303
    assert "You cancelled this request" in anna.get(page).text
    anna.site.clock.advance(timedelta(days=4))
    anna.site.services.rights.process_due()
    assert anna.site.services.directory.find(ANNA) == "1"


def test_a_deletion_that_is_not_taken_back_deletes(anna: Client):
    _confirm(anna, _file(anna, "deletion"))
    anna.site.clock.advance(timedelta(days=4))
    for _ in range(3):
        anna.site.services.rights.process_due()
    assert anna.site.services.directory.find(ANNA) is None
    assert anna.site.services.directory.find(BO) == "2"


def test_a_correction_is_shown_once_more_and_then_made(anna: Client):
    form = {"category": "account.username", "value": "Anna <Ö>"}
    shown = anna.post("/you/requests/new/correction", form)
    assert "Anna &lt;Ö&gt;" in shown.text
    page = _file(anna, "correction", **form)
    _confirm(anna, page)
    anna.site.services.rights.process_due()
    assert "Your request is done" in anna.get(page).text


@pytest.mark.parametrize("form", [{}, {"category": "account.username"}, {"value": "x"}])
def test_an_empty_correction_is_sent_back_with_what_is_missing(anna: Client, form: dict[str, str]):
    answer = anna.post("/you/requests/new/correction", form)
    assert answer.status_code == 400
    assert "Please choose what is wrong" in answer.text


def test_the_same_request_is_not_taken_twice(anna: Client):
    _file(anna, "export")
    again = anna.post("/you/requests/new/export")
    assert again.status_code == 400
    assert "could not be taken" in again.text


def test_the_page_of_a_request_says_what_comes_next_and_by_when(anna: Client):
    page = anna.get(_file(anna, "export")).text
    assert "We must answer by" in page
    assert 'aria-current="step"' in page
    assert "Take your data with you" in anna.get("/you").text
