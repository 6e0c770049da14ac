"""Access and export: a zip with everything about one person and nobody else, checked against its schema."""

import csv
import io
import json
import re
import zipfile
from datetime import timedelta
from html.parser import HTMLParser

import pytest
from jsonschema import Draft202012Validator

from engine.errors import NotFound
from engine.rights.disclosure import cell, plain
from engine.rights.state import Status
from tests.engine.rights.shop import CARD


@pytest.fixture
def dialect() -> str:
    """What is asked here is the same on every database."""
    return "sqlite"


def copy(shop, right="access", subject="1"):
    case = shop.rights.file(subject, right, source="portal", proved=True)
    case = shop.rights.process(case.id)
    assert case.status is Status.COMPLETED
    package = shop.rights.package(subject, case.id)
    return case, zipfile.ZipFile(io.BytesIO(package.read()))


def test_the_copy_holds_everything_of_the_person_and_fits_its_schema(shop):
    _, archive = copy(shop)
    data = json.loads(archive.read("data.json"))
    schema = json.loads(archive.read("data.schema.json"))
    Draft202012Validator.check_schema(schema)
    Draft202012Validator(schema).validate(data)
    rows = {name: len(found["rows"]) for name, found in data["datasets"].items()}
    assert rows == {
        "customers": 1, "orders": 3, "lines": 3, "invoices": 2, "messages": 3, "visits": 3, "log": 1,
    }  # fmt: skip
    assert data["datasets"]["orders"]["rows"][0]["meta.ip"] == "10.0.1.0"
    assert data["datasets"]["customers"]["rows"][0]["email"] == "C1@Mail.example"


def test_the_copy_is_canonical_json(shop):
    from engine.audit.canonical import canonical

    _, archive = copy(shop)
    raw = archive.read("data.json")
    assert canonical(json.loads(raw)) == raw


def test_nothing_in_it_is_about_anybody_else(shop):
    _, archive = copy(shop)
    text = "\n".join(archive.read(name).decode() for name in archive.namelist())
    for n in (2, 3):
        for mark in (
            f"c{n}@mail",
            f"Name{n}",
            f"note{n}",
            f"10.0.{n}.",
            f"10.9.{n}.",
            f"10.8.{n}.",
        ):
            assert mark not in text.replace(f"C{n}@Mail", f"c{n}@mail")
    assert "[another person]" in text


def test_secrets_are_withheld_and_card_numbers_masked(shop):
    _, archive = copy(shop)
    text = "\n".join(archive.read(name).decode() for name in archive.namelist())
    assert "argon2" not in text
    assert CARD not in text
    assert "[card number ending 1111]" in text


def test_an_export_leaves_out_what_was_inferred(shop):
    _, access = copy(shop, "access")
    _, export = copy(shop, "export")
    assert b"jazz" in access.read("data.json")
    for name in export.namelist():
        assert b"jazz" not in export.read(name)


def test_a_table_cannot_run_a_formula(shop):
    _, archive = copy(shop)
    table = list(csv.reader(io.StringIO(archive.read("csv/orders.csv").decode("utf-8-sig"))))
    note = table[0].index("note")
    assert all(row[note].startswith("'=note1") for row in table[1:])


@pytest.mark.parametrize(
    ("value", "written"),
    [("=1+1", "'=1+1"), ("+cmd", "'+cmd"), ("@x", "'@x"), ("\t=x", "'\t=x"), ("＝1", "'＝1"),
     ("-5", "-5"), ("-5.5", "-5.5"), (" =x", "' =x"), (None, ""), (True, "true"), ({"a": 1}, '{"a": 1}'),
     ("a=b", "a=b")],
)  # fmt: skip
def test_cells_are_neutralised_and_numbers_stay_numbers(value, written):
    assert cell(value) == written


@pytest.mark.parametrize(
    ("value", "written"),
    [(2**60, str(2**60)), (float("nan"), "nan"), (b"\x00\xff", "00ff"), ("a\ud800b", "a\ufffdb"),
     ({1: [b"a"]}, {"1": ["61"]})],
)  # fmt: skip
def test_values_become_exact_json(value, written):
    assert plain(value) == written


class Scripts(HTMLParser):
    """Collects what a page must not have."""

    def __init__(self):
        super().__init__()
        self.found = []

    def handle_starttag(self, tag, attributes):
        self.found += [tag] if tag in ("script", "img", "link", "iframe") else []
        self.found += [k for k, v in attributes if k.startswith("on") or "http" in (v or "")]


def test_the_page_is_escaped_and_needs_nothing_from_elsewhere(shop):
    shop.sql("UPDATE customers SET name = '<script>alert(1)</script>' WHERE id = 1")
    _, archive = copy(shop)
    page = archive.read("index.html").decode()
    parser = Scripts()
    parser.feed(page)
    assert parser.found == []
    assert "&lt;script&gt;alert(1)" in page
    assert "Cloud &lt;Ltd&gt;" in page


def test_the_page_says_what_the_law_wants_said(shop):
    _, archive = copy(shop)
    text = re.sub(r"<[^>]+>", " ", archive.read("index.html").decode())
    for said in ("Yes, we process personal data", "contract", "30 days after the account was cancelled",
                 "your use", "data protection authority", "Automated decisions", "standard clauses", "US",
                 "privacy@shop.example", "correction"):  # fmt: skip
        assert said in text


def test_a_download_expires_and_its_bytes_are_gone(shop, clock):
    case, _ = copy(shop)
    clock.advance(timedelta(days=14))
    with pytest.raises(NotFound):
        shop.rights.package("1", case.id)
    shop.rights.process_due()
    from sqlalchemy import func, select

    from engine.store.tables.rights import rights_package_chunks

    with shop.parts.database.read() as conn:
        assert conn.execute(select(func.count()).select_from(rights_package_chunks)).scalar() == 0


def test_nobody_downloads_the_copy_of_another(shop):
    case, _ = copy(shop)
    with pytest.raises(NotFound):
        shop.rights.package("2", case.id)


def test_the_person_is_told_that_it_is_ready(shop, smtp):
    copy(shop)
    (message,) = smtp.to("C1@Mail.example")
    assert message["Subject"] == "Your data is ready"
    assert "https://shop.example/you/requests/" in message.get_content()


def test_a_large_copy_is_streamed_in_pieces(shop):
    values = ", ".join(
        f"({n}, 1, 'x{'y' * 400}', NULL, '2026-05-01T12:00:00Z')" for n in range(100, 3100)
    )
    shop.sql(f"INSERT INTO orders VALUES {values}")
    case, archive = copy(shop)
    assert len(json.loads(archive.read("data.json"))["datasets"]["orders"]["rows"]) == 3003
    assert "The first 20 of 3,003 records" in archive.read("index.html").decode()
    assert shop.rights.package("1", case.id).size < 3003 * 400
