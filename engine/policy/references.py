"""Every name that a rule uses must be declared: a category, purpose, recipient, choice, clause or subject."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice

from engine.errors import did_you_mean
from engine.policy.findings import Finding, Position, error
from engine.policy.models import Guardians
from engine.policy.models.common import EVERYONE, EVERYTHING, UNSTATED, Cited, Guard
from engine.policy.policy import Policy
from engine.policy.source import Key
from engine.policy.yaml_reader import MAX_FINDINGS, enough


def check_references(policy: Policy) -> list[Finding]:
    """Findings for each unknown name, with its place and a near miss if there is one; the first hundred."""
    found = list(islice((f for check in _CHECKS for f in check(policy)), MAX_FINDINGS))
    return found if len(found) < MAX_FINDINGS else [*found, enough(found[-1].where)]


def _rules(policy: Policy) -> Iterator[Finding]:
    choices = [choice.id for choice in policy.consent.choices]
    known = {
        "data": ("category", [*policy.categories.terms, EVERYTHING]),
        "purposes": ("purpose", [*policy.purposes.terms]),
        "recipients": ("recipient", [*policy.recipients.terms, EVERYONE]),
        "choice": ("choice", choices),
    }
    for rule in policy.rules():
        for attribute, (kind, names) in known.items():
            if attribute == "purposes" and rule in policy.holds:
                continue
            yield from _names(policy, rule, attribute, kind, names)
        yield from _clauses(policy, rule)
        yield from _guards(policy, rule, choices)
        yield from _obligations(policy, rule)


def _names(
    policy: Policy, rule: Cited, attribute: str, kind: str, known: list[str]
) -> Iterator[Finding]:
    info = type(rule).model_fields.get(attribute)
    value = getattr(rule, attribute, None)
    if info is None or value is None:
        return
    key = info.alias or attribute
    for index, name in _indexed(value):
        if name not in known:
            yield _unknown(kind, name, known, policy.sources.rule(rule.id, key, *index), rule.id)


def _clauses(policy: Policy, rule: Cited) -> Iterator[Finding]:
    known = [clause.id for clause in policy.text.clauses]
    for index, clause in _indexed(rule.clause):
        if clause != UNSTATED and clause not in known:
            yield _unknown(
                "clause", clause, known, policy.sources.rule(rule.id, "clause", *index), rule.id
            )


def _guards(policy: Policy, rule: Cited, choices: list[str]) -> Iterator[Finding]:
    for key in ("when", "unless"):
        guard: Guard | None = getattr(rule, key, None)
        if guard is None:
            continue
        for attribute, known in (("choice", choices), ("subject", list(policy.subjects))):
            for index, name in _indexed(getattr(guard, attribute) or ()):
                if name not in known:
                    where = policy.sources.rule(rule.id, key, attribute, *index)
                    yield _unknown(attribute, name, known, where, rule.id)


def _obligations(policy: Policy, rule: Cited) -> Iterator[Finding]:
    known = [clause.id for clause in policy.text.clauses]
    for index, duty in enumerate(getattr(rule, "must", ())):
        if duty.clause and duty.clause not in known:
            where = policy.sources.rule(rule.id, "must", index)
            yield _unknown("clause", duty.clause, known, where, rule.id)


def _header(policy: Policy) -> Iterator[Finding]:
    known = [clause.id for clause in policy.text.clauses]
    for clause in policy.header.informative:
        if clause not in known:
            where = policy.sources.at("policy.yaml", "informative", clause)
            yield _unknown("clause", clause, known, where)
    folder = policy.folder.name
    if folder and policy.version != folder:
        where = policy.sources.at("policy.yaml", "version")
        yield error(
            "VERSION_MISMATCH", f"version `{policy.version}` stands in the folder `{folder}`", where
        )


def _consent(policy: Policy) -> Iterator[Finding]:
    known = [clause.id for clause in policy.text.clauses]
    seen: set[str] = set()
    cited: list[tuple[tuple[Key, ...], tuple[str, ...]]] = []
    if policy.consent.agreement:
        cited.append((("agreement",), policy.consent.agreement.clause))
    if policy.consent.guardians:
        cited.append((("guardians",), policy.consent.guardians.clause))
        yield from _guardians(policy, policy.consent.guardians)
    for number, choice in enumerate(policy.consent.choices):
        cited.append((("choices", number), choice.clause))
        if choice.id in seen:
            where = policy.sources.at("consent.yaml", "choices", number, "id")
            yield error("DUPLICATE_ID", f"the choice `{choice.id}` is declared twice", where)
        seen.add(choice.id)
    for path, clauses in cited:
        yield from _cited(policy, "consent.yaml", path, clauses, known)
    if policy.rights.contact:
        yield from _cited(policy, "rights.yaml", ("contact",), policy.rights.contact.clause, known)


def _guardians(policy: Policy, guardians: Guardians) -> Iterator[Finding]:
    for index, name in _indexed(guardians.subject or ()):
        if name not in policy.subjects:
            where = policy.sources.at("consent.yaml", "guardians", "subject", *index)
            yield _unknown("subject", name, policy.subjects, where)


def _cited(
    policy: Policy, file: str, path: tuple[Key, ...], clauses: tuple[str, ...], known: list[str]
) -> Iterator[Finding]:
    for index, clause in _indexed(clauses):
        if clause not in known and clause != UNSTATED:
            yield _unknown(
                "clause", clause, known, policy.sources.at(file, *path, "clause", *index)
            )


def _statutes(policy: Policy) -> Iterator[Finding]:
    seen: set[str] = set()
    known = [*policy.categories.terms, EVERYTHING]
    for number, statute in enumerate(policy.statutes):
        for index, name in _indexed(statute.data):
            if name not in known:
                where = policy.sources.at("statutes.yaml", number, "data", *index)
                yield _unknown("category", name, known, where)
        if statute.id in seen:
            where = policy.sources.at("statutes.yaml", number, "id")
            yield error("DUPLICATE_ID", f"the statute `{statute.id}` is declared twice", where)
        seen.add(statute.id)


_CHECKS = (_rules, _header, _consent, _statutes)


def _indexed(value: str | Iterable[str]) -> list[tuple[tuple[Key, ...], str]]:
    """Each name with the path below its key: none for a single one."""
    if isinstance(value, str):
        return [((), value)]
    return [((index,), name) for index, name in enumerate(value)]


def _unknown(
    kind: str, name: str, known: Iterable[str], where: Position, rule: str = ""
) -> Finding:
    message = f"no {kind} `{name}`{did_you_mean(name, known)}"
    about = {"rule": rule} if rule else {}
    return error("UNKNOWN_NAME", message, where, "", **about)
