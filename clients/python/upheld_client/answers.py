"""What Upheld answers. Reading an answer is strict: one that is not understood is never a permit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, Self

from upheld_client.errors import Unreachable


@dataclass(frozen=True, slots=True)
class Decision:
    """A permit or a deny. A caller that cannot meet every obligation must treat a permit as a deny.

    `rule` and `clauses` are of the rule that decided, or of the nearest one; `missing` are the facts that
    stood against a permit. `failure` is empty unless there was no answer: then the decision is a deny.
    """

    effect: Literal["permit", "deny"]
    rule: str = ""
    clauses: tuple[str, ...] = ()
    obligations: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    version: str = ""
    reason: str = ""
    failure: str = ""

    @property
    def permitted(self) -> bool:
        """Whether it may be done."""
        return self.effect == "permit"

    @classmethod
    def deny(cls, failure: str) -> Self:
        """The deny that stands for a missing answer."""
        return cls("deny", reason=f"no answer from upheld: {failure}", failure=failure)

    @classmethod
    def read(cls, told: Mapping[str, Any]) -> Self:
        """Read an answer; Unreachable if it is none."""
        try:
            if told["effect"] not in ("permit", "deny"):
                raise ValueError(told["effect"])
            return cls(
                effect=told["effect"],
                rule=told["rule"] or "",
                clauses=tuple(told["clauses"]),
                obligations=tuple(told["obligations"]),
                missing=tuple(missing["label"] for missing in told["missing"]),
                version=told["policy"]["version"],
                reason=told["reason"],
            )
        except (KeyError, TypeError, ValueError) as error:
            raise Unreachable("the answer is not a decision") from error


@dataclass(frozen=True, slots=True)
class Gate:
    """What a login must pass. Unless `ok`, send the person to `go_to`, which works once and for a short time.

    `outcome`: ok, agree, reconfirm, declined, or unknown where there was no answer. `told` says what changed.
    """

    ok: bool
    outcome: str
    version: str = ""
    told: tuple[str, ...] = ()
    go_to: str | None = None
    failure: str = ""

    @classmethod
    def closed(cls, failure: str) -> Self:
        """The gate that stands for a missing answer: not open."""
        return cls(False, "unknown", failure=failure)

    @classmethod
    def read(cls, told: Mapping[str, Any]) -> Self:
        """Read an answer; Unreachable if it is none."""
        try:
            return cls(
                ok=told["ok"] is True and told["outcome"] == "ok",
                outcome=str(told["outcome"]),
                version=str(told["version"]),
                told=tuple(str(change["sentence"]) for change in told["told"]),
                go_to=told["go_to"],
            )
        except (KeyError, TypeError) as error:
            raise Unreachable("the answer is not a gate") from error
