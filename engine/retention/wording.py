"""What a step does, in one sentence for an officer."""

from __future__ import annotations

from engine.retention.plan import Kept, Step

_SINGULAR = {"are": "is", "have": "has", "wait": "waits", "name": "names"}


def sentence(step: Step) -> str:
    """Such as: delete 4 of 20 rows of `calls` (20%), kept for 90 days after it was recorded (5.b calls)."""
    return f"{_action(step)}, {_reasons(step)}{_keepers(step)}"


def _action(step: Step) -> str:
    counted = f"{step.rows:,} of {step.total:,} rows of `{step.dataset}` ({percent(step.share)})"
    if step.verb == "erase" or (step.verb == "anonymise" and step.category):
        fields = " and ".join(f"`{name}`" for name in step.fields)
        return f"{step.verb} {fields} in {counted}"
    return f"{step.verb} {counted}"


def _reasons(step: Step) -> str:
    terms: dict[str, list[str]] = {}
    cited: dict[str, str] = {}
    for cutoff in step.cutoffs:
        terms.setdefault(cutoff.rule, []).append(cutoff.says)
        cited[cutoff.rule] = ", ".join(cutoff.clauses)
    reasons = [f"{' or later '.join(says)} ({cited[rule]} {rule})" for rule, says in terms.items()]
    return "kept for " + "; ".join(reasons)


def _keepers(step: Step) -> str:
    return "".join(f"; {_keeper(one)}" for one in step.kept)


def _keeper(one: Kept) -> str:
    if one.by == "notice":
        return f"{rows(one.rows, 'wait')} until the people have been told in time (`{one.name}`)"
    return f"{rows(one.rows, 'are')} kept by the {one.by} `{one.name}`"


def rows(number: int, verb: str = "") -> str:
    """`1 row is`, `1,204 rows are`: a count with its verb, given in the plural."""
    noun = "row" if number == 1 else "rows"
    fitting = _SINGULAR.get(verb, verb) if number == 1 else verb
    return f"{number:,} {noun} {fitting}".rstrip()


def percent(share: float) -> str:
    """A share for people: `0%`, `under 0.1%`, `12.3%`."""
    if 0 < share < 0.001:
        return "under 0.1%"
    return f"{share * 100:.1f}".rstrip("0").rstrip(".") + "%"
