"""Whatever goes wrong is a deny, waiting or awaited, and comes to an end at the deadline."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from tests.support.answering import Prepared, answering, free_port
from upheld_client import (
    AsyncUpheld,
    Evaluation,
    NotAllowed,
    NotFound,
    Refused,
    TooManyRequests,
    Unavailable,
    Unreachable,
    Upheld,
    UpheldError,
)
from upheld_client.calls import (
    check_payload,
    decide,
    decide_all,
    evaluate,
    evaluate_all,
    event,
    filter_record,
    login,
)
from upheld_client.wire import LARGEST_ANSWER, Call

ANSWER = (
    b'{"effect": "permit", "rule": "x", "clauses": [], "obligations": [], "missing": [],'
    b' "reason": "", "policy": {"version": "1"}}'
)
ASKED = decide("use", "usage")
TOLD = event("1", "account.cancelled", at=datetime(2026, 6, 15, tzinfo=UTC))

Send = Callable[..., Any]


def waiting(url: str, call: Call[Any], timeout: float = 10) -> Any:
    with Upheld(url, "upheld_x", timeout) as upheld:
        return upheld.send(call)


def awaited(url: str, call: Call[Any], timeout: float = 10) -> Any:
    async def send() -> Any:
        async with AsyncUpheld(url, "upheld_x", timeout) as upheld:
            return await upheld.send(call)

    return asyncio.run(send())


@pytest.fixture(params=[waiting, awaited])
def send(request: pytest.FixtureRequest) -> Send:
    return request.param


def test_nobody_listening_is_a_deny(send: Send):
    url = f"http://127.0.0.1:{free_port()}"
    decision = send(url, ASKED, 0.2)
    assert (decision.effect, bool(decision.failure)) == ("deny", True)
    with pytest.raises(Unreachable):
        send(url, decide("use", "usage", raises=True), 0.2)
    with pytest.raises(Unreachable):
        send(url, TOLD, 0.2)


@pytest.mark.parametrize(
    ("call", "shut"),
    [
        (decide_all([{"operation": "use", "category": "usage"}] * 2), ["deny", "deny"]),
        (login("1"), (False, "unknown", None)),
        (filter_record("calls", {"a": 1}, purpose="x"), ({}, ["a"])),
        (check_payload({"a": 1}), ({}, ["a"])),
        (evaluate(Evaluation("x", "usage")), False),
        (evaluate_all([Evaluation("x", "usage")] * 2), [False, False]),
    ],
)
def test_every_question_has_an_answer_that_permits_nothing(send: Send, call: Call[Any], shut: Any):
    with answering(Prepared(500, b"oh")) as (url, _):
        assert shape(send(url, call)) == shut


def shape(answer: Any) -> Any:
    """What of an answer says whether anything is permitted."""
    if isinstance(answer, list):
        return [shape(each) for each in answer]
    for names in (("effect",), ("decision",), ("ok", "outcome", "go_to")):
        if hasattr(answer, names[0]):
            found = tuple(getattr(answer, name) for name in names)
            return found if len(found) > 1 else found[0]
    if hasattr(answer, "record"):
        return answer.record, [each.field for each in answer.removed]
    return answer.payload, [each.field for each in answer.refused]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"permit",
        b"[]",
        b"null",
        b"{}",
        b'{"effect": "permit"}',
        ANSWER.replace(b'"permit"', b"true"),
        ANSWER.replace(b'"missing": []', b'"missing": null'),
        ANSWER.replace(b'"obligations": []', b'"obligations": "log"'),
        ANSWER.replace(b"}}", b"}"),
        b"[" * 100_000,
        b"\xff\xfe",
    ],
)
def test_an_answer_that_is_not_understood_is_a_deny_and_not_asked_for_again(
    send: Send, body: bytes
):
    with answering(Prepared(200, body)) as (url, seen):
        assert not send(url, ASKED).permitted
        assert not send(url, login("1")).ok
        assert len(seen) == 2


def test_the_answer_that_those_are_made_from_is_a_permit(send: Send):
    with answering(Prepared(200, ANSWER)) as (url, _):
        assert send(url, ASKED).permitted


def test_a_silent_server_is_asked_again_before_the_deadline():
    late, at_once = Prepared(200, ANSWER, hold=1.5), Prepared(200, ANSWER)
    with answering(late, at_once) as (url, seen):
        with Upheld(url, "upheld_x", 10, attempt=0.3) as upheld:
            assert upheld.decide("use", "usage").permitted
        assert len(seen) == 2


def test_an_http_client_of_ones_own_is_used_and_left_open():
    def permit(request: httpx.Request) -> httpx.Response:
        assert request.headers["Authorization"] == "Bearer upheld_x"
        return httpx.Response(200, content=ANSWER)

    with httpx.Client(transport=httpx.MockTransport(permit)) as http:
        with Upheld("https://privacy.example.com", "upheld_x", http=http) as upheld:
            assert upheld.decide("use", "usage").permitted
        assert not http.is_closed


def test_a_redirect_is_not_followed(send: Send):
    with answering(Prepared(200, ANSWER)) as (elsewhere, others):
        with answering(Prepared(307, ANSWER, {"Location": elsewhere})) as (url, _):
            assert not send(url, ASKED).permitted
        assert others == []


def test_an_answer_that_is_too_long_is_a_deny(send: Send):
    long = ANSWER.replace(b'"reason": ""', b'"reason": "%b"' % (b"x" * LARGEST_ANSWER))
    with answering(Prepared(200, long)) as (url, _):
        assert "too long" in send(url, ASKED).failure


def test_an_answer_that_trickles_ends_at_the_deadline(send: Send):
    with answering(Prepared(200, ANSWER, drip=1)) as (url, _):
        assert "in time" in send(url, ASKED, 0.3).failure


@pytest.mark.parametrize("status", [429, 502, 503, 504])
def test_a_passing_failure_is_tried_again_under_the_same_idempotency_key(send: Send, status: int):
    with answering(Prepared(status), Prepared(status), Prepared(200)) as (url, seen):
        send(url, TOLD)
    keys = [request.headers["Idempotency-Key"] for request in seen]
    assert len(keys) == 3
    assert len(set(keys)) == 1
    assert len({request.body for request in seen}) == 1


@pytest.mark.parametrize(
    ("status", "kind"), [(400, Refused), (401, NotAllowed), (404, NotFound), (500, Unavailable)]
)
def test_a_refusal_is_not_tried_again(send: Send, status: int, kind: type[UpheldError]):
    answer = Prepared(status, b'{"detail": "no", "field": "at", "digest": "d"}')
    with answering(answer) as (url, seen), pytest.raises(kind) as refused:
        send(url, TOLD)
    assert len(seen) == 1
    assert (refused.value.problem.detail, refused.value.field) == ("no", "at")
    assert refused.value.problem.members == {"digest": "d"}


def test_a_pause_that_is_asked_for_is_kept(send: Send):
    with answering(Prepared(429, headers={"Retry-After": "1"}), Prepared(200, ANSWER)) as (url, _):
        assert send(url, ASKED).permitted


def test_a_pause_beyond_the_deadline_is_not_waited_for(send: Send):
    busy = Prepared(429, b'{"detail": "later"}', {"Retry-After": "3600"})
    with answering(busy) as (url, seen):
        with pytest.raises(TooManyRequests) as refused:
            send(url, TOLD)
        assert len(seen) == 1
    assert refused.value.retry_after == 3600


@pytest.mark.parametrize(
    "address", ["http://privacy.example.com", "privacy.example.com", "ftp://x", "https://"]
)
def test_an_address_that_would_show_the_key_is_refused(address: str):
    for client in (Upheld, AsyncUpheld):
        with pytest.raises(ValueError, match="`"):
            client(address, "upheld_x")
