"""`upheld decide`: the specification's golden examples by command line, by facts given and by subject."""

import json
import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, insert

from engine.policy.versions import PolicyFolder
from upheld.bootstrap import open_house
from upheld.cli import run
from upheld.demo.schema import metadata as platform_tables
from upheld.demo.schema import users

POLICIES = Path(__file__).parents[3] / "policies"
FIRST, SECOND = "2026-04-03", "2026-10-01"
KNOWN = ("account=active", f"agreed={FIRST}", "restricted=no", "objected=")
QUALITY = ("use", "usage.content", "--for", "improve.quality-analysis")

GOLDEN: dict[str, tuple[tuple[str, ...], tuple[str, ...], dict[str, Any]]] = {
    "1": (
        QUALITY,
        ("choice:improve-with-my-usage=off",),
        {
            "effect": "deny",
            "rule": "quality-analysis",
            "clauses": ["1.2.c", "2.d"],
            "missing": ["choice improve-with-my-usage"],
        },
    ),
    "2": (
        ("use", "usage.content", "--for", "improve"),
        ("choice:improve-with-my-usage=off", "choice:personal-recommendations=on"),
        {"effect": "deny", "rule": "quality-analysis", "part": "improve.quality-analysis"},
    ),
    "3": (
        ("use", "usage.content", "--for", "prevent-abuse"),
        (),
        {"effect": "deny", "rule": "prevent-abuse", "lacks": "category"},
    ),
    "4": (
        ("use", "account.email", "--for", "suggestions"),
        ("choice:suggestions=on", "objected=suggestions"),
        {"effect": "deny", "rule": "suggestions", "clauses": ["2.e"]},
    ),
    "5, payments": (
        ("use", "account.email", "--for", "payments"),
        ("account=cancelled",),
        {"effect": "permit", "clauses": ["2.b"]},
    ),
    "5, service": (
        ("use", "account.email", "--for", "provide-service"),
        ("account=cancelled",),
        {"effect": "deny", "clauses": ["2.a"]},
    ),
    "6": (
        ("share", "usage.content", "--for", "provide-service", "--with", "upstream"),
        (),
        {"effect": "permit", "clauses": ["4.c", "4.d"], "obligations": ["warn 4.e"]},
    ),
    "7": (
        ("share", "usage.content", "--for", "sell", "--with", "upstream"),
        (),
        {"effect": "deny", "rule": "no-sale", "clauses": ["3.c"]},
    ),
    "8": (
        ("share", "account.email", "--for", "provide-service", "--with", "upstream"),
        (),
        {"effect": "deny", "rule": "upstream-models", "lacks": "category"},
    ),
    "9": (
        ("collect", "payment"),
        (),
        {"effect": "deny", "clauses": ["1.1.b"], "part": "payment.card_number"},
    ),
    "10, service": (
        ("use", "usage.call", "--for", "provide-service"),
        ("restricted=yes",),
        {"effect": "deny", "missing": ["no restriction"]},
    ),
    "10, their request": (
        ("use", "usage.call", "--for", "answer-requests"),
        ("restricted=yes",),
        {"effect": "permit"},
    ),
    "10, of their calls alone": (
        ("use", "usage.call", "--for", "provide-service"),
        ("restricted:usage=yes",),
        {"effect": "deny", "missing": ["no restriction"]},
    ),
    "10, of other data": (
        ("use", "usage.call", "--for", "provide-service"),
        ("restricted:payment=yes",),
        {"effect": "permit"},
    ),
    "22": (
        ("share", "usage.call", "--for", "advertise", "--with", "cloud"),
        (),
        {"effect": "deny", "rule": "no-cross-context-advertising"},
    ),
}


