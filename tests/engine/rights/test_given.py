"""An access report names to whom the person's data was given, as services recorded it."""

import io
import json
import re
import zipfile
from datetime import timedelta

import pytest

from engine.consent.facts import ConsentFacts
from engine.decisions.service import DecisionService
from engine.decisions.table import compile_table
from engine.promises.disclosures import Disclosure, Disclosures
from tests.engine.rights.shop import shop_policy


@pytest.fixture
def dialect() -> str:
    """What is asked here is the same on every database."""
    return "sqlite"


@pytest.fixture
def give(shop):
    """Records that data of somebody was given to the cloud; returns the number of the entry."""
    parts, table = shop.parts, compile_table(shop_policy())
    facts = ConsentFacts(parts.consent)
    decisions = DecisionService(parts.database, lambda: table, facts, parts.clock)
    disclosures = Disclosures(parts.database, decisions, parts.versions, parts.clock)

    def give(subject, *categories):
        return disclosures.record(Disclosure(subject, "cloud", "service", categories), "key").index

    return give


def copy(shop, right, subject="1"):
    case = shop.rights.file(subject, right, source="portal", proved=True)
    shop.rights.process(case.id)
    return zipfile.ZipFile(io.BytesIO(shop.rights.package(subject, case.id).read()))


def text_of(archive):
    return re.sub(r"<[^>]+>", " ", archive.read("index.html").decode())


def test_an_access_report_says_to_whom_when_and_for_what(shop, give, clock):
    number = give("1", "bill.invoice", "account.email")
    first = clock.now()
    clock.advance(timedelta(days=2))
    give("1", "account.email", "bill.invoice")
    give("1", "order.note")
    give("2", "mail.message")
    archive = copy(shop, "access")
    found = json.loads(archive.read("data.json"))["upheld"]["disclosures"]
    assert found[0] == {
        "at": first.isoformat(), "recipient": "cloud", "purpose": "service",
        "categories": ["account.email", "bill.invoice"], "ledger_entry": number,
    }  # fmt: skip
    assert [one["categories"] for one in found[1:]] == [found[0]["categories"], ["order.note"]]
    page = text_of(archive)
    when = f"2 times, first on {first.day} {first:%B %Y, %H:%M} UTC"
    assert "Cloud &lt;Ltd&gt;: " in page
    assert when in page


def test_who_was_never_given_away_reads_so_and_an_export_says_nothing_of_it(shop, give):
    give("1", "bill.invoice")
    assert "Nothing is recorded." in text_of(copy(shop, "access", "2"))
    export = copy(shop, "export")
    assert "disclosures" not in json.loads(export.read("data.json"))["upheld"]
    assert "To whom it was given" not in text_of(export)
