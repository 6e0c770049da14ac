"""What names suggest: categories, times and persons. Guesses, each for an officer to confirm."""

from __future__ import annotations

import re
from collections.abc import Iterable

from engine.ports import ColumnShape, TableShape

TO_DECIDE = "to.decide"
"""Stands where nothing could be guessed: no policy declares it, so it cannot be overlooked."""

_CATEGORIES: tuple[tuple[str, str], ...] = (
    (r"e?mail", "account.email"),
    (r"phone|mobile|tel", "account.phone"),
    (r"pass(word|wd)?|secret|token|hash|credential|api key", "account.credentials"),
    (r"ip|ip addr(ess)?|remote addr", "device.ip_address"),
    (r"user agent|browser|device", "device.user_agent"),
    (r"cookie|session", "device.cookie_id"),
    (r"user ?name|display name|nick|login", "account.username"),
    (r"(first|last|given|family|full|sur|middle) ?name|^name$", "account.name"),
    (r"birth|born|dob", "account.birth_date"),
    (r"street|address|city|zip|postcode|postal", "account.address"),
    (r"country|region|locale|language", "account.settings"),
    (r"lat(itude)?|lon(gitude)?|geo|location", "device.location"),
    (r"iban|card|account number|bank", "payment.account"),
    (r"amount|price|currency|invoice|payment|processor", "payment.record"),
    (r"balance", "account.balance"),
    (r"diagnos(is|es)|icd|allerg(y|ies)|medication|blood|findings?|treatment", "health.record"),
    (r"body|content|message|comment|note|text|subject", "content.message"),
)

_PEOPLE = re.compile(
    r"(users?|customers?|patients?|persons?|people|members?|clients?|employees?|students?|subscribers?"
    r"|contacts?|guests?|staff|drivers?|visitors?|accounts?)$"
)
_CREATED = (
    "created",
    "received",
    "sent",
    "paid",
    "ordered",
    "occurred",
    "logged",
    "date",
    "time",
    "ts",
    "at",
)
_ENDED = ("cancelled", "canceled", "closed", "deleted", "deactivated", "terminated")


def words(name: str) -> str:
    """A name as words: `lastLogin_IP` is `last login ip`."""
    split = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", name)
    return re.sub(r"[^a-z0-9]+", " ", split.lower()).strip()


def category_of(column: str) -> str | None:
    """The category that a column's name suggests; None if it suggests none."""
    name = words(column)
    for pattern, category in _CATEGORIES:
        if re.search(rf"\b({pattern})\b", name):
            return category
    return None


def is_person(shape: TableShape) -> bool:
    """Whether the rows of a table look like persons: its name says so, and it says who."""
    if not _PEOPLE.search(words(shape.name)):
        return False
    telling = {"account.email", "account.name", "account.username", "account.phone"}
    return any(category_of(column.name) in telling for column in shape.columns)


def person_word(shape: TableShape) -> str:
    """What a person of this table is called: `patients` gives `patient`."""
    last = words(shape.name).split()[-1]
    irregular = {"people": "person", "staff": "employee", "accounts": "customer"}
    return irregular.get(last, last.removesuffix("s"))


def created(columns: Iterable[ColumnShape]) -> ColumnShape | None:
    """The column that looks like the time a row was made."""
    timely = [column for column in columns if time_form(column)]
    for word in _CREATED:
        for column in timely:
            if word in words(column.name).split():
                return column
    return None


def ended(columns: Iterable[ColumnShape]) -> ColumnShape | None:
    """The column that looks like the time an account ended."""
    return next(
        (c for c in columns if time_form(c) and set(words(c.name).split()) & set(_ENDED)), None
    )


def time_form(column: ColumnShape) -> str | None:
    """How the column may hold a time, by its type and name; None if it does not look like one."""
    kind, name = column.type.lower(), words(column.name).split()
    if "timestamp" in kind or kind.startswith("date"):
        return "timestamp"
    timely = {"at", "time", "date", "ts", "timestamp", "on"} & set(name)
    if not timely:
        return None
    if "int" in kind:
        return "epoch milliseconds" if {"ms", "millis"} & set(name) else "epoch seconds"
    return "text" if any(word in kind for word in ("text", "char")) else None
