"""What the ledger tells from outside."""

from pathlib import Path

from engine.audit import ledger
from engine.audit.keys import load_or_create
from engine.audit.notary import Notary
from engine.audit.proof import verify_proof
from engine.store.database import Database
from tests.support.clock import FrozenClock

ORIGIN = "ledger.example.com"


def test_asking_for_the_checkpoint_writes_nothing_and_a_proof_reaches_the_newest_entry(
    database: Database, clock: FrozenClock, tmp_path: Path
):
    notary = Notary(database, load_or_create(tmp_path, {}), ORIGIN, clock)
    append(database, clock)
    first = notary.checkpoint()
    append(database, clock)
    assert notary.checkpoint() == first
    proven = verify_proof(notary.proof(1))
    assert (proven.checkpoint.size, proven.body["kind"]) == (2, "event.told")
    assert notary.checkpoint() != first


def append(database: Database, clock: FrozenClock) -> None:
    with database.begin() as conn:
        ledger.append(conn, "event.told", {"event": "account.cancelled"}, now=clock.now())
