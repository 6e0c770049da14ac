import base64
import hashlib

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey,
    Ed25519PublicKey,
)
from hypothesis import given
from hypothesis import strategies as st

from engine.audit.note import (
    Checkpoint,
    VerifierKey,
    parse_note,
    sign_checkpoint,
    verify_note,
)
from engine.errors import InvalidInput, LedgerBroken

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
PUBLIC = KEY.public_key().public_bytes_raw()
ORIGIN = "upheld.example/ledger"
CHECKPOINT = Checkpoint(ORIGIN, 42, bytes(31) + b"\x01")
NOTE = sign_checkpoint(CHECKPOINT, KEY)
TRUSTED = [VerifierKey(ORIGIN, PUBLIC)]


def test_the_form_is_that_of_the_standard():
    key_id = hashlib.sha256(ORIGIN.encode() + b"\n\x01" + PUBLIC).digest()[:4]
    text = f"{ORIGIN}\n42\n{base64.b64encode(CHECKPOINT.root).decode()}\n"
    signature = base64.b64encode(key_id + KEY.sign(text.encode())).decode()
    assert f"{text}\n\u2014 {ORIGIN} {signature}\n" == NOTE


def test_a_signature_made_by_another_implementation_verifies():
    """The example that the Go package golang.org/x/mod/sumdb/note documents."""
    key = VerifierKey.parse("PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW")
    text = "If you think cryptography is the answer to your problem,\n"
    text += "then you don't know what your problem is.\n"
    signature = "x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM="
    raw = base64.b64decode(signature)
    assert raw[:4] == key.id
    Ed25519PublicKey.from_public_bytes(key.public).verify(raw[4:], text.encode())


def test_a_signed_checkpoint_verifies():
    assert verify_note(NOTE, TRUSTED) == CHECKPOINT


@given(st.integers(0, 10**18), st.binary(min_size=32, max_size=32))
def test_what_was_signed_is_what_is_read(size, root):
    checkpoint = Checkpoint(ORIGIN, size, root)
    assert verify_note(sign_checkpoint(checkpoint, KEY), TRUSTED) == checkpoint


def test_any_changed_size_is_a_forgery():
    with pytest.raises(LedgerBroken, match="forged or damaged"):
        verify_note(NOTE.replace("\n42\n", "\n41\n"), TRUSTED)


def test_a_note_of_an_unknown_key_is_not_believed():
    stranger = Ed25519PrivateKey.generate()
    with pytest.raises(LedgerBroken, match="not signed by any key"):
        verify_note(sign_checkpoint(CHECKPOINT, stranger), TRUSTED)


def test_a_note_of_another_ledger_is_not_believed_even_under_the_same_key():
    other = sign_checkpoint(Checkpoint("other.example/ledger", 42, CHECKPOINT.root), KEY)
    with pytest.raises(LedgerBroken, match="not signed by any key"):
        verify_note(other, TRUSTED)


def test_the_signature_of_a_witness_is_passed_over():
    witness = sign_checkpoint(Checkpoint("witness.example", 1, bytes(32)), KEY).rsplit("\n\n")[1]
    assert verify_note(NOTE + witness, TRUSTED) == CHECKPOINT


def test_one_wrong_signature_of_a_known_key_spoils_the_note():
    line = NOTE.split("\n\n")[1]
    raw = bytearray(base64.b64decode(line.split(" ")[2]))
    raw[-1] ^= 1
    wrong = f"\u2014 {ORIGIN} {base64.b64encode(raw).decode()}\n"
    with pytest.raises(LedgerBroken, match="forged"):
        verify_note(NOTE + wrong, TRUSTED)


ROOT = base64.b64encode(CHECKPOINT.root).decode()
MALFORMED = {
    "empty": "",
    "no signature": f"{ORIGIN}\n42\n{ROOT}\n",
    "no empty line": NOTE.replace("\n\n", "\n"),
    "cut off": NOTE[:-1],
    "trailing text": NOTE + "more\n",
    "carriage returns": NOTE.replace("\n", "\r\n"),
    "control character": NOTE.replace(ORIGIN, ORIGIN + "\x00"),
    "size with a leading zero": NOTE.replace("\n42\n", "\n042\n"),
    "negative size": NOTE.replace("\n42\n", "\n-42\n"),
    "size in other digits": NOTE.replace("\n42\n", "\n\u0664\u0662\n"),
    "size too large": NOTE.replace("\n42\n", f"\n{10**20}\n"),
    "root too short": NOTE.replace(ROOT, base64.b64encode(bytes(31)).decode()),
    "root without padding": NOTE.replace(ROOT, ROOT.rstrip("=")),
    "root with stray bits": NOTE.replace(ROOT, ROOT[:-2] + "F="),
    "empty origin": NOTE.replace(f"{ORIGIN}\n42", "\n42"),
    "origin with a space": NOTE.replace(f"{ORIGIN}\n42", "a b\n42"),
    "extra line": NOTE.replace(ROOT, f"{ROOT}\nextra"),
    "a hyphen for the dash": NOTE.replace("\u2014", "-"),
    "signature not base64": NOTE.rsplit(" ", 1)[0] + " !!!!\n",
    "signature shorter than a key id": NOTE.rsplit(" ", 1)[0] + " AAAA\n",
    "two spaces": NOTE.replace("\u2014 ", "\u2014  "),
    "too long": NOTE + NOTE.split("\n\n")[1] * 200,
}


@pytest.mark.parametrize("note", MALFORMED.values(), ids=MALFORMED.keys())
def test_anything_but_exactly_one_checkpoint_is_refused(note):
    with pytest.raises(InvalidInput):
        parse_note(note)


@given(st.text(max_size=200))
def test_no_text_breaks_the_parser(text):
    with pytest.raises(InvalidInput):
        parse_note(text)


def test_a_printed_key_reads_back():
    key = TRUSTED[0]
    assert VerifierKey.parse(key.text) == key
    assert VerifierKey.parse(key.text + "\n") == key


@pytest.mark.parametrize(
    "text",
    ["", "name", "name+00000000", "name+00000000+AAAA", TRUSTED[0].text.replace(ORIGIN, "other")],
)
def test_a_malformed_key_is_refused(text):
    with pytest.raises(InvalidInput):
        VerifierKey.parse(text)


@pytest.mark.parametrize("origin", ["", "with space", "with+plus", "new\nline"])
def test_an_origin_that_cannot_name_a_key_is_refused(origin):
    with pytest.raises(InvalidInput, match="cannot name a ledger"):
        sign_checkpoint(Checkpoint(origin, 0, bytes(32)), KEY)
