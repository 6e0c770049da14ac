"""Purging and looking again, on a real platform."""

from datetime import timedelta

import pytest

from engine.audit import ledger
from engine.errors import ApprovalRequired, Conflict, InvalidInput, NotFound
from engine.retention import runs
from engine.retention.holds import Scope
from engine.retention.purge import Settings
from tests.engine.retention.company import PLATFORM, RULES, log, user
from tests.engine.retention.world import BOTH, World, at

NOW = "2026-06-15 12:00"
OLD = "2026-01-01 12:00"
NEW = "2026-06-01 12:00"


@pytest.fixture
def busy(company: World) -> World:
    """One user with 30 old and 120 new calls."""
    user(company, 1)
    for number in range(30):
        log(company, number, 2, OLD)
    for number in range(30, 150):
        log(company, number, 2, NEW)
    company.clock.set(at(NOW))
    return company


def kinds(world: World) -> list[str]:
    with world.database.read() as conn:
        return [entry.kind for entry in ledger.entries(conn)]


def ids(world: World) -> list[int]:
    return [row[0] for row in world.rows("SELECT id FROM logs ORDER BY id")]


@BOTH
def test_a_purge_deletes_what_the_plan_counted_and_nothing_else(busy: World):
    service = busy.service()
    plan = service.plan()
    assert plan.of("calls").affected == 30
    seen = []
    run = service.purge(plan.digest, progress=lambda *told: seen.append(told))
    assert (run.state, run.rows) == ("done", 30)
    assert ids(busy) == list(range(30, 150))
    assert seen == [("calls.delete", 30, 30)]
    assert kinds(busy) == ["purge.intent", "purge.batch", "purge.outcome"]
    assert service.verify(run.id).upheld


def test_a_plan_reads_as_a_sentence_and_says_when_the_next_row_is_due(busy: World):
    step = next(s for s in busy.service().plan().steps if s.id == "calls.delete")
    assert step.sentence == (
        "delete 30 of 150 rows of `calls` (20%), kept for 90 days after it was recorded "
        "(unstated calls)"
    )
    assert step.oldest == at(OLD)
    assert step.next_due == at(NEW) + timedelta(days=90)


@BOTH
def test_it_works_in_bounded_batches_with_one_ledger_entry_each(busy: World):
    busy.settings = Settings(batch=7)
    run = busy.service().purge()
    assert run.rows == 30
    assert kinds(busy).count("purge.batch") == 5


def test_running_it_again_finds_nothing(busy: World):
    busy.service().purge()
    run = busy.service().purge()
    assert (run.state, run.rows) == ("done", 0)


def test_a_survivor_is_found(busy: World):
    service = busy.service()
    run = service.purge()
    log(busy, 999, 2, OLD)
    found = service.verify(run.id)
    assert not found.upheld
    (verdict,) = [one for one in found.datasets if not one.upheld]
    assert verdict.survivors == 1
    assert verdict.sentence == (
        "`calls`: 1 row is due and still there, the oldest since 2026-04-01 12:00 UTC"
    )


@BOTH
def test_a_missing_neighbour_that_was_not_due_is_noticed(busy: World):
    service = busy.service()
    run = service.purge()
    busy.sql("DELETE FROM logs WHERE id = 77")
    found = service.verify(run.id)
    assert [one.sentence for one in found.datasets if not one.upheld] == [
        "`calls`: 1 row is missing that should not have gone"
    ]
    assert service.latest_verification() == found


def test_a_neighbour_replaced_by_another_row_is_noticed(busy: World):
    service = busy.service()
    run = service.purge()
    busy.sql("UPDATE logs SET id = 5000 WHERE id = 77")
    assert not service.verify(run.id).upheld


def test_rows_that_come_later_are_no_matter(busy: World):
    service = busy.service()
    run = service.purge()
    busy.clock.advance(timedelta(minutes=5))
    log(busy, 999, 2, "2026-06-15 12:01")
    assert service.verify(run.id).upheld


def test_an_erased_field_that_came_back_is_found(busy: World):
    user(busy, 2, "2026-01-01 00:00")
    log(busy, 700, 2, NEW, owner=2)
    service = busy.service()
    run = service.purge()
    assert busy.value("SELECT username FROM logs WHERE id = 700") == ""
    assert service.verify(run.id).upheld


