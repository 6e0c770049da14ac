"""A proof that a user can keep and check offline: one entry, its way to a signed checkpoint, the key.

The document is plain JSON. What it proves is that the entry is in the ledger that the holder of the
key signed; that this key is the operator's must be seen elsewhere (it is published with the
policy).
"""

from __future__ import annotations

import base64
import binascii
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from engine.audit import merkle, service, subjects
from engine.audit.canonical import is_unicode
from engine.audit.ledger import entries
from engine.audit.note import Checkpoint, VerifierKey, verify_note
from engine.errors import InvalidInput, LedgerBroken, NotFound

FORMAT = "upheld-ledger-proof/1"


@dataclass(frozen=True, slots=True)
class Proven:
    """What a document proves: the entry's body, the checkpoint it is under, the key that signed.

    `about_subject` is True only when the document carries the salt and the given subject fits.
    """

    body: Mapping[str, Any]
    checkpoint: Checkpoint
    key: VerifierKey
    about_subject: bool


def make_proof(
    conn: Connection, index: int, note: str, key: VerifierKey, subject: str | None = None
) -> dict[str, Any]:
    """Return the document that proves entry `index` under a signed checkpoint.

    With `subject`, the id of the person it is for, their salt goes along: they can then show, to
    whom they choose, that the entry is about them, even after the ledger has forgotten them. Raises
    NotFound when the entry is not under the checkpoint, InvalidInput when it is not about the
    subject.
    """
    size = verify_note(note, [key]).size
    proof = service.prove_inclusion(conn, index, size)
    (entry,) = entries(conn, index, 1)
    document = {
        "format": FORMAT,
        "index": index,
        "body": entry.body.decode(),
        "inclusion": [base64.b64encode(item).decode() for item in proof.path],
        "checkpoint": note,
        "public_key": key.text,
    }
    if subject is None:
        return document
    return document | {"subject_salt": _salt(conn, subject, entry.subject)}


def verify_proof(
    document: Mapping[str, Any], public_key: str | None = None, subject: str | None = None
) -> Proven:
    """Check a document offline and return what it proves.

    `public_key` is the key as the operator publishes it; without it, the document's own is used and
    the caller must compare it. `subject` is the reader's own id. Raises InvalidInput for a
    malformed document, LedgerBroken when it proves nothing.
    """
    key = VerifierKey.parse(_text(document, "public_key"))
    if public_key is not None and VerifierKey.parse(public_key) != key:
        raise LedgerBroken("the proof was signed with another key than the one published")
    if document.get("format") != FORMAT:
        raise InvalidInput(f"not a ledger proof: the format should be `{FORMAT}`", "format")
    checkpoint = verify_note(_text(document, "checkpoint"), [key])
    body = _text(document, "body")
    if not _included(document, body, checkpoint):
        raise LedgerBroken("the entry is not in the ledger that the checkpoint was signed over")
    parsed = json.loads(body)
    return Proven(parsed, checkpoint, key, _is_about(document, parsed, subject))


def _included(document: Mapping[str, Any], body: str, checkpoint: Checkpoint) -> bool:
    index = document.get("index")
    if not isinstance(index, int) or isinstance(index, bool):
        raise InvalidInput("not a ledger proof: the index is not a number", "index")
    leaf = merkle.leaf_hash(body.encode())
    return merkle.verify_inclusion(index, checkpoint.size, leaf, _path(document), checkpoint.root)


def _path(document: Mapping[str, Any]) -> list[bytes]:
    path = document.get("inclusion")
    if not isinstance(path, list) or not all(isinstance(item, str) for item in path):
        raise InvalidInput("not a ledger proof: the inclusion path is malformed", "inclusion")
    return [_decode(item, "inclusion") for item in path]


def _is_about(document: Mapping[str, Any], body: Mapping[str, Any], subject: str | None) -> bool:
    if subject is None or "subject_salt" not in document or "subject" not in body:
        return False
    salt = _decode(_text(document, "subject_salt"), "subject_salt")
    return hmac.compare_digest(subjects.pseudonym(salt, subject), str(body["subject"]))


def _salt(conn: Connection, subject: str, alias: str | None) -> str:
    salt = subjects.salt_of(conn, subject)
    if salt is None:
        raise NotFound("the ledger holds nothing that can be linked to this subject")
    if alias is None or not hmac.compare_digest(subjects.pseudonym(salt, subject), alias):
        raise InvalidInput("the entry is not about this subject", "subject")
    return base64.b64encode(salt).decode()


def _text(document: Mapping[str, Any], name: str) -> str:
    value = document.get(name)
    if not isinstance(value, str) or not is_unicode(value):
        raise InvalidInput(f"not a ledger proof: `{name}` is missing or no text", name)
    return value


def _decode(text: str, name: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise InvalidInput(f"not a ledger proof: `{name}` is not base64", name) from error
