import base64
import stat
from concurrent.futures import ThreadPoolExecutor

import pytest

from engine.audit.keyfiles import encode_key, load_or_create_secret
from engine.audit.keys import load_or_create, rotate
from engine.errors import Conflict, InvalidInput


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


def test_keys_are_made_once_and_read_back(tmp_path):
    folder = tmp_path / "keys"
    first = load_or_create(folder, {})
    assert load_or_create(folder, {}) == first
    assert first.ledger_seed != first.erasure_key


def test_only_the_owner_may_read_what_was_made(tmp_path):
    folder = tmp_path / "keys"
    rotate(folder, {})
    assert mode(folder) == 0o700
    assert {path.name: mode(path) for path in folder.iterdir()} == {
        "ledger.key": 0o600,
        "ledger.retired": 0o600,
        "erasure.key": 0o600,
    }


@pytest.mark.parametrize("name", ["ledger.key", "erasure.key", "ledger.retired"])
@pytest.mark.parametrize("rights", [0o640, 0o604, 0o620, 0o666])
def test_a_key_file_that_others_can_read_is_refused(tmp_path, name, rights):
    rotate(tmp_path, {})
    (tmp_path / name).chmod(rights)
    with pytest.raises(InvalidInput, match="can be read by others") as caught:
        load_or_create(tmp_path, {})
    assert f"chmod 600 {tmp_path / name}" in str(caught.value)


@pytest.mark.parametrize("content", ["", "short", "!" * 44, base64.b64encode(bytes(31)).decode()])
def test_a_damaged_key_file_is_refused_rather_than_replaced(tmp_path, content):
    load_or_create(tmp_path, {})
    (tmp_path / "ledger.key").write_text(content)
    with pytest.raises(InvalidInput, match="should hold 32 bytes in base64"):
        load_or_create(tmp_path, {})


def test_keys_from_the_environment_need_no_folder(tmp_path):
    environ = {
        "UPHELD_LEDGER_KEY": encode_key(bytes(range(32))),
        "UPHELD_ERASURE_KEY": encode_key(bytes(32)),
        "UPHELD_LEDGER_RETIRED_KEYS": f"{encode_key(b'a' * 32)}, {encode_key(b'b' * 32)}",
    }
    keyring = load_or_create(tmp_path / "none", environ)
    assert keyring.ledger_seed == bytes(range(32))
    assert keyring.erasure_key == bytes(32)
    assert keyring.retired == (b"a" * 32, b"b" * 32)
    assert not (tmp_path / "none").exists()


@pytest.mark.parametrize(
    "name", ["UPHELD_LEDGER_KEY", "UPHELD_ERASURE_KEY", "UPHELD_LEDGER_RETIRED_KEYS"]
)
def test_a_malformed_key_in_the_environment_is_named_and_not_shown(tmp_path, name):
    with pytest.raises(InvalidInput) as caught:
        load_or_create(tmp_path, {name: "hunter2"})
    assert name in str(caught.value)
    assert "hunter2" not in str(caught.value)


def test_rotation_keeps_every_earlier_public_key(tmp_path):
    first = load_or_create(tmp_path, {})
    second = rotate(tmp_path, {})
    third = rotate(tmp_path, {})
    assert third == load_or_create(tmp_path, {})
    assert third.retired == (first.public, second.public)
    assert third.erasure_key == first.erasure_key
    assert [key.public for key in third.verifiers("x")] == [
        third.public,
        first.public,
        second.public,
    ]


def test_a_key_from_the_environment_is_not_rotated_here(tmp_path):
    environ = {"UPHELD_LEDGER_KEY": encode_key(bytes(range(32)))}
    old = load_or_create(tmp_path, environ)
    with pytest.raises(Conflict) as caught:
        rotate(tmp_path, environ)
    assert encode_key(old.public) in str(caught.value)
    assert environ["UPHELD_LEDGER_KEY"] not in str(caught.value)


def test_a_rotation_that_stopped_half_way_has_lost_nothing(tmp_path):
    """The old public key is written first; until the new key is there, the old one goes on."""
    old = load_or_create(tmp_path, {})
    (tmp_path / "ledger.retired").touch(mode=0o600)
    (tmp_path / "ledger.retired").write_text(encode_key(old.public) + "\n")
    assert load_or_create(tmp_path, {}) == old


def test_processes_that_start_at_once_agree_on_one_key(tmp_path):
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: load_or_create(tmp_path, {}), range(16)))
    assert len(set(found)) == 1
    assert sorted(path.name for path in tmp_path.iterdir()) == ["erasure.key", "ledger.key"]


def test_a_keyring_shows_no_secret_when_printed(tmp_path):
    keyring = load_or_create(tmp_path, {})
    assert repr(keyring) == "Keyring(retired=())"


def test_a_key_file_that_is_a_folder_is_refused(tmp_path):
    (tmp_path / "ledger.key").mkdir()
    with pytest.raises(InvalidInput, match="cannot be read"):
        load_or_create(tmp_path, {})


def test_other_secrets_of_the_installation_are_kept_the_same_way(tmp_path):
    secret = load_or_create_secret(tmp_path, "session.key", {}, "UPHELD_SESSION_KEY")
    assert len(secret) == 32
    assert load_or_create_secret(tmp_path, "session.key", {}, "UPHELD_SESSION_KEY") == secret


def test_every_key_may_lie_in_a_file_that_its_variable_names(tmp_path):
    earlier = load_or_create(tmp_path / "earlier", {})
    known = load_or_create(tmp_path / "known", {})
    values = {
        "UPHELD_LEDGER_KEY": encode_key(known.ledger_seed),
        "UPHELD_ERASURE_KEY": encode_key(known.erasure_key),
        "UPHELD_LEDGER_RETIRED_KEYS": encode_key(earlier.public),
        "UPHELD_SECRET": encode_key(b"s" * 32),
    }
    environ = {}
    for name, value in values.items():
        (tmp_path / name).write_text(f"{value}\n")
        environ[f"{name}_FILE"] = str(tmp_path / name)
    found = load_or_create(tmp_path / "unused", environ)
    assert (found.ledger_seed, found.erasure_key) == (known.ledger_seed, known.erasure_key)
    assert found.retired == (earlier.public,)
    secret = load_or_create_secret(tmp_path / "unused", "session.key", environ, "UPHELD_SECRET")
    assert secret == b"s" * 32
    assert not (tmp_path / "unused").exists()
    with pytest.raises(Conflict):
        rotate(tmp_path / "unused", environ)


def test_a_file_of_a_key_that_is_not_there_is_named_by_its_variable(tmp_path):
    environ = {"UPHELD_LEDGER_KEY_FILE": str(tmp_path / "nowhere")}
    with pytest.raises(InvalidInput, match=r"UPHELD_LEDGER_KEY_FILE` names .*no such file"):
        load_or_create(tmp_path, environ)
