"""The certificate of an erasure: what was done, and a proof of it that can be checked without us.

It names the person by nothing but their pseudonym in the ledger, whose salt goes along with it and is then
forgotten here: whoever holds the certificate can show that it is about them, and nobody else can.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from engine.audit import ledger, service
from engine.audit.keys import Keyring
from engine.audit.note import VerifierKey
from engine.audit.proof import Proven, make_proof, verify_proof
from engine.errors import InvalidInput, LedgerBroken
from engine.rights.store import Outcome, Request

FORMAT = "upheld-erasure-certificate/1"
KIND = "rights.erasure-certified"


@dataclass(frozen=True, slots=True)
class Signer:
    """The ledger's keys, and its name in checkpoints."""

    keyring: Keyring = field(repr=False)
    origin: str


def certify(
    conn: Connection,
    signer: Signer,
    request: Request,
    outcomes: Sequence[Outcome],
    notes: Sequence[str],
    now: datetime,
) -> dict[str, Any]:
    """Enter the outcome into the ledger and return the certificate, in the caller's transaction.

    The ledger is signed anew, so that the entry is under a checkpoint.
    """
    facts: Mapping[str, Any] = {
        "request": request.id,
        "outcomes": [outcome.plain() for outcome in outcomes],
        "looked_again": True,
        "notes": list(notes),
    }
    entry = ledger.append(conn, KIND, facts, now=now, subject=request.subject_id)
    note = service.checkpoint(conn, signer.keyring, signer.origin, now)
    key = VerifierKey(signer.origin, signer.keyring.public)
    proof = make_proof(conn, entry.index, note, key, subject=request.subject_id)
    return {
        "format": FORMAT,
        "request": request.id,
        "requested_at": request.received_at.isoformat(),
        "completed_at": now.isoformat(),
        "outcomes": facts["outcomes"],
        "notes": facts["notes"],
        "also_kept": _ALSO_KEPT,
        "proof": proof,
    }


def verify_certificate(
    document: Mapping[str, Any], public_key: str | None = None, subject: str | None = None
) -> Proven:
    """Check a certificate offline: its proof (`verify_proof`), and that it says what the entry says.

    Raises InvalidInput for what is no certificate, LedgerBroken when it proves nothing or was changed.
    """
    proof = document.get("proof")
    if document.get("format") != FORMAT or not isinstance(proof, Mapping):
        raise InvalidInput(f"not a deletion certificate: the format should be `{FORMAT}`", "format")
    proven = verify_proof(proof, public_key, subject)
    facts = proven.body.get("facts", {})
    told = [document.get(name) for name in _PROVEN]
    if proven.body.get("kind") != KIND or told != [facts.get(name) for name in _PROVEN]:
        raise LedgerBroken("the certificate does not say what its entry in the ledger says")
    return proven


_PROVEN = ("request", "outcomes", "notes")
_ALSO_KEPT = [
    "for as long as the policy says, as evidence: this request, and what you agreed to (GDPR 17(3)(e))",
    "a keyed digest of what identified you, so that a restored backup does not bring you back",
]
