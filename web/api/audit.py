"""The ledger: signed checkpoints, and proofs that anybody can verify offline."""

from __future__ import annotations

from typing import Annotated, Any, Protocol

from pydantic import BaseModel, Field

from engine.errors import InvalidInput, Unavailable
from web.api.operations import Call, Operation
from web.api.reading import Strict, Subject

_LARGEST_INDEX = 2**53


class Ledger(Protocol):
    """What the API needs of the ledger."""

    def checkpoint(self) -> str:
        """A signed note over the ledger as it is."""
        ...

    def proof(self, index: int, subject: str | None = None) -> dict[str, Any]:
        """That an entry is in the ledger; NotFound if it is not."""
        ...


class CheckpointAnswer(BaseModel):
    """A signed note in the form of C2SP: keep it, and later tampering before it can be noticed."""

    checkpoint: str


class ProofQuery(Strict):
    """For whom the proof is: their salt goes along, so that they can show that it is about them."""

    subject: Subject | None = None


class ProofAnswer(BaseModel):
    """The entry, its way to the checkpoint, the checkpoint, and the key."""

    format: str
    index: Annotated[int, Field(ge=0)]
    body: str
    inclusion: list[str]
    checkpoint: str
    public_key: str
    subject_salt: str | None = None


def operations() -> list[Operation]:
    """`/v1/audit`; the checkpoint is public, so that many may hold it."""
    return [
        Operation(
            "GET",
            "/v1/audit/checkpoint",
            "audit",
            "A signed checkpoint of the ledger",
            checkpoint,
            CheckpointAnswer,
        ),
        Operation(
            "GET",
            "/v1/audit/entries/{index}/proof",
            "audit",
            "Proof that an entry is in the ledger",
            proof,
            ProofAnswer,
            query=ProofQuery,
            scope="admin",
        ),
    ]


def checkpoint(call: Call) -> CheckpointAnswer:
    """The newest signed note."""
    return CheckpointAnswer(checkpoint=_ledger(call).checkpoint())


def proof(call: Call) -> ProofAnswer:
    """The proof of one entry."""
    index = call.path["index"]
    if not (index.isascii() and index.isdigit()) or len(index) > 16 or int(index) > _LARGEST_INDEX:
        raise InvalidInput(f"`{index[:40]}` is not the number of an entry", "index")
    return ProofAnswer(**_ledger(call).proof(int(index), call.query.subject))


def _ledger(call: Call) -> Ledger:
    ledger: Ledger | None = call.services.audit
    if ledger is None:
        raise Unavailable("the ledger is not offered here")
    return ledger
