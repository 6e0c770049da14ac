"""Two accounts whose address differs only in case: to the letter a row is one's, or it is nobody's."""

import json

import pytest

from engine.rights.state import Status
from tests.engine.rights.test_deletion import delete

MINE, THEIRS = "C1@Mail.example", "c1@mail.example"


@pytest.fixture(autouse=True)
def _two_accounts(shop):
    shop.sql("DELETE FROM messages")
    shop.sql("UPDATE customers SET email = :address WHERE id = 2", address=THEIRS)
    for number, sender in enumerate((MINE, THEIRS, "C1@MAIL.EXAMPLE")):
        shop.sql(
            "INSERT INTO messages VALUES (:id, :sender, 'x@else.example', :body)",
            id=900 + number, sender=sender, body=f"body{number}",
        )  # fmt: skip


def left(shop):
    return [row[0] for row in shop.rows("SELECT body FROM messages ORDER BY id")]


@pytest.mark.parametrize(
    ("subject", "others"), [("1", ["body1", "body2"]), ("2", ["body0", "body2"])]
)
def test_only_the_rows_with_the_address_to_the_letter_go(shop, clock, subject, others):
    assert delete(shop, clock, subject).status is Status.COMPLETED
    assert left(shop) == others


def test_the_certificate_says_what_stays_because_nobody_can_tell(shop, clock):
    case = delete(shop, clock)
    text = shop.rights.package("1", case.id).read().decode()
    assert "`messages`: 1 row" in json.dumps(json.loads(text), ensure_ascii=False)


def test_when_only_one_is_left_the_address_is_theirs_in_every_case(shop, clock):
    delete(shop, clock)
    delete(shop, clock, "2")
    assert left(shop) == []


def test_a_copy_holds_nothing_that_may_be_another_persons(shop, clock):
    case = shop.rights.file("1", "export", source="portal", proved=True)
    shop.rights.process_due()
    held = shop.rights.package("1", case.id).read()
    assert b"body1" not in held
    assert b"body2" not in held
