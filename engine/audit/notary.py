"""What others ask of the ledger from outside: a checkpoint, or the proof of an entry."""

from __future__ import annotations

from typing import Any

from engine.audit import proof, service
from engine.audit.keys import Keyring
from engine.ports import Clock
from engine.store.database import Database


class Notary:
    """Signs checkpoints of a ledger named `origin` and makes proofs under them."""

    def __init__(self, database: Database, keyring: Keyring, origin: str, clock: Clock) -> None:
        self._database = database
        self._keyring = keyring
        self._origin = origin
        self._clock = clock

    def checkpoint(self) -> str:
        """The newest signed note; the first one is signed now. Asking writes nothing otherwise."""
        with self._database.read() as conn:
            note = service.last_checkpoint(conn)
        if note is not None:
            return note
        with self._database.begin() as conn:
            return service.checkpoint(conn, self._keyring, self._origin, self._clock.now())

    def proof(self, index: int, subject: str | None = None) -> dict[str, Any]:
        """The document that proves an entry under a checkpoint signed now.

        Raises what `proof.make_proof` raises, and LedgerBroken rather than sign a damaged ledger.
        """
        with self._database.begin() as conn:
            note = service.checkpoint(conn, self._keyring, self._origin, self._clock.now())
            key = self._keyring.verifiers(self._origin)[0]
            return proof.make_proof(conn, index, note, key, subject)
