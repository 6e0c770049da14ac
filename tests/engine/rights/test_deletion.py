"""Deletion: everything of one person goes, except what the law keeps, and nothing of anybody else."""

import json
from datetime import timedelta

import pytest
from sqlalchemy import select

from adapters.sql import SqlAdapter
from engine.audit import ledger, service
from engine.audit.erasure_list import Identity
from engine.audit.proof import verify_proof
from engine.errors import Conflict, NotFound
from engine.retention import holds
from engine.retention.own import STORE, own_retention
from engine.rights.state import Status, Step
from engine.store.tables.audit import subject_salts
from engine.store.tables.consent import consent_records
from engine.store.tables.rights import rights_intents
from tests.engine.rights.shop import open_shop


def delete(shop, clock, subject="1"):
    case = shop.rights.file(subject, "deletion", source="portal", proved=True)
    clock.advance(timedelta(days=3, minutes=1))
    shop.rights.process_due()
    return shop.rights.get(subject, case.id)


def test_nothing_is_deleted_while_the_person_may_still_change_their_mind(shop, clock):
    before = shop.dump()
    case = shop.rights.file("1", "deletion", source="portal", proved=True)
    shop.rights.process_due()
    assert shop.rights.get("1", case.id).status is Status.COOLING_OFF
    clock.advance(timedelta(days=2))
    shop.rights.process_due()
    assert shop.rights.cancel("1", case.id).status is Status.CANCELLED
    clock.advance(timedelta(days=5))
    shop.rights.process_due()
    assert shop.dump() == before


def test_everything_of_the_person_goes_and_nothing_of_the_others(shop, clock):
    others = {
        table: shop.rows(f"SELECT * FROM {table} WHERE id >= {low} ORDER BY id")
        for table, low in (("customers", 2), ("orders", 20), ("order_lines", 20), ("invoices", 20))
    }
    case = delete(shop, clock)
    assert case.status is Status.COMPLETED
    dump = shop.dump()
    for mark in (
        "C1@Mail",
        "c1@mail",
        "Name1",
        "note1",
        "art1'",
        "10.0.1.",
        "10.9.1.",
        "10.8.1.",
        "/p1",
    ):
        assert mark not in dump
    for table, low in (("customers", 2), ("orders", 20), ("order_lines", 20), ("invoices", 20)):
        found = shop.rows(f"SELECT * FROM {table} WHERE id >= {low} ORDER BY id")
        assert found == others[table]
    assert [row[0] for row in shop.rows("SELECT id FROM messages ORDER BY id")] == [
        10,
        20,
        21,
        30,
        31,
    ]
    assert "@" not in shop.value("SELECT sender FROM messages WHERE id = 10")
    assert "@" not in shop.value("SELECT receiver FROM messages WHERE id = 30")


def test_an_invoice_stays_as_long_as_the_law_says_and_the_account_is_emptied(shop, clock):
    case = delete(shop, clock)
    assert shop.rows("SELECT id, buyer FROM invoices WHERE customer_id = 1") == [(10, "-")]
    (emptied,) = shop.rows("SELECT email, name, country, taste FROM customers WHERE id = 1")
    assert emptied[0].startswith("erased-")
    assert emptied[1].startswith("erased-")
    assert emptied[2:] == (None, None)
    kept = {(o.dataset, o.category): o for o in case.outcomes if o.outcome == "restricted"}
    invoice = kept["invoices", "bill.invoice"]
    assert (invoice.statute, invoice.rows) == ("vouchers", 1)
    assert invoice.until.isoformat() == "2034-12-31T23:00:00+00:00"
    assert "AO § 147" in invoice.exemption


def test_a_copy_that_was_put_together_before_goes_too(shop, clock):
    """It would be another place in which everything that was deleted is still held."""
    copy = shop.rights.file("1", "access", source="portal", proved=True)
    others = shop.rights.file("2", "access", source="portal", proved=True)
    shop.rights.process_due()
    assert shop.rights.package("1", copy.id).size > 0
    case = delete(shop, clock)
    with pytest.raises(NotFound):
        shop.rights.package("1", copy.id)
    assert shop.rights.package("1", case.id).name.startswith("deletion-certificate")
    assert shop.rights.package("2", others.id).size > 0


