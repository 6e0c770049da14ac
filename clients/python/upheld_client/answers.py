"""What Upheld answers. Reading an answer is strict: one that is not understood is never a permit.

The `read` of each raises KeyError, TypeError or ValueError for what it does not understand.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, Self, TypeVar

Effect = Literal["permit", "deny"]
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Decision:
    """A permit or a deny. A caller that cannot meet every obligation must treat a permit as a deny.

    `rule` and `clauses` are of the rule that decided, or of the nearest one; `missing` are the facts that
    stood against a permit. For a key in shadow mode `effect` is always a permit, and `would` what the policy
    says. `failure` is empty unless there was no answer: then the decision is a deny.
    """

    effect: Effect
    rule: str = ""
    clauses: tuple[str, ...] = ()
    obligations: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    version: str = ""
    reason: str = ""
    would: Effect = "deny"
    failure: str = ""

    @property
    def permitted(self) -> bool:
        """Whether it may be done."""
        return self.effect == "permit"

    @property
    def warnings(self) -> tuple[str, ...]:
        """The clauses that the person is to be warned by."""
        return warnings_in(self.obligations)

    @classmethod
    def deny(cls, failure: str) -> Self:
        """The deny that stands for a missing answer."""
        return cls("deny", reason=f"no answer from upheld: {failure}", failure=failure)

    @classmethod
    def read(cls, told: Mapping[str, Any]) -> Self:
        """Read an answer."""
        return cls(
            effect=_effect(told["effect"]),
            rule=_text(told["rule"] or ""),
            clauses=_texts(told["clauses"]),
            obligations=_texts(told["obligations"]),
            missing=tuple(_text(missing["label"]) for missing in _list(told["missing"])),
            version=_text(told["policy"]["version"]),
            reason=_text(told["reason"]),
            would=_effect(told.get("would", told["effect"])),
        )


@dataclass(frozen=True, slots=True)
class Gate:
    """What a login must pass. Unless `ok`, send the person to `go_to`, which works once and for a short time.

    `outcome`: ok, agree, reconfirm, declined, or unknown where there was no answer. `told` says what changed.
    `go_to` lets in whoever opens it: give it to the person who has just logged in and to nobody else.
    """

    ok: bool
    outcome: str
    version: str = ""
    told: tuple[str, ...] = ()
    go_to: str | None = None
    by_guardian: bool = False
    failure: str = ""

    @classmethod
    def closed(cls, failure: str) -> Self:
        """The gate that stands for a missing answer: not open."""
        return cls(False, "unknown", failure=failure)

    @classmethod
    def read(cls, told: Mapping[str, Any]) -> Self:
        """Read an answer."""
        return cls(
            ok=told["ok"] is True and told["outcome"] == "ok",
            outcome=_text(told["outcome"]),
            version=_text(told["version"]),
            told=tuple(_text(change["sentence"]) for change in _list(told["told"])),
            go_to=None if told["go_to"] is None else _text(told["go_to"]),
            by_guardian=told["by_guardian"] is True,
        )


@dataclass(frozen=True, slots=True)
class Removed:
    """A field that was taken out, and why."""

    field: str
    category: str
    reason: str
    rule: str = ""
    clauses: tuple[str, ...] = ()

    @classmethod
    def read(cls, told: Mapping[str, Any]) -> Self:
        """Read one."""
        return cls(
            field=_text(told["field"]),
            category=_text(told["category"] or ""),
            reason=_text(told["reason"]),
            rule=_text(told["rule"] or ""),
            clauses=_texts(told["clauses"]),
        )

    @classmethod
    def everything(cls, fields: Iterable[str], failure: str) -> tuple[Self, ...]:
        """Every field, where there was no answer."""
        return tuple(cls(each, "", f"no answer from upheld: {failure}") for each in fields)


@dataclass(frozen=True, slots=True)
class Filtered:
    """A record without what may not be used. Where there was no answer, nothing of it is left."""

    record: dict[str, Any]
    removed: tuple[Removed, ...] = ()
    obligations: tuple[str, ...] = ()
    failure: str = ""

    @property
    def warnings(self) -> tuple[str, ...]:
        """The clauses that the person is to be warned by."""
        return warnings_in(self.obligations)

    @classmethod
    def read(cls, told: Mapping[str, Any]) -> Self:
        """Read an answer."""
        removed = tuple(Removed.read(each) for each in _list(told["removed"]))
        return cls(_object(told["record"]), removed, _texts(told["obligations"]))


@dataclass(frozen=True, slots=True)
class Checked:
    """What of a payload may be stored. Where there was no answer, nothing."""

    payload: dict[str, Any]
    refused: tuple[Removed, ...] = ()
    failure: str = ""

    @classmethod
    def read(cls, told: Mapping[str, Any]) -> Self:
        """Read an answer."""
        return cls(_object(told["payload"]), tuple(Removed.read(r) for r in _list(told["refused"])))


@dataclass(frozen=True, slots=True)
class Record:
    """One fact of consent, never changed. Its receipt is had by `id`."""

    id: str
    kind: str
    name: str
    state: str
    at: datetime
    version: str

    @classmethod
    def read(cls, told: Mapping[str, Any]) -> Self:
        """Read one."""
        names = ("id", "kind", "name", "state", "version")
        return cls(
            at=datetime.fromisoformat(told["at"]), **{name: _text(told[name]) for name in names}
        )


@dataclass(frozen=True, slots=True)
class Consents:
    """Where a person stands. `choices` by id: on, off, or None where it cannot be known."""

    agreed: str | None
    restricted: bool
    choices: dict[str, bool | None]
    objections: tuple[str, ...]
    records: tuple[Record, ...]

    @classmethod
    def read(cls, told: Mapping[str, Any]) -> Self:
        """Read an answer."""
        return cls(
            agreed=None if told["agreed"] is None else _text(told["agreed"]),
            restricted=told["restricted"] is not False,
            choices={_text(each["id"]): each["on"] for each in _list(told["choices"])},
            objections=_texts(told["objections"]),
            records=tuple(Record.read(each) for each in _list(told["records"])),
        )


@dataclass(frozen=True, slots=True)
class Disclosed:
    """A disclosure that stands in the ledger: `entry` is its number there.

    `denied` are the categories that were given away although the policy denies it.
    """

    entry: int
    at: datetime
    version: str
    permitted: bool
    denied: tuple[str, ...] = ()

    @classmethod
    def read(cls, told: Mapping[str, Any]) -> Self:
        """Read an answer."""
        return cls(
            entry=int(told["entry"]),
            at=datetime.fromisoformat(told["at"]),
            version=_text(told["version"]),
            permitted=told["permitted"] is True,
            denied=tuple(
                _text(each["category"])
                for each in _list(told["categories"])
                if _effect(each["effect"]) == "deny"
            ),
        )


@dataclass(frozen=True, slots=True)
class Evaluated:
    """An answer in the form of AuthZEN: `decision`, and what Upheld says besides."""

    decision: bool
    reason: str = ""
    rule: str = ""
    obligations: tuple[str, ...] = ()
    failure: str = ""

    @classmethod
    def deny(cls, failure: str) -> Self:
        """The deny that stands for a missing answer."""
        return cls(False, f"no answer from upheld: {failure}", failure=failure)

    @classmethod
    def read(cls, told: Mapping[str, Any]) -> Self:
        """Read an answer; a question that was wrong is a deny with a reason."""
        if not isinstance(told["decision"], bool):
            raise TypeError("`decision` is not true or false")
        context = _object(told.get("context", {}))
        wrong = context.get("error", {}).get("message", "")
        duties = _list(context.get("obligations", []))
        return cls(
            told["decision"],
            _text(context.get("reason") or wrong),
            _text(context.get("rule") or ""),
            tuple(_text(duty["id"]) for duty in duties),
        )


@dataclass(frozen=True, slots=True)
class Clause:
    """One clause of the policy's text, as people read it."""

    id: str
    heading: str
    text: str


