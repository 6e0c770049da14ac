import json
import stat
from datetime import UTC, datetime

import pytest
from sqlalchemy import delete, select

from engine.audit.erasure_list import ErasureList, Identity, Merged
from engine.errors import LedgerBroken, StoreUnavailable
from engine.store.tables.audit import erasure_list

NOW = datetime(2026, 11, 3, 2, 0, tzinfo=UTC)
ANNA = Identity("email", "anna@example.com")
BELA = Identity("user_id", "4711")


@pytest.fixture
def kept(tmp_path):
    return ErasureList(bytes(range(32)), tmp_path / "elsewhere" / "erased.jsonl")


def test_who_was_erased_is_on_the_list_and_nobody_else(conn, kept):
    kept.add(conn, [ANNA, BELA], NOW)
    assert kept.contains(conn, ANNA)
    others = [Identity("email", "bela@example.com"), Identity("user_id", "471"), BELA]
    assert kept.matching(conn, others) == (BELA,)
    assert not kept.contains(conn, Identity("username", "4711"))


@pytest.mark.parametrize(
    ("identity", "same"),
    [
        (Identity("email", " Anna@EXAMPLE.com "), True),
        (Identity("email", "anna\uff20example.com"), True),
        (Identity("email", "anna@example.org"), False),
    ],
)
def test_addresses_compare_without_case(conn, kept, identity, same):
    kept.add(conn, [ANNA], NOW)
    assert kept.contains(conn, identity) is same


def test_other_identities_compare_exactly(conn, kept):
    kept.add(conn, [Identity("user_id", "aB")], NOW)
    assert not kept.contains(conn, Identity("user_id", "ab"))


def test_nothing_on_the_list_is_in_clear(conn, kept):
    kept.add(conn, [ANNA, BELA], NOW)
    text = kept.path.read_text() + repr(conn.execute(select(erasure_list)).all())
    assert "anna" not in text
    assert "4711" not in text
    assert repr(ANNA) == "Identity(kind='email')"


def test_the_file_is_written_before_the_commit_for_its_owner_only(conn, kept):
    kept.add(conn, [ANNA, BELA], NOW)
    assert stat.S_IMODE(kept.path.stat().st_mode) == 0o600
    lines = [json.loads(line) for line in kept.path.read_text().splitlines()]
    assert [line["identity"] for line in lines] == ["email", "user_id"]
    assert lines[0] == {
        "at": "2026-11-03T02:00:00.000000Z",
        "digest": kept.digest(ANNA),
        "identity": "email",
        "key": kept.key_id,
    }


def test_a_database_restored_from_before_the_erasure_learns_of_it_again(conn, kept):
    kept.add(conn, [ANNA, BELA], NOW)
    conn.execute(delete(erasure_list))
    assert not kept.contains(conn, ANNA)
    assert kept.merge(conn) == Merged(restored=2, written=0, unreadable=())
    assert kept.matching(conn, [ANNA, BELA]) == (ANNA, BELA)
    assert kept.merge(conn) == Merged(restored=0, written=0, unreadable=())


def test_a_lost_file_is_written_again_from_the_database(conn, kept):
    kept.add(conn, [ANNA, BELA], NOW)
    before = sorted(kept.path.read_text().splitlines())
    kept.path.unlink()
    assert kept.merge(conn) == Merged(restored=0, written=2, unreadable=())
    assert sorted(kept.path.read_text().splitlines()) == before


def test_a_line_that_a_crash_cut_short_spoils_no_other(conn, kept):
    kept.add(conn, [ANNA], NOW)
    with kept.path.open("a") as file:
        file.write('{"at": "2026-11')
    kept.add(conn, [BELA], NOW)
    conn.execute(delete(erasure_list))
    assert kept.merge(conn) == Merged(restored=2, written=0, unreadable=(2,))


@pytest.mark.parametrize("line", ["[]", "3", '{"digest": "zz"}', '{"digest": "00"}', "\x00\xff"])
def test_a_line_that_is_none_is_counted_and_passed_over(conn, kept, line):
    kept.add(conn, [ANNA], NOW)
    with kept.path.open("a") as file:
        file.write(line + "\n")
    assert kept.merge(conn).unreadable == (2,)


def test_erasing_the_same_person_again_changes_nothing(conn, kept):
    kept.add(conn, [ANNA], NOW)
    kept.add(conn, [ANNA], NOW)
    assert conn.execute(select(erasure_list)).all() == [
        (kept.digest(ANNA), "email", kept.key_id, NOW)
    ]
    assert kept.merge(conn).restored == 0


def test_a_lost_key_is_noticed_rather_than_matching_nobody(conn, kept):
    kept.add(conn, [ANNA], NOW)
    other = ErasureList(bytes(32), kept.path)
    with pytest.raises(LedgerBroken, match="made with another key"):
        other.contains(conn, ANNA)
    conn.execute(delete(erasure_list))
    with pytest.raises(LedgerBroken, match="made with another key"):
        other.merge(conn)


def test_an_erasure_that_cannot_reach_the_file_is_not_recorded(conn, tmp_path):
    (tmp_path / "folder").mkdir()
    kept = ErasureList(bytes(32), tmp_path / "folder")
    with pytest.raises(StoreUnavailable, match="erasure list"):
        kept.add(conn, [ANNA], NOW)
    assert not kept.contains(conn, ANNA)


def test_without_a_second_place_the_database_alone_keeps_the_list(conn):
    kept = ErasureList(bytes(32))
    kept.add(conn, [ANNA], NOW)
    assert kept.contains(conn, ANNA)
    assert kept.merge(conn) == Merged(restored=0, written=0, unreadable=())
