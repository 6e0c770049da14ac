"""The proxy of the manual keeps what the policy promises about request content, over real HTTP."""

import importlib.util
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

import httpx
import pytest
from flask import Flask
from sqlalchemy import insert

from engine.audit import ledger
from engine.audit.proof import verify_proof
from engine.promises import observations
from engine.store.tables.audit import ledger_head
from tests.support.answering import Prepared, Seen, answering, free_port
from tests.support.installation import FIRST, World
from tests.support.served_world import ServedWorld, serving

EXAMPLE = Path(__file__).parents[2] / "docs" / "examples" / "ai_proxy.py"
UPSTREAM = Prepared(200, b'{"choices": [{"message": {"content": "Hello, you."}}]}')
ASKED = {
    "model": "some-model",
    "temperature": 0.2,
    "messages": [{"role": "user", "content": "Say hello."}],
    "user": "ann@example.com",
    "metadata": {"client_ip": "192.0.2.7"},
}
KEYS = {"X-API-Key": "key-of-1", "User-Agent": "ann's laptop", "Cookie": "session=secret"}


@dataclass
class Proxy:
    """The proxy that runs, and what came out at its far end."""

    url: str
    upstream: list[Seen]

    def ask(self) -> httpx.Response:
        return httpx.post(f"{self.url}/v1/chat/completions", json=ASKED, headers=KEYS, timeout=20)


@pytest.fixture(scope="module")
def example() -> ModuleType:
    spec = importlib.util.spec_from_file_location("ai_proxy", EXAMPLE)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@contextmanager
def running(
    example: ModuleType, monkeypatch: pytest.MonkeyPatch, upheld_url: str, key: str
) -> Iterator[Proxy]:
    with answering(UPSTREAM) as (upstream, seen):
        environ = {
            "UPHELD_URL": upheld_url,
            "UPHELD_KEY": key,
            "UPSTREAM_URL": upstream,
            "UPSTREAM_KEY": "ours",
            "PEOPLE": "key-of-1=1",
        }
        for name, value in environ.items():
            monkeypatch.setenv(name, value)
        app: Flask = example.create_app()
        with serving(app) as url:
            yield Proxy(url, seen)


@pytest.fixture
def proxy(
    example: ModuleType, monkeypatch: pytest.MonkeyPatch, served: ServedWorld
) -> Iterator[Proxy]:
    key = served.world.key("decide")
    with running(example, monkeypatch, served.url, key) as found:
        yield found


def disclosures(world: World, subject: str | None = None) -> tuple[ledger.Entry, ...]:
    with world.services.database.read() as conn:
        return ledger.entries(conn, kind="disclosure.made", subject=subject)


def test_content_goes_upstream_and_nothing_else_of_the_person(served: ServedWorld, proxy: Proxy):
    served.world.person("1", agreed=FIRST)
    answer = proxy.ask()
    assert answer.json()["choices"][0]["message"]["content"] == "Hello, you."
    (gone,) = proxy.upstream
    assert json.loads(gone.body) == {
        name: ASKED[name] for name in ("model", "temperature", "messages")
    }
    headers = json.dumps(dict(gone.headers))
    assert gone.headers["Authorization"] == "Bearer ours"
    assert not any(value in headers for value in KEYS.values())
    assert answer.headers["Privacy-Removed"] == "user, metadata"


def test_the_person_is_warned_in_the_words_of_clause_4e(served: ServedWorld, proxy: Proxy):
    served.world.person("1", agreed=FIRST)
    warning = proxy.ask().headers["Privacy-Warning"]
    assert warning.startswith('4.e; text="')
    assert "do not include sensitive personal information in API requests" in warning


def test_the_disclosure_stands_in_the_ledger_and_is_counted(served: ServedWorld, proxy: Proxy):
    served.world.person("1", agreed=FIRST)
    proxy.ask()
    (entry,) = disclosures(served.world, "1")
    assert entry.facts["recipient"] == "upstream"
    assert entry.facts["categories"] == {"usage.content": "permit"}
    proof = served.world.services.audit.proof(entry.index, "1")
    assert verify_proof(proof, subject="1").about_subject
    with served.world.services.database.read() as conn:
        (seen,) = observations.observed(conn)
    assert (seen.category, seen.recipient, seen.done) == ("usage.content", "upstream.unnamed", 1)


def test_the_decision_is_in_the_log_under_the_id_of_the_disclosure(
    served: ServedWorld, proxy: Proxy, tmp_path: Path
):
    served.world.person("1", agreed=FIRST)
    proxy.ask()
    (entry,) = disclosures(served.world, "1")
    logged = "".join(path.read_text() for path in (tmp_path / "decisions").iterdir())
    assert len(entry.facts["request"]) == 32
    assert entry.facts["request"] in logged


def test_of_somebody_whose_data_may_not_be_shared_nothing_goes(served: ServedWorld, proxy: Proxy):
    served.world.person("1", agreed=FIRST, account="cancelled")
    answer = proxy.ask()
    assert answer.status_code == 403
    assert "`usage.content` may not be shared with `upstream`" in answer.json()["detail"]
    assert (proxy.upstream, disclosures(served.world)) == ([], ())


def test_without_upheld_nothing_goes(example: ModuleType, monkeypatch: pytest.MonkeyPatch):
    with running(example, monkeypatch, f"http://127.0.0.1:{free_port()}", "upheld_x") as proxy:
        assert proxy.ask().status_code == 503
        assert proxy.upstream == []


def test_what_cannot_be_recorded_does_not_go(
    example: ModuleType, monkeypatch: pytest.MonkeyPatch, served: ServedWorld
):
    """The record alone fails: the store of the ledger is told that it is damaged."""
    served.world.person("1", agreed=FIRST)
    key = served.world.key("decide")
    with served.world.services.database.begin() as conn:
        conn.execute(ledger_head.delete())
        conn.execute(insert(ledger_head), {"id": 1, "size": 7, "peaks": b""})
    with running(example, monkeypatch, served.url, key) as proxy:
        assert proxy.ask().status_code == 503
        assert proxy.upstream == []


def test_who_shows_no_key_is_nobody(proxy: Proxy):
    assert httpx.post(f"{proxy.url}/v1/chat/completions", json=ASKED).status_code == 401
    assert proxy.upstream == []