def test_every_category_has_an_outcome(shop, clock):
    case = delete(shop, clock)
    found = {(o.dataset, o.category, o.outcome): o.rows for o in case.outcomes}
    assert found["orders", "order.record", "deleted"] == 3
    assert found["orders", "device.ip", "deleted"] == 3
    assert found["lines", "order.record", "deleted"] == 3
    assert found["visits", "device.visit", "deleted"] == 3
    assert found["log", "device.log", "deleted"] == 1
    assert found["invoices", "bill.invoice", "deleted"] == 1
    assert found["invoices", "account.name", "deleted"] == 2
    assert found["messages", "mail.message", "deleted"] == 1
    assert found["messages", "mail.message", "anonymised"] == 2
    assert found["customers", "account.email", "deleted"] == 1
    assert ("shop_backup", "everything", "restricted") in found


def test_the_certificate_can_be_checked_without_us(shop, clock, smtp):
    case = delete(shop, clock)
    certificate = json.loads(shop.rights.package("1", case.id).read())
    proven = verify_proof(certificate["proof"], subject="1")
    assert proven.about_subject
    assert proven.body["facts"]["outcomes"] == certificate["outcomes"]
    text = json.dumps(certificate)
    assert "mail.example" not in text.lower()
    assert "Name1" not in text
    (letter,) = [m for m in smtp.to("C1@Mail.example") if "deleted" in m["Subject"].lower()
                 and "were" in m["Subject"]]  # fmt: skip
    assert certificate["proof"]["inclusion"][0] in letter.get_content()


def test_the_ledger_forgets_the_person_and_still_verifies(shop, clock):
    delete(shop, clock)
    parts = shop.parts
    with parts.database.read() as conn:
        assert (
            conn.execute(select(subject_salts).where(subject_salts.c.subject == "1")).first()
            is None
        )
        assert ledger.entries(conn, subject="1") == ()
        assert conn.execute(select(rights_intents)).first() is None
        keys = parts.signer.keyring.verifiers(parts.signer.origin)
        assert service.verify(conn, [], keys).findings == ()
        kinds = [entry.kind for entry in ledger.entries(conn)]
    assert kinds[0] == "rights.received"
    assert kinds.index("rights.begun") < kinds.index("rights.erased")
    assert kinds[-1] == "rights.erasure-certified"


def test_whoever_was_erased_stands_on_the_erasure_list(shop, clock):
    delete(shop, clock)
    with shop.parts.database.read() as conn:
        listed = [shop.parts.erasures.contains(conn, Identity(k, v)) for k, v in
                  (("email", "c1@mail.example"), ("user_id", "1"), ("email", "c2@mail.example"))]  # fmt: skip
    assert listed == [True, True, False]


def test_a_named_hold_keeps_what_it_names_and_nothing_else(shop, clock):
    parts = shop.parts
    with parts.database.begin() as conn:
        scope = holds.Scope(subject="1", dataset="orders")
        holds.add_hold(conn, parts.in_force(), parts.datamap, "dispute", scope, note="case 7",
                       by="officer", review_at=clock.now() + timedelta(days=90), now=clock.now())  # fmt: skip
    case = delete(shop, clock)
    assert len(shop.rows("SELECT id FROM orders WHERE customer_id = 1")) == 3
    assert shop.rows("SELECT DISTINCT article FROM order_lines WHERE order_id < 20") == []
    assert "10.0.1." not in shop.dump()
    held = [o for o in case.outcomes if o.dataset == "orders" and o.outcome == "restricted"]
    assert {o.category for o in held} == {"order.record", "order.note"}
    assert "an open dispute" in held[0].exemption


def test_a_live_log_is_waited_for_and_then_rewritten(shop, clock):
    day = clock.now() + timedelta(days=3)
    live = shop.folder / "logs" / f"access-{day:%Y-%m-%d}.jsonl"
    live.write_text('{"user": 1, "path": "/late1", "ip": "10.8.1.2"}\n')
    case = delete(shop, clock)
    assert case.status is Status.IN_PROGRESS
    assert case.request.retry_why
    assert "/late1" in live.read_text()
    clock.advance(timedelta(days=2))
    shop.rights.process_due()
    assert shop.rights.get("1", case.id).status is Status.COMPLETED
    assert "/late1" not in shop.dump()


def test_the_erasures_of_two_people_rewrite_a_file_once(shop, clock):
    path = shop.folder / "logs" / "access-2026-05-01.jsonl"
    cases = [shop.rights.file(s, "deletion", source="portal", proved=True) for s in ("1", "2")]
    clock.advance(timedelta(days=4))
    shop.rights.process_due()
    assert {shop.rights.case(c.id).status for c in cases} == {Status.COMPLETED}
    assert path.read_text() == '{"user": 3, "path": "/p3", "ip": "10.8.3.1"}\n'


