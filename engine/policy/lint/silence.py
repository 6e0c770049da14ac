"""For the rules that miss a subject in the text: does any clause speak of it?"""

from __future__ import annotations

from engine.policy.lint.phrases import found_in
from engine.policy.policy import Policy


def speaks_of(policy: Policy, rule: str) -> bool:
    """Whether some clause or heading of the text uses one of the words that the rule's list names."""
    texts = [clause.words for clause in policy.text.clauses]
    texts += [section.heading for section in policy.text.sections]
    return any(found_in(text, rule, "words") for text in texts)
