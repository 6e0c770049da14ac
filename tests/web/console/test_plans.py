"""An officer sees what is due, approves exactly one plan by its digest, and has it carried out."""

from datetime import timedelta

import pytest

from engine.audit import ledger
from tests.web.console.conftest import DUE, OFFICER, Desk
from web.console.plans import DIGITS


def _plan(desk, officer):
    page = officer.order("/console/plans")
    plan = desk.retention.latest_plan()
    assert plan is not None
    assert page.request.path == f"/console/plans/{plan.digest}"
    return plan, page.text


def test_a_plan_made_here_says_what_is_due_and_what_waits(desk: Desk):
    officer = desk.officer()
    plan, page = _plan(desk, officer)
    assert f"{DUE} rows in 1 dataset are due" in page
    assert "more than the cap" in page
    assert plan.digest in page
    assert "Approve exactly this plan" in page
    assert plan.steps_of("calls")[0].rows == DUE
    assert "waits for an approval" in officer.get("/console/").text


def test_an_approval_by_the_printed_digest_is_the_officers(desk: Desk):
    officer = desk.officer()
    plan, _ = _plan(desk, officer)
    address = f"/console/plans/{plan.digest}/approve"
    assert plan.digest[:DIGITS] in officer.get(address).text
    answer = officer.post(address, {"digest": plan.digest[:DIGITS]})
    assert answer.location == f"/console/plans/{plan.digest}"
    approved = desk.retention.approvals(plan.digest)
    assert [(one.dataset, one.officer) for one in approved] == [("calls", OFFICER)]
    assert f"by {OFFICER}" in officer.get(answer.location).text


@pytest.mark.parametrize("typed", ["", "0123456789ab", "short"])
def test_a_wrong_digest_approves_nothing(desk: Desk, typed: str):
    officer = desk.officer()
    plan, _ = _plan(desk, officer)
    answer = officer.post(f"/console/plans/{plan.digest}/approve", {"digest": typed})
    assert answer.status_code == 400
    assert "Nothing was approved" in answer.text
    assert desk.retention.approvals(plan.digest) == ()


def test_the_first_digits_alone_are_too_few(desk: Desk):
    officer = desk.officer()
    plan, _ = _plan(desk, officer)
    few = {"digest": plan.digest[: DIGITS - 1]}
    assert officer.post(f"/console/plans/{plan.digest}/approve", few).status_code == 400


def test_a_plan_that_another_one_followed_can_no_longer_be_approved(desk: Desk):
    officer = desk.officer()
    stale, _ = _plan(desk, officer)
    desk.site.clock.advance(timedelta(minutes=5))
    newest, _ = _plan(desk, officer)
    assert newest.digest != stale.digest
    address = f"/console/plans/{stale.digest}/approve"
    for answer in (officer.get(address), officer.post(address, {"digest": stale.digest})):
        assert answer.status_code == 409
        assert "can no longer be approved" in answer.text
        assert newest.digest[:DIGITS] in answer.text
    assert desk.retention.approvals(stale.digest) == ()
    assert "no longer the newest" in officer.get(f"/console/plans/{stale.digest}").text


def test_what_waits_is_not_carried_out(desk: Desk):
    officer = desk.officer()
    plan, page = _plan(desk, officer)
    assert "Carry it out now" not in page
    answer = officer.post(f"/console/plans/{plan.digest}/purge")
    assert answer.status_code == 409
    assert "waits for an approval" in answer.text
    assert desk.retention.runs() == ()


def test_an_approved_plan_is_carried_out_and_looked_at_again(desk: Desk):
    officer = desk.officer()
    plan, _ = _plan(desk, officer)
    officer.post(f"/console/plans/{plan.digest}/approve", {"digest": plan.digest})
    page = officer.order(f"/console/plans/{plan.digest}/purge")
    run = desk.retention.runs()[0]
    assert page.request.path == f"/console/runs/{run.id}"
    assert (run.state, run.rows) == ("done", DUE)
    assert f"{DUE} of {DUE} changes" in page.text
    assert "Everything that was due is gone, and nothing else" in page.text
    assert run.id in officer.get("/console/runs?state=done").text
    assert run.id not in officer.get("/console/runs?state=failed").text


def test_an_order_that_fails_says_why_and_stands_in_the_ledger(desk: Desk):
    officer = desk.officer()
    plan, _ = _plan(desk, officer)
    desk.retention.approve(plan.digest, officer=OFFICER)
    desk.lose("calls")
    page = officer.order(f"/console/plans/{plan.digest}/purge")
    assert "This did not work" in page.text
    assert "platform" in page.text
    with desk.site.services.database.read() as conn:
        given = ledger.latest(conn, 1, "order.given")[0]
        failed = ledger.latest(conn, 1, "order.failed")[0]
    assert given.facts == {"what": "purge", "about": plan.digest, "officer": OFFICER}
    assert failed.facts["order"] == given.index


def test_a_run_is_looked_at_again_on_demand(desk: Desk):
    officer = desk.officer()
    plan, _ = _plan(desk, officer)
    officer.post(f"/console/plans/{plan.digest}/approve", {"digest": plan.digest})
    officer.order(f"/console/plans/{plan.digest}/purge")
    run = desk.retention.runs()[0]
    first = desk.retention.latest_verification(run.id)
    assert first is not None
    desk.site.clock.advance(timedelta(minutes=5))
    officer.order(f"/console/runs/{run.id}/verify")
    again = desk.retention.latest_verification(run.id)
    assert again is not None
    assert again.at > first.at
