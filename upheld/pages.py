"""The manual's page of a finding, where the manual lies beside the program."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

FOLDER = "docs/lint"
_HERE = Path(__file__).resolve().parents[1] / FOLDER
_CODE = re.compile(r"[A-Z][A-Z0-9_]+")


def page_name(code: str) -> str:
    """Where the page of a code stands in the project: `docs/lint/VAGUE_TERM.md`."""
    return f"{FOLDER}/{code}.md"


@cache
def page_file(code: str) -> Path | None:
    """The file of the page, if it is at hand."""
    path = _HERE / f"{code}.md"
    return path if _CODE.fullmatch(code) and path.is_file() else None


@cache
def page(code: str) -> str | None:
    """The page's Markdown, if it is at hand."""
    path = page_file(code)
    return None if path is None else path.read_text(encoding="utf-8")
