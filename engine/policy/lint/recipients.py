"""The recipients that some rule lets data go to, for the rules about recipients."""

from __future__ import annotations

from engine.policy.findings import Position
from engine.policy.policy import Policy
from engine.policy.vocabulary import Term


def receiving(policy: Policy) -> tuple[Term, ...]:
    """The leaf recipients of every permitting rule, in the order of sharing.yaml."""
    named = {
        leaf
        for rule in policy.sharing
        if not rule.denies
        for leaf in policy.recipient_leaves(rule.recipients)
    }
    return tuple(policy.recipients[leaf] for leaf in policy.recipients.leaves if leaf in named)


def place(policy: Policy, recipient: str) -> Position:
    """Where a recipient is declared."""
    document = policy.sources.documents["sharing.yaml"]
    return document.at_key("recipients", *recipient.split("."))