@pytest.fixture
def flood(company: World) -> World:
    """One user with 101 old calls and 20 new ones: more than the cap."""
    user(company, 1)
    for number in range(101):
        log(company, number, 2, OLD)
    for number in range(101, 121):
        log(company, number, 2, "2026-06-14 00:00")
    company.clock.set(at(NOW))
    return company


@BOTH
def test_more_than_the_cap_needs_an_officers_approval_of_exactly_this_plan(flood: World):
    service = flood.service()
    plan = service.plan()
    assert (plan.of("calls").affected, plan.of("calls").cap) == (101, 100)
    with pytest.raises(ApprovalRequired, match="an officer must approve plan") as refused:
        service.purge(plan.digest)
    assert refused.value.digest == plan.digest
    assert len(ids(flood)) == 121
    service.approve(plan.digest, officer="officer-1")
    run = service.purge(plan.digest)
    assert (run.state, run.rows) == ("done", 101)


def test_an_approval_is_of_no_use_for_another_plan(flood: World):
    service = flood.service()
    service.approve(service.plan().digest, officer="officer-1")
    flood.clock.advance(timedelta(hours=1))
    changed = service.plan()
    with pytest.raises(ApprovalRequired):
        service.purge(changed.digest)


def test_an_approved_plan_does_not_stretch_to_rows_that_appear_afterwards(flood: World):
    service = flood.service()
    plan = service.plan()
    service.approve(plan.digest, officer="officer-1")
    log(flood, 999, 2, OLD)
    run = service.purge(plan.digest)
    assert run.of("calls.delete").state == "refused"
    assert run.of("calls.delete").note == "102 rows are due now, not 101: plan again"
    assert len(ids(flood)) == 122


def test_what_is_refused_does_not_stop_the_rest(flood: World):
    user(flood, 2, "2026-01-01 00:00")
    run = flood.service().purge()
    assert run.of("calls.delete").state == "refused"
    assert run.of("users.delete").done == 1


def test_a_plan_of_another_policy_cannot_be_purged(busy: World):
    plan = busy.service().plan()
    busy.retention = RULES.replace("90 days", "91 days")
    with pytest.raises(Conflict, match="the policy has changed since this plan"):
        busy.service().purge(plan.digest)


def test_an_unknown_plan_is_refused(busy: World):
    with pytest.raises(NotFound, match="no plan `0123456789`"):
        busy.service().purge("0123456789")


def test_scheduled_purging_waits_for_a_first_approval(busy: World):
    service = busy.service()
    run = service.purge(scheduled=True)
    assert run.rows == 0
    assert run.of("calls.delete").note == (
        "scheduled purging is off until an officer has approved a first plan"
    )
    service.approve(service.plan().digest, officer="officer-1")
    busy.clock.advance(timedelta(minutes=1))
    assert service.purge(scheduled=True).rows == 30


@BOTH
def test_a_hold_on_a_person_keeps_their_rows(busy: World):
    user(busy, 2)
    log(busy, 500, 2, OLD, owner=2)
    service = busy.service()
    hold = service.add_hold(
        "restriction", Scope(subject="2"), note="art. 18", by="o", review_at=at("2026-12-01")
    )
    plan = service.plan()
    step = next(s for s in plan.steps if s.id == "calls.delete")
    assert step.rows == 30
    assert [(k.by, k.name, k.rows) for k in step.kept] == [("hold", hold.id, 1)]
    run = service.purge(plan.digest)
    assert 500 in ids(busy)
    assert service.verify(run.id).upheld
    service.release_hold(hold.id, by="o")
    busy.clock.advance(timedelta(minutes=1))
    service.purge()
    assert 500 not in ids(busy)


def test_a_hold_on_a_category_keeps_the_field_and_the_row_that_has_it(busy: World):
    user(busy, 2, "2026-01-01 00:00")
    log(busy, 500, 2, NEW, owner=2)
    log(busy, 501, 2, OLD, owner=2)
    service = busy.service()
    service.add_hold(
        "claims", Scope(category="account.username"), note="x", by="o", review_at=at("2026-12-01")
    )
    service.purge()
    assert ids(busy) == [*range(150), 500, 501]
    assert busy.rows("SELECT username FROM logs WHERE id IN (500, 501)") == [("ann",), ("ann",)]
    assert busy.value("SELECT count(*) FROM users WHERE id = 2") == 1