@pytest.fixture(autouse=True)
def _policies(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("UPHELD_POLICIES", str(POLICIES))


@pytest.mark.parametrize("name", GOLDEN)
def test_golden(name: str, capsys: pytest.CaptureFixture[str]):
    question, given, expected = GOLDEN[name]
    code, told = ask(capsys, *question, given=(*KNOWN, *given), version=FIRST)
    assert code == (0 if expected["effect"] == "permit" else 1)
    assert told["policy"]["version"] == FIRST
    assert {key: told[key] for key in expected} == expected, told["reason"]


def test_golden_11_a_new_recipient_needs_agreement_to_the_version_that_brings_it(
    capsys: pytest.CaptureFixture[str],
):
    question = ("share", "usage.content", "--for", "provide-service", "--with", "upstream.acme-ai")
    code, told = ask(capsys, *question, given=KNOWN, version=SECOND)
    assert (code, told["rule"], told["missing"]) == (1, "upstream-models", ["agreement"])
    code, _ = ask(capsys, *question, given=(*KNOWN, f"agreed={SECOND}"), version=SECOND)
    assert code == 0


def test_a_person_reads_the_rule_in_the_words_of_the_policy(capsys: pytest.CaptureFixture[str]):
    code = run(
        ["decide", "share", "usage.content", "--for", "provide-service", "--with", "upstream"]
        + [word for fact in KNOWN for word in ("--given", fact)]
        + ["--version", FIRST]
    )
    shown = capsys.readouterr().out
    assert code == 0
    assert shown.startswith("PERMIT\n")
    assert "upstream-models" in shown
    assert "will be forwarded to upstream AI model providers" in shown
    assert "warn 4.e: We recommend that you do not include sensitive" in shown
    assert f"aicodewith {FIRST} (not in force)" in shown


@pytest.mark.parametrize(
    ("fact", "says"),
    [
        ("acount=active", "did you mean `account`"),
        ("account", "is not a fact such as"),
        ("account=gone", "active, suspended or cancelled"),
        ("choice:personal-recomendations=on", "did you mean `personal-recommendations`"),
        ("choice=on", "is not a fact such as"),
        ("objected=sugestions", "did you mean `suggestions`"),
        ("age=old", "whole years"),
        ("restricted:usge=yes", "did you mean `usage`"),
        ("restricted:usage=no", "restricted:usage=yes"),
        ("restricted=perhaps", "restricted:CATEGORY=yes"),
        ("agreed=2027-01-01", "nobody can have agreed"),
    ],
)
def test_a_wrong_fact_is_told_and_nothing_decided(
    fact: str, says: str, capsys: pytest.CaptureFixture[str]
):
    assert run(["decide", *QUALITY, "--given", fact]) == 2
    captured = capsys.readouterr()
    assert says in captured.err
    assert captured.out == ""


def test_an_unknown_name_denies_and_is_told(capsys: pytest.CaptureFixture[str]):
    code, told = ask(capsys, "use", "usage.contnt", "--for", "improve")
    assert code == 1
    assert "did you mean `usage.content`" in told["reason"]


def test_subject_and_given_exclude_each_other():
    assert run(["decide", *QUALITY, "--subject", "1", "--given", "account=active"]) == 2


def test_by_subject_the_facts_come_from_the_stores(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    """A cancelled customer: what the platform and the consent records say decides."""
    environ = installation(tmp_path)
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    with open_house() as house:
        house.consent.agree("7", FIRST, {}, source="test")
    code, told = ask(capsys, "use", "account.email", "--for", "payments", "--subject", "7")
    assert (code, told["clauses"]) == (0, ["2.b"])
    code, told = ask(capsys, "use", "account.email", "--for", "provide-service", "--subject", "7")
    assert (code, told["missing"]) == (1, ["account"])


def ask(
    capsys: pytest.CaptureFixture[str],
    *question: str,
    given: tuple[str, ...] = (),
    version: str | None = None,
) -> tuple[int, dict[str, Any]]:
    facts = [word for fact in given for word in ("--given", fact)]
    by = ["--version", version] if version else []
    code = run(["decide", *question, *facts, *by, "--format", "json"])
    told = json.loads(capsys.readouterr().out)
    told["missing"] = [missing["label"] for missing in told["missing"]]
    told["part"] = next((n for n in told["leaf"].values() if n not in question and n), None)
    return code, told


def installation(folder: Path) -> dict[str, str]:
    """A published policy, and a platform with one cancelled customer."""
    shutil.copytree(POLICIES / "aicodewith", folder / "policies" / "aicodewith")
    PolicyFolder(folder / "policies" / "aicodewith").publish(
        FIRST, by="an officer", now=datetime(2026, 4, 1, tzinfo=UTC)
    )
    (folder / "logs").mkdir()
    url = f"sqlite:///{folder / 'platform.db'}"
    engine = create_engine(url)
    platform_tables.create_all(engine)
    row = {
        "id": 7,
        "email": "someone@example.com",
        "username": "someone",
        "password_hash": "-",
        "display_name": "Someone",
        "country": "DE",
        "status": 3,
        "created_at": 1_770_000_000,
        "updated_at": 1_770_000_000,
        "cancelled_at": 1_770_000_000,
        "balance_cents": 0,
    }
    with engine.begin() as conn:
        conn.execute(insert(users), row)
    engine.dispose()
    return {
        "UPHELD_POLICIES": str(folder / "policies"),
        "UPHELD_DATABASE_URL": f"sqlite:///{folder / 'upheld.db'}",
        "UPHELD_STATE": str(folder / "state"),
        "UPHELD_PLATFORM_URL": url,
        "UPHELD_ACCESS_LOGS": str(folder / "logs"),
    }
