"""Canonical JSON (RFC 8785), and what facts may be written into the ledger at all."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from typing import Any

import rfc8785

from engine.errors import InvalidInput

MAX_BODY = 256 * 1024
_MAX_DEPTH = 20
_SURROGATE = re.compile(r"[\ud800-\udfff]")
# Deliberately wide: a false alarm costs a developer a minute, an address in the ledger stays for
# ever.
_EMAIL = re.compile(r"[^\s@]@[^\s@]+?\.[^\s@.]")


def canonical(value: Any) -> bytes:
    """Return the RFC 8785 bytes of plain JSON; raises InvalidInput for what JSON cannot hold exactly."""
    try:
        return rfc8785.dumps(value)
    except (rfc8785.CanonicalizationError, UnicodeEncodeError) as error:
        raise InvalidInput(f"not representable as canonical JSON: {error}", "facts") from error


def is_unicode(text: str) -> bool:
    """Can a text be written at all? (Half a surrogate pair cannot.)"""
    return not _SURROGATE.search(text)


def plain_facts(facts: Mapping[str, Any]) -> dict[str, Any]:
    """Return facts as plain JSON, refusing other types and anything like an e-mail address.

    The refusal is a second line of defence; callers must not pass personal data in any form, since
    the ledger is never rewritten. Raises InvalidInput naming where in the facts.
    """
    return {key: _plain(value, f"facts.{key}", 1) for key, value in _items(facts, "facts")}


def _plain(value: Any, path: str, depth: int) -> Any:
    if depth > _MAX_DEPTH:
        raise InvalidInput(f"`{path}` is nested more than {_MAX_DEPTH} deep", path)
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, str):
        return _screened(str.__str__(value), path)
    if isinstance(value, Mapping):
        return {k: _plain(v, f"{path}.{k}", depth + 1) for k, v in _items(value, path)}
    if isinstance(value, list | tuple):
        return [_plain(item, f"{path}[{i}]", depth + 1) for i, item in enumerate(value)]
    raise InvalidInput(
        f"`{path}` is a {type(value).__name__}, the ledger holds plain JSON only", path
    )


def _items(mapping: Mapping[Any, Any], path: str) -> list[tuple[str, Any]]:
    for key in mapping:
        if not isinstance(key, str):
            raise InvalidInput(f"`{path}` has a key that is not text: {type(key).__name__}", path)
        # The key itself may be the address, so the message must not repeat it.
        _screened(key, f"a key of {path}")
    return list(mapping.items())


def _screened(text: str, path: str) -> str:
    folded = text if text.isascii() else unicodedata.normalize("NFKC", text)
    if _EMAIL.search(folded.replace("%40", "@")):
        raise InvalidInput(
            f"`{path}` looks like an e-mail address, which the ledger could never erase; "
            "pass the person as `subject` instead",
            path,
        )
    return text