@BOTH
def test_a_row_that_a_hold_keeps_still_loses_its_due_fields_that_no_hold_is_about(busy: World):
    user(busy, 2)
    log(busy, 501, 2, OLD, owner=2)
    service = busy.service()
    hold = service.add_hold(
        "claims",
        Scope(subject="2", category="account.username"),
        note="x",
        by="o",
        review_at=at("2026-12-01"),
    )
    plan = service.plan()
    assert {s.id: (s.rows, [k.name for k in s.kept]) for s in plan.steps if s.rows} == {
        "calls.erase.usage.content": (1, []),
        "calls.delete": (30, [hold.id]),
    }
    run = service.purge(plan.digest)
    assert run.rows == 31
    assert busy.rows("SELECT username, content FROM logs WHERE id = 501") == [("ann", None)]
    assert service.verify(run.id).upheld
    assert service.plan().of("calls").affected == 0


def test_a_due_field_that_was_not_taken_out_of_a_row_that_a_hold_keeps_is_found(busy: World):
    service = busy.service()
    service.add_hold(
        "claims", Scope(category="account.username"), note="x", by="o", review_at=at("2026-12-01")
    )
    run = service.purge()
    busy.sql("UPDATE logs SET content = 'hello' WHERE id = 3")
    assert [one.survivors for one in service.verify(run.id).datasets if one.dataset == "calls"] == [
        1
    ]


@pytest.mark.parametrize("subject", ["01", " 1", "999", "1.0"])
def test_a_hold_on_nobody_is_refused_since_it_would_protect_nothing(busy: World, subject: str):
    with pytest.raises(InvalidInput, match="nobody has exactly this id"):
        busy.service().add_hold(
            "restriction", Scope(subject=subject), note="x", by="o", review_at=at("2026-12-01")
        )
    assert busy.service().holds() == ()


def test_a_hold_placed_after_the_plan_is_respected(busy: World):
    service = busy.service()
    plan = service.plan()
    service.add_hold(
        "restriction", Scope(subject="1"), note="x", by="o", review_at=at("2026-12-01")
    )
    assert service.purge(plan.digest).rows == 0


def test_a_hold_released_after_the_plan_still_counts_for_that_plan(busy: World):
    service = busy.service()
    hold = service.add_hold(
        "restriction", Scope(subject="1"), note="x", by="o", review_at=at("2026-12-01")
    )
    plan = service.plan()
    service.release_hold(hold.id, by="o")
    assert service.purge(plan.digest).rows == 0


def test_one_purge_at_a_time_for_a_dataset(busy: World):
    service = busy.service()
    plan = service.plan()
    with busy.database.begin() as conn:
        lease = timedelta(seconds=60)
        runs.open_run(conn, plan, {}, scheduled=False, now=busy.clock.now(), lease=lease)
    with pytest.raises(Conflict, match="a purge of `calls` is running"):
        service.purge(plan.digest)
    busy.clock.advance(timedelta(seconds=61))
    run = service.purge(plan.digest)
    assert run.rows == 30
    assert "purge.recovered" in kinds(busy)
    assert [one.state for one in service.runs()] == ["done", "interrupted"]


def test_rows_of_nobody_obey_record_rules_only(busy: World):
    log(busy, 600, 2, OLD, owner=None)
    log(busy, 601, 2, NEW, owner=None)
    busy.service().purge()
    assert 600 not in ids(busy)
    assert busy.value("SELECT username FROM logs WHERE id = 601") == "ann"


@BOTH
def test_an_orphan_counts_as_cancelled_from_when_it_was_first_seen(busy: World):
    log(busy, 600, 2, NEW, owner=42)
    plan = busy.service().plan()
    assert [note.code for note in plan.notes] == ["ORPHANS"]
    busy.clock.advance(timedelta(days=30))
    after_purge(busy)
    assert busy.value("SELECT username FROM logs WHERE id = 600") == ""


