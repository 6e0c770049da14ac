"""The policy of the comparison as plain rules, from a seed, and the questions put to it.

A rule of ours, of Cedar, of Casbin and of Rego is made from each of these, so all of them say the same: a
question is permitted if a permit applies and no denial does.
"""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

ACCOUNTS = ("none", "active", "suspended", "cancelled")
REGIONS = ("BR", "CN", "DE", "IN", "JP", "US")
OPEN = ("none", "active", "suspended")
"""The states of an account in which a basis of consent or contract still carries."""


@dataclass(frozen=True)
class Size:
    """How many of each name there are, and how many rules."""

    rules: int
    categories: int
    purposes: int
    recipients: int
    consents: int = 8

    def names(self, kind: str) -> list[str]:
        """`category-0`, `category-1`, …; `kind` in the singular."""
        return [f"{kind}-{number}" for number in range(getattr(self, _PLURALS[kind]))]


_PLURALS = {
    "category": "categories",
    "purpose": "purposes",
    "recipient": "recipients",
    "consent": "consents",
}
SMALL = Size(rules=40, categories=12, purposes=10, recipients=6)
LARGE = Size(rules=1_000, categories=60, purposes=20, recipients=12)
"""A policy of a thousand rules speaks of more than one of forty: about as many rules meet in a cell."""


@dataclass(frozen=True)
class Rule:
    """Permits, or if it has no basis denies, each of its purposes for each of its categories.

    `consent` is the choice that the basis *consent* asks for. `regions` and `accounts`: the person's is one
    of them; None asks nothing. `recipients` is empty for a use.
    """

    id: str
    operation: str
    categories: tuple[str, ...]
    purposes: tuple[str, ...]
    recipients: tuple[str, ...]
    basis: str
    consent: str = ""
    accounts: tuple[str, ...] | None = None
    regions: tuple[str, ...] | None = None

    @property
    def permits(self) -> bool:
        """Whether it is a permit."""
        return bool(self.basis)

    @property
    def needed_accounts(self) -> tuple[str, ...] | None:
        """The account states in which it applies, with what its basis implies; None asks nothing."""
        if self.basis == "consent" and self.accounts is not None:
            return tuple(state for state in self.accounts if state in OPEN)
        if self.basis in ("consent", "contract") and self.accounts is None:
            return OPEN
        return self.accounts

    @property
    def cells(self) -> list[tuple[str, str, str, str]]:
        """Every operation, category, purpose and recipient that it is about."""
        return [
            (self.operation, category, purpose, recipient)
            for category in self.categories
            for purpose in self.purposes
            for recipient in self.recipients or ("",)
        ]


@dataclass(frozen=True)
class Person:
    """All that is known of the person a question is about; `consents` are those that were given."""

    id: str
    account: str
    region: str
    consents: frozenset[str]


@dataclass(frozen=True)
class Question:
    """May this be done with this person's data?"""

    operation: str
    category: str
    purpose: str
    recipient: str
    person: Person


def rules(random: Random, size: Size) -> list[Rule]:
    """As many rules as asked for, a use and a sharing in turn, one in five a denial."""
    return [_rule(random, size, number) for number in range(size.rules)]


def questions(random: Random, size: Size, known: list[Rule], count: int) -> list[Question]:
    """Questions about one person each: every other one about something that a rule mentions."""
    return [
        _question(
            random, _mentioned(random, known) if number % 2 else _any(random, size), size, number
        )
        for number in range(count)
    ]


def _rule(random: Random, size: Size, number: int) -> Rule:
    operation = ("use", "share")[number % 2]
    denies = number % 5 == 4
    basis = "" if denies else random.choice(("consent", "contract", "legal obligation"))
    guarded = 0.7 if denies else 0.3
    return Rule(
        id=f"rule-{number}",
        operation=operation,
        categories=_some(random, size.names("category"), 3),
        purposes=_some(random, size.names("purpose"), 3),
        recipients=_some(random, size.names("recipient"), 3) if operation == "share" else (),
        basis=basis,
        consent=random.choice(size.names("consent")) if basis == "consent" else "",
        accounts=_some(random, ACCOUNTS, 2) if random.random() < guarded / 2 else None,
        regions=_some(random, REGIONS, 3) if random.random() < guarded else None,
    )


def _mentioned(random: Random, known: list[Rule]) -> tuple[str, str, str, str]:
    return random.choice(random.choice(known).cells)


def _any(random: Random, size: Size) -> tuple[str, str, str, str]:
    operation = random.choice(("use", "share"))
    recipient = random.choice(size.names("recipient")) if operation == "share" else ""
    category, purpose = (random.choice(size.names(kind)) for kind in ("category", "purpose"))
    return operation, category, purpose, recipient


def _question(random: Random, cell: tuple[str, str, str, str], size: Size, number: int) -> Question:
    consents = frozenset(name for name in size.names("consent") if random.random() < 0.6)
    account, region = random.choice(ACCOUNTS), random.choice(REGIONS)
    return Question(*cell, Person(f"person-{number}", account, region, consents))


def _some(random: Random, names: list[str] | tuple[str, ...], most: int) -> tuple[str, ...]:
    return tuple(random.sample(names, random.randint(1, most)))
