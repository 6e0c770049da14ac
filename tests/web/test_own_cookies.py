"""Every cookie that Upheld itself sets stands in the policy that it publishes."""

from pathlib import Path

import pytest
from werkzeug.http import parse_cookie
from werkzeug.test import TestResponse

from engine.consent.cookies import lists
from engine.policy.load import read_policy
from tests.support.clock import FrozenClock
from tests.support.mail import Mailbox
from tests.web.conftest import ROOT, build_site

VERSIONS = sorted(p.parent for p in (ROOT / "policies" / "aicodewith").glob("*/cookies.yaml"))


def names_in(*answers: TestResponse) -> set[str]:
    """The names of the cookies that answers set."""
    headers = [value for answer in answers for value in answer.headers.getlist("Set-Cookie")]
    return {name for value in headers for name in [next(iter(parse_cookie(value)))]}


@pytest.mark.parametrize("base_url", ["http://127.0.0.1:8080", "https://privacy.example.com"])
def test_every_cookie_is_in_the_registry_of_every_version(
    tmp_path: Path, sqlite_template: Path, clock: FrozenClock, smtp: Mailbox, base_url: str
) -> None:
    site = build_site(tmp_path, sqlite_template, clock, smtp, base_url)
    client = site.app.test_client()
    pages = ("/", "/login", "/?language=zh-Hans", "/cookies")
    answers = [client.get(page, base_url=base_url) for page in pages]
    found = names_in(*answers)
    assert {name.removeprefix("__Host-") for name in found} == {"session", "language"}
    assert ("__Host-session" in found) == base_url.startswith("https")
    for version in VERSIONS:
        rules = read_policy(version).cookies
        assert [name for name in found if not any(lists(rule, name) for rule in rules)] == []
    assert names_in(answers[0]) == set()  # reading the policy sets none
    site.services.database.dispose()
