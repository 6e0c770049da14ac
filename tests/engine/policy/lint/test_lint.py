"""What the seed policy raises, and how an officer's acceptances apply."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import date

from engine.policy.findings import Finding, Severity

Linter = Callable[..., tuple[Finding, ...]]

TEXT_FINDINGS = {
    "LAW_UNSPECIFIED", "PURPOSE_OPEN_ENDED", "RECIPIENT_UNNAMED", "TRANSFER_UNSTATED", "RIGHT_MISSING",
    "NO_RESPONSE_DEADLINE", "CONTROLLER_MISSING", "CONTACT_PLACEHOLDER", "CHANGE_MATERIALITY_UNDEFINED",
    "VAGUE_TERM", "CHILDREN_UNSTATED", "ADM_UNSTATED", "COOKIE_CONTROL_INSUFFICIENT",
}  # fmt: skip
SILENT = {
    "usage.content", "insights.usage", "device.ip_address", "device.user_agent", "device.access_log",
    "device.cookie_id", "support.message", "records.consent", "records.request",
}  # fmt: skip


def accepting(names: str) -> tuple[str, str, str]:
    """The edit of policy.yaml that accepts one finding more."""
    entry = f"  - {{{names}, reason: as agreed, review: 2027-04-01}}\n"
    return "policy.yaml", "accepted:\n", f"accepted:\n{entry}"


def test_the_seed_raises_what_its_text_leaves_open_and_no_error(linted: Linter) -> None:
    found = linted()
    assert not [f for f in found if f.severity is Severity.ERROR]
    assert {f.code for f in found if f.accepted} == TEXT_FINDINGS
    open_ones = [f for f in found if not f.accepted and f.severity is Severity.WARNING]
    assert {f.code for f in open_ones} == {"NO_RETENTION"}
    assert {f.about["data"] for f in open_ones} == SILENT


def test_the_seed_misses_exactly_the_four_rights_that_its_text_does_not_name(
    linted: Linter,
) -> None:
    rights = {f.about["right"] for f in linted() if f.code == "RIGHT_MISSING"}
    assert rights == {"restriction", "objection", "withdrawal", "complaint"}


def test_findings_come_in_the_order_of_files_and_lines(linted: Linter) -> None:
    places = [finding.where for finding in linted()]
    assert places == sorted(places)


def test_an_acceptance_with_another_name_applies_to_nothing(linted: Linter) -> None:
    found = linted(("policy.yaml", "clause: 3.b", "clause: 3.a"))
    assert [f.accepted for f in found if f.code == "VAGUE_TERM"] == [None]
    assert Counter(f.code for f in found)["ACCEPTANCE_UNUSED"] == 1


def test_an_error_is_accepted_only_where_it_says_which_side_is_followed(linted: Linter) -> None:
    conflict = ("retention.yaml", "keep: 7 months", "keep: 90 days")
    pair = "finding: RETENTION_CONFLICT, rule: device-7-months, statute: cn-network-logs"
    undecided, decided = accepting(pair), accepting(f"{pair}, decide: law")
    assert any(f.blocking for f in linted(conflict, undecided))
    settled = linted(conflict, decided)
    assert not any(f.blocking for f in settled)
    assert [
        f.accepted.decide for f in settled if f.code == "RETENTION_CONFLICT" and f.accepted
    ] == ["law"]


def test_other_errors_are_never_accepted(linted: Linter) -> None:
    found = linted(
        ("policy.yaml", "  0.b: a welcome\n", ""),
        accepting("finding: CLAUSE_UNCOVERED, clause: 0.b"),
    )
    assert any(f.blocking for f in found)
    assert "ACCEPTANCE_UNUSED" in {f.code for f in found}


def test_an_overdue_review_is_a_warning_and_an_error_where_an_error_was_accepted(
    linted: Linter,
) -> None:
    late = date(2027, 4, 2)
    overdue = [f for f in linted(today=late) if f.code == "REVIEW_OVERDUE"]
    assert len(overdue) == 17
    assert {f.severity for f in overdue} == {Severity.WARNING}
    found = linted(
        ("retention.yaml", "keep: 7 months", "keep: 90 days"),
        accepting("finding: RETENTION_CONFLICT, decide: law"),
        today=late,
    )
    assert any(f.code == "REVIEW_OVERDUE" and f.blocking for f in found)


def test_on_the_day_of_the_review_nothing_is_overdue(linted: Linter) -> None:
    found = linted(today=date(2027, 1, 15))
    assert "REVIEW_OVERDUE" not in {f.code for f in found}
