"""Each lint rule speaks where a policy is made worse, at that place, and is silent once it is mended."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from engine.policy import lint as package
from engine.policy.findings import Finding, Severity
from engine.policy.lint import RULES
from engine.policy.lint.written_durations import durations_in

Linter = Callable[..., tuple[Finding, ...]]
DOCS = Path(__file__).parents[4] / "docs" / "lint"

CONTENT = "data: [usage.content]\n    keep: 30 days\n    after: record.created\n    then: delete"
DECIDED = "    clause: unstated\n    decided by: privacy officer\n    reason: enough to"
UNNAMED = "{means: payment processors, role: processor}"

WORSE: list[tuple[str, str, str, str, str, dict[str, str], str]] = [
    # code, file, text, its replacement, severity, what it is about, what the line that is named says
    ("NO_RETENTION", "retention.yaml", CONTENT, CONTENT + "\n    when: {account: [active, none]}",
     "error", {"data": "usage.content"}, "- {id: account-30-days"),
    ("RETENTION_CONFLICT", "retention.yaml", "keep: 7 months", "keep: 90 days",
     "error", {"rule": "device-7-months", "statute": "cn-network-logs", "data": "device.access_log"},
     "keep: 90 days"),
    ("LAW_UNSPECIFIED", "retention.yaml", "data: [payment.record, payment.top_up], keep: as",
     "data: [payment.record, payment.token], keep: as",
     "error", {"rule": "payment-records-by-law", "data": "payment.token"}, "id: payment-records-by-law"),
    ("NO_LAWFUL_BASIS", "use.yaml", "  basis: legitimate interest\n", "",
     "error", {"rule": "troubleshooting"}, "- id: troubleshooting"),
    ("NO_LAWFUL_BASIS", "use.yaml", "  choice: suggestions\n", "",
     "error", {"rule": "suggestions"}, "basis: consent"),
    ("NO_LAWFUL_BASIS", "vocabulary.yaml", "message: {means:", "message: {special: health, means:",
     "error", {"rule": "support", "data": "support.message"}, "basis: legitimate interest"),
    ("PURPOSE_OPEN_ENDED", "policy.md", "top-up records", "top-up records and so on",
     "warning", {"clause": "1.2.b"}, "top-up records and so on"),
    ("RECIPIENT_UNNAMED", "sharing.yaml", "    unnamed: {", "    other: {}\n    unnamed: {",
     "warning", {"recipient": "upstream.other"}, "other: {}"),
    ("TRANSFER_UNSTATED", "sharing.yaml", UNNAMED, "{name: A, role: processor, countries: [CN, US]}",
     "warning", {"recipient": "payment-processor"}, "payment-processor:"),
    ("RIGHT_MISSING", "rights.yaml", "clause: 6.d, right: export", "clause: 6.d, right: access",
     "warning", {"right": "export"}, "id: view"),
    ("NO_RESPONSE_DEADLINE", "rights.yaml", "contact:", "contact:",
     "warning", {}, "right: access"),
    ("CONTROLLER_MISSING", "policy.yaml", "country: CN, email", "name: Example Ltd, email",
     "warning", {}, "controller:"),
    ("CONTACT_PLACEHOLDER", "rights.yaml", '"[email protected]"', "you@example.com",
     "warning", {}, "contact:"),
    ("CHANGE_MATERIALITY_UNDEFINED", "policy.md", "Prevent abuse", "Material changes prevent abuse",
     "warning", {"clause": "2.f"}, "Material changes"),
    ("VAGUE_TERM", "policy.md", "Prevent abuse", "Use commercially  reasonable efforts against abuse",
     "warning", {"clause": "2.f"}, "commercially"),
    ("CHILDREN_UNSTATED", "policy.md", "Prevent abuse", "Prevent abuse",
     "warning", {}, "# Privacy Policy"),
    ("ADM_UNSTATED", "vocabulary.yaml", "is: direct marketing", "is: automated decision",
     "error", {"purpose": "suggestions"}, "is: automated decision"),
    ("COOKIE_CONTROL_INSUFFICIENT", "policy.md", "Prevent abuse", "Trust your browser settings",
     "warning", {"clause": "2.f"}, "Trust your browser"),
    ("CLAUSE_UNCOVERED", "policy.yaml", "  0.b: a welcome\n", "",
     "error", {"clause": "0.b"}, "Welcome"),
    ("CLAUSE_UNCOVERED", "sharing.yaml", "    must: [{warn: 4.e}]\n", "",
     "error", {"clause": "4.e"}, "{4.e}"),
    ("TEXT_RULE_DISAGREE", "retention.yaml", "keep: 90 days", "keep: 91 days",
     "error", {"clause": "5.b", "rule": "api-call-logs-90-days"}, "keep: 91 days"),
    ("TEXT_RULE_DISAGREE", "policy.md", "retained for 90 days", "retained for three months",
     "error", {"clause": "5.b"}, "three months"),
    ("TEXT_RULE_DISAGREE", "policy.zh-Hans.md", "保留 90 天", "保留九十一天",
     "error", {"clause": "5.b"}, "九十一天"),
    ("UNKNOWN_REGION", "sharing.yaml", "region: US-CA", "region: XX-CA",
     "error", {"rule": "no-cross-context-advertising"}, "region: XX-CA"),
    ("DATAMAP_MISMATCH", "datamap.yaml", "email: account.email", "email: account.mail",
     "error", {}, "email: account.mail"),
    ("CATEGORY_UNMAPPED", "datamap.yaml", '{is: payment.token, erase: ""}', "not personal",
     "info", {"data": "payment.token"}, "token:"),
    ("EVENT_UNMAPPED", "retention.yaml", "keep: 30 days, after: account.cancelled",
     "keep: 30 days, after: account.canceled",
     "warning", {"rule": "account-30-days"}, "account.canceled"),
    ("MAPPED_UNCOLLECTED", "collection.yaml", "- {id: support-mail", "- {allow: never, id: support-mail",
     "warning", {"data": "support.message"}, "row: support.message"),
    ("MAPPED_UNCOLLECTED", "collection.yaml", "data: [usage.content], from", "data: [usage.call], from",
     "warning", {"data": "usage.content"}, "row: usage.content"),
    ("MAPPED_UNCOLLECTED", "datamap.yaml", "quota: usage.call", "quota: payment.card_number",
     "warning", {"data": "payment.card_number"}, "quota: payment.card_number"),
    ("ACCEPTANCE_UNUSED", "policy.yaml", "clause: 3.b", "clause: 3.a",
     "warning", {"clause": "3.a"}, "finding: VAGUE_TERM"),
]  # fmt: skip

MENDED = [
    (
        "NO_RETENTION",
        "retention.yaml",
        DECIDED,
        DECIDED.replace("unstated", "1.2.c"),
        {"data": "usage.content"},
    ),
    (
        "LAW_UNSPECIFIED",
        "policy.md",
        "as required by law",
        "for ten years (§ 147 AO), as required by law",
        {},
    ),
    ("PURPOSE_OPEN_ENDED", "policy.md", "including but not limited to", "namely", {}),
    (
        "RECIPIENT_UNNAMED",
        "sharing.yaml",
        UNNAMED,
        "{name: Example Payments, role: processor}",
        {"recipient": "payment-processor"},
    ),
    (
        "TRANSFER_UNSTATED",
        "sharing.yaml",
        UNNAMED,
        "{role: processor, countries: [CN, US], safeguard: {US: clauses}}",
        {"recipient": "payment-processor"},
    ),
    (
        "RIGHT_MISSING",
        "rights.yaml",
        "id: object, clause: unstated",
        "id: object, clause: 6.e",
        {"right": "objection"},
    ),
    (
        "CONTROLLER_MISSING",
        "policy.yaml",
        "country: CN,",
        "country: CN, name: Example Ltd, address: 1 Example Street,",
        {},
    ),
    (
        "CHANGE_MATERIALITY_UNDEFINED",
        "policy.md",
        "Prevent abuse",
        "A change is significant if it is",
        {},
    ),
    ("VAGUE_TERM", "policy.md", "industry-standard", "the following", {}),
    ("CHILDREN_UNSTATED", "policy.md", "Prevent abuse", "Keep Minors away", {}),
    ("ADM_UNSTATED", "policy.md", "Prevent abuse", "Make no automated decision", {}),
    (
        "COOKIE_CONTROL_INSUFFICIENT",
        "policy.md",
        "through your browser settings",
        "in the cookie settings or your browser settings",
        {},
    ),
]


@pytest.mark.parametrize(
    ("code", "file", "old", "new", "severity", "about", "where"), WORSE, ids=lambda v: str(v)[:24]
)
def test_a_rule_speaks_where_the_policy_is_worse(
    linted: Linter, code: str, file: str, old: str, new: str, severity: str, about: Any, where: str
) -> None:
    found = [
        f
        for f in linted((file, old, new))
        if f.code == code and f.severity == severity and about.items() <= dict(f.about).items()
    ]
    assert found
    assert any(where in _line(finding) for finding in found)
    assert all(f.message and f.message[-1] != "." for f in found)


def _line(finding: Finding) -> str:
    lines = Path(finding.where.file).read_text(encoding="utf-8").splitlines()
    return lines[finding.where.line - 1]


@pytest.mark.parametrize(("code", "file", "old", "new", "about"), MENDED, ids=lambda v: str(v)[:24])
def test_a_rule_is_silent_once_the_policy_is_mended(
    linted: Linter, code: str, file: str, old: str, new: str, about: dict[str, str]
) -> None:
    def about_it(findings: tuple[Finding, ...]) -> list[Finding]:
        return [f for f in findings if f.code == code and about.items() <= dict(f.about).items()]

    assert about_it(linted())
    assert not about_it(linted((file, old, new)))


def test_a_cell_with_too_many_facts_is_an_error(linted: Linter) -> None:
    choices = "".join(
        f"  - {{id: c{n}, clause: 2.d, default: off, ask: may we?}}\n" for n in range(13)
    )
    rules = "".join(
        f"- {{id: r{n}, clause: 2.d, data: [usage.call], for: [experience], basis: consent, choice: c{n}}}\n"
        for n in range(13)
    )
    found = linted(
        ("consent.yaml", "choices:\n", f"choices:\n{choices}"),
        ("use.yaml", "- id: provide-service", f"{rules}- id: provide-service"),
    )
    assert [f.severity for f in found if f.code == "TOO_MANY_FACTS"] == [Severity.ERROR]


def test_data_that_is_collected_and_serves_no_purpose_is_an_error(linted: Linter) -> None:
    found = linted(
        ("use.yaml", "data: [records]", "data: [records.request]"),
        ("sharing.yaml", "support, records]", "support]"),
    )
    (finding,) = [f for f in found if f.code == "CATEGORY_WITHOUT_PURPOSE"]
    assert finding.blocking
    assert finding.about == {"data": "records.consent", "rule": "consent-records"}
    assert "consent-records" in _line(finding)


def test_a_contact_that_works_is_no_placeholder(linted: Linter) -> None:
    mended = (("rights.yaml", "[email protected]", "privacy@aicodewith.com"),
              ("policy.yaml", "[email protected]", "privacy@aicodewith.com"))  # fmt: skip
    assert not [f for f in linted(*mended) if f.code == "CONTACT_PLACEHOLDER"]


def test_a_promised_deadline_ends_the_finding_about_deadlines(linted: Linter) -> None:
    law = "answer within: as required by law"
    by_then = ("rights.yaml", law, "answer within: 30 days")
    found = linted(by_then, by_then, by_then, by_then)
    assert not [f for f in found if f.code == "NO_RESPONSE_DEADLINE"]


def test_every_rule_has_a_file_a_page_and_a_test_and_nothing_has_more() -> None:
    codes = [rule.CODE for rule in RULES]
    tested = {case[0] for case in WORSE} | {
        "TOO_MANY_FACTS",
        "CATEGORY_WITHOUT_PURPOSE",
        "REVIEW_OVERDUE",
    }
    files = {path.stem.upper() for path in Path(package.__file__).parent.glob("*.py")}
    helpers = {"__INIT__", "CONTEXT", "PHRASES", "RECIPIENTS", "SILENCE", "WRITTEN_DURATIONS"}
    pages = {path.stem for path in DOCS.glob("*.md")} - {"README"}
    assert len(codes) == len(set(codes))
    assert set(codes) == tested == files - helpers == pages


def test_every_page_names_its_severities_and_stands_in_the_overview() -> None:
    overview = (DOCS / "README.md").read_text(encoding="utf-8")
    for rule in RULES:
        page = (DOCS / f"{rule.CODE}.md").read_text(encoding="utf-8")
        assert page.startswith(f"# {rule.CODE}\n")
        assert f"**Severity:** {rule.SEVERITY}" in page
        assert f"[{rule.CODE}]({rule.CODE}.md) | {rule.SEVERITY}" in overview


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("kept for 90 days", "90 days"),
        ("within thirty (30) days", "30 days"),
        ("a 30-day period", "30 days"),
        ("one month, or 2 years", "1 month, 2 years"),
        ("for twenty-eight years, or twenty one days", "28 years, 21 days"),
        ("until your 28th birthday", "28 years"),
        ("for several days", ""),
        ("updated on 2026-04-03", ""),
        ("保留 90 天", "90 days"),
        ("在三十日内", "30 days"),
        ("一百八十天", "180 days"),
        ("十二个月", "12 months"),
        ("最近更新：2026 年 4 月 3 日", ""),
        ("两年", "2 years"),
    ],
)
def test_durations_are_read_from_english_and_chinese(words: str, expected: str) -> None:
    assert ", ".join(map(str, durations_in(words))) == expected
