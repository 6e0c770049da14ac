"""The living policy: the text in force with the state of each promise beside it, and all its versions."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from flask import Blueprint, render_template

from engine.errors import NotFound, Unavailable, UpheldError
from engine.policy.clauses import PolicyText
from engine.policy.diff import diff
from engine.policy.diff.model import Change
from engine.policy.policy import Policy
from engine.policy.versions import Versions
from engine.promises.promise import Promise, State
from web.language import language
from web.services import Services

log = logging.getLogger(__name__)

STATES = (State.KEPT, State.AT_RISK, State.BROKEN, State.NOT_CHECKABLE)
"""In the order of the page."""


@dataclass(frozen=True, slots=True)
class Standing:
    """The promises of a text in figures: how many are in each state, and when they were last checked."""

    counts: Mapping[str, int]
    checked_at: datetime | None


@dataclass(frozen=True)
class Entry:
    """A version in the list: the one before it, and what changed in meaning since."""

    policy: Policy
    before: Policy | None
    changes: Sequence[Change]


def add_pages(portal: Blueprint, services: Services) -> None:
    """`/`, the list `/policy`, each `/policy/<version>` and its `/changes`."""

    @portal.get("/")
    def home() -> str:
        versions = services.versions()
        policy = in_force(versions, services)
        return _text_page(policy, versions, services, _promises(services))

    @portal.get("/policy/<version>")
    def policy_version(version: str) -> str:
        versions = services.versions()
        policy = versions.get(version)
        living = policy == versions.in_force(services.clock.now())
        return _text_page(policy, versions, services, _promises(services) if living else None)

    @portal.get("/policy")
    def policy_versions() -> str:
        versions = services.versions()
        return render_template(
            "portal/versions.html",
            entries=[_entry(p, versions) for p in reversed(versions.policies)],
            current=versions.in_force(services.clock.now()),
            announced=versions.announced(services.clock.now()),
        )

    @portal.get("/policy/<version>/changes")
    def policy_changes(version: str) -> str:
        entry = _entry((versions := services.versions()).get(version), versions)
        if entry.before is None:
            raise NotFound("the first version changes nothing")
        return render_template(
            "portal/changes.html", policy=entry.policy, before=entry.before, changes=entry.changes
        )


def in_force(versions: Versions, services: Services) -> Policy:
    """The version in force; Unavailable if there is none."""
    policy = versions.in_force(services.clock.now())
    if policy is None:
        raise Unavailable("no published version of the policy is in force")
    return policy


def text_in(policy: Policy, tag: str) -> tuple[PolicyText, str]:
    """The text in a language if the version has it, otherwise the original; and which one it is."""
    if tag in policy.translations:
        return policy.translations[tag], tag
    return policy.text, "en"


def standing(promises: Mapping[str, Promise], text: PolicyText) -> Standing:
    """Count the states of a text's clauses."""
    found = [promises[clause.id] for clause in text.clauses if clause.id in promises]
    counted = Counter(promise.state for promise in found)
    times = [promise.checked_at for promise in found]
    return Standing({state: counted[state] for state in STATES}, min(times, default=None))


def _text_page(
    policy: Policy,
    versions: Versions,
    services: Services,
    promises: Mapping[str, Promise] | None,
) -> str:
    text, tag = text_in(policy, language())
    return render_template(
        "portal/policy.html",
        policy=policy,
        text=text,
        text_language=tag,
        promises=promises or {},
        standing=standing(promises, text) if promises else None,
        current=versions.in_force(services.clock.now()),
        announced=versions.announced(services.clock.now()),
        earlier=_before(policy, versions),
    )


def _promises(services: Services) -> Mapping[str, Promise] | None:
    """The states now, or None: that a check cannot be read must not hide the policy itself."""
    if services.promises is None:
        return None
    try:
        return services.promises.current()
    except UpheldError as problem:
        log.warning("the promises cannot be shown: %s", problem)
        return None


def _before(policy: Policy, versions: Versions) -> Policy | None:
    chain = versions.up_to(policy)
    return chain[-2] if len(chain) > 1 else None


def _entry(policy: Policy, versions: Versions) -> Entry:
    before = _before(policy, versions)
    return Entry(policy, before, diff(before, policy).changes if before else ())
