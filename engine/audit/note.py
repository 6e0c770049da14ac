"""Signed checkpoints in the C2SP forms `signed-note` and `tlog-checkpoint` (https://c2sp.org). Pure.

A checkpoint is three lines (origin, size, base64 root), an empty line, and one signature line for
each signer: `— name base64(key id ‖ Ed25519 signature)`.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from engine.audit.merkle import HASH_SIZE
from engine.errors import InvalidInput, LedgerBroken

_ED25519 = b"\x01"
_MAX_NOTE = 16 * 1024
_MAX_SIGNATURES = 32
_NAME = re.compile(r"[^\s+]+")
_SIZE = re.compile(r"0|[1-9][0-9]{0,18}")
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffd]")


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What a checkpoint states: the log `origin` had `size` entries with this 32-byte `root`."""

    origin: str
    size: int
    root: bytes

    @property
    def text(self) -> str:
        """The signed text, ending in a newline."""
        return f"{self.origin}\n{self.size}\n{_encode(self.root)}\n"


@dataclass(frozen=True, slots=True)
class Signature:
    """One signature line, not yet verified."""

    name: str
    key_id: bytes
    signature: bytes


@dataclass(frozen=True, slots=True)
class SignedCheckpoint:
    """A parsed note; nothing about its signatures is known before `verify_note`."""

    checkpoint: Checkpoint
    signatures: tuple[Signature, ...]


@dataclass(frozen=True, slots=True)
class VerifierKey:
    """A log's name and its 32-byte Ed25519 public key."""

    name: str
    public: bytes

    @property
    def id(self) -> bytes:
        """SHA-256(name ‖ 0x0A ‖ 0x01 ‖ public key)[:4]."""
        return hashlib.sha256(self.name.encode() + b"\n" + _ED25519 + self.public).digest()[:4]

    @property
    def text(self) -> str:
        """The usual printed form: `name+key id in hex+base64(0x01 ‖ public key)`."""
        return f"{self.name}+{self.id.hex()}+{_encode(_ED25519 + self.public)}"

    @classmethod
    def parse(cls, text: str) -> VerifierKey:
        """Read the printed form; raises InvalidInput when it is malformed or its key id does not fit."""
        name, _, rest = text.strip().partition("+")
        key_id, _, encoded = rest.partition("+")
        raw = _decode(encoded)
        if not _is_name(name) or raw is None or raw[:1] != _ED25519 or len(raw) != 33:
            raise InvalidInput("not a checkpoint key: it should read `name+hash+base64`")
        key = cls(name, raw[1:])
        if key.id.hex() != key_id:
            raise InvalidInput(f"the key id `{key_id}` does not belong to this key and name")
        return key


def sign_checkpoint(checkpoint: Checkpoint, key: Ed25519PrivateKey) -> str:
    """Return the note, signed under the checkpoint's origin as the key's name.

    Raises InvalidInput for an origin that cannot be a key name (empty, with white space or a plus).
    """
    if not _is_name(checkpoint.origin):
        raise InvalidInput(f"`{checkpoint.origin}` cannot name a ledger: no white space, no plus")
    verifier = VerifierKey(checkpoint.origin, key.public_key().public_bytes_raw())
    signed = _encode(verifier.id + key.sign(checkpoint.text.encode()))
    return f"{checkpoint.text}\n\u2014 {checkpoint.origin} {signed}\n"


def parse_note(note: str) -> SignedCheckpoint:
    """Read a note strictly; raises InvalidInput for anything that is not exactly one checkpoint."""
    if len(note) > _MAX_NOTE or _CONTROL.search(note) or not note.endswith("\n"):
        raise InvalidInput("not a checkpoint: too long, cut off, or holding control characters")
    text, gap, signatures = note.rpartition("\n\n")
    if not gap:
        raise InvalidInput("not a checkpoint: no empty line before the signatures")
    lines = signatures.removesuffix("\n").split("\n")
    if len(lines) > _MAX_SIGNATURES:
        raise InvalidInput(f"not a checkpoint: more than {_MAX_SIGNATURES} signatures")
    return SignedCheckpoint(_parse_text(text), tuple(_parse_signature(line) for line in lines))


def verify_note(note: str, keys: Sequence[VerifierKey]) -> Checkpoint:
    """Return what a note states, signed by at least one of the keys and wrongly by none of them.

    Raises InvalidInput when it is malformed, LedgerBroken when no given key has signed it.
    Signatures of unknown keys (witnesses) are passed over, as the standard says.
    """
    signed = parse_note(note)
    known = {(key.name, key.id): key for key in keys if key.name == signed.checkpoint.origin}
    mine = [item for item in signed.signatures if (item.name, item.key_id) in known]
    if not mine:
        raise LedgerBroken(
            f"the checkpoint of `{signed.checkpoint.origin}` at size {signed.checkpoint.size} "
            "is not signed by any key of this ledger"
        )
    for item in mine:
        _check_signature(signed.checkpoint, item, known[item.name, item.key_id])
    return signed.checkpoint


def _is_name(text: str) -> bool:
    return bool(_NAME.fullmatch(text)) and not _CONTROL.search(text)


def _check_signature(checkpoint: Checkpoint, item: Signature, key: VerifierKey) -> None:
    try:
        Ed25519PublicKey.from_public_bytes(key.public).verify(
            item.signature, checkpoint.text.encode()
        )
    except (InvalidSignature, ValueError) as error:
        raise LedgerBroken(
            f"the signature on the checkpoint at size {checkpoint.size} is forged or damaged"
        ) from error


def _parse_text(text: str) -> Checkpoint:
    lines = text.split("\n")
    if len(lines) != 3:
        raise InvalidInput("not a checkpoint: it should have the lines origin, size and root")
    origin, size, encoded = lines
    root = _decode(encoded)
    if not _NAME.fullmatch(origin) or not _SIZE.fullmatch(size):
        raise InvalidInput("not a checkpoint: the origin or the size is malformed")
    if root is None or len(root) != HASH_SIZE:
        raise InvalidInput("not a checkpoint: the root is not a base64 SHA-256 hash")
    return Checkpoint(origin, int(size), root)


def _parse_signature(line: str) -> Signature:
    dash, name, encoded = [*line.split(" "), "", ""][:3]
    raw = _decode(encoded)
    well_formed = line == f"{dash} {name} {encoded}" and dash == "\u2014" and _NAME.fullmatch(name)
    if not well_formed or raw is None or len(raw) < 5:
        raise InvalidInput("not a checkpoint: a signature line is malformed")
    return Signature(name, raw[:4], raw[4:])


def _encode(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


def _decode(text: str) -> bytes | None:
    """Decode base64, only in the one form that encoding gives back."""
    try:
        raw = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None
    return raw if _encode(raw) == text else None
