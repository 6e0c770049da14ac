"""What data may be collected for, and objections that nothing outweighs."""

from pathlib import Path

import pytest

from engine.decisions.decision import Request
from engine.decisions.facts import SubjectFacts
from engine.decisions.table import compile_table
from tests.support.policies import PURPOSES, policy


@pytest.mark.parametrize(
    ("choice", "purpose", "effect"),
    [(True, "", "permit"), (False, "", "deny"), (False, "answer", "permit")],
)
def test_data_is_not_collected_merely_to_answer_requests_about_it(
    tmp_path: Path, choice: bool, purpose: str, effect: str
):
    made = policy(
        tmp_path,
        purposes=PURPOSES | {"answer": {"is": "rights handling"}},
        collection=[{"data": ["usage"], "from": "observed"}],
        use=[
            {"data": ["usage"], "for": ["improve"], "basis": "consent", "choice": "improve"},
            {"data": "everything", "for": ["answer"], "basis": "legal obligation"},
        ],
        choices=[{"id": "improve", "clause": "1.a", "ask": "May we?"}],
    )
    table = compile_table(made)
    facts = table.facts(
        SubjectFacts(account="active", restricted=False, choices={"improve": choice})
    )
    assert table.decide(Request("collect", "usage.call", purpose, ""), facts).effect == effect


@pytest.mark.parametrize("kind", ["direct marketing", "sale", "cross-context advertising"])
def test_an_objection_ends_it_whatever_the_basis(tmp_path: Path, kind: str):
    made = policy(
        tmp_path,
        purposes=PURPOSES | {"trade": {"is": kind}},
        use=[{"data": ["usage"], "for": ["trade"], "basis": "contract"}],
    )
    table = compile_table(made)
    asked = Request("use", "usage.call", "trade", "")
    told = {
        objected: table.decide(
            asked,
            table.facts(
                SubjectFacts(account="active", restricted=False, objections=frozenset(objected))
            ),
        ).effect
        for objected in ((), ("trade",))
    }
    assert told == {(): "permit", ("trade",): "deny"}
