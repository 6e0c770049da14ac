"""What else a version promises: recipients, choices, rights, cookies, holds, controls, and who answers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from engine.policy import regions
from engine.policy.ages import age_of_consent
from engine.policy.compiled.cells import CellKey, cells_of
from engine.policy.diff.cells import is_consent
from engine.policy.diff.consequences import change
from engine.policy.diff.model import Change
from engine.policy.diff.names import former
from engine.policy.diff.words import listed, named
from engine.policy.models import Agreement, Controller
from engine.policy.policy import Policy


def changes(old: Policy, new: Policy) -> Iterator[Change]:
    """Everything that is neither a permission nor a retention period nor one of the areas of their own."""
    yield from _controller(old, new)
    yield from _agreement(old, new)
    yield from _guardians(old, new)
    yield from _header(old, new)
    yield from _holds(old, new)
    yield from _controls(old, new)
    yield from _text(old, new)


def _controller(old: Policy, new: Policy) -> Iterator[Change]:
    before, after = old.header.controller, new.header.controller
    if (before.name, before.country) != (after.name, after.country):
        scopes = _on_consent(new)
        kind = "controller.changed-consent" if scopes else "controller.changed"
        sentence = f"the controller is {_who(after)}; before, {_who(before)}"
        yield change(kind, sentence, scopes=scopes)
    contact = ("address", "email", "url", "phone")
    changed = [key for key in contact if getattr(before, key) != getattr(after, key)]
    if changed:
        yield change("controller.contact", f"the controller's {listed(changed)} changed")


def _who(controller: Controller) -> str:
    parts = [controller.name or "not named", controller.country or ""]
    return ", ".join(filter(None, parts))


def _on_consent(policy: Policy) -> tuple[CellKey, ...]:
    """The cells that rest on consent."""
    cells = cells_of(policy)
    return tuple(key for key, cell in cells.items() if any(map(is_consent, cell.permits)))


def _agreement(old: Policy, new: Policy) -> Iterator[Change]:
    before, after = old.consent.agreement, new.consent.agreement
    told = {"clause"}
    one = before.model_dump(exclude=told) if before else None
    other = after.model_dump(exclude=told) if after else None
    if one != other:
        clauses = after.clause if after else ()
        sentence = f"{_asked(after)}; before, {_asked(before)}"
        yield change("agreement.procedure", sentence, clauses=clauses)


def _guardians(old: Policy, new: Policy) -> Iterator[Change]:
    before, after = old.consent.guardians, new.consent.guardians
    clauses = after.clause if after else before.clause if before else ()
    fewer, more = _fewer_asked(old, new), _fewer_asked(new, old)
    if fewer:
        sentence = "fewer children need a guardian's consent than before"
        yield change("guardians.fewer", sentence, clauses=clauses)
    if more:
        sentence = "more children need a guardian's consent than before"
        yield change("guardians.more", sentence, clauses=clauses)
    if before and after and set(before.verified_by) != set(after.verified_by):
        sentence = (
            f"a guardian is verified by {listed(after.verified_by)}; "
            f"before, by {listed(before.verified_by)}"
        )
        yield change("guardians.procedure", sentence, clauses=clauses)


def _fewer_asked(old: Policy, new: Policy) -> bool:
    """Whether anybody of some type, in some place, answered through a guardian and now does so alone."""
    places = sorted(regions.countries() | _places(old) | _places(new))
    return any(
        age_of_consent(new, subject, place) < age_of_consent(old, subject, place)
        for subject in new.subjects
        for place in places
    )


def _places(policy: Policy) -> set[str]:
    guardians = policy.consent.guardians
    return {p for other in (guardians.other_ages if guardians else ()) for p in other.regions}


def _asked(agreement: Agreement | None) -> str:
    """How people are told of changes and asked to agree."""
    if agreement is None:
        return "nothing said how people are told of changes"
    grace = agreement.grace_for_api_keys
    return (
        f"people are told of changes by {listed(agreement.tell_by)} and asked {agreement.ask or 'nothing'}"
        f"{f', API keys after {grace}' if grace else ''}"
    )


def _header(old: Policy, new: Policy) -> Iterator[Change]:
    before, after = old.header, new.header
    if set(before.jurisdictions) != set(after.jurisdictions):
        sentence = (
            f"the policy applies the law of {listed(after.jurisdictions)}; "
            f"before, of {listed(before.jurisdictions)}"
        )
        yield change("jurisdiction.changed", sentence)
    if before.timezone != after.timezone:
        sentence = f"days are counted in the time zone {after.timezone}; before, {before.timezone}"
        yield change("time.changed", sentence)
    if before.fiscal_year_ends != after.fiscal_year_ends:
        sentence = (
            f"the fiscal year ends on {after.fiscal_year_ends}; before, {before.fiscal_year_ends}"
        )
        yield change("time.changed", sentence)


def _holds(old: Policy, new: Policy) -> Iterator[Change]:
    before = {hold.id: hold for hold in old.holds}
    after = {hold.id: hold for hold in new.holds}
    for name, hold in after.items():
        was = before.get(name)
        held = old.data_leaves(was.data) if was else ()
        called = {x: former(old.categories, new.categories, x) for x in new.data_leaves(hold.data)}
        more = [leaf for leaf, then in called.items() if then not in held]
        if more:
            what = named(new.categories, more, "all data")
            sentence = f"from now on {what} may be held back from deletion for {hold.purpose}"
            yield change("hold.new", sentence, clauses=hold.clause, rules=(name,), data=tuple(more))
    for name in before.keys() - after.keys():
        sentence = f"nothing is held back any more for {before[name].purpose}"
        yield change("hold.gone", sentence, clauses=before[name].clause, rules=(name,))


def _controls(old: Policy, new: Policy) -> Iterator[Change]:
    before = {control.id: control for control in old.controls}
    after = {control.id: control for control in new.controls}
    for name in sorted(before.keys() - after.keys()):
        sentence = f"the control `{name}` is no longer promised"
        yield change("control.gone", sentence, clauses=before[name].clause, rules=(name,))
    for name in sorted(after.keys() - before.keys()):
        sentence = f"the control `{name}` is promised besides"
        yield change("control.new", sentence, clauses=after[name].clause, rules=(name,))


def _text(old: Policy, new: Policy) -> Iterator[Change]:
    before = {clause.id: clause.words for clause in old.text.clauses}
    after = {clause.id: clause.words for clause in new.text.clauses}
    changed = tuple(n for n, words in after.items() if n in before and before[n] != words)
    added = tuple(name for name in after if name not in before)
    gone = tuple(name for name in before if name not in after)
    parts = (_told(changed, "in other words"), _told(added, "new"), _told(gone, "gone"))
    if any(parts):
        yield change("text.changed", " and ".join(filter(None, parts)), clauses=changed + added)


def _told(names: Sequence[str], how: str) -> str:
    if not names:
        return ""
    return f"{'clause' if len(names) == 1 else 'clauses'} {listed(names)} {_are(names)} {how}"


def _are(names: Sequence[str]) -> str:
    return "is" if len(names) == 1 else "are"
