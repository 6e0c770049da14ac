"""The versions of the policy, and what each changes for people."""

from __future__ import annotations

from flask import Blueprint, render_template

from engine.errors import Unavailable
from engine.policy.diff import diff
from engine.policy.policy import Policy
from web.console.page import Page
from web.routes import add_routes
from web.services import Services


def in_force(services: Services) -> Policy:
    """The version in force; Unavailable if there is none."""
    policy = services.versions().in_force(services.clock.now())
    if policy is None:
        raise Unavailable(
            "no published version of the policy is in force: `upheld publish VERSION` publishes one"
        )
    return policy


def add_pages(console: Blueprint, services: Services) -> None:
    """`/console/versions` and each version."""
    pages = VersionPages(services)
    add_routes(
        console,
        ("GET /versions", pages.versions),
        ("GET /versions/<version>", pages.version),
    )


class VersionPages:
    """The pages about the versions."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def versions(self) -> Page:
        """Every published version, the newest first."""
        found, now = self._services.versions(), self._services.clock.now()
        return render_template(
            "console/versions.html",
            versions=list(reversed(found.policies)),
            publications=found.publications,
            current=found.in_force(now),
            announced=found.announced(now),
        )

    def version(self, version: str) -> Page:
        """What a version changes, against the one before it."""
        found = self._services.versions()
        policy = found.get(version)
        chain = found.up_to(policy)
        before = chain[-2] if len(chain) > 1 else None
        return render_template(
            "console/version.html",
            policy=policy,
            publication=found.publications[policy.version],
            before=before,
            changes=diff(before, policy).changes if before else (),
        )
