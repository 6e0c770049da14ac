"""`upheld explain` says why in the words of the policy, and a slip of the pen is told with what was meant."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.upheld.commands.conftest import Terminal
from upheld.cli import run

POLICIES = Path(__file__).parents[3] / "policies"


@pytest.fixture
def seed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The policy that comes with the project."""
    monkeypatch.setenv("UPHELD_POLICIES", str(POLICIES))
    monkeypatch.setenv("UPHELD_POLICY", "aicodewith")


def said(capsys: pytest.CaptureFixture[str], *arguments: str, code: int = 0) -> str:
    """What the command prints, complaints included."""
    assert run(["explain", *arguments]) == code
    out, err = capsys.readouterr()
    assert "Traceback" not in err
    return str(out + err)


@pytest.mark.usefixtures("seed")
def test_a_decision_shows_every_condition_and_quotes_the_clause(capsys):
    given = ["--given", "account=active", "--given", "choice:improve-with-my-usage=off"]
    out = said(
        capsys, "decision", "use", "usage.content", "--for", "improve.quality-analysis", *given
    )
    assert out.startswith("DENY")
    assert "● the account is `active`, `none` or `suspended`: yes  (its basis)" in out
    assert "✕ the choice `improve-with-my-usage` is on: no" in out
    assert "◐ processing of `usage.content` is not restricted: not known" in out
    assert "2.d  “Analyze your API usage patterns" in out


@pytest.mark.usefixtures("seed")
def test_what_nearly_matched_says_what_it_lacks(capsys):
    out = said(capsys, "decision", "use", "usage.content", "--for", "prevent-abuse")
    assert "prevent-abuse lacks the category: it names `account`, `payment.token`" in out


@pytest.mark.usefixtures("seed")
def test_an_expiry_shows_the_sum_and_the_statute(capsys):
    given = [
        "--given",
        "record.created=2026-05-01 12:00",
        "--given",
        "account.cancelled=2026-05-10",
    ]
    out = said(capsys, "expiry", "payments", *given)
    assert (
        "restricted after the end of 8 June 2026; deleted after the end of 31 December 2056" in out
    )
    assert "1 May 2026, the fiscal year ends on 31 December 2026, plus 30 years" in out
    assert "the statute `cn-accounting-vouchers` keeps the row" in out
    assert "5.c  “Payment records: retained as required by law”" in out


@pytest.mark.usefixtures("seed")
def test_a_gate_shows_what_changed_and_what_waits(capsys):
    out = said(capsys, "gate", "--agreed", "2026-04-03", "--version", "2026-10-01")
    assert out.startswith("RECONFIRM  4 changes need an answer")
    assert "5.b  “API call logs: retained for 180 days”" in out
    assert "sharing `usage.content` with `upstream.acme-ai` for `provide-service`" in out


@pytest.mark.usefixtures("seed")
def test_a_deadline_shows_the_day_off_that_moved_it_and_the_policys_own_time(capsys):
    out = said(capsys, "deadline", "access", "--received", "2027-01-31", "--in", "DE")
    assert out.startswith("DUE  by the end of 1 March 2027")
    assert "28 February 2027 is off: Sunday" in out
    out = said(capsys, "deadline", "withdrawal", "--received", "2026-11-05 12:00", "--in", "DE")
    assert "the policy's own time, 1 day, sets the deadline: 6 November 2026 12:00" in out


@pytest.mark.usefixtures("seed")
@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["expiry", "user"], "no dataset or category `user`, did you mean `users`?"),
        (["expiry", "users", "--given", "account.canceled=2026-05-01"], "did you mean `account.cancelled`?"),
        (["expiry", "users", "--given", "record.created=soon"], "`soon` is not a time"),
        (["expiry", "users", "--held", "abuse"], "did you mean `abuse-case`?"),
        (["gate", "--said", "suggestion=on@2026-04-03"], "did you mean `suggestions`?"),
        (["gate", "--said", "suggestions=yes"], "is not an answer such as"),
        (["deadline", "acess"], "no right `acess`, did you mean `access`?"),
        (["decision", "use", "usage.content", "--for", "sell", "--given", "acount=active"], "did you mean"),
        (["decision", "use", "usage.content", "--subject", "1", "--given", "account=active"], "not both"),
        (["gate", "--subject", "1", "--agreed", "no"], "not both"),
    ],
)  # fmt: skip
def test_a_mistake_ends_with_2_and_says_what_was_meant(capsys, arguments, says):
    assert says in said(capsys, *arguments, code=2)


@pytest.mark.usefixtures("seed")
def test_programs_get_the_same_as_json(capsys):
    given = ["--given", "record.created=2026-05-01 12:00"]
    told = json.loads(said(capsys, "expiry", "api_calls", *given, "--format", "json"))
    (row, *_) = told["parts"]
    assert row["due"]["delete"] == "2026-10-28T04:00:00+00:00"
    assert "api-call-logs-180-days" in row["because"]["delete"]
    assert told["clause_texts"]["5.b"] == "API call logs: retained for 180 days"


def test_a_real_person_is_explained_from_what_is_known_of_them(terminal: Terminal):
    asked = ("use", "reminder", "--for", "remind", "--subject", "3")
    decided = terminal.run("decide", *asked, code=0)
    shown = terminal.ask("explain", "decision", *asked)
    assert shown["decision"]["effect"] == "permit"
    assert decided.startswith("PERMIT")
    gate = terminal.ask("explain", "gate", "--subject", "3")
    assert (gate["outcome"], gate["agreed"]) == ("agree", None)