@dataclass(frozen=True, slots=True)
class PolicyText:
    """The text of a version, clause by clause."""

    version: str
    language: str
    title: str
    clauses: dict[str, Clause]

    @classmethod
    def read(cls, told: Mapping[str, Any]) -> Self:
        """Read an answer."""
        listed = [
            Clause(_text(each["id"]), _text(each["heading"]), _text(each["text"]))
            for each in _list(told["clauses"])
        ]
        return cls(
            _text(told["version"]),
            _text(told["language"]),
            _text(told["title"]),
            {clause.id: clause for clause in listed},
        )


def warnings_in(obligations: Iterable[str]) -> tuple[str, ...]:
    """The clauses of `warn CLAUSE`."""
    return tuple(duty.removeprefix("warn ") for duty in obligations if duty.startswith("warn "))


def several(read: Callable[[Any], T], told: Any, expected: int | None) -> list[T]:
    """Answers in order; ValueError unless there are as many as expected."""
    found = [read(each) for each in _list(told)]
    if expected is not None and len(found) != expected:
        raise ValueError("the answer is not complete")
    return found


def _effect(told: Any) -> Effect:
    if told == "permit":
        return "permit"
    if told == "deny":
        return "deny"
    raise ValueError("neither permit nor deny")


def _text(told: Any) -> str:
    if not isinstance(told, str):
        raise TypeError("not text")
    return told


def _list(told: Any) -> list[Any]:
    if not isinstance(told, list):
        raise TypeError("not a list")
    return told


def _texts(told: Any) -> tuple[str, ...]:
    return tuple(_text(each) for each in _list(told))


def _object(told: Any) -> dict[str, Any]:
    if not isinstance(told, dict):
        raise TypeError("not an object")
    return told