def test_work_that_has_begun_can_no_longer_be_cancelled_or_refused(shop, clock):
    case = delete(shop, clock)
    with pytest.raises(Conflict):
        shop.rights.cancel("1", case.id)
    with pytest.raises(Conflict):
        shop.rights.refuse(case.id, officer="o", reason="late")


def test_nobody_else_sees_the_request_or_its_certificate(shop, clock):
    case = delete(shop, clock)
    messages = set()
    for ask in (shop.rights.get, shop.rights.package, shop.rights.cancel):
        for request_id in (case.id, "no-such-id"):
            with pytest.raises(NotFound) as caught:
                ask("2", request_id)
            messages.add(str(caught.value))
    assert len(messages) == 1


def test_what_an_erased_person_said_stays_as_proof_and_goes_three_years_later(shop, clock):
    shop.parts.consent.choose("1", "better", True, source="portal")
    shop.parts.consent.choose("2", "better", True, source="portal")
    delete(shop, clock)
    database = shop.parts.database
    adapter = SqlAdapter(STORE, database.url.render_as_string(hide_password=False))
    own = own_retention(database, {STORE: adapter}, clock)

    def said():
        with database.read() as conn:
            return {row.subject_id for row in conn.execute(select(consent_records))}

    clock.advance(timedelta(days=3 * 365 - 10))
    own.purge()
    assert said() == {"1", "2"}
    clock.advance(timedelta(days=20))
    own.purge()
    assert said() == {"2"}
    assert own.plan().rows == 0
    adapter.close()


def reopened(shop):
    """The same shop, after its map was changed."""
    url = shop.engines["shop"].url.render_as_string(hide_password=False)
    parts = shop.parts
    return open_shop(shop.folder, url, parts.database, parts.clock, parts.notifier)


def add_customer(shop, subject, email, name, created):
    shop.sql(
        "INSERT INTO customers VALUES (:id, :email, :name, 'argon2:x', 'DE', 1, 'jazz', :at)",
        id=subject, email=email, name=name, at=int(created.timestamp()),
    )  # fmt: skip


@pytest.mark.parametrize("later", [timedelta(0), timedelta(days=1)])
def test_whoever_is_given_the_id_while_a_deletion_waits_loses_nothing(shop, clock, smtp, later):
    add_customer(shop, 9, "first@mail.example", "First", clock.now())
    case = shop.rights.file("9", "deletion", source="portal", proved=True)
    clock.advance(later)
    shop.sql("DELETE FROM customers WHERE id = 9")
    add_customer(shop, 9, "second@mail.example", "Second", clock.now())
    before = shop.dump()
    clock.advance(timedelta(days=3, minutes=1))
    for _ in range(3):
        shop.rights.process_due()
        clock.advance(timedelta(hours=1))
    assert shop.dump() == before
    held = shop.rights.case(case.id)
    assert held.status is Status.COOLING_OFF
    (halted,) = [moved for moved in held.history if moved.step is Step.HALT]
    assert "nothing was deleted" in halted.reason
    assert held.request.retry_why == halted.reason
    assert case.id in {one.id for one in shop.rights.queue()}
    assert "@" not in json.dumps(dict(held.request.details))
    with pytest.raises(Conflict, match="somebody else"):
        shop.rights.process(case.id)
    assert shop.rights.refuse(case.id, officer="o", reason="not yours").status is Status.REFUSED
    assert list(smtp.to("second@mail.example")) == []


def test_whoever_was_given_the_id_may_ask_for_their_own_deletion(shop, clock):
    add_customer(shop, 9, "first@mail.example", "First", clock.now())
    first = shop.rights.file("9", "deletion", source="portal", proved=True)
    shop.sql("DELETE FROM customers WHERE id = 9")
    add_customer(shop, 9, "second@mail.example", "Second", clock.now())
    case = delete(shop, clock, "9")
    assert case.status is Status.COMPLETED
    assert "Second" not in shop.dump()
    clock.advance(timedelta(hours=1))
    shop.rights.process_due()
    assert shop.rights.case(first.id).status is Status.COMPLETED


@pytest.mark.parametrize("address", ["other@mail.example", "c1@MAIL.example"])
def test_a_person_who_changes_their_address_meanwhile_is_erased_all_the_same(shop, clock, address):
    clock.advance(timedelta(days=1))
    case = shop.rights.file("1", "deletion", source="portal", proved=True)
    with pytest.raises(Conflict):
        shop.rights.file("1", "deletion", source="portal", proved=True)
    shop.sql("UPDATE customers SET email = :e WHERE id = 1", e=address)
    clock.advance(timedelta(days=3, minutes=1))
    shop.rights.process_due()
    done = shop.rights.case(case.id)
    assert done.status is Status.COMPLETED
    assert done.request.details == {}
    assert address not in shop.dump()


