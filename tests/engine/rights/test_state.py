"""The states of a request: who may move it, and that the person always reads where it stands."""

from datetime import UTC, datetime
from itertools import product

import pytest

from engine.errors import Conflict, Forbidden
from engine.rights.state import TRANSITIONS, Actor, Status, Step, Times, after, progress

DUE = datetime(2026, 7, 15, tzinfo=UTC)
RIGHTS = ("access", "correction", "deletion", "export", "restriction", "objection", "complaint")


@pytest.mark.parametrize(
    ("status", "step", "actor", "expected"),
    [
        ("received", "verify", "person", "verified"),
        ("received", "expire", "system", "expired"),
        ("verified", "wait", "system", "cooling off"),
        ("cooling off", "cancel", "person", "cancelled"),
        ("cooling off", "begin", "system", "in progress"),
        ("verified", "begin", "system", "in progress"),
        ("verified", "refuse", "officer", "refused"),
        ("in progress", "complete", "system", "completed"),
        ("in progress", "refuse", "system", "refused"),
        ("in progress", "extend", "officer", "in progress"),
    ],
)
def test_a_request_moves_on(status, step, actor, expected):
    assert after(Status(status), Step(step), Actor(actor)) == expected


@pytest.mark.parametrize(
    ("status", "step", "actor", "error"),
    [
        ("received", "begin", "system", Conflict),
        ("in progress", "cancel", "person", Conflict),
        ("in progress", "refuse", "officer", Conflict),
        ("completed", "refuse", "officer", Conflict),
        ("cooling off", "cancel", "officer", Forbidden),
        ("received", "refuse", "person", Forbidden),
    ],
)
def test_what_must_not_happen_is_refused(status, step, actor, error):
    with pytest.raises(error):
        after(Status(status), Step(step), Actor(actor))


def test_nothing_happens_to_a_closed_request():
    for status, step, actor in product(Status, Step, Actor):
        if status.closed:
            with pytest.raises(Conflict):
                after(status, step, actor)


def test_every_open_state_can_be_left_and_every_state_is_reached():
    left = {status for (status, _, _), end in TRANSITIONS.items() if end != status}
    assert left == {status for status in Status if not status.closed}
    assert set(TRANSITIONS.values()) | {Status.RECEIVED} == set(Status)


def test_work_begins_only_after_the_person_was_verified():
    before = {status for (status, step, _) in TRANSITIONS if step is Step.BEGIN}
    assert before == {Status.VERIFIED, Status.COOLING_OFF}
    assert {status for (status, step, _) in TRANSITIONS if step is Step.VERIFY} == {Status.RECEIVED}


@pytest.mark.parametrize("right", RIGHTS)
@pytest.mark.parametrize("status", list(Status))
def test_the_person_reads_where_it_stands_what_comes_next_and_by_when(right, status):
    times = Times(DUE, verify_by=DUE, cooling_until=DUE, package_until=None)
    told = progress(right, status, times)
    assert told.now.endswith(".")
    assert told.next.endswith(".")
    assert (told.by is None) == status.closed


def test_a_download_names_the_day_until_which_it_is_there():
    told = progress("access", Status.COMPLETED, Times(DUE, package_until=DUE))
    assert (told.next, told.by) == ("You can download your data.", DUE)
