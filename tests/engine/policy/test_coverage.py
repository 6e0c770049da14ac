"""Coverage says clause by clause what keeps the text, and what rests on people."""

from __future__ import annotations

import shutil
from pathlib import Path

from engine.datamap.load import read_datamap
from engine.policy.coverage import ClauseCoverage, Coverage, coverage
from engine.policy.load import read_policy

SEED = Path(__file__).parents[3] / "policies" / "aicodewith"
ENVIRON = {"UPHELD_PLATFORM_URL": "sqlite://", "UPHELD_ACCESS_LOGS": "logs"}


def covered(folder: Path = SEED) -> Coverage:
    return coverage(
        read_policy(folder / "2026-04-03"), read_datamap(folder / "datamap.yaml", ENVIRON)
    )


def row(found: Coverage, clause: str) -> ClauseCoverage:
    return next(row for row in found.clauses if row.clause.id == clause)


def test_every_clause_of_the_seed_is_covered_or_informative() -> None:
    found = covered()
    assert found.complete
    assert {r.grade for r in found.clauses} == {"enforced", "partly", "informative"}
    assert [r.clause.id for r in found.clauses if r.grade == "partly"] == ["3.a", "3.b", "4.e"]


def test_a_retention_clause_names_the_datasets_that_hold_its_data() -> None:
    promise = row(covered(), "5.b")
    assert (promise.grade, promise.datasets, promise.adapters) == (
        "enforced",
        ("api_calls",),
        ("sql",),
    )
    assert [(c.kind, c.name) for c in promise.citations] == [("retention", "api-call-logs-90-days")]


def test_what_rests_on_an_attestation_says_on_whose() -> None:
    assert "platform operations" in row(covered(), "3.b").reason


def test_retention_of_data_that_no_dataset_holds_is_partly_enforced(tmp_path: Path) -> None:
    shutil.copytree(SEED, tmp_path, dirs_exist_ok=True)
    path = tmp_path / "datamap.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(
        text.replace('{is: payment.token, erase: ""}', "not personal"), encoding="utf-8"
    )
    promise = row(covered(tmp_path), "5.a")
    assert promise.grade == "partly"
    assert "payment.token" in promise.reason


def test_a_clause_that_nothing_cites_is_uncovered(tmp_path: Path) -> None:
    shutil.copytree(SEED, tmp_path, dirs_exist_ok=True)
    path = tmp_path / "2026-04-03" / "policy.yaml"
    path.write_text(
        path.read_text(encoding="utf-8").replace("  0.b: a welcome\n", ""), encoding="utf-8"
    )
    found = covered(tmp_path)
    assert row(found, "0.b").grade == "uncovered"
    assert not found.complete


def test_each_rule_of_a_clause_names_its_own_datasets() -> None:
    kept = {k.citation.name: k.datasets for k in row(covered(), "1.2.a").keeping}
    assert kept["api-calls"] == ("api_calls",)
    assert "access_log" in kept["prevent-abuse"]
    assert row(covered(), "1.2.a").adapters == ("jsonl", "sql")


def test_the_shares_add_up_and_name_every_grade() -> None:
    shares = {one.grade: one for one in covered().shares}
    assert list(shares) == ["enforced", "partly", "informative", "uncovered"]
    assert sum(one.clauses for one in shares.values()) == len(covered().clauses)
    assert abs(sum(one.share for one in shares.values()) - 1) < 1e-9
    assert (shares["partly"].clauses, shares["uncovered"].clauses) == (3, 0)


def test_a_category_that_no_dataset_holds_is_a_note_and_no_obstacle() -> None:
    found = covered()
    notes = {f.about["data"] for f in found.findings if f.code == "CATEGORY_UNMAPPED"}
    assert notes == {"insights.usage", "records.consent", "records.request"}
    assert found.complete


def test_a_field_whose_category_no_rule_collects_is_a_finding_at_the_field(tmp_path: Path) -> None:
    shutil.copytree(SEED, tmp_path, dirs_exist_ok=True)
    path = tmp_path / "datamap.yaml"
    text = path.read_text(encoding="utf-8").replace(
        "balance_cents: account.balance", "balance_cents: payment.card_number"
    )
    path.write_text(text, encoding="utf-8")
    found = covered(tmp_path)
    (finding,) = (f for f in found.findings if f.code == "MAPPED_UNCOLLECTED")
    assert text.splitlines()[finding.where.line - 1].strip() == "balance_cents: payment.card_number"
    assert "never collected" in finding.message
    assert not found.complete


def test_without_a_data_map_no_data_is_looked_for() -> None:
    found = coverage(read_policy(SEED / "2026-04-03"))
    assert row(found, "5.b").grade == "enforced"
    assert row(found, "5.b").datasets == ()


def test_leaves_are_graded_and_a_prohibited_one_is_never_collected() -> None:
    grades = {leaf.leaf: leaf.grade for leaf in covered().leaves}
    assert grades["payment.card_number"] == "never collected"
    assert grades["usage.call"] == "bounded"
    assert grades["account.email"] == "event-bounded"
