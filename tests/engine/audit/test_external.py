import stat

import pytest

from engine.audit import external
from engine.audit.keys import Keyring
from engine.audit.note import Checkpoint, sign_checkpoint
from engine.errors import InvalidInput, LedgerBroken, StoreUnavailable

ORIGIN = "upheld.example/ledger"
KEYS = Keyring(bytes(range(32)), bytes(32))
VERIFIERS = KEYS.verifiers(ORIGIN)


def note_at(size, keys=KEYS):
    return sign_checkpoint(Checkpoint(ORIGIN, size, bytes(32)), keys.signing_key)


def test_saved_checkpoints_are_read_back_smallest_first(tmp_path):
    for size in (1000, 9, 20):
        external.save(tmp_path / "out", note_at(size))
    assert external.saved(tmp_path / "out") == tuple(note_at(size) for size in (9, 20, 1000))
    newest = external.newest(tmp_path / "out", VERIFIERS)
    assert newest is not None
    assert newest.size == 1000


def test_nothing_saved_is_no_checkpoint(tmp_path):
    assert external.saved(tmp_path / "none") == ()
    assert external.newest(tmp_path / "none", VERIFIERS) is None


def test_saving_again_changes_nothing(tmp_path):
    first = external.save(tmp_path, note_at(9))
    assert external.save(tmp_path, note_at(9)) == first
    assert [path.name for path in tmp_path.iterdir()] == [first.name]
    assert stat.S_IMODE(first.stat().st_mode) == 0o600


def test_two_checkpoints_of_one_size_are_both_kept(tmp_path):
    external.save(tmp_path, note_at(9))
    external.save(tmp_path, sign_checkpoint(Checkpoint(ORIGIN, 9, b"x" * 32), KEYS.signing_key))
    assert len(external.saved(tmp_path)) == 2


@pytest.mark.parametrize("content", ["", "nonsense", note_at(9)[:-1]])
def test_a_damaged_file_is_not_passed_over(tmp_path, content):
    external.save(tmp_path, note_at(9)).write_text(content)
    with pytest.raises(InvalidInput, match="not a checkpoint"):
        external.newest(tmp_path, VERIFIERS)


def test_a_strangers_checkpoint_is_not_passed_over(tmp_path):
    external.save(tmp_path, note_at(9, Keyring(bytes(32), bytes(32))))
    with pytest.raises(LedgerBroken, match="not signed by any key"):
        external.newest(tmp_path, VERIFIERS)


def test_a_folder_that_cannot_be_written_is_said_so(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(StoreUnavailable, match="checkpoints"):
        external.save(tmp_path / "file", note_at(9))


def test_only_checkpoints_are_saved(tmp_path):
    with pytest.raises(InvalidInput, match="not a checkpoint"):
        external.save(tmp_path, "text")
