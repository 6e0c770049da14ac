"""The ledger's keys: one that signs checkpoints, and one that the erasure list is kept with.

The signing key can be rotated; the public halves of earlier ones stay, so that old checkpoints
still verify. The erasure-list key is for life: what it hashed cannot be hashed again, because the
values are gone.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from engine.audit.keyfiles import (
    SECRET_SIZE,
    decode_key,
    encode_key,
    given,
    load_or_create_secret,
    read_private,
    replace_private,
)
from engine.audit.note import VerifierKey
from engine.errors import Conflict

LEDGER_VARIABLE = "UPHELD_LEDGER_KEY"
RETIRED_VARIABLE = "UPHELD_LEDGER_RETIRED_KEYS"
ERASURE_VARIABLE = "UPHELD_ERASURE_KEY"
_LEDGER_FILE = "ledger.key"
_RETIRED_FILE = "ledger.retired"
_ERASURE_FILE = "erasure.key"


@dataclass(frozen=True, slots=True)
class Keyring:
    """The 32-byte Ed25519 seed, earlier public keys (oldest first), and the erasure list's key."""

    ledger_seed: bytes = field(repr=False)
    erasure_key: bytes = field(repr=False)
    retired: tuple[bytes, ...] = ()

    @property
    def signing_key(self) -> Ed25519PrivateKey:
        """The key that signs checkpoints now."""
        return Ed25519PrivateKey.from_private_bytes(self.ledger_seed)

    @property
    def public(self) -> bytes:
        """The 32-byte public half of the signing key."""
        return self.signing_key.public_key().public_bytes_raw()

    def verifiers(self, origin: str) -> tuple[VerifierKey, ...]:
        """The public keys that may have signed checkpoints of this origin, the present one first."""
        return tuple(VerifierKey(origin, key) for key in (self.public, *self.retired))


def load_or_create(folder: Path, environ: Mapping[str, str]) -> Keyring:
    """Return the keys: from the environment, else from `folder`, where missing ones are generated.

    `UPHELD_LEDGER_KEY` and `UPHELD_ERASURE_KEY` are 32 bytes in base64,
    `UPHELD_LEDGER_RETIRED_KEYS` a comma-separated list of base64 public keys, added to those in the
    folder; each may be in a file that `NAME_FILE` names instead. Raises InvalidInput for a malformed
    key and for a key file in the folder that its group or others can read.
    """
    seed = load_or_create_secret(folder, _LEDGER_FILE, environ, LEDGER_VARIABLE)
    erasure = load_or_create_secret(folder, _ERASURE_FILE, environ, ERASURE_VARIABLE)
    keyring = Keyring(seed, erasure, _retired(folder, environ))
    earlier = tuple(key for key in keyring.retired if key != keyring.public)
    return Keyring(seed, erasure, earlier)


def rotate(folder: Path, environ: Mapping[str, str]) -> Keyring:
    """Replace the ledger key by a new one and keep the old public key; returns the new keys.

    Take a checkpoint with the old key first. Raises Conflict when the key comes from the
    environment, where only the operator can replace it.
    """
    old = load_or_create(folder, environ)
    if given(environ, LEDGER_VARIABLE):
        raise Conflict(
            f"the ledger key comes from `{LEDGER_VARIABLE}`: set a new one there, and add "
            f"`{encode_key(old.public)}` to `{RETIRED_VARIABLE}`"
        )
    # The old public key is kept before the private one is replaced: a crash between loses nothing.
    kept = dict.fromkeys((*old.retired, old.public))
    replace_private(folder / _RETIRED_FILE, "".join(f"{encode_key(key)}\n" for key in kept))
    replace_private(folder / _LEDGER_FILE, encode_key(secrets.token_bytes(SECRET_SIZE)) + "\n")
    return load_or_create(folder, environ)


def _retired(folder: Path, environ: Mapping[str, str]) -> tuple[bytes, ...]:
    listed = [
        decode_key(item, RETIRED_VARIABLE)
        for item in given(environ, RETIRED_VARIABLE).split(",")
        if item.strip()
    ]
    path = folder / _RETIRED_FILE
    if path.exists():
        listed += [decode_key(line, str(path)) for line in read_private(path).splitlines()]
    return tuple(dict.fromkeys(listed))
