"""What people are written about their requests; the texts stand in `letters.yaml`, in each language. Pure.

No letter holds a link with a secret in it: what can be done is done on the portal, after logging in.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from engine.errors import UnknownName

_FILE = Path(__file__).with_name("letters.yaml")
_DEFAULT = "en"


@dataclass(frozen=True, slots=True)
class Letter:
    """A message: its subject line and its text."""

    subject: str
    body: str


def letter(name: str, language: str, **told: Any) -> Letter:
    """A letter by its name, in a language (English where there is no other).

    `told` fills its blanks: `right` by the right's name, times as UTC, everything else as it is.
    """
    language = _nearest(language)
    texts = _texts()[language]
    if name not in texts["letters"]:
        raise UnknownName("letter", name, texts["letters"])
    found = texts["letters"][name]
    words = {key: _word(key, value, language) for key, value in told.items()}
    return Letter(found["subject"].format(**words), found["body"].format(**words))


def _nearest(language: str) -> str:
    wanted = language.partition("-")[0].lower()
    return next((one for one in _texts() if one.partition("-")[0] == wanted), _DEFAULT)


def _word(key: str, value: Any, language: str) -> str:
    if isinstance(value, datetime):
        day = f"{value.day} {value:%B %Y}" if language == _DEFAULT else f"{value:%Y-%m-%d}"
        return f"{day} {value:%H:%M} UTC"
    if key == "right":
        return str(_texts()[language]["rights"].get(value, value))
    return str(value)


@cache
def _texts() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    return loaded
