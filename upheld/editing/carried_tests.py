"""What becomes of a policy's tests when the next version begins."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from engine.policy.source import Document, Node, Path_, read_file
from upheld.editing.splicing import insert


@dataclass(frozen=True, slots=True)
class Carried:
    """Files that are copies for the new version, and files of several versions that now name it too."""

    copied: tuple[Path, ...]
    joined: tuple[Path, ...]


def carry_tests(folder: Path, before: str, version: str) -> Carried:
    """Give the new version the tests of the one before.

    A file about that one alone stays and is copied; one that lists it names the new version too. A file that
    cannot be read stays as it is: whoever tests is told.
    """
    files = [(path, read_file(path, path.name)) for path in sorted(folder.glob("*.yaml"))]
    copied = [_copied(path, document, before, version) for path, document in files]
    joined = [_joined(path, document, before, version) for path, document in files]
    return Carried(tuple(filter(None, copied)), tuple(filter(None, joined)))


def _version(document: Document) -> object:
    return document.value.get("version") if isinstance(document.value, dict) else None


def _copied(path: Path, document: Document, before: str, version: str) -> Path | None:
    name = path.stem.replace(before, version) if before in path.stem else f"{path.stem}-{version}"
    copy = path.with_name(f"{name}.yaml")
    if _version(document) != before or copy.exists():
        return None
    text = path.read_text(encoding="utf-8")
    for place in sorted(
        _naming(document.value, before), key=lambda at: document.at(*at), reverse=True
    ):
        text = insert(text, document.at(*place), version)
    copy.write_text(text, encoding="utf-8")
    return copy


def _naming(node: Node, version: str, at: Path_ = ()) -> Iterator[Path_]:
    """Where a file names the version that it is about, as tested, agreed to or declined."""
    if isinstance(node, str):
        if node == version and at[-1] in ("version", "agreed", "declined"):
            yield at
        return
    for key, value in node.items() if isinstance(node, dict) else enumerate(node):
        yield from _naming(value, version, (*at, key))


def _joined(path: Path, document: Document, before: str, version: str) -> Path | None:
    listed = _version(document)
    if not isinstance(listed, list) or before not in listed:
        return None
    text, last = path.read_text(encoding="utf-8"), document.at("version", len(listed) - 1)
    line = text.splitlines()[last.line - 1]
    block = line.lstrip().startswith("- ")
    more = f"\n{line[: line.index('-')]}- {version}" if block else f", {version}"
    path.write_text(
        insert(text, replace(last, line=last.end_line, column=last.end_column), more),
        encoding="utf-8",
    )
    return path
