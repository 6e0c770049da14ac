"""From which age a person consents themselves, by the policy's `guardians:`; below it a guardian does."""

from __future__ import annotations

from collections.abc import Iterator

from engine.policy.policy import Policy
from engine.policy.regions import lies_in

NOBODY = 0
"""The age where no guardian is asked for: nobody is younger."""


def age_of_consent(policy: Policy, subject: str | None, region: str | None) -> int:
    """The age from which somebody of this type, there, certainly answers for themselves.

    Of several ages that a region may have, the highest: what is not known never helps a permit.
    """
    return max(_ages(policy, subject, region), default=NOBODY)


def needs_guardian(
    policy: Policy, subject: str | None, region: str | None, age: int | None
) -> bool | None:
    """Whether a guardian answers for a person; None if their age or region, unknown, decides it."""
    ages = tuple(_ages(policy, subject, region))
    if not ages:
        return False
    if age is None:
        return None
    if age < min(ages):
        return True
    return None if age < max(ages) else False


def _ages(policy: Policy, subject: str | None, region: str | None) -> Iterator[int]:
    """The ages that may be the one; none if no guardian is asked for."""
    guardians = policy.consent.guardians
    kind = subject or policy.subjects[0]
    if guardians is None or kind not in (guardians.subject or policy.subjects):
        return
    for other in guardians.other_ages:
        there = None if region is None else lies_in(region, other.regions)
        if there is not False:
            yield other.age_below
        if there:
            return
    yield guardians.age_below
