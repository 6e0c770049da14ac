"""Why a login is let through or not: what was agreed to, what changed since, what waits for it. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from engine.consent.choices import ChoiceState, choice_states
from engine.consent.gate import Gate, gate
from engine.consent.records import Standing
from engine.policy.compiled.agreement import is_at_least
from engine.policy.compiled.cells import CellKey, Placed, Stamps, cells_of
from engine.policy.compiled.conditions import Kind
from engine.policy.diff import Change, diff, stamps
from engine.policy.policy import Policy


@dataclass(frozen=True, slots=True)
class Waiting:
    """What a rule permits only once the person has agreed to the version that introduced it."""

    rule: str
    clauses: tuple[str, ...]
    version: str
    consequence: str
    cells: tuple[CellKey, ...]


@dataclass(frozen=True, slots=True)
class GateExplained:
    """The gate; each change since the version agreed to; every choice; and what does not work until then.

    `new` are versions after the one agreed to, oldest first (all, if none ever was).
    """

    gate: Gate
    new: tuple[str, ...]
    changes: tuple[Change, ...]
    choices: tuple[ChoiceState, ...]
    waiting: tuple[Waiting, ...]
    reason: str


def explain_gate(
    chain: Sequence[Policy],
    about: Standing,
    now: datetime,
    *,
    region: str | None = None,
    signals: Collection[str] = (),
) -> GateExplained:
    """What a person who said so much must settle under the last version of `chain`, and why."""
    policy = chain[-1]
    before = next((p for p in chain if p.version == about.agreed), None)
    changes = diff(before, policy).changes if before else ()
    states = choice_states(policy, about.choices, region=region, signals=signals, now=now)
    found = gate(
        policy,
        agreed=about.agreed,
        declined=about.declined,
        changes=changes,
        states=states.values(),
    )
    new = tuple(p.version for p in chain if before is None or p.effective > before.effective)
    waiting = tuple(_waiting(policy, stamps(chain), about.agreed))
    return GateExplained(
        found, new, changes, tuple(states.values()), waiting, _reason(found, changes)
    )


def _reason(found: Gate, changes: Sequence[Change]) -> str:
    version = f"`{found.version}`"
    if found.outcome == "declined":
        return f"the person declined {version}: they can log out, use the portal, export and cancel"
    if found.agreed is None:
        return f"the person has agreed to no version yet, so they are asked to agree to {version}"
    if found.agreed == found.version:
        return f"the person has agreed to {version}, the version that applies"
    if found.ok:
        least = "nothing changed" if not changes else "nothing that changed needs an answer"
        return f"{least} since `{found.agreed}`, to which the person agreed"
    wanted = {"reconfirm", "re-consent"}
    number = sum(told.consequence in wanted for told in found.told)
    needs = "1 change needs" if number == 1 else f"{number} changes need"
    return f"{needs} an answer: the person agreed to `{found.agreed}`, and {version} applies"


def _waiting(policy: Policy, given: Stamps, agreed: str | None) -> Iterator[Waiting]:
    """The permits that hang on an agreement which the person has not given, rule by rule."""
    found: dict[tuple[str, str, str], list[CellKey]] = {}
    clauses: dict[str, tuple[str, ...]] = {}
    for key, cell in cells_of(policy, given).items():
        for placed in cell.permits:
            clauses[placed.rule.id] = placed.rule.clause
            for version, consequence in _asked(placed):
                if agreed is None or not is_at_least(agreed, version):
                    found.setdefault((placed.rule.id, version, consequence), []).append(key)
    for (rule, version, consequence), keys in found.items():
        yield Waiting(rule, clauses[rule], version, consequence, tuple(keys))


def _asked(placed: Placed) -> Iterable[tuple[str, str]]:
    """The agreements that a permit asks for where it was not permitted before anyway."""
    facts = {
        demand.fact
        for case in placed.cases
        for demand in case
        if demand.fact.kind is Kind.AGREEMENT
    }
    return ((fact.values[0], fact.values[1]) for fact in sorted(facts))
