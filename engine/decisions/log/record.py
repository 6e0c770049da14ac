"""What the decision log keeps of a decision: one line of JSON, without personal data in clear.

A person is named by a keyed digest: whoever holds the key and the person's id finds their decisions, nobody
else does. The part of a line that is the same whenever a decision is given is made once.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from engine.access.keyed import keyed
from engine.access.keys import Mode
from engine.decisions.decision import Decision
from engine.decisions.remembered import Remembered

MOST_LEAVES = 200
"""A request that names parents with more leaves than this is logged and counted as it was asked."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Who asked, and how: the request's id, the prefix of the service's key, and whether it enforces."""

    request: str
    caller: str
    mode: Mode = "enforce"


class Scribe:
    """Writes lines. `secret` is the installation's; the key of the digests is derived from it."""

    def __init__(self, secret: bytes) -> None:
        self._key = bytes.fromhex(keyed(secret, "decision log"))
        self._said = Remembered(lambda decision: orjson.dumps(said(decision))[1:] + b"\n")

    def mask(self, subject: str) -> str:
        """HMAC-SHA-256 of a subject's id in hex: how the log names a person."""
        return hmac.digest(self._key, subject.encode(), hashlib.sha256).hex()

    def lines(
        self, decisions: Iterable[Decision], subject: str | None, origin: Origin, at: int
    ) -> bytes:
        """A line with its end for each decision about one person.

        `at` is in milliseconds since 1970; `origin` holds no quotation marks.
        """
        who = f'"{self.mask(subject)}"' if subject else "null"
        head = (
            f'{{"at":{at},"request":"{origin.request}","caller":"{origin.caller}",'
            f'"mode":"{origin.mode}","subject":{who},'
        ).encode()
        return b"".join([head + self._said(decision) for decision in decisions])


def said(decision: Decision) -> dict[str, Any]:
    """What a decision says, as it is logged; a request that names a parent has its leaves' answers too."""
    told: dict[str, Any] = {
        **decision.asked._asdict(),
        "effect": decision.effect,
        "rule": decision.rule,
        "lacks": _lacks(decision),
        "version": decision.version,
        "digest": decision.digest,
        "counted": any(str(duty) == "log" for duty in decision.obligations),
    }
    if 0 < len(decision.leaves) <= MOST_LEAVES:
        told["leaves"] = [
            {
                **leaf.asked._asdict(),
                "effect": leaf.effect,
                "rule": leaf.rule,
                "lacks": _lacks(leaf),
            }
            for leaf in decision.leaves
        ]
    return told


def read(line: bytes) -> Mapping[str, Any] | None:
    """A line as it was written, or None for one that is damaged."""
    try:
        told = orjson.loads(line)
    except orjson.JSONDecodeError:
        return None
    return told if isinstance(told, dict) and told.keys() >= _NEEDED else None


_NEEDED = {
    "at", "request", "caller", "mode", "subject", "operation", "category", "purpose", "recipient",
    "effect", "rule", "lacks", "version", "digest", "counted",
}  # fmt: skip


def _lacks(decision: Decision) -> str:
    return ", ".join(missing.label for missing in decision.missing)
