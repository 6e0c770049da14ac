"""The client against a real server: what it asks, and that every failure is a deny."""

import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from werkzeug.serving import make_server

from engine.retention.told import told_at
from tests.support.installation import FIRST, World
from upheld_client import Decision, Refused, Unreachable, Upheld

QUESTION = ("use", "usage.content")
ANSWER = (
    b'{"effect": "permit", "rule": "x", "clauses": [], "obligations": [], "missing": [],'
    b' "reason": "", "policy": {"version": "1"}}'
)
PURPOSE = "improve.quality-analysis"


@dataclass
class Served:
    """An installation behind a socket."""

    world: World
    url: str

    def client(self, *scopes: str, timeout: float = 10.0) -> Upheld:
        return Upheld(self.url, self.world.key(*scopes), timeout)


@pytest.fixture
def served(make_world: Callable[..., World]) -> Iterator[Served]:
    port = free_port()
    world = make_world(f"http://127.0.0.1:{port}")
    server = make_server("127.0.0.1", port, world.app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield Served(world, f"http://127.0.0.1:{port}")
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_decision_comes_with_its_rule_and_obligations(served: Served):
    served.world.person("1", agreed=FIRST, choices={"improve-with-my-usage": True})
    with served.client("decide") as upheld:
        decision = upheld.decide(*QUESTION, purpose=PURPOSE, subject="1")
        assert decision.permitted
        assert (decision.rule, decision.obligations) == ("quality-analysis", ("log",))
        assert (decision.version, decision.failure) == (FIRST, "")
        assert not upheld.decide(*QUESTION, purpose=PURPOSE, subject="2").permitted


def test_a_batch_is_answered_in_order(served: Served):
    served.world.person("1", agreed=FIRST)
    asked = [
        {"operation": "collect", "category": "usage.call"},
        {"operation": "collect", "category": "payment"},
    ]
    with served.client("decide") as upheld:
        effects = [d.effect for d in upheld.decide_all(asked, subject="1")]
    assert effects == ["permit", "deny"]


def test_the_gate_says_where_to_send_a_person(served: Served):
    served.world.person("1")
    with served.client("consent") as upheld:
        gate = upheld.login("1", signals=["gpc"])
        assert (gate.ok, gate.outcome, gate.version) == (False, "agree", FIRST)
        assert gate.go_to is not None
        assert gate.go_to.startswith(served.url)
        served.world.services.consent.agree("1", FIRST, {}, source="test")
        assert upheld.login("1").ok


def test_an_event_and_a_choice_are_recorded(served: Served):
    served.world.person("1", agreed=FIRST)
    at = datetime(2026, 6, 15, 12, tzinfo=UTC)
    with served.client("consent") as upheld:
        upheld.event("1", "account.cancelled", at=at, source="billing")
        upheld.choose("1", "suggestions", True)
    with served.world.services.database.read() as conn:
        assert told_at(conn, "1", "account.cancelled") == at
    states = {s.id: s.on for s in served.world.services.consent.overview("1").choices}
    assert states["suggestions"] is True


def test_a_wrong_key_is_a_deny_and_a_closed_gate(served: Served):
    served.world.person("1", agreed=FIRST, choices={"improve-with-my-usage": True})
    with served.client("rights") as upheld:
        decision = upheld.decide(*QUESTION, purpose=PURPOSE, subject="1")
        assert not decision.permitted
        assert decision.failure.startswith("403")
        gate = upheld.login("1")
        assert (gate.ok, gate.outcome) == (False, "unknown")
        with pytest.raises(Refused, match="403"):
            upheld.login("1", raises=True)


def test_what_was_not_recorded_raises(served: Served):
    with served.client("consent") as upheld:
        with pytest.raises(Refused) as refused:
            upheld.event("1", "account.canceled", at=datetime(2026, 6, 15, tzinfo=UTC))
        assert (refused.value.status, refused.value.field) == (400, "event")


def test_nobody_listening_is_a_deny():
    upheld = Upheld(f"http://127.0.0.1:{free_port()}", "upheld_x", timeout=0.2)
    decision = upheld.decide("use", "usage")
    assert (decision.effect, bool(decision.failure)) == ("deny", True)
    assert [d.effect for d in upheld.decide_all([{"operation": "use", "category": "usage"}])] == [
        "deny"
    ]
    with pytest.raises(Unreachable):
        upheld.event("1", "account.cancelled", at=datetime(2026, 6, 15, tzinfo=UTC))


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
        ANSWER.replace(b"}}", b"}"),
    ],
)
def test_an_answer_that_is_not_understood_is_a_deny(body: bytes):
    with answering([(200, body)]) as (url, _):
        upheld = Upheld(url, "upheld_x", timeout=0.3)
        assert not upheld.decide("use", "usage").permitted
        assert not upheld.login("1").ok
        upheld.close()


def test_the_answer_that_those_are_made_from_is_a_permit():
    with answering([(200, ANSWER)]) as (url, _), Upheld(url, "upheld_x", timeout=10) as upheld:
        assert upheld.decide("use", "usage").permitted


def test_a_passing_failure_is_tried_again_under_the_same_idempotency_key():
    answers = [(503, b"{}"), (429, b"{}"), (200, b"{}")]
    with answering(answers) as (url, seen), Upheld(url, "upheld_x", timeout=10) as upheld:
        upheld.event("1", "account.cancelled", at=datetime(2026, 6, 15, tzinfo=UTC))
    assert len(seen) == 3
    assert len(set(seen)) == 1
    assert seen[0]


def test_a_refusal_is_not_tried_again():
    answers = [(400, b'{"detail": "no", "field": "at"}')]
    with (
        answering(answers) as (url, seen),
        Upheld(url, "upheld_x", timeout=10) as upheld,
        pytest.raises(Refused),
    ):
        upheld.event("1", "account.cancelled", at=datetime(2026, 6, 15, tzinfo=UTC))
    assert len(seen) == 1


@pytest.mark.parametrize(
    "address", ["http://privacy.example.com", "privacy.example.com", "ftp://x"]
)
def test_an_address_that_would_show_the_key_is_refused(address: str):
    with pytest.raises(ValueError, match="`"):
        Upheld(address, "upheld_x")


def test_a_decision_cannot_be_changed():
    with pytest.raises(AttributeError):
        Decision.deny("x").effect = "permit"  # type: ignore[misc]


class answering:  # noqa: N801  reads as a word in `with`
    """A server that gives these answers in turn, the last one for ever; and the idempotency keys it saw."""

    def __init__(self, answers: list[tuple[int, bytes]]) -> None:
        seen: list[str] = []

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                self.rfile.read(int(self.headers["Content-Length"]))
                status, body = answers[min(len(seen), len(answers) - 1)]
                seen.append(self.headers.get("Idempotency-Key", ""))
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self._server = HTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever)
        self._seen = seen

    def __enter__(self) -> tuple[str, list[str]]:
        self._thread.start()
        return f"http://127.0.0.1:{self._server.server_port}", self._seen

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])
