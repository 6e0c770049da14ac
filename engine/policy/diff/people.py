"""What people can decide and ask for: choices, rights, cookies."""

from __future__ import annotations

from collections.abc import Iterator

from engine.policy import regions
from engine.policy.diff.consequences import change
from engine.policy.diff.lengths import never_exceeds
from engine.policy.diff.model import Change
from engine.policy.diff.words import listed
from engine.policy.durations import Duration, Keep, Unfixed
from engine.policy.models import Choice, CookieRule, RightRule
from engine.policy.policy import Policy


def changes(old: Policy, new: Policy) -> Iterator[Change]:
    """Choices, rights and cookies."""
    yield from _choices(old, new)
    yield from _rights(old, new)
    yield from _cookies(old, new)


def _choices(old: Policy, new: Policy) -> Iterator[Change]:
    before = {choice.id: choice for choice in old.consent.choices}
    after = {choice.id: choice for choice in new.consent.choices}
    for name, choice in after.items():
        was = before.get(name)
        told = _choice_new(choice) if was is None else _choice_changed(was, choice)
        for kind, sentence in told:
            yield change(kind, sentence, clauses=choice.clause, choices=(name,))
    for name, choice in before.items():
        if name not in after:
            sentence = f"the choice `{name}` is no longer offered"
            yield change("choice.gone", sentence, clauses=choice.clause, choices=(name,))


def _choice_new(choice: Choice) -> Iterator[tuple[str, str]]:
    state = "off" if choice.default == "off" else "on"
    yield "choice.new", f"a new choice `{choice.id}`, {state} until it is changed: “{choice.ask}”"
    if choice.default == "on":
        yield "choice.on-by-default", f"the new choice `{choice.id}` is on without being asked"


def _choice_changed(old: Choice, new: Choice) -> Iterator[tuple[str, str]]:
    name = f"the choice `{new.id}`"
    if _on_for_more(old, new):
        yield (
            "choice.on-by-default",
            f"{name} is on without being asked for more people than before",
        )
    elif _on_for_more(new, old):
        yield "choice.tighter", f"{name} is off unless given, for more people than before"
    ignored = sorted(set(old.off_by or ()) - set(new.off_by or ()))
    if ignored:
        yield "choice.signal-ignored", f"{name} is no longer turned off by {listed(ignored)}"
    if set(new.off_by or ()) - set(old.off_by or ()):
        yield "choice.tighter", f"{name} is turned off by {listed(sorted(set(new.off_by or ())))}"
    if old.lasts != new.lasts:
        longer = not _lasts_no_longer(new.lasts, old.lasts)
        kind = "choice.longer" if longer else "choice.tighter"
        yield kind, f"a consent to `{new.id}` lasts {_for(new.lasts)}; before, {_for(old.lasts)}"
    if old.ask != new.ask:
        yield "choice.asked", f"{name} is asked in other words: “{new.ask}”; before, “{old.ask}”"


def _on_for_more(old: Choice, new: Choice) -> bool:
    """Whether somewhere the choice is on by default now and was off."""
    if new.default == "off":
        return False
    if old.default == "off":
        return True
    off_now = new.off_in or ()
    return any(
        regions.lies_in(place, off_now) is not True for place in regions.places(old.off_in or ())
    )


def _lasts_no_longer(new: Duration | None, old: Duration | None) -> bool:
    if old is None:
        return True
    return new is not None and never_exceeds(new, old)


def _for(lasts: Duration | None) -> str:
    return str(lasts) if lasts else "until it is withdrawn"


def _rights(old: Policy, new: Policy) -> Iterator[Change]:
    before = {rule.right: rule for rule in old.rights.rules}
    after = {rule.right: rule for rule in new.rights.rules}
    for right, rule in after.items():
        was = before.get(right)
        told = _right_new(rule) if was is None else _right_changed(old, new, was, rule)
        for kind, sentence in told:
            yield change(kind, sentence, clauses=rule.clause, rules=(rule.id,))
    for right, rule in before.items():
        if right not in after:
            sentence = f"the right of {right} is no longer promised"
            yield change("right.gone", sentence, clauses=rule.clause, rules=(rule.id,))
    one, other = old.rights.contact, new.rights.contact
    if (one.email if one else None) != (other.email if other else None):
        sentence = f"requests go to {other.email if other else 'no address'}"
        yield change("right.procedure", sentence, clauses=other.clause if other else ())


def _right_new(rule: RightRule) -> Iterator[tuple[str, str]]:
    yield "right.wider", f"the right of {rule.right} is promised besides"


def _right_changed(
    old: Policy, new: Policy, was: RightRule, rule: RightRule
) -> Iterator[tuple[str, str]]:
    right = f"the right of {rule.right}"
    before, after = set(old.data_leaves(was.data)), set(new.data_leaves(rule.data))
    if before & set(new.categories.leaves) - after:
        yield "right.narrower", f"{right} covers less data"
    if after & set(old.categories.leaves) - before:
        yield "right.wider", f"{right} covers more data"
    if was.answer_within != rule.answer_within:
        kind = (
            "deadline.shorter"
            if _answers_no_later(rule.answer_within, was.answer_within)
            else "deadline.longer"
        )
        yield kind, f"{right} is answered within {rule.answer_within}; before, {was.answer_within}"
    if was.cooling_off != rule.cooling_off:
        now, then = rule.cooling_off or "none", was.cooling_off or "none"
        yield "right.procedure", f"{right} has a time to reconsider: {now}; before, {then}"


def _answers_no_later(new: Keep, old: Keep) -> bool:
    """The law's time is a ceiling of every promised one."""
    if isinstance(old, Unfixed):
        return True
    return isinstance(new, Duration) and never_exceeds(new, old)


def _cookies(old: Policy, new: Policy) -> Iterator[Change]:
    before = {name: rule for rule in old.cookies for name in rule.cookies}
    after = {name: rule for rule in new.cookies for name in rule.cookies}
    for name, rule in after.items():
        for kind, sentence in _cookie(name, before.get(name), rule):
            choices = (rule.choice,) if rule.choice else ()
            yield change(kind, sentence, clauses=rule.clause, rules=(rule.id,), choices=choices)
    for name, rule in before.items():
        if name not in after:
            sentence = f"the cookie `{name}` is no longer set"
            yield change("cookie.narrower", sentence, clauses=rule.clause, rules=(rule.id,))


def _cookie(name: str, was: CookieRule | None, rule: CookieRule) -> Iterator[tuple[str, str]]:
    why = listed(rule.purposes)
    kind = "cookie.consent" if rule.choice else "cookie.exempt"
    if was is None:
        yield kind, f"a new cookie `{name}` for {why}"
        return
    if was.choice and not rule.choice:
        yield "cookie.consent-replaced", f"the cookie `{name}` would be set without being asked"
    elif rule.choice and not was.choice:
        yield "cookie.narrower", f"the cookie `{name}` is set only if chosen"
    elif was.choice != rule.choice or set(rule.purposes) - set(was.purposes):
        yield kind, f"the cookie `{name}` is set for {why}; before, for {listed(was.purposes)}"
    if was.lasts != rule.lasts:
        shorter = _cookie_no_longer(rule, was)
        longer = "cookie.narrower" if shorter else "cookie.longer"
        yield longer, f"the cookie `{name}` lasts {rule.lasts}; before, {was.lasts}"


def _cookie_no_longer(new: CookieRule, old: CookieRule) -> bool:
    if not isinstance(new.lasts, Duration):
        return True
    return isinstance(old.lasts, Duration) and never_exceeds(new.lasts, old.lasts)
