"""Following a request: where it stands, what comes next and by when, and what became of the data."""

from __future__ import annotations

from flask import Blueprint, Response, redirect, render_template, request

from engine.errors import InvalidInput
from engine.policy.policy import Policy
from engine.rights.service import Case, RightsService
from web.guard import person, proved_person
from web.portal.asking import AskingPages
from web.portal.codes import CodeSender
from web.portal.login import Page
from web.routes import add_routes
from web.services import Services


def add_pages(
    portal: Blueprint, services: Services, rights: RightsService, codes: CodeSender
) -> None:
    """`/you/requests/new`, `/you/requests/new/<right>`, and `/you/requests/<id>` with what can be done."""
    asking = AskingPages(services, rights, codes)
    pages = RequestPages(services, rights, codes)
    add_routes(
        portal,
        ("GET /you/requests/new", asking.kinds),
        ("GET /you/requests/new/<right>", asking.form),
        ("POST /you/requests/new/<right>", asking.file),
        ("GET /you/requests/<request_id>", pages.follow),
        ("POST /you/requests/<request_id>/verify", pages.verify),
        ("POST /you/requests/<request_id>/code", pages.send_code),
        ("POST /you/requests/<request_id>/cancel", pages.cancel),
        ("GET /you/requests/<request_id>/download", pages.download),
    )


class RequestPages:
    """The pages of one request; each finds it only for the person whose it is."""

    def __init__(self, services: Services, rights: RightsService, codes: CodeSender) -> None:
        self._services = services
        self._rights = rights
        self._codes = codes

    def follow(self, request_id: str) -> Page:
        """Where it stands."""
        return self._page(self._rights.get(person().holder, request_id))

    def verify(self, request_id: str) -> Page:
        """Confirm it by the mailed code, or say that the code does not fit."""
        holder = person().holder
        self._codes.count_guess()
        try:
            code = request.form.get("code", "")
            self._rights.verify(holder, request_id, code)
        except InvalidInput:
            return self._page(self._rights.get(holder, request_id), wrong=True), 400
        return redirect(f"/you/requests/{request_id}", 303)

    def send_code(self, request_id: str) -> Page:
        """Send another code."""
        holder = person().holder
        self._codes.count_sending(f"holder {holder}")
        self._rights.send_code(holder, request_id)
        return redirect(f"/you/requests/{request_id}", 303)

    def cancel(self, request_id: str) -> Page:
        """Take it back."""
        self._rights.cancel(person().holder, request_id)
        return redirect(f"/you/requests/{request_id}", 303)

    def download(self, request_id: str) -> Page:
        """The answer as a file, after a fresh code."""
        page = f"/you/requests/{request_id}"
        # Whose request it is comes first: nobody is asked for a code for what is not theirs.
        self._rights.get(person().holder, request_id)
        holder = proved_person(self._services, back=page).holder
        package = self._rights.package(holder, request_id)
        headers = {
            "Content-Disposition": f'attachment; filename="{package.name}"',
            "Content-Length": str(package.size),
        }
        return Response(package.chunks, headers=headers, content_type=package.media_type)

    def _page(self, case: Case, *, wrong: bool = False) -> str:
        version = case.request.policy_version
        return render_template(
            "portal/request.html",
            case=case,
            policy=self._services.versions().get(version),
            wrong=wrong,
            stages=stages(case),
            means=_means(self._services.versions().get(version)),
        )


def stages(case: Case) -> list[tuple[str, str]]:
    """The stages of a request in order, each `done`, `now` or `next`."""
    names = ["received", "verified", "cooling off", "in progress", "completed"]
    if case.right != "deletion":
        names.remove("cooling off")
    if case.status not in names:
        passed = [move.after for move in case.history if move.after in names]
        return [("received", "done"), *((name, "done") for name in passed), (case.status, "now")]
    at = names.index(case.status)
    ended = case.status.closed
    return [
        (
            name,
            "done" if place < at or (ended and place == at) else "now" if place == at else "next",
        )
        for place, name in enumerate(names)
    ]


def _means(policy: Policy) -> dict[str, str]:
    return {term.name: term.means for term in policy.categories}
