"""A guardian's children: to answer in the place of one of them, and to come back.

Answering for a child is a session of its own: every page then shows the child's data, and what is said there
is recorded as said by this guardian.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from flask import Blueprint, redirect, render_template, request

from engine.errors import NotFound
from web.guard import person
from web.portal.login import Page
from web.routes import add_routes
from web.services import Services
from web.visit import visit


@dataclass(frozen=True, slots=True)
class Child:
    """A child as its guardian sees it: what the platform calls it, and how the guardian was verified."""

    subject_id: str
    label: str
    verified_by: str
    at: datetime


def add_pages(portal: Blueprint, services: Services) -> None:
    """`/you/children`, and back."""
    pages = ChildrenPages(services)
    add_routes(
        portal,
        ("GET /you/children", pages.children),
        ("POST /you/children", pages.answer_for),
        ("POST /you/children/back", pages.back),
    )


class ChildrenPages:
    """The pages of a guardian."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def children(self) -> Page:
        """Every child that this person may answer for."""
        children = list(self._children(person().visitor))
        return render_template("portal/children.html", children=children)

    def answer_for(self) -> Page:
        """Go on as this child's guardian."""
        guardian, child = person().visitor, request.form.get("child", "")
        if child not in self._services.guardians.wards(guardian):
            raise NotFound("you are not verified as this child's guardian")
        with self._services.database.begin() as conn:
            visit().start(conn, "portal", child, guardian)
        return redirect("/you", 303)

    def back(self) -> Page:
        """Go on in one's own place."""
        with self._services.database.begin() as conn:
            visit().start(conn, "portal", person().visitor)
        return redirect("/you/children", 303)

    def _children(self, guardian: str) -> Iterator[Child]:
        for subject_id in self._services.guardians.wards(guardian):
            label = self._services.directory.label(subject_id)
            for one in self._services.guardians.of(subject_id):
                if one.guardian == guardian:
                    yield Child(subject_id, label, one.verified_by, one.at)
