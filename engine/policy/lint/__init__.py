"""Lint: what is wrong with a policy beyond its grammar. One file a rule; this list is all there are."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date

from engine.datamap.map import DataMap
from engine.policy.findings import AcceptedBy, Finding, Severity
from engine.policy.lint import (
    acceptance_unused,
    adm_unstated,
    agreement_gap,
    category_unmapped,
    category_without_purpose,
    change_materiality_undefined,
    children_unstated,
    clause_uncovered,
    contact_placeholder,
    contradiction,
    controller_missing,
    cookie_control_insufficient,
    datamap_mismatch,
    decision_unused,
    event_unmapped,
    law_unspecified,
    mapped_uncollected,
    no_lawful_basis,
    no_response_deadline,
    no_retention,
    placeholder,
    published_changed,
    purpose_open_ended,
    recipient_unnamed,
    retention_conflict,
    review_overdue,
    right_missing,
    right_unservable,
    rule_shadowed,
    rule_unreachable,
    text_never_disagree,
    text_recipient_disagree,
    text_rule_disagree,
    too_many_facts,
    transfer_unstated,
    translation_incomplete,
    unknown_region,
    vague_term,
)
from engine.policy.lint.context import Context, LintRule
from engine.policy.locks import Lock
from engine.policy.models import Accepted
from engine.policy.policy import Policy

__all__ = ["ACCEPTABLE_ERRORS", "RULES", "Context", "LintRule", "lint"]

_ABOUT_THE_POLICY: tuple[LintRule, ...] = (
    no_retention,
    retention_conflict,
    law_unspecified,
    no_lawful_basis,
    purpose_open_ended,
    category_without_purpose,
    recipient_unnamed,
    transfer_unstated,
    right_missing,
    no_response_deadline,
    controller_missing,
    contact_placeholder,
    change_materiality_undefined,
    vague_term,
    children_unstated,
    adm_unstated,
    cookie_control_insufficient,
    clause_uncovered,
    text_rule_disagree,
    text_recipient_disagree,
    text_never_disagree,
    translation_incomplete,
    placeholder,
    contradiction,
    rule_unreachable,
    rule_shadowed,
    too_many_facts,
    unknown_region,
    agreement_gap,
    published_changed,
    datamap_mismatch,
    category_unmapped,
    mapped_uncollected,
    event_unmapped,
    right_unservable,
    decision_unused,
)
_ABOUT_ACCEPTANCES: tuple[LintRule, ...] = (acceptance_unused, review_overdue)

RULES: tuple[LintRule, ...] = (*_ABOUT_THE_POLICY, *_ABOUT_ACCEPTANCES)
"""Every lint rule, in the order in which the manual lists them."""

ACCEPTABLE_ERRORS = frozenset({retention_conflict.CODE})
"""Errors that an officer may settle: the acceptance must say by `decide` which side is followed."""


def lint(
    policy: Policy,
    *,
    today: date,
    datamap: DataMap | None = None,
    before: Policy | None = None,
    lock: Lock | None = None,
) -> tuple[Finding, ...]:
    """Everything that is wrong with a version, by place; what an officer accepted is marked so.

    `today` is the local day in the policy's time zone. With a data map, its names are checked too; with the
    version that this one follows, what stops between the two; with a lock, that nothing was changed since.
    """
    context = Context(today, datamap, before, lock)
    found = [f for rule in _ABOUT_THE_POLICY for f in rule.check(policy, context)]
    matched = {
        index: tuple(f for f in found if _settles(accepted, f))
        for index, accepted in enumerate(policy.header.accepted)
    }
    marked = [_mark(finding, policy.header.accepted) for finding in found]
    after = replace(context, matched=matched)
    marked += [f for rule in _ABOUT_ACCEPTANCES for f in rule.check(policy, after)]
    return tuple(sorted(marked, key=lambda finding: finding.where))


def _mark(finding: Finding, acceptances: Iterable[Accepted]) -> Finding:
    for accepted in acceptances:
        if _settles(accepted, finding):
            by = AcceptedBy(accepted.reason, accepted.review, accepted.decide or "")
            return finding.accept(by)
    return finding


def _settles(accepted: Accepted, finding: Finding) -> bool:
    """Whether an acceptance applies: code and every name that it gives are equal, and it may."""
    if accepted.finding != finding.code:
        return False
    if any(finding.about.get(key) != value for key, value in accepted.names().items()):
        return False
    if finding.severity is not Severity.ERROR:
        return True
    return finding.code in ACCEPTABLE_ERRORS and accepted.decide is not None
