"""Secrets in files that only their owner can read, and in the environment.

Each is 32 random bytes, written as one line of base64.
"""

from __future__ import annotations

import base64
import binascii
import os
import secrets
import stat
from collections.abc import Mapping
from pathlib import Path

from engine.errors import InvalidInput

SECRET_SIZE = 32


def load_or_create_secret(
    folder: Path, filename: str, environ: Mapping[str, str], variable: str
) -> bytes:
    """Return a 32-byte secret: from the environment, else from its file, which is made when missing.

    Raises InvalidInput when the value is malformed or when others than the owner may read the file.
    """
    told = given(environ, variable)
    if told:
        return decode_key(told, variable)
    path = folder / filename
    if not path.exists():
        create_private(path, encode_key(secrets.token_bytes(SECRET_SIZE)) + "\n")
    return decode_key(read_private(path), str(path))


def given(environ: Mapping[str, str], variable: str) -> str:
    """What the environment says: `NAME` itself, or the text of the file that `NAME_FILE` names; else empty.

    Raises InvalidInput when that file cannot be read. Who may read it is the operator's to say: files that a
    container is given are often readable by a group.
    """
    if environ.get(variable):
        return environ[variable]
    name = environ.get(f"{variable}_FILE")
    if not name:
        return ""
    try:
        return Path(name).read_text(encoding="utf-8", errors="replace").strip()
    except OSError as error:
        reason = (error.strerror or "unreadable").lower()
        raise InvalidInput(f"`{variable}_FILE` names `{name}`: {reason}", variable) from error


def encode_key(raw: bytes) -> str:
    """Return base64."""
    return base64.b64encode(raw).decode()


def decode_key(text: str, where: str) -> bytes:
    """Return the 32 bytes of a base64 line; raises InvalidInput naming `where`, never the value."""
    try:
        raw = base64.b64decode(text.strip(), validate=True)
    except (binascii.Error, ValueError):
        raw = b""
    if len(raw) != SECRET_SIZE:
        raise InvalidInput(f"`{where}` should hold {SECRET_SIZE} bytes in base64", where)
    return raw


def read_private(path: Path) -> str:
    """Return a file's text; raises InvalidInput when its group or others have any right on it."""
    try:
        return _read_checked(path)
    except OSError as error:
        raise InvalidInput(f"`{path}` cannot be read: {error.strerror}", str(path)) from error


def _read_checked(path: Path) -> str:
    # The open file is checked, not its name: nothing can be swapped in between.
    with path.open(encoding="utf-8", errors="replace") as file:
        status = os.fstat(file.fileno())
        if stat.S_IMODE(status.st_mode) & 0o077:
            raise InvalidInput(
                f"`{path}` can be read by others than its owner: run `chmod 600 {path}`, "
                "and replace the key if somebody may have seen it",
                str(path),
            )
        if status.st_uid not in (os.geteuid(), 0):
            raise InvalidInput(f"`{path}` belongs to another user: `chown` it", str(path))
        return file.read()


def create_private(path: Path, text: str) -> None:
    """Write a new file of mode 0600; of several processes that start at once, one wins."""
    draft = _draft(path, text)
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
    sync_folder(path.parent)


def replace_private(path: Path, text: str) -> None:
    """Replace a file atomically by one of mode 0600."""
    _draft(path, text).replace(path)
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Make a new name in the folder survive a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _draft(path: Path, text: str) -> Path:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    return draft
