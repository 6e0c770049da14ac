"""By when a request is answered: the person's law or the policy's, whichever is earlier. Pure."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from engine.errors import InvalidInput, UnknownName
from engine.policy.durations import Anchor, Duration
from engine.policy.models.rights import RightRule
from engine.policy.policy import Policy
from engine.retention.calendar import expires_at, local_day
from engine.rights import deadlines
from engine.rights.deadlines import Deadline

# Laws that set a time for these set it for all rights alike.
_COUNTED_AS = {"withdrawal": "objection", "complaint": "access"}


def rule_of(policy: Policy, right: str) -> RightRule:
    """The policy's rule of a right; UnknownName if it grants none."""
    for rule in policy.rights.rules:
        if rule.right == right:
            return rule
    raise UnknownName("right", right, (rule.right for rule in policy.rights.rules))


def counted_as(right: str) -> str:
    """The right whose time a law sets for this one too."""
    return _COUNTED_AS.get(right, right)


def deadline(
    policy: Policy,
    rule: RightRule,
    region: str | None,
    received_at: datetime,
    *,
    verified_at: datetime | None = None,
    extended: bool = False,
) -> Deadline:
    """The deadline of a request. Raises Conflict for an extension that no law allows."""
    zone = policy.header.zone
    day = local_day(received_at, zone)
    regime = deadlines.regime_for(region, policy.header.jurisdictions, on=day)
    if regime is None and not isinstance(rule.answer_within, Duration):
        raise InvalidInput(
            f"neither law nor policy says by when `{rule.id}` is answered: give it an `answer within`"
        )
    return deadlines.due(
        regime,
        counted_as(rule.right),
        received_at,
        zone=zone,
        extended=extended,
        identity_received_at=verified_at,
        answer_within=rule.answer_within,
    )


def columns(found: Deadline) -> dict[str, Any]:
    """A deadline as a request keeps it."""
    return {
        "regime": found.regime,
        "zone": found.zone.key,
        "set_by": found.set_by,
        "legal_due": found.legal_due,
        "target_due": found.target_due,
        "acknowledge_by": found.acknowledge_by,
        "extension_notice_by": found.extension_notice_by,
        "provisional": found.provisional,
        "deadline_data": found.data_version,
        "deadline_source": found.source,
    }


def cooling_until(policy: Policy, rule: RightRule, verified_at: datetime) -> datetime | None:
    """Until when the person may still change their mind; None if the work begins at once."""
    if rule.cooling_off is None or rule.cooling_off.count == 0:
        return None
    anchor = Anchor("request.verified")
    return expires_at(rule.cooling_off, anchor, verified_at, policy.header.zone)
