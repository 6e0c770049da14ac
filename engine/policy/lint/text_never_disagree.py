"""TEXT_NEVER_DISAGREE: the text says "never" and no rule forbids it, or the other way round."""

from __future__ import annotations

import re
from collections.abc import Iterator

from engine.policy.citations import Citation, citations
from engine.policy.findings import Finding, Severity, warning
from engine.policy.lint.context import Context, in_text
from engine.policy.lint.phrases import found_in, promising
from engine.policy.models import Control, Rule
from engine.policy.policy import Policy

CODE = "TEXT_NEVER_DISAGREE"
SEVERITY = Severity.WARNING

_SENTENCE = re.compile(r"[^.;!?。；！？]+")
_LIST = "text_never_disagree"


def check(policy: Policy, context: Context) -> Iterator[Finding]:
    """A warning for a promise not to do something that no prohibition or control keeps, and for a
    prohibition whose clauses limit nothing."""
    cited = citations(policy)
    for clause in promising(policy):
        never = _never(clause.words)
        if never and not any(map(_keeps, cited.get(clause.id, ()))):
            message = (
                f"clause `{clause.id}` says “{never}”, and no rule that cites it forbids anything"
            )
            hint = (
                "add a rule with `allow: never` that cites the clause, or a control that checks it"
            )
            yield warning(CODE, message, in_text(policy, clause.id, never), hint, clause=clause.id)
    yield from _unfounded(policy)


def _never(words: str) -> str:
    """The first words that promise not to do something with data; empty if none do."""
    for found in _SENTENCE.finditer(words):
        sentence = found[0]
        if found_in(sentence, _LIST, "readers"):
            continue
        for negation in found_in(sentence, _LIST, "negations"):
            after = sentence[sentence.index(negation) + len(negation) :][:80]
            verbs = found_in(after, _LIST, "verbs")
            if verbs:
                return negation + after[: after.index(verbs[0]) + len(verbs[0])]
    return ""


def _keeps(citation: Citation) -> bool:
    rule = citation.rule
    return isinstance(rule, Control) or (isinstance(rule, Rule) and rule.denies)


def _unfounded(policy: Policy) -> Iterator[Finding]:
    for rule in (*policy.collection, *policy.use, *policy.sharing):
        if not rule.denies or rule.unstated:
            continue
        words = [policy.text.clause(clause).words for clause in rule.clause]
        if not any(found_in(text, _LIST, "limits") for text in words):
            told = " and ".join(f"`{clause}`" for clause in rule.clause)
            message = f"`{rule.id}` forbids, but clause {told} says nothing of the kind"
            hint = "cite the clause that promises it, or `unstated` if the text does not"
            where = policy.sources.rule(rule.id, "clause")
            yield warning(CODE, message, where, hint, rule=rule.id)
