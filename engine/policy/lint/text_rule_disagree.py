"""TEXT_RULE_DISAGREE: text and rule name different durations for one promise."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from engine.policy.durations import Duration
from engine.policy.findings import Finding, Position, Severity, error
from engine.policy.lint.context import Context, in_file, in_text
from engine.policy.lint.written_durations import Written, written_in
from engine.policy.policy import Policy
from engine.policy.spans import same_length

CODE = "TEXT_RULE_DISAGREE"
SEVERITY = Severity.ERROR


@dataclass(frozen=True, slots=True)
class _Ruled:
    """A duration in a rule: `promised` if the text of the clause must name it wherever it names any."""

    duration: Duration
    where: Position
    rule: str
    promised: bool


def check(policy: Policy, context: Context) -> Iterator[Finding]:
    """An error for each duration of a clause that no rule has, and for the other way round."""
    ruled = _ruled(policy)
    for clause in policy.text.clauses:
        written = written_in(clause.words)
        cited = ruled.get(clause.id, [])
        if written and cited:
            yield from _compare(policy, clause.id, written, cited)
        yield from _translations(policy, clause.id, written)


def _compare(
    policy: Policy, clause: str, written: tuple[Written, ...], cited: list[_Ruled]
) -> Iterator[Finding]:
    rules = ", ".join(f"`{item.rule}` says {item.duration}" for item in cited)
    for duration, words in written:
        if not _among(duration, (item.duration for item in cited)):
            message = f"clause `{clause}` says {duration}, but {rules}"
            hint = "text and rule must name the same time"
            yield error(CODE, message, in_text(policy, clause, words), hint, clause=clause)
    for item in cited:
        if item.promised and not _among(item.duration, (duration for duration, _ in written)):
            said = ", ".join(str(duration) for duration, _ in written)
            message = f"`{item.rule}` says {item.duration}, but clause `{clause}` says {said}"
            hint = "text and rule must name the same time"
            yield error(CODE, message, item.where, hint, clause=clause, rule=item.rule)


def _translations(policy: Policy, clause: str, written: tuple[Written, ...]) -> Iterator[Finding]:
    here = [duration for duration, _ in written]
    for language, text in policy.translations.items():
        if clause not in text:
            continue
        translated = written_in(text.clause(clause).words)
        there = [duration for duration, _ in translated]
        wrong = [words for duration, words in translated if not _among(duration, here)]
        if wrong or not all(_among(duration, there) for duration in here):
            said = " and ".join(", ".join(map(str, part)) or "nothing" for part in (here, there))
            message = f"clause `{clause}` and its translation differ: {said}"
            where = in_text(policy, clause, next(iter(wrong), ""), language)
            yield error(CODE, message, where, "translate the durations exactly", clause=clause)


def _among(duration: Duration, others: Iterable[Duration]) -> bool:
    return any(same_length(duration, other) for other in others)


def _ruled(policy: Policy) -> dict[str, list[_Ruled]]:
    found: dict[str, list[_Ruled]] = {}
    for clauses, item in _durations(policy):
        for clause in clauses:
            found.setdefault(clause, []).append(item)
    return found


def _durations(policy: Policy) -> Iterator[tuple[tuple[str, ...], _Ruled]]:
    place = policy.sources.rule
    for rule in policy.retention:
        told = [(rule.keep, place(rule.id, "keep"))]
        told += [
            (term.keep, place(rule.id, "or later", n, "keep"))
            for n, term in enumerate(rule.or_later)
        ]
        for keep, where in told:
            # `0 days` is how "as long as the account exists" is written.
            if isinstance(keep, Duration) and keep.count:
                yield rule.clause, _Ruled(keep, where, rule.id, promised=True)
    for right in policy.rights.rules:
        if isinstance(right.answer_within, Duration):
            where = place(right.id, "answer within")
            yield right.clause, _Ruled(right.answer_within, where, right.id, promised=True)
        if right.cooling_off:
            where = place(right.id, "cooling off")
            yield right.clause, _Ruled(right.cooling_off, where, right.id, promised=False)
    yield from _elsewhere(policy)


def _elsewhere(policy: Policy) -> Iterator[tuple[tuple[str, ...], _Ruled]]:
    for cookie in policy.cookies:
        if isinstance(cookie.lasts, Duration):
            where = policy.sources.rule(cookie.id, "lasts")
            yield cookie.clause, _Ruled(cookie.lasts, where, cookie.id, promised=False)
    for number, choice in enumerate(policy.consent.choices):
        if choice.lasts:
            where = in_file(policy, "consent.yaml", "choices", number, "lasts")
            yield choice.clause, _Ruled(choice.lasts, where, choice.id, promised=False)
