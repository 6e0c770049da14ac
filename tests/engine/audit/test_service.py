from datetime import UTC, datetime

import pytest

from engine.audit import ledger, service
from engine.audit.keys import Keyring
from engine.audit.merkle import verify_consistency, verify_inclusion
from engine.audit.note import verify_note
from engine.errors import InvalidInput, LedgerBroken, NotFound

NOW = datetime(2026, 11, 3, 2, 0, tzinfo=UTC)
ORIGIN = "upheld.example/ledger"
KEYS = Keyring(bytes(range(32)), bytes(32))
SIZE = 23


@pytest.fixture
def filled(conn):
    """A connection to a ledger of 23 entries."""
    fill(conn, SIZE)
    return conn


def fill(conn, count):
    for number in range(count):
        ledger.append(conn, "purge.batch", {"rows": number}, now=NOW)


def test_every_entry_is_proved_in_every_larger_ledger(filled):
    leaves = {entry.index: entry.leaf_hash for entry in ledger.entries(filled)}
    for size in (1, 2, 7, 8, 9, SIZE):
        for index in range(size):
            proof = service.prove_inclusion(filled, index, size)
            assert proof.leaf_hash == leaves[index]
            assert verify_inclusion(index, size, leaves[index], proof.path, proof.root)


def test_without_a_size_the_proof_is_for_the_ledger_as_it_is(filled):
    proof = service.prove_inclusion(filled, 5)
    head = ledger.head(filled)
    assert (proof.size, proof.root) == (head.size, head.root)


def test_every_ledger_is_proved_to_extend_every_smaller_one(filled):
    for size2 in (1, 2, 8, 9, SIZE):
        for size1 in range(1, size2 + 1):
            proof = service.prove_consistency(filled, size1, size2)
            assert verify_consistency(size1, size2, proof.root1, proof.root2, proof.path)


@pytest.mark.parametrize(
    ("index", "size"), [(SIZE, None), (-1, None), (5, 5), (0, SIZE + 1), (0, 0)]
)
def test_what_is_not_in_the_ledger_has_no_proof(filled, index, size):
    with pytest.raises(NotFound):
        service.prove_inclusion(filled, index, size)


@pytest.mark.parametrize("size1", [0, -1, SIZE + 1])
def test_consistency_starts_from_a_ledger_that_existed(filled, size1):
    with pytest.raises(InvalidInput, match="earlier size"):
        service.prove_consistency(filled, size1)


def test_a_checkpoint_is_signed_and_kept(filled):
    note = service.checkpoint(filled, KEYS, ORIGIN, NOW)
    signed = verify_note(note, KEYS.verifiers(ORIGIN))
    head = ledger.head(filled)
    assert (signed.size, signed.root) == (head.size, head.root)
    assert service.last_checkpoint(filled) == note


def test_an_unchanged_ledger_gives_the_same_checkpoint(filled):
    first = service.checkpoint(filled, KEYS, ORIGIN, NOW)
    assert service.checkpoint(filled, KEYS, ORIGIN, NOW) == first
    fill(filled, 1)
    assert service.checkpoint(filled, KEYS, ORIGIN, NOW) != first


def test_an_empty_ledger_can_be_signed(conn):
    note = service.checkpoint(conn, KEYS, ORIGIN, NOW)
    assert verify_note(note, KEYS.verifiers(ORIGIN)).size == 0
    assert service.verify(conn, [note], KEYS.verifiers(ORIGIN)).ok


def test_a_ledger_that_grew_still_fits_an_older_checkpoint(filled):
    external = verify_note(service.checkpoint(filled, KEYS, ORIGIN, NOW), KEYS.verifiers(ORIGIN))
    service.assert_not_shorter(filled, external)
    fill(filled, 4)
    service.assert_not_shorter(filled, external)


def test_a_ledger_restored_from_an_older_backup_refuses_to_serve(conn):
    fill(conn, 7)
    with conn.begin_nested() as newer:
        fill(conn, 2)
        note = service.checkpoint(conn, KEYS, ORIGIN, NOW)
        newer.rollback()
    with pytest.raises(LedgerBroken, match="has 7 entries, but a checkpoint was signed over 9"):
        service.assert_not_shorter(conn, verify_note(note, KEYS.verifiers(ORIGIN)))


def test_another_ledger_of_the_same_size_refuses_to_serve(conn):
    with conn.begin_nested() as other:
        ledger.append(conn, "k", {"another": "history"}, now=NOW)
        note = service.checkpoint(conn, KEYS, ORIGIN, NOW)
        other.rollback()
    fill(conn, 3)
    with pytest.raises(LedgerBroken, match="first 1 entries are not those"):
        service.assert_not_shorter(conn, verify_note(note, KEYS.verifiers(ORIGIN)))


def test_a_rotated_key_still_verifies_the_checkpoints_of_the_old_one(filled):
    old = service.checkpoint(filled, KEYS, ORIGIN, NOW)
    rotated = Keyring(bytes(reversed(range(32))), bytes(32), (KEYS.public,))
    fill(filled, 1)
    new = service.checkpoint(filled, rotated, ORIGIN, NOW)
    outcome = service.verify(filled, [old, new], rotated.verifiers(ORIGIN))
    assert (outcome.ok, outcome.checkpoints) == (True, 2)


def test_a_key_that_forgot_its_predecessor_does_not_sign_over_it(filled):
    service.checkpoint(filled, KEYS, ORIGIN, NOW)
    with pytest.raises(LedgerBroken, match="not signed by any key"):
        service.checkpoint(filled, Keyring(bytes(32), bytes(32)), ORIGIN, NOW)
