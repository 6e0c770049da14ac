"""What is known of a person when it is decided about their data; None is unknown everywhere.

An unknown fact never helps a permit and always helps a deny.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from engine.policy import regions
from engine.policy.compiled.agreement import is_at_least
from engine.policy.compiled.conditions import Fact, Kind
from engine.policy.vocabulary import covers


@dataclass(frozen=True, slots=True)
class SubjectFacts:
    """The facts about one person.

    `choices`: by id, whether a valid consent stands (given, in date, for a child by a verified guardian); an
    id that is missing is unknown. `explicit`: the choices consented to explicitly. `objections`: purposes
    objected to, parents included. `restricted`: whether all data of the person is; `restricted_data`: the
    categories that are besides, parents included, None if that is unknown. `agreed`: the newest version
    agreed to, None if none ever was. `graced`: versions not agreed to whose *reconfirm* introductions count
    all the same, because the person's API keys are in their time of grace (notice delivered, not declined).
    """

    subject: str | None = None
    region: str | None = None
    account: str | None = None
    age: int | None = None
    choices: Mapping[str, bool | None] = field(default_factory=dict)
    explicit: frozenset[str] | None = None
    signals: frozenset[str] | None = None
    objections: frozenset[str] | None = None
    restricted: bool | None = None
    restricted_data: frozenset[str] | None = frozenset()
    agreed: str | None = None
    graced: frozenset[str] = frozenset()


NOTHING_KNOWN = SubjectFacts()


@dataclass(frozen=True, slots=True)
class RecordFacts:
    """What is known of one record besides its person: the categories of it that are `restricted`, and those
    of which that is `unknown`."""

    restricted: frozenset[str] = frozenset()
    unknown: frozenset[str] = frozenset()

    def added_to(self, about: SubjectFacts) -> SubjectFacts:
        """The facts about the person with what is known of their record."""
        told = about.restricted_data
        if told is None or not self.restricted:
            return about
        return replace(about, restricted_data=told | self.restricted)


def unsure(about: SubjectFacts) -> SubjectFacts:
    """The same facts where it is unknown whether the data is restricted."""
    return replace(about, restricted_data=None)


NOTHING_OF_RECORD = RecordFacts()


def answer(fact: Fact, about: SubjectFacts) -> bool | None:
    """Whether a fact holds for a person; None if that is unknown."""
    return _ANSWERS[fact.kind](fact, about)


def _is_one_of(value: str | None, fact: Fact) -> bool | None:
    return None if value is None else value in fact.values


def _subject(fact: Fact, about: SubjectFacts) -> bool | None:
    return _is_one_of(about.subject, fact)


def _account(fact: Fact, about: SubjectFacts) -> bool | None:
    return _is_one_of(about.account, fact)


def _region(fact: Fact, about: SubjectFacts) -> bool | None:
    return None if about.region is None else regions.lies_in(about.region, fact.values)


def _choice(fact: Fact, about: SubjectFacts) -> bool | None:
    states = [about.choices.get(choice) for choice in fact.values]
    if any(states):
        return True
    return None if None in states else False


def _explicit(fact: Fact, about: SubjectFacts) -> bool | None:
    valid = _choice(fact, about)
    if not valid or about.explicit is None:
        return None if valid is not False else False
    return not about.explicit.isdisjoint(fact.values)


def _age_below(fact: Fact, about: SubjectFacts) -> bool | None:
    return None if about.age is None else about.age < int(fact.values[0])


def _signal(fact: Fact, about: SubjectFacts) -> bool | None:
    return None if about.signals is None else not about.signals.isdisjoint(fact.values)


def _objection(fact: Fact, about: SubjectFacts) -> bool | None:
    if about.objections is None:
        return None
    return _names_one(about.objections, fact)


def _restriction(fact: Fact, about: SubjectFacts) -> bool | None:
    told = about.restricted_data
    if about.restricted or (told and _names_one(told, fact)):
        return True
    return None if about.restricted is None or told is None else False


def _names_one(told: frozenset[str], fact: Fact) -> bool:
    return any(covers(wide, name) for wide in told for name in fact.values)


def _agreement(fact: Fact, about: SubjectFacts) -> bool | None:
    version, consequence = fact.values
    if consequence == "reconfirm" and version in about.graced:
        return True
    return about.agreed is not None and is_at_least(about.agreed, version)


def _ground(_: Fact, __: SubjectFacts) -> bool | None:
    return False


_ANSWERS: dict[Kind, Callable[[Fact, SubjectFacts], bool | None]] = {
    Kind.SUBJECT: _subject,
    Kind.REGION: _region,
    Kind.ACCOUNT: _account,
    Kind.CHOICE: _choice,
    Kind.EXPLICIT: _explicit,
    Kind.AGE_BELOW: _age_below,
    Kind.SIGNAL: _signal,
    Kind.OBJECTION: _objection,
    Kind.RESTRICTION: _restriction,
    Kind.AGREEMENT: _agreement,
    Kind.GROUND: _ground,
}
