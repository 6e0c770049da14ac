"""From what cites a clause to a verdict: which evaluator, and which facts it gets. Pure."""

from __future__ import annotations

from datetime import datetime

from engine.policy.citations import Citation
from engine.policy.models import (
    CollectionRule,
    Control,
    CookieRule,
    HoldReason,
    RetentionRule,
    RightRule,
    Rule,
    SharingRule,
)
from engine.policy.models.common import Cited
from engine.policy.policy import Policy
from engine.promises import (
    collection,
    consent,
    control,
    cookie,
    hold,
    processing,
    retention,
    right,
)
from engine.promises.consent import ChoiceFacts
from engine.promises.evidence import Evidence
from engine.promises.hold import HoldFacts
from engine.promises.observed import Observed
from engine.promises.promise import State, Verdict
from engine.promises.right import RightFacts


def judge(citation: Citation, policy: Policy, evidence: Evidence, now: datetime) -> Verdict:
    """The verdict on one thing that keeps a clause; what could not be looked at is at risk."""
    about = f"{citation.kind} {citation.name}"
    if citation.kind == "warning":
        sentence = (
            f"services must say this when `{citation.name}` permits; whether they do is not seen"
        )
        return Verdict(about, State.NOT_CHECKABLE, sentence)
    missing = evidence.missing.get(citation.name)
    if missing is not None:
        sentence = f"could not be checked: {missing}"
        return Verdict(about, State.AT_RISK, sentence, {}, (sentence,))
    if citation.rule is None:
        return _of_people(citation, policy, evidence)
    return _of_rule(citation.rule, policy, evidence, now)


def _of_people(citation: Citation, policy: Policy, evidence: Evidence) -> Verdict:
    if citation.kind == "agreement":
        return consent.judge_agreement(evidence.agreement, evidence.observed)
    if citation.kind == "guardians":
        return consent.judge_guardians(evidence.guardians)
    if citation.kind == "contact":
        sentence = "whether mail is answered, only people can tell"
        return Verdict("contact", State.NOT_CHECKABLE, sentence)
    choice = next(one for one in policy.consent.choices if one.id == citation.name)
    facts = evidence.choices.get(choice.id, ChoiceFacts())
    return consent.judge_choice(choice, facts, evidence.observed)


def _of_rule(rule: Cited, policy: Policy, evidence: Evidence, now: datetime) -> Verdict:
    match rule:
        case CollectionRule():
            observed = _about(policy, rule, "collect", evidence)
            return collection.judge(rule, evidence.collection[rule.id], observed)
        case SharingRule():
            return processing.judge("sharing", rule, _about(policy, rule, "share", evidence))
        case Rule():
            return processing.judge("use", rule, _about(policy, rule, "use", evidence))
        case RetentionRule():
            return retention.judge(rule, evidence.retention[rule.id], now)
        case HoldReason():
            return hold.judge(rule, evidence.holds.get(rule.id, HoldFacts()))
        case RightRule():
            return right.judge(rule, evidence.rights.get(rule.right, RightFacts()), now)
        case CookieRule():
            seen = [one for one in evidence.observed if one.operation == cookie.OPERATION]
            return cookie.judge(rule, policy.cookies, seen)
        case Control():
            today = now.astimezone(policy.header.zone).date()
            return control.judge(rule, evidence.probes.get(rule.id, ()), now, today)
        case _:
            raise TypeError(f"no evaluator for {type(rule).__name__}")


def _about(policy: Policy, rule: Rule, operation: str, evidence: Evidence) -> list[Observed]:
    """What was seen of a rule: decided by it or nearest to it; or by no rule, about data of its own."""
    leaves = policy.data_leaves(rule.data)
    names = {one.id for one in policy.rules()}
    return [
        one
        for one in evidence.observed
        if one.rule == rule.id
        or (one.operation == operation and one.rule not in names and one.category in leaves)
    ]
