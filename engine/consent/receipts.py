"""Receipts: a consent record in the portable form of ISO/IEC TS 27560:2023.

The receipt holds what the person saw and what follows from it, taken from the version of the policy under
which they said it, so that it means the same years later.
"""

from __future__ import annotations

import uuid
from typing import Any

from engine.consent.records import ConsentRecord, Kind
from engine.policy.event_words import keeping_words
from engine.policy.models import Choice, UseRule
from engine.policy.models.use import Processing
from engine.policy.policy import Policy

SCHEMA_VERSION = "27560-2023"
_NAMESPACE = uuid.UUID("5c1ff2a5-42d0-5d9b-9f4e-0a4a4d5b9a10")


def receipt(record: ConsentRecord, policy: Policy, *, base_url: str) -> dict[str, Any]:
    """The receipt of one record: header, processing, parties, and the event.

    The receipt id is derived from the record id, so the same record always has the same receipt.
    """
    return {
        "schema_version": SCHEMA_VERSION,
        "receipt_id": str(uuid.uuid5(_NAMESPACE, record.id)),
        "record_id": record.id,
        "pii_principal_id": record.subject_id,
        "processing": _processing(record, policy, base_url),
        "party_identification": [_controller(policy, base_url)],
        "event": _event(record, policy),
        "text_sha256": record.text_digest,
    }


def _processing(record: ConsentRecord, policy: Policy, base_url: str) -> dict[str, Any]:
    return {
        "privacy_notice": f"{base_url}/policy/{policy.version}",
        "language": record.language,
        "purposes": [_purpose(policy, rule) for rule in _rules(record, policy)],
        "jurisdiction": list(policy.header.jurisdictions),
        "withdrawal_method": f"{base_url}/you/choices",
        "privacy_rights": sorted({rule.right for rule in policy.rights.rules}),
    }


def _rules(record: ConsentRecord, policy: Policy) -> list[Processing]:
    """The rules that the record bears on: those by this choice, for this purpose, or all by agreement."""
    rules = [rule for rule in (*policy.use, *policy.sharing) if not rule.denies]
    if record.kind is Kind.CHOICE:
        return [rule for rule in rules if rule.choice == record.name]
    if record.kind is Kind.OBJECTION:
        return [rule for rule in rules if record.name in policy.purpose_leaves(rule.purposes)]
    return [rule for rule in rules if rule.choice is None]


def _purpose(policy: Policy, rule: Processing) -> dict[str, Any]:
    return {
        "purpose": "; ".join(
            policy.purposes[p].means for p in policy.purpose_leaves(rule.purposes)
        ),
        "purpose_type": [
            policy.purposes.inherited(p, "dpv") or p for p in policy.purpose_leaves(rule.purposes)
        ],
        "lawful_basis": rule.basis,
        "pii_information": [{"pii_type": leaf} for leaf in policy.data_leaves(rule.data)],
        "pii_controllers": ["controller"],
        "collection_method": "given by the person or observed in using the service",
        "processing_method": "use" if isinstance(rule, UseRule) else "disclosure",
        "storage_locations": [policy.header.controller.country or "not stated"],
        "retention_period": _kept(policy, policy.data_leaves(rule.data)),
        "recipient_third_parties": _recipients(policy, rule),
    }


def _kept(policy: Policy, leaves: tuple[str, ...]) -> list[str]:
    """How long each category is kept, in the policy's words."""
    return [
        f"{', '.join(rule.data)}: {keeping_words(rule.keep, rule.after)}"
        for rule in policy.retention
        if set(policy.data_leaves(rule.data)) & set(leaves)
    ]


def _recipients(policy: Policy, rule: Processing) -> list[str]:
    names = getattr(rule, "recipients", ())
    return [
        str(policy.recipients[leaf].get("name") or policy.recipients[leaf].means)
        for leaf in policy.recipient_leaves(names)
    ]


def _controller(policy: Policy, base_url: str) -> dict[str, Any]:
    controller = policy.header.controller
    told = {
        "party_id": "controller",
        "party_type": "controller",
        "party_name": controller.name or "not stated in the policy",
        "party_address": controller.address or controller.country or "not stated in the policy",
        "party_contact": controller.email or f"{base_url}/",
        "party_email": controller.email,
        "party_url": controller.url,
        "party_phone": controller.phone,
    }
    return {key: value for key, value in told.items() if value is not None}


def _event(record: ConsentRecord, policy: Policy) -> dict[str, Any]:
    choice = _choice(record, policy)
    return {
        "event_time": record.at.isoformat(),
        "event_type": record.kind.value,
        "event_state": record.state.value,
        "validity_duration": choice.lasts.iso8601 if choice and choice.lasts else "until withdrawn",
        # Who said it: the person, or a guardian in their place.
        "entity_id": record.guardian or record.subject_id,
    }


def _choice(record: ConsentRecord, policy: Policy) -> Choice | None:
    return next((c for c in policy.consent.choices if c.id == record.name), None)