@BOTH
@pytest.mark.parametrize("time", [None, 0, 4102444800])
def test_a_record_without_a_believable_time_counts_from_its_first_sighting(
    busy: World, time: int | None
):
    log(busy, 600, 2, OLD)
    busy.sql("UPDATE logs SET created_at = :at WHERE id = 600", at=time)
    plan = busy.service().plan()
    assert "ODD_TIMES" in [note.code for note in plan.notes]
    busy.clock.advance(timedelta(days=89))
    assert 600 in after_purge(busy)
    busy.clock.advance(timedelta(days=1))
    assert 600 not in after_purge(busy)


def after_purge(world: World) -> list[int]:
    service = world.service()
    plan = service.plan()
    if any(one.affected for one in plan.datasets):
        service.approve(plan.digest, officer="officer-1")
    run = service.purge(plan.digest)
    assert service.verify(run.id).upheld
    return ids(world)


@BOTH
def test_an_event_that_services_told_counts_from_there(busy: World):
    busy.datasets = PLATFORM.replace(
        "    times: {account.cancelled: {field: cancelled_at, as: epoch seconds}}\n", ""
    )
    service = busy.service()
    service.record_event("1", "account.cancelled", at("2026-05-16 12:00"), "billing")
    assert [s.id for s in service.plan().steps if s.rows and s.dataset == "users"] == [
        "users.delete"
    ]
    service.record_event("1", "account.cancelled", at("2026-05-17 12:00"), "shop")
    assert [s.id for s in service.plan().steps if s.rows and s.dataset == "users"] == []


def test_no_statute_means_an_error_and_nothing_deleted(busy: World):
    busy.statutes = ""
    log(busy, 600, 1, "1990-01-01 00:00")
    plan = busy.service().plan()
    assert [(note.code, note.severity) for note in plan.notes] == [("NO_STATUTE", "error")]
    busy.service().purge()
    assert 600 in ids(busy)


@BOTH
def test_a_field_that_cannot_be_empty_is_an_error_and_stays(busy: World):
    busy.datasets = PLATFORM.replace(
        'username: {is: account.username, erase: ""}', "username: account.username"
    )
    user(busy, 2, "2026-01-01 00:00")
    log(busy, 500, 2, NEW, owner=2)
    service = busy.service()
    assert {(n.code, n.dataset) for n in service.plan().notes} == {
        ("CANNOT_EMPTY", "calls"),
        ("CANNOT_EMPTY", "topups"),
    }
    assert service.purge().state == "done"


@BOTH
def test_a_person_waits_while_a_foreign_key_points_to_them(busy: World):
    busy.datasets = (
        PLATFORM
        + """
  keys:
    store: platform
    table: keys
    key: id
    row: device.ip
    subject: {user_id: users.id}
    times: {record.created: {field: created_at, as: epoch seconds}}
    fields: {ip: device.ip}
"""
    )
    busy.retention = RULES.replace(
        "rules:",
        "rules:\n- {id: device, clause: unstated, data: [device], keep: 7 months,"
        " after: record.created, then: delete}",
    )
    user(busy, 2, "2026-01-01 00:00")
    busy.sql(
        "CREATE TABLE keys (id INTEGER PRIMARY KEY, user_id INTEGER NOT NULL REFERENCES users(id),"
        " ip VARCHAR(9), created_at BIGINT)",
        "INSERT INTO keys VALUES (1, 2, 'x', 1781000000)",
    )
    run = busy.service().purge()
    step = run.of("users.delete")
    assert (step.state, step.done) == ("waiting", 0)
    assert step.note == "1 row waits until what refers to them in `keys` is gone"


def test_a_hold_is_reviewed_at_the_latest_when_its_reason_says(busy: World):
    service = busy.service()
    hold = service.add_hold("claims", Scope(subject="1"), note="x", by="o")
    assert hold.review_at == busy.clock.now().replace(hour=16, minute=0) + timedelta(days=183)
    with pytest.raises(InvalidInput, match="reviewed every 6 months: by "):
        service.add_hold(
            "claims", Scope(subject="1"), note="x", by="o",
            review_at=hold.review_at + timedelta(seconds=1),
        )  # fmt: skip


def test_a_hold_for_a_statute_says_when_it_is_reviewed(busy: World):
    with pytest.raises(InvalidInput, match="say when"):
        busy.service().add_hold("cn-vouchers", Scope(subject="1"), note="x", by="o")
