"""Is only that collected which the policy names? Judged from the schema and from sampled values. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from engine.policy.models import CollectionRule
from engine.promises.observed import Observed
from engine.promises.processing import done_against
from engine.promises.promise import State, Verdict
from engine.promises.words import count, listed


@dataclass(frozen=True, slots=True)
class Sighting:
    """Values of a forbidden kind that a sample found in a field (`dataset.field`)."""

    field: str
    kind: str
    rows: int


@dataclass(frozen=True, slots=True)
class CollectionFacts:
    """What the stores hold: fields mapped to the rule's data, columns that nothing maps, sampled values.

    `sampled` rows were looked at for values of the forbidden kind; None if there is no way to recognise them.
    """

    fields: tuple[str, ...] = ()
    unmapped: tuple[str, ...] = ()
    sightings: tuple[Sighting, ...] = ()
    sampled: int | None = None


ONLY_OF_SOME = "always refused at the gate for those whom it is about; never done"


def judge(rule: CollectionRule, facts: CollectionFacts, observed: Sequence[Observed]) -> Verdict:
    """A prohibition is broken by a mapped field or by a value found; a permission is endangered by columns
    of which nobody knows what they hold."""
    figures = {
        "fields": len(facts.fields),
        "unmapped_columns": len(facts.unmapped),
        "rows_sampled": facts.sampled,
    }
    wrong = tuple(_wrong(rule, facts, observed))
    about = f"collection {rule.id}"
    if wrong:
        return Verdict(about, State.BROKEN, "; ".join(wrong), figures, wrong)
    if rule.denies:
        found = ONLY_OF_SOME if _is_of_some(rule) else _nothing_found(facts)
        return Verdict(about, State.KEPT, found, figures)
    if facts.unmapped:
        columns = f"nobody has said what {listed(facts.unmapped)} holds"
        return Verdict(about, State.AT_RISK, columns, figures, (columns,))
    if not facts.fields:
        return Verdict(about, State.NOT_CHECKABLE, "no dataset of the data map holds this data")
    fields = count(len(facts.fields), "field")
    return Verdict(
        about, State.KEPT, f"held in {fields}; every column of their tables is known", figures
    )


def _wrong(rule: CollectionRule, facts: CollectionFacts, observed: Sequence[Observed]) -> list[str]:
    found = done_against(one for one in observed if one.against)
    if rule.denies and not _is_of_some(rule):
        found += [f"`{field}` holds what is never collected" for field in facts.fields]
        found += [
            f"{count(s.rows, 'sampled row')} of `{s.field}` {'holds' if s.rows == 1 else 'hold'} a {s.kind}"
            for s in facts.sightings
        ]
    return found


def _is_of_some(rule: CollectionRule) -> bool:
    """Whether a prohibition is about some people only: then a field that holds the data breaks nothing."""
    return rule.when is not None or rule.unless is not None


def _nothing_found(facts: CollectionFacts) -> str:
    if facts.sampled is None:
        return "no field holds it"
    return f"no field holds it, and {count(facts.sampled, 'sampled row')} hold no such value"
