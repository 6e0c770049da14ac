"""For each kind of rule: reality is broken, and `upheld promises` and the policy's page both say so."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import insert

from engine.consent import notices
from engine.promises import observations
from engine.store.tables.consent import subject_facts
from engine.store.tables.rights import rights_requests
from tests.engine.promises.conftest import Shop
from tests.support.clock import FrozenClock
from upheld.bootstrap import open_house
from upheld.cli import run
from web.app import create_app

CARD = "4111 1111 1111 1111"


def collection(shop: Shop) -> None:
    """A card number lands where none may be."""
    shop.sql(f"UPDATE orders SET item = 'pay by {CARD}'")


def use(shop: Shop) -> None:
    """A service uses data for what nobody chose."""
    shop.reported("use", "order.item", "suggest")


def sharing(shop: Shop) -> None:
    """A service sells."""
    shop.reported("share", "account.email", "sell", "carrier")


def retention(shop: Shop) -> None:
    """A row outlives its period."""
    made = shop.clock.now() - timedelta(days=95)
    shop.sql("UPDATE orders SET created_at = :at", at=int(made.timestamp()))


def consent(shop: Shop) -> None:
    """A person cannot be told of a significant change."""
    now = shop.clock.now()
    shop.publish("2026-02-01", retention=("90 days", "180 days"))
    person = {"subject_id": "1", "restricted": False, "choices": {}, "objections": []}
    with shop.database.begin() as conn:
        conn.execute(insert(subject_facts), person | {"changed_at": now})
        notices.queue(conn, "2026-02-01", ["1"], now)
        (notice,) = notices.claim(conn, 1, now)
        gave_up = replace(notice, attempts=notices.ATTEMPTS)
        notices.mark(conn, gave_up, notices.Delivery.FAILED, now)


def right(shop: Shop) -> None:
    """A request is not answered in time."""
    due = shop.clock.now() - timedelta(days=1)
    row = {
        "id": "late", "subject_id": "1", "right": "access", "status": "verified", "details": {},
        "source": "portal", "language": "en", "policy_version": "2026-01-01",
        "received_at": due - timedelta(days=30), "zone": "Europe/Berlin", "set_by": "law",
        "legal_due": due, "target_due": due, "provisional": False, "deadline_data": "x",
        "deadline_source": "x",
    }  # fmt: skip
    with shop.database.begin() as conn:
        conn.execute(insert(rights_requests), row)


def cookie(shop: Shop) -> None:
    """A cookie is set that no rule lists."""
    with shop.database.begin() as conn:
        observations.record_cookie(conn, "_tracker", now=shop.clock.now())


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shop]:
    """The shop as it is today, every promise kept, and `upheld` over it."""
    platform = f"sqlite:///{tmp_path / 'platform.db'}"
    settings = {
        "UPHELD_POLICIES": str(tmp_path),
        "UPHELD_POLICY": "shop",
        "UPHELD_DATAMAP": str(tmp_path / "datamap.yaml"),
        "UPHELD_DATABASE_URL": f"sqlite:///{tmp_path / 'upheld.db'}",
        "UPHELD_STATE": str(tmp_path / "state"),
        "PLATFORM": platform,
    }
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    with open_house() as house:
        shop = Shop(tmp_path, platform, house.database, FrozenClock(house.clock.now()))
        yesterday = shop.clock.now() - timedelta(days=1)
        shop.sql("UPDATE orders SET created_at = :at", at=int(yesterday.timestamp()))
        yield shop
        shop.close()


def printed(capsys: pytest.CaptureFixture[str]) -> tuple[int, dict[str, dict[str, str]]]:
    """The exit code of `upheld promises`, and what it prints, by clause."""
    code = run(["promises", "--format", "json"])
    return code, {told["clause"]: told for told in json.loads(capsys.readouterr().out)}


def shown(clause: str) -> str:
    """What the policy's page shows of a clause."""
    following = f"1.{chr(ord(clause[-1]) + 1)}"
    with open_house() as house:
        site = create_app(house.services).test_client()
        text = site.get("/", base_url=house.settings.base_url).text
    return text[text.index(f'id="c-{clause}"') : text.index(f'id="c-{following}"')]


@pytest.mark.parametrize(
    ("broken", "clause", "words"),
    [
        (collection, "1.b", "holds a payment card number"),
        (use, "1.d", "done 1 time although denied"),
        (sharing, "1.f", "account.email for sell with carrier"),
        (retention, "1.g", "kept longer than 90 days, the oldest by 5 d"),
        (consent, "1.l", "1 person was not told of version 2026-02-01"),
        (right, "1.h", "1 request for access is overdue"),
        (cookie, "1.i", "is set and no rule lists it"),
    ],
)  # fmt: skip
def test_what_is_broken_is_printed_and_shown_beside_its_clause(
    shop: Shop,
    capsys: pytest.CaptureFixture[str],
    broken: Callable[[Shop], None],
    clause: str,
    words: str,
):
    _, before = printed(capsys)
    assert before[clause]["state"] in {"kept", "not machine-checkable"}, before[clause]
    assert "✕" not in shown(clause)
    broken(shop)
    code, told = printed(capsys)
    assert code == 1
    assert told[clause]["state"] == "broken", told[clause]
    assert words in " ".join(told[clause]["evidence"])
    note = shown(clause)
    assert '<i aria-hidden="true">✕</i>broken' in note
    assert words in note
