"""`/you`: what is held, what was chosen, what was asked for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, render_template

from engine.policy.models import RetentionRule
from engine.policy.policy import Policy
from web.guard import person
from web.portal.login import Page
from web.portal.policy import in_force
from web.routes import add_routes
from web.services import Services
from web.signals import signals


@dataclass(frozen=True, slots=True)
class Held:
    """A category of data, and the rules that say how long it is kept."""

    means: str
    rules: tuple[RetentionRule, ...]


def add_pages(portal: Blueprint, services: Services) -> None:
    """`/you` and `/you/held`."""
    pages = OverviewPages(services)
    add_routes(portal, ("GET /you", pages.you), ("GET /you/held", pages.held))


class OverviewPages:
    """Where a person stands."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def you(self) -> Page:
        """Where a person stands, in a few lines that lead on."""
        holder = person().holder
        versions = self._services.versions()
        policy = in_force(versions, self._services)
        overview = self._services.consent.overview(holder, signals())
        return render_template(
            "portal/you.html",
            policy=policy,
            gate=self._services.consent.login(holder, signals()),
            agreed=versions.get(overview.agreed) if overview.agreed else None,
            overview=overview,
            held=len(held(policy)),
            children=0 if person().guardian else len(self._services.guardians.wards(holder)),
            requests=self._requests(holder),
        )

    def held(self) -> Page:
        """What kinds of data we hold, and for how long each."""
        person()
        policy = in_force(self._services.versions(), self._services)
        return render_template("portal/held.html", held=held(policy))

    def _requests(self, holder: str) -> Sequence[Any]:
        rights = self._services.rights
        return rights.of_subject(holder) if rights is not None else ()


def held(policy: Policy) -> list[Held]:
    """Every category that the policy lets be collected, with its retention rules."""
    never = {leaf for r in policy.collection if r.denies for leaf in policy.data_leaves(r.data)}
    return [
        Held(policy.categories[leaf].means, _rules(policy, leaf))
        for leaf in policy.categories.leaves
        if leaf not in never
    ]


def _rules(policy: Policy, leaf: str) -> tuple[RetentionRule, ...]:
    return tuple(r for r in policy.retention if leaf in policy.data_leaves(r.data))