def test_an_account_that_the_platform_deleted_itself_is_done_everywhere_else(shop, clock):
    add_customer(shop, 9, "first@mail.example", "First", clock.now())
    shop.sql("INSERT INTO orders VALUES (90, 9, 'note9', NULL, '2026-05-01T12:00:00Z')")
    case = shop.rights.file("9", "deletion", source="portal", proved=True)
    if shop.engines["shop"].dialect.name == "sqlite":
        shop.sql("DELETE FROM customers WHERE id = 9")
    clock.advance(timedelta(days=3, minutes=1))
    shop.rights.process_due()
    assert shop.rights.case(case.id).status is Status.COMPLETED
    assert "note9" not in shop.dump()


def test_another_account_with_the_address_in_another_case_holds_no_deletion_up(shop, clock):
    shop.sql("UPDATE customers SET email = 'c1@MAIL.example' WHERE id = 2")
    other = shop.rows("SELECT * FROM customers WHERE id = 2")
    assert delete(shop, clock).status is Status.COMPLETED
    assert shop.rows("SELECT * FROM customers WHERE id = 2") == other
    with shop.parts.database.read() as conn:
        assert "rights.survivors" not in {entry.kind for entry in ledger.entries(conn)}


def test_the_address_in_rows_of_others_holds_no_deletion_up(shop, clock):
    """Somebody wrote it into a row of their own: the row is theirs, and stays as it is."""
    row = {"b": "C1@mail.example", "at": "2026-05-01T12:00:00Z"}
    datamap = shop.folder / "datamap.yaml"
    datamap.write_text(datamap.read_text().replace("{note: order.note,", "{note: account.email,"))
    again = reopened(shop)
    again.sql("INSERT INTO orders VALUES (99, 2, :b, NULL, :at)", **row)
    assert delete(again, clock).status is Status.COMPLETED
    assert again.value("SELECT note FROM orders WHERE id = 99") == "C1@mail.example"
    again.close()


def test_what_cannot_be_erased_stands_in_the_ledger_once(shop, clock):
    """A row that leads to nobody and names the person is found, but nobody can tell whose it is."""
    shop.sql("INSERT INTO messages VALUES (99, 'desk@shop.example', 'x@mail.example', 'b')")
    datamap = shop.folder / "datamap.yaml"
    datamap.write_text(datamap.read_text().replace("{body: mail.message,", "{body: account.email,"))
    again = reopened(shop)
    again.sql("UPDATE messages SET body = 'c1@mail.example' WHERE id = 99")
    case = delete(again, clock)
    for _ in range(4):
        clock.advance(timedelta(hours=1))
        again.rights.process_due()
    held = again.rights.case(case.id)
    assert held.status is Status.IN_PROGRESS
    assert "found again in messages" in held.request.retry_why
    with again.parts.database.read() as conn:
        said = ledger.entries(conn)
    assert [e.kind for e in said].count("rights.survivors") == 1
    about = [e for e in said if e.kind == "rights.erased" and e.facts["dataset"] == "messages"]
    assert len(about) == 1
    again.sql("DELETE FROM messages WHERE id = 99")
    clock.advance(timedelta(hours=1))
    again.rights.process_due()
    assert again.rights.case(case.id).status is Status.COMPLETED
    again.close()


def test_whoever_is_given_the_id_while_a_log_is_waited_for_loses_nothing(shop, clock):
    add_customer(shop, 9, "first@mail.example", "First", clock.now())
    day = clock.now() + timedelta(days=3)
    live = shop.folder / "logs" / f"access-{day:%Y-%m-%d}.jsonl"
    live.write_text('{"user": 9, "path": "/late9", "ip": "10.8.9.2"}\n')
    case = delete(shop, clock, "9")
    assert case.status is Status.IN_PROGRESS
    assert shop.rows("SELECT id FROM customers WHERE id = 9") == []
    add_customer(shop, 9, "second@mail.example", "Second", clock.now())
    before = shop.dump()
    clock.advance(timedelta(days=2))
    shop.rights.process_due()
    assert shop.dump() == before
    held = shop.rights.case(case.id)
    assert held.status is Status.IN_PROGRESS
    assert "somebody else" in held.request.retry_why
    assert held.history[-1].reason == held.request.retry_why
