"""Checkpoints kept outside the database, in a folder that the database's keeper cannot rewrite.

One small text file each, named by size, so that they can be copied anywhere, printed or published.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

from engine.audit.keyfiles import replace_private
from engine.audit.note import Checkpoint, VerifierKey, parse_note, verify_note
from engine.errors import StoreUnavailable


def save(folder: Path, note: str) -> Path:
    """Write a checkpoint durably and return its file; saving the same one again changes nothing.

    Raises InvalidInput for what is no checkpoint, StoreUnavailable when the folder cannot be written.
    """
    size = parse_note(note).checkpoint.size
    path = folder / f"{size:012d}-{hashlib.sha256(note.encode()).hexdigest()[:12]}.txt"
    try:
        if not path.exists():
            replace_private(path, note)
    except OSError as error:
        raise _unavailable(folder, error) from error
    return path


def saved(folder: Path) -> tuple[str, ...]:
    """Return every saved note as it lies there, smallest ledger first; fit for `service.verify`."""
    try:
        paths = sorted(folder.glob("*.txt"))
        return tuple(path.read_bytes().decode("utf-8", "replace") for path in paths)
    except OSError as error:
        raise _unavailable(folder, error) from error


def newest(folder: Path, keys: Sequence[VerifierKey]) -> Checkpoint | None:
    """Return the saved checkpoint over most entries, verified; None when there is none.

    Compare it with the ledger at every start (`service.assert_not_shorter`). Raises InvalidInput or
    LedgerBroken when any saved file is damaged or signed by a stranger: it may be the newest.
    """
    checkpoints = [verify_note(note, keys) for note in saved(folder)]
    return max(checkpoints, key=lambda item: item.size, default=None)


def _unavailable(folder: Path, error: OSError) -> StoreUnavailable:
    return StoreUnavailable("checkpoints", f"`{folder}`: {error.strerror or type(error).__name__}")
