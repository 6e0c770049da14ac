"""Somebody with full rights on the database damages the ledger; `verify` says what and where."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import delete, func, insert, select, text, update
from sqlalchemy.exc import DBAPIError

from engine.audit import ledger, service
from engine.audit.entries import make_body
from engine.audit.keys import Keyring
from engine.audit.merkle import Edge, leaf_hash
from engine.audit.note import Checkpoint, sign_checkpoint
from engine.audit.verification import Damage
from engine.errors import LedgerBroken
from engine.store.tables.audit import checkpoints, ledger_entries, ledger_head

NOW = datetime(2026, 11, 3, 2, 0, tzinfo=UTC)
ORIGIN = "upheld.example/ledger"
KEYS = Keyring(bytes(range(32)), bytes(32))
SIZE = 21
SAVED_AT = 13

entries, position = ledger_entries, ledger_entries.c.position


@pytest.fixture
def saved(conn):
    """A ledger of 21 entries, and the checkpoint that somebody else keeps of its first 13."""
    return fill_and_save(conn)


def fill_and_save(conn):
    fill(conn, SAVED_AT)
    note = service.checkpoint(conn, KEYS, ORIGIN, NOW)
    fill(conn, SIZE - SAVED_AT)
    return note


def fill(conn, count):
    for number in range(count):
        ledger.append(conn, "purge.batch", {"rows": number}, now=NOW, subject=f"u{number % 3}")


def verified(conn, *notes):
    return service.verify(conn, notes, KEYS.verifiers(ORIGIN))


def damages(outcome):
    return {finding.damage: finding.index for finding in outcome.findings}


def run(conn, *statements):
    for statement in statements:
        conn.execute(text(statement) if isinstance(statement, str) else statement)


def rebuild(conn):
    """Recompute everything that is stored beside the bodies, as a careful forger would."""
    edge = Edge()
    for place, body in conn.execute(select(position, entries.c.body).order_by(position)).all():
        leaf = leaf_hash(bytes(body))
        edge, completed = edge.append(leaf)
        values = {"leaf_hash": leaf, "subtrees": b"".join(completed)}
        conn.execute(update(entries).where(position == place).values(values))
    head = {"size": edge.size, "peaks": b"".join(edge.peaks)}
    conn.execute(update(ledger_head).values(head))


def forged_body(index, rows=999):
    return make_body(index, "purge.batch", {"rows": rows}, NOW, None)


def forged_row(index, place=None):
    body = forged_body(index)
    return {
        "position": index if place is None else place,
        "at": NOW,
        "kind": "purge.batch",
        "subject": None,
        "body": body,
        "leaf_hash": leaf_hash(body),
        "subtrees": b"",
    }


def shift(conn, first, by):
    """Move every entry from `first` on by one place."""
    far = 1000
    run(
        conn,
        f"UPDATE ledger_entries SET position = position + {far} WHERE position >= {first}",
        f"UPDATE ledger_entries SET position = position - {far - by} WHERE position >= {far}",
    )


def test_an_untouched_ledger_verifies(conn, saved):
    outcome = verified(conn, saved)
    assert outcome.ok
    assert (outcome.size, outcome.checkpoints, outcome.first_bad) == (SIZE, 1, None)
    assert outcome.sentence == "the ledger's 21 entries verify, and agree with 1 checkpoint"
    assert outcome.root == ledger.head(conn).root


def test_an_empty_ledger_verifies(conn):
    assert verified(conn).sentence == "the ledger's 0 entries verify, and agree with 0 checkpoints"


def test_a_ledger_larger_than_one_batch_verifies(conn):
    for number in range(1101):
        ledger.append(conn, "k", {"n": number}, now=NOW)
    assert verified(conn).ok
    run(conn, delete(entries).where(position == 1000))
    assert damages(verified(conn))[Damage.REMOVED] == 1000


@pytest.mark.parametrize("index", [0, 7, SIZE - 1])
def test_a_changed_body_is_seen(conn, saved, index):
    run(conn, update(entries).where(position == index).values(body=forged_body(index)))
    outcome = verified(conn)
    assert damages(outcome) == {Damage.CHANGED: index}
    assert outcome.findings[0].sentence == (
        f"entry {index} was changed after it was written: its text no longer has its hash"
    )


def test_a_body_that_is_no_longer_json_is_seen(conn, saved):
    body = b"\xff["
    run(
        conn,
        update(entries).where(position == 4).values(body=body, leaf_hash=leaf_hash(body)),
    )
    assert damages(verified(conn))[Damage.CHANGED] == 4


@pytest.mark.parametrize(
    "change",
    ["kind = 'purge.nothing'", "subject = NULL", "at = '2020-01-01 00:00:00.000000'"],
)
def test_a_changed_label_is_seen(conn, saved, change):
    run(conn, f"UPDATE ledger_entries SET {change} WHERE position = 6")
    outcome = verified(conn)
    assert damages(outcome) == {Damage.CHANGED: 6}
    assert "entry 6 was relabelled" in outcome.sentence


@pytest.mark.parametrize(("index", "first"), [(4, 4), (5, 4), (19, 18)])
def test_a_body_rewritten_with_its_hash_does_not_fit_the_tree(conn, saved, index, first):
    body = forged_body(index)
    values = {"body": body, "leaf_hash": leaf_hash(body), "subject": None}
    run(conn, update(entries).where(position == index).values(values))
    outcome = verified(conn)
    assert damages(outcome)[Damage.REWRITTEN] == first
    assert "was rewritten together with its hash" in outcome.findings[0].sentence


def test_the_last_entry_rewritten_with_its_hash_does_not_fit_the_head(conn, saved):
    body = forged_body(SIZE - 1)
    values = {"body": body, "leaf_hash": leaf_hash(body), "subject": None}
    run(conn, update(entries).where(position == SIZE - 1).values(values))
    assert damages(verified(conn)) == {Damage.REWRITTEN: SIZE - 1}


def test_history_rewritten_with_all_hashes_is_a_fork_of_the_checkpoint(conn, saved):
    body = forged_body(3)
    run(conn, update(entries).where(position == 3).values(body=body, subject=None))
    rebuild(conn)
    outcome = verified(conn, saved)
    assert damages(outcome) == {Damage.FORKED: 0}
    assert "entries from 0 to 12 are not those that the checkpoint at 13" in outcome.sentence


def test_a_fork_is_narrowed_down_by_the_checkpoints_that_still_agree(conn, saved):
    later = service.checkpoint(conn, KEYS, ORIGIN, NOW)
    body = forged_body(15)
    run(conn, update(entries).where(position == 15).values(body=body, subject=None))
    rebuild(conn)
    assert damages(verified(conn, later, saved)) == {Damage.FORKED: SAVED_AT}


def test_what_was_rewritten_after_the_last_checkpoint_cannot_be_seen(conn, saved):
    """The limit of what a ledger can claim, stated as a fact rather than hidden."""
    body = forged_body(15)
    run(conn, update(entries).where(position == 15).values(body=body, subject=None))
    rebuild(conn)
    assert verified(conn, saved).ok


@pytest.mark.parametrize("index", [0, 9, SIZE - 2])
def test_a_removed_entry_is_seen(conn, saved, index):
    run(conn, delete(entries).where(position == index))
    outcome = verified(conn)
    assert damages(outcome)[Damage.REMOVED] == outcome.first_bad == index
    assert f"entry {index} is removed from the middle" in outcome.findings[0].sentence


def test_a_removed_entry_is_seen_after_renumbering_and_rehashing(conn, saved):
    run(conn, delete(entries).where(position == 9))
    shift(conn, 10, -1)
    rebuild(conn)
    outcome = verified(conn)
    assert damages(outcome)[Damage.REMOVED] == 9
    assert "entry 9 was removed and later ones renumbered" in outcome.sentence


def test_an_inserted_entry_is_seen_after_renumbering_and_rehashing(conn, saved):
    shift(conn, 9, 1)
    run(conn, insert(entries).values(forged_row(9)))
    rebuild(conn)
    outcome = verified(conn)
    assert damages(outcome)[Damage.INSERTED] == 9
    assert "two entries claim to be number 9" in outcome.sentence


def test_a_foreign_entry_with_any_number_is_seen(conn, saved):
    shift(conn, 9, 1)
    run(conn, insert(entries).values(forged_row(500, place=9)))
    assert damages(verified(conn))[Damage.INSERTED] == 9


def test_an_entry_before_the_first_is_seen(conn, saved):
    run(conn, insert(entries).values(forged_row(0, place=-3)))
    assert damages(verified(conn))[Damage.INSERTED] == -3


def test_an_entry_past_the_end_is_seen(conn, saved):
    run(conn, insert(entries).values(forged_row(SIZE)))
    outcome = verified(conn)
    assert damages(outcome) == {Damage.INSERTED: SIZE}
    assert "inserted past the end" in outcome.sentence


def test_entries_that_changed_places_are_seen(conn, saved):
    swap = (
        "UPDATE ledger_entries SET position = -1 WHERE position = 4",
        "UPDATE ledger_entries SET position = 4 WHERE position = 11",
        "UPDATE ledger_entries SET position = 11 WHERE position = -1",
    )
    run(conn, *swap)
    rebuild(conn)
    outcome = verified(conn)
    assert damages(outcome) == {Damage.REORDERED: 4}
    assert "number 11 stands in the place of number 4" in outcome.sentence


def test_a_cut_off_end_is_seen_by_the_head(conn, saved):
    run(conn, delete(entries).where(position >= 18))
    outcome = verified(conn)
    assert damages(outcome) == {Damage.TRUNCATED: 18}
    assert outcome.sentence.endswith("the end was cut off: entries 18 to 20 are missing")


def test_a_cut_off_end_with_a_mended_head_is_seen_by_the_external_checkpoint(conn, saved):
    run(conn, delete(entries).where(position >= 10), delete(checkpoints))
    rebuild(conn)
    assert verified(conn).ok
    outcome = verified(conn, saved)
    assert damages(outcome) == {Damage.TRUNCATED: 10}
    assert "a checkpoint was signed over 13 entries, and 10 are left" in outcome.sentence


def test_a_ledger_emptied_altogether_is_seen_by_the_external_checkpoint(conn, saved):
    run(conn, delete(entries), delete(ledger_head), delete(checkpoints))
    assert damages(verified(conn, saved)) == {Damage.TRUNCATED: 0}


def test_a_lost_head_is_seen(conn, saved):
    run(conn, delete(ledger_head))
    assert damages(verified(conn))[Damage.INSERTED] == 0


def test_a_damaged_head_stops_the_ledger_rather_than_grow_it(conn, saved):
    run(conn, update(ledger_head).values(peaks=b"short"))
    assert damages(verified(conn)) == {Damage.REWRITTEN: SIZE - 1}
    with pytest.raises(LedgerBroken, match="head is damaged"):
        fill(conn, 1)


def test_a_damaged_tree_is_seen(conn, saved):
    run(conn, update(entries).where(position == 7).values(subtrees=b"x" * 40))
    assert damages(verified(conn)) == {Damage.REWRITTEN: 6}


@pytest.mark.parametrize(
    ("change", "damage"),
    [
        ("ledger_entries SET body = 'text' WHERE position = 6", {Damage.CHANGED: 6}),
        ("ledger_entries SET leaf_hash = 5 WHERE position = 6", {Damage.CHANGED: 6}),
        ("ledger_entries SET at = 'soon' WHERE position = 6", {Damage.CHANGED: 6}),
        ("ledger_entries SET kind = x'00' WHERE position = 6", {Damage.CHANGED: 6}),
        ("ledger_entries SET subtrees = 5 WHERE position = 7", {Damage.REWRITTEN: 6}),
        ("ledger_head SET size = 'many'", {Damage.INSERTED: 0}),
        ("ledger_head SET peaks = 'none'", {Damage.REWRITTEN: SIZE - 1}),
        ("checkpoints SET note = x'00'", {Damage.FORGED: None}),
    ],
)
def test_values_of_another_type_are_damage_like_any_other(conn, saved, change, damage):
    try:
        with conn.begin_nested():
            run(conn, f"UPDATE {change}")
    except DBAPIError:
        # PostgreSQL refuses some of them by itself; SQLite stores anything anywhere.
        assert conn.dialect.name == "postgresql"
        damage = {}
    assert damages(verified(conn)) == damage


def test_a_forged_signature_is_seen(conn, saved):
    root = service.root_at(conn, 12)
    forged = saved.replace("\n13\n", "\n12\n")
    assert damages(verified(conn, forged)) == {Damage.FORGED: None}
    stranger = Keyring(bytes(32), bytes(32)).signing_key
    foreign = sign_checkpoint(Checkpoint(ORIGIN, 12, root), stranger)
    outcome = verified(conn, foreign)
    assert damages(outcome) == {Damage.FORGED: None}
    assert "is not signed by any key of this ledger" in outcome.sentence


def test_a_forged_checkpoint_in_the_database_is_seen(conn, saved):
    run(conn, update(checkpoints).values(note=saved.replace("\n13\n", "\n12\n")))
    assert damages(verified(conn)) == {Damage.FORGED: None}
    run(conn, update(checkpoints).values(note="nonsense"))
    assert damages(verified(conn)) == {Damage.FORGED: None}


def test_proofs_from_a_ledger_with_missing_rows_are_refused(conn, saved):
    run(conn, delete(entries).where(position == 7))
    with pytest.raises(LedgerBroken, match="entries of the ledger are missing"):
        service.prove_inclusion(conn, 0)


def test_a_damaged_ledger_is_not_signed_again(conn, saved):
    body = forged_body(3)
    run(conn, update(entries).where(position == 3).values(body=body, subject=None))
    rebuild(conn)
    with pytest.raises(LedgerBroken):
        service.checkpoint(conn, KEYS, ORIGIN, NOW)


def test_entries_appended_while_verifying_are_no_damage(database):
    with database.begin() as conn:
        saved = fill_and_save(conn)
    with database.read() as reader:
        reader.execute(select(func.count()).select_from(entries)).scalar_one()
        with database.begin() as writer:
            fill(writer, 3)
        assert service.verify(reader, [saved], KEYS.verifiers(ORIGIN)).ok
