"""Are people told and asked, and are their choices followed? Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from engine.policy.models import Choice
from engine.promises.observed import Observed
from engine.promises.processing import done_against
from engine.promises.promise import State, Verdict
from engine.promises.words import count


@dataclass(frozen=True, slots=True)
class ChoiceFacts:
    """How often people said yes to a choice, and how often no, at first or later (records, not people)."""

    yes: int = 0
    no: int = 0


@dataclass(frozen=True, slots=True)
class AgreementFacts:
    """How people stand to the version in force.

    `telling`: the version changes something that people must be told of. `told` is how many notices were
    delivered and `waiting` how many are on their way; `untold` people got none and have not agreed.
    """

    version: str
    telling: bool = False
    known: int = 0
    agreed: int = 0
    declined: int = 0
    told: int = 0
    waiting: int = 0
    untold: int = 0


@dataclass(frozen=True, slots=True)
class GuardianFacts:
    """How many guardians are verified, and how many children who answered have one."""

    verified: int = 0
    wards: int = 0


def judge_guardians(facts: GuardianFacts) -> Verdict:
    """Kept by construction: a child's own yes is never counted, so only the number is to be told."""
    figures = {"verified": facts.verified, "children": facts.wards}
    sentence = (
        f"a child's consent counts only where a verified guardian gave it; "
        f"{count(facts.verified, 'guardian')} verified, for {count(facts.wards, 'child', 'children')}"
    )
    return Verdict("guardians", State.KEPT, sentence, figures)


def judge_choice(choice: Choice, facts: ChoiceFacts, observed: Sequence[Observed]) -> Verdict:
    """Broken if data was used although the choice was off, withdrawn or had run out."""
    about = f"consent {choice.id}"
    label = f"choice {choice.id}"
    against = [one for one in observed if one.against and label in one.lacks.split(", ")]
    figures = {"yes": facts.yes, "no": facts.no}
    if against:
        lines = tuple(done_against(against))
        return Verdict(about, State.BROKEN, "; ".join(lines), figures, lines)
    said = f"`{choice.id}` is {choice.default} unless chosen otherwise, {_times(facts)}"
    sentence = f"{said}; nothing was done against it"
    return Verdict(about, State.KEPT, sentence, figures)


def _times(facts: ChoiceFacts) -> str:
    if not facts.yes and not facts.no:
        return "which nobody has yet"
    return f"given {count(facts.yes, 'time')} and refused or withdrawn {count(facts.no, 'time')}"


def judge_agreement(facts: AgreementFacts, observed: Sequence[Observed]) -> Verdict:
    """Broken if a change applies of which somebody was not told, or was applied to who did not agree.

    At risk while notices are on their way.
    """
    against = [one for one in observed if one.against and "agreement" in one.lacks]
    wrong = done_against(against)
    if facts.telling and facts.untold:
        people = count(facts.untold, "person was", "people were")
        wrong.append(f"{people} not told of version {facts.version}, which applies now")
    figures = {
        "version": facts.version,
        "people": facts.known,
        "agreed": facts.agreed,
        "declined": facts.declined,
        "told": facts.told,
        "being_told": facts.waiting,
        "not_told": facts.untold,
    }
    if wrong:
        return Verdict("agreement", State.BROKEN, "; ".join(wrong), figures, tuple(wrong))
    if facts.telling and facts.waiting:
        notices = count(facts.waiting, "notice")
        told = f"{facts.told:,} delivered so far"
        line = f"{notices} of version {facts.version} still on the way, {told}"
        return Verdict("agreement", State.AT_RISK, line, figures, (line,))
    return Verdict("agreement", State.KEPT, _fine(facts), figures)


def _fine(facts: AgreementFacts) -> str:
    if not facts.known:
        return f"version {facts.version}: nobody has been asked yet"
    waiting = max(0, facts.known - facts.agreed - facts.declined)
    parts = [
        f"version {facts.version}: {facts.agreed:,} of {count(facts.known, 'person', 'people')} agreed"
    ]
    if waiting:
        parts.append(f"{waiting:,} will be asked at the next login")
    if facts.declined:
        parts.append(f"{facts.declined:,} declined and stay under what they agreed to before")
    if facts.telling:
        parts.append(f"{facts.told:,} were told")
    return "; ".join(parts)
