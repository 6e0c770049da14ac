"""What people can decide and ask for: choices, rights, cookies."""

from __future__ import annotations

from collections.abc import Iterator

from engine.policy.compiled.conditions import Demand, Kind, one_of
from engine.policy.diff.consequences import change
from engine.policy.diff.lengths import never_exceeds
from engine.policy.diff.model import Change
from engine.policy.diff.names import former
from engine.policy.diff.situations import wherever
from engine.policy.diff.words import listed, named
from engine.policy.diff.worlds import Situations, Worlds
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
        where = _more_on(None, choice)
        yield (
            "choice.on-by-default",
            f"the new choice `{choice.id}` is on without being asked{where}",
        )


def _choice_changed(old: Choice, new: Choice) -> Iterator[tuple[str, str]]:
    name = f"the choice `{new.id}`"
    if (where := _more_on(old, new)) is not None:
        yield "choice.on-by-default", f"from now on {name} is on without being asked{where}"
    if (where := _more_on(new, old)) is not None:
        yield "choice.tighter", f"from now on {name} is off unless given{where}"
    ignored = sorted(set(old.off_by or ()) - set(new.off_by or ()))
    if ignored:
        yield "choice.signal-ignored", f"{name} is no longer turned off by {listed(ignored)}"
    if heeded := sorted(set(new.off_by or ()) - set(old.off_by or ())):
        yield "choice.tighter", f"from now on {name} is turned off by {listed(heeded)} too"
    if old.lasts != new.lasts:
        longer = not _lasts_no_longer(new.lasts, old.lasts)
        kind = "choice.longer" if longer else "choice.tighter"
        yield kind, f"a consent to `{new.id}` lasts {_for(new.lasts)}; before, {_for(old.lasts)}"
    if old.ask != new.ask:
        yield "choice.asked", f"{name} is asked in other words: “{new.ask}”; before, “{old.ask}”"


def _more_on(old: Choice | None, new: Choice) -> str | None:
    """Where the choice is on by default now and was not before, in words; None if nowhere."""
    facts = [one_of(Kind.REGION, c.off_in) for c in (old, new) if c is not None and c.off_in]
    worlds = Worlds(facts, ())
    added = _on(worlds, new) & ~(_on(worlds, old) if old else 0)
    return wherever(worlds, added) if added else None


def _on(worlds: Worlds, choice: Choice) -> Situations:
    if choice.default == "off":
        return 0
    if not choice.off_in:
        return worlds.all
    return worlds.where((frozenset({Demand(one_of(Kind.REGION, choice.off_in), False)}),))


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
    after = new.data_leaves(rule.data)
    renamed = {leaf: former(old.categories, new.categories, leaf) for leaf in new.categories.leaves}
    before = [leaf for leaf, name in renamed.items() if name in old.data_leaves(was.data)]
    if gone := [leaf for leaf in before if leaf not in after]:
        what = named(new.categories, gone, "any data")
        yield "right.narrower", f"from now on {right} does not cover {what}"
    known = [leaf for leaf in after if renamed[leaf] in old.categories.leaves]
    if added := [leaf for leaf in known if leaf not in before]:
        what = named(new.categories, added, "all data")
        yield "right.wider", f"from now on {right} covers {what} too"
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
        for kind, sentence in _cookie(old, new, name, before.get(name), rule):
            choices = (rule.choice,) if rule.choice else ()
            yield change(kind, sentence, clauses=rule.clause, rules=(rule.id,), choices=choices)
    for name, rule in before.items():
        if name not in after:
            sentence = f"the cookie `{name}` is no longer set"
            yield change("cookie.narrower", sentence, clauses=rule.clause, rules=(rule.id,))


def _cookie(
    old: Policy, new: Policy, name: str, was: CookieRule | None, rule: CookieRule
) -> Iterator[tuple[str, str]]:
    why = _why(new, rule)
    kind = "cookie.consent" if rule.choice else "cookie.exempt"
    if was is None:
        yield kind, f"a new cookie `{name}` for {why}"
        return
    if was.choice and not rule.choice:
        yield "cookie.consent-replaced", f"the cookie `{name}` would be set without being asked"
    elif rule.choice and not was.choice:
        yield "cookie.narrower", f"the cookie `{name}` is set only if chosen"
    elif was.exempt != rule.exempt:
        yield kind, f"the cookie `{name}` is exempt as {rule.exempt}; before, as {was.exempt}"
    elif was.choice != rule.choice or set(rule.purposes) - set(was.purposes):
        yield kind, f"the cookie `{name}` is set for {why}; before, for {_why(old, was)}"
    if was.lasts != rule.lasts:
        shorter = _cookie_no_longer(rule, was)
        longer = "cookie.narrower" if shorter else "cookie.longer"
        yield longer, f"the cookie `{name}` lasts {rule.lasts}; before, {was.lasts}"


def _why(policy: Policy, rule: CookieRule) -> str:
    return named(policy.purposes, policy.purpose_leaves(rule.purposes), "every purpose")


def _cookie_no_longer(new: CookieRule, old: CookieRule) -> bool:
    if not isinstance(new.lasts, Duration):
        return True
    return isinstance(old.lasts, Duration) and never_exceeds(new.lasts, old.lasts)
