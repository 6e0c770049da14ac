"""People are told before their data goes; until they have been, it stays, and the plan says so."""

import mailbox
from datetime import timedelta

import pytest

from adapters.notify import MaildirNotifier
from engine.audit import ledger
from engine.datamap.directory import PlatformDirectory
from engine.errors import PolicyError, Unavailable
from engine.retention.forewarning import DeletionNotices
from engine.retention.service import RetentionService
from tests.engine.retention.company import log, user
from tests.engine.retention.world import BOTH, World, at

RULES = """
rules:
- {{id: account, clause: 1.a, data: [account], keep: 60 days, after: account.cancelled, then: {then}{notice}}}
- {{id: calls, clause: unstated, data: [usage], keep: 900 days, after: record.created, then: delete}}
"""
CANCELLED = "2026-05-01T00:00"
DUE = at(CANCELLED) + timedelta(days=60)


class NoServer:
    """Mail that cannot be handed over."""

    def send(self, to: str, subject: str, body: str) -> None:
        raise Unavailable("no server")


@pytest.fixture
def warned(company: World) -> World:
    company.retention = RULES.format(then="delete", notice=", notice: 30 days")
    company.statutes = ""
    company.datasets = company.datasets.replace("{user_id: id}", "{user_id: id, email: email}")
    user(company, 1, CANCELLED)
    log(company, 7, 2, "2026-05-01T00:00")
    return company


def notices(world: World, service: RetentionService, notifier: object = None) -> DeletionNotices:
    return DeletionNotices(
        world.database,
        lambda: service.policy,
        PlatformDirectory(service.datamap, service.adapters),
        notifier or MaildirNotifier(world.folder / "mail", sender="privacy@example.com"),  # type: ignore[arg-type]
        world.clock,
        base_url="https://privacy.example.com",
    )


def due(service: RetentionService) -> int:
    return service.plan().of("users").affected


@BOTH
def test_people_are_told_in_time_and_their_data_goes_on_the_promised_day(warned: World) -> None:
    service = warned.service()
    warned.clock.set(DUE - timedelta(days=31))
    assert service.announce_deletions() == 1
    assert notices(warned, service).send() == 1
    (mail,) = mailbox.Maildir(warned.folder / "mail", create=False)
    assert mail["To"] == "1@example.com"
    body = mail.get_payload(decode=True).decode()  # type: ignore[union-attr]
    assert "deleted: email, username, the profile" in body
    warned.clock.set(DUE - timedelta(seconds=1))
    assert due(service) == 0
    warned.clock.set(DUE)
    assert due(service) == 1
    service.purge()
    assert warned.rows("SELECT id FROM users") == []
    assert service.verify().upheld


def test_nobody_is_told_before_the_time_and_nobody_twice(warned: World) -> None:
    service = warned.service()
    warned.clock.set(DUE - timedelta(days=33))
    assert service.announce_deletions() == 0
    warned.clock.set(DUE - timedelta(days=32))
    assert service.announce_deletions() == 1
    assert service.announce_deletions() == 0
    assert notices(warned, service).send() == 1
    assert notices(warned, service).send() == 0


@BOTH
def test_who_was_told_too_late_keeps_their_data_for_the_whole_notice(warned: World) -> None:
    service = warned.service()
    warned.clock.set(DUE)
    service.announce_deletions()
    notices(warned, service).send()
    plan = service.plan()
    assert [(k.by, k.name, k.rows) for s in plan.steps_of("users") for k in s.kept] == [
        ("notice", "account", 1)
    ]
    assert "1 row waits until the people have been told in time (`account`)" in " ".join(
        step.sentence for step in plan.steps
    )
    assert service.verify().upheld
    warned.clock.set(DUE + timedelta(days=30))
    assert due(service) == 1


def test_a_copy_of_the_data_elsewhere_waits_too(warned: World) -> None:
    service = warned.service()
    warned.clock.set(DUE)
    assert service.plan().of("calls").affected == 0
    service.announce_deletions()
    notices(warned, service).send()
    warned.clock.set(DUE + timedelta(days=30))
    assert service.plan().of("calls").affected == 1


def test_while_mail_fails_the_data_stays_and_the_notice_is_tried_again(warned: World) -> None:
    service = warned.service()
    warned.clock.set(DUE - timedelta(days=31))
    service.announce_deletions()
    assert notices(warned, service, NoServer()).send() == 0
    warned.clock.set(DUE)
    assert due(service) == 0
    assert notices(warned, service).send() == 1


def test_a_person_without_an_address_counts_as_told(warned: World) -> None:
    warned.sql("UPDATE users SET email = NULL")
    service = warned.service()
    warned.clock.set(DUE - timedelta(days=30))
    service.announce_deletions()
    assert notices(warned, service).send() == 0
    warned.clock.set(DUE)
    assert due(service) == 1


@pytest.mark.parametrize(
    "address", ["nobody", "a@b@c", "名字@例子.中国", "x@example.com\nBcc: y@x.org"]
)
def test_a_person_whose_address_is_none_counts_as_told(warned: World, address: str) -> None:
    warned.sql("UPDATE users SET email = :address", address=address)
    service = warned.service()
    warned.clock.set(DUE - timedelta(days=30))
    service.announce_deletions()
    assert notices(warned, service).send() == 0
    warned.clock.set(DUE)
    assert due(service) == 1


def test_who_came_back_is_told_anew_the_next_time(warned: World) -> None:
    service = warned.service()
    warned.clock.set(DUE - timedelta(days=30))
    service.announce_deletions()
    notices(warned, service).send()
    warned.sql("UPDATE users SET cancelled_at = NULL")
    assert service.announce_deletions() == 0
    warned.sql("UPDATE users SET cancelled_at = :at", at=int(at(CANCELLED).timestamp()))
    assert due(service) == 0
    assert service.announce_deletions() == 1


def test_a_notice_that_no_rule_promises_any_more_is_not_sent(warned: World) -> None:
    service = warned.service()
    warned.clock.set(DUE - timedelta(days=30))
    service.announce_deletions()
    warned.retention = RULES.format(then="delete", notice="")
    later = warned.service()
    assert later.announce_deletions() == 0
    assert notices(warned, later).send() == 0
    warned.clock.set(DUE)
    assert due(later) == 1


def test_the_ledger_shows_who_was_told_without_naming_them(warned: World) -> None:
    service = warned.service()
    warned.clock.set(DUE - timedelta(days=30))
    service.announce_deletions()
    notices(warned, service).send()
    with warned.database.read() as conn:
        kinds = {entry.kind: entry for entry in ledger.entries(conn)}
        (told,) = ledger.entries(conn, kind="deletion.told", subject="1")
    assert kinds["deletion.announced"].facts["people"] == 1
    assert told.facts == {"rule": "account", "outcome": "sent"}
    assert b"example.com" not in told.body


def test_a_notice_of_a_restriction_is_refused(company: World) -> None:
    company.retention = RULES.format(then="restrict", notice=", notice: 30 days")
    with pytest.raises(PolicyError, match="`notice` tells of data going"):
        company.service()
