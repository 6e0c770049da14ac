import json
from datetime import UTC, datetime

import pytest

from engine.audit import ledger, service
from engine.audit.keys import Keyring
from engine.audit.proof import make_proof, verify_proof
from engine.errors import InvalidInput, LedgerBroken, NotFound

NOW = datetime(2026, 11, 3, 2, 0, tzinfo=UTC)
ORIGIN = "upheld.example/ledger"
KEYS = Keyring(bytes(range(32)), bytes(32))
(KEY,) = KEYS.verifiers(ORIGIN)


@pytest.fixture
def note(conn):
    """The checkpoint over nine entries; the sixth is the erasure of the subject `anna`."""
    for number in range(9):
        subject = "anna" if number == 5 else "bela"
        ledger.append(conn, "erasure.done", {"rows": number}, now=NOW, subject=subject)
    return service.checkpoint(conn, KEYS, ORIGIN, NOW)


@pytest.fixture
def document(conn, note):
    """What is handed to the user, after a trip through a file."""
    return json.loads(json.dumps(make_proof(conn, 5, note, KEY, subject="anna")))


def test_a_document_proves_its_entry_without_the_database(document):
    proven = verify_proof(document, KEY.text, subject="anna")
    assert proven.body["facts"] == {"rows": 5}
    assert proven.body["index"] == 5
    assert proven.checkpoint.size == 9
    assert proven.about_subject


def test_every_entry_can_be_proved(conn, note):
    for index in range(9):
        assert verify_proof(make_proof(conn, index, note, KEY)).body["index"] == index


def test_a_document_proves_whose_it_is_after_the_ledger_forgot(conn, document):
    ledger.forget_subject(conn, "anna")
    assert verify_proof(document, subject="anna").about_subject
    assert not verify_proof(document, subject="bela").about_subject


def test_a_document_for_nobody_links_to_nobody(conn, note):
    document = make_proof(conn, 5, note, KEY)
    assert "subject_salt" not in document
    assert not verify_proof(document, subject="anna").about_subject


def test_a_document_is_not_made_for_somebody_else(conn, note):
    with pytest.raises(InvalidInput, match="not about this subject"):
        make_proof(conn, 5, note, KEY, subject="bela")
    with pytest.raises(NotFound, match="nothing that can be linked"):
        make_proof(conn, 5, note, KEY, subject="nobody")


def test_an_entry_after_the_checkpoint_is_not_proved_by_it(conn, note):
    ledger.append(conn, "k", {}, now=NOW)
    with pytest.raises(NotFound):
        make_proof(conn, 9, note, KEY)


@pytest.mark.parametrize(
    "change",
    [
        {"index": 4},
        {"index": 9},
        {"inclusion": []},
        {"body": "{}"},
    ],
)
def test_a_bent_document_proves_nothing(document, change):
    with pytest.raises(LedgerBroken, match="not in the ledger"):
        verify_proof(document | change)


def test_a_body_changed_by_one_figure_proves_nothing(document):
    body = document["body"].replace('"rows":5', '"rows":6')
    with pytest.raises(LedgerBroken, match="not in the ledger"):
        verify_proof(document | {"body": body})


def test_a_checkpoint_changed_by_one_figure_proves_nothing(document):
    bent = document["checkpoint"].replace("\n9\n", "\n8\n")
    with pytest.raises(LedgerBroken, match="forged"):
        verify_proof(document | {"checkpoint": bent})


def test_a_document_under_another_key_than_the_published_one_proves_nothing(document):
    (stranger,) = Keyring(bytes(32), bytes(32)).verifiers(ORIGIN)
    with pytest.raises(LedgerBroken, match="another key than the one published"):
        verify_proof(document, stranger.text)


@pytest.mark.parametrize(
    "change",
    [
        {"format": "other"},
        {"index": "5"},
        {"index": True},
        {"inclusion": "x"},
        {"inclusion": [1]},
        {"inclusion": ["?"]},
        {"body": 5},
        {"public_key": None},
        {"public_key": "x"},
        {"checkpoint": "x"},
        {"subject_salt": "?"},
        {"body": "\ud800"},
    ],
)
def test_a_malformed_document_is_refused_as_such(document, change):
    with pytest.raises(InvalidInput):
        verify_proof(document | change, subject="anna")
