"""The visit: who is here, by the cookie of a session that is kept in the database.

Reading the policy sets no cookie. A form needs one for its CSRF token: that is a random token which names
no row anywhere; only a login keeps a session, always under a new token.
"""

from __future__ import annotations

from typing import Any

from flask import Flask, Request, Response
from flask import session as flask_session
from flask.sessions import SessionInterface, SessionMixin
from sqlalchemy import Connection

from engine.access.keyed import keyed, new_token
from engine.access.sessions import Session, SessionKind
from web.services import Services

COOKIE = "session"
_TOKEN_LENGTH = 43
_CSRF = "csrf_token"


class Visit(dict[str, Any], SessionMixin):
    """What Flask calls the session. It holds nothing but the CSRF token that follows from its cookie."""

    def __init__(self, services: Services, token: str | None) -> None:
        super().__init__()
        self._services = services
        self._given = token
        self._session: Session | None = None
        self._looked = False
        self.token = token or new_token()
        self.needs_cookie = False

    def __contains__(self, key: object) -> bool:
        return key == _CSRF or super().__contains__(key)

    def __getitem__(self, key: str) -> Any:
        if key != _CSRF:
            return super().__getitem__(key)
        self.needs_cookie = True
        return keyed(self._services.config.secret, "csrf", self.token)

    @property
    def session(self) -> Session | None:
        """The live session, or None for somebody who is not logged in."""
        if not self._looked:
            self._looked = True
            self._session = self._find()
        return self._session

    def _find(self) -> Session | None:
        """The session of the cookie. One of a person is found only as theirs: an id may come to another."""
        if not self._given:
            return None
        sessions = self._services.access.sessions
        found = sessions.find(self._given)
        if found and found.kind == "portal" and self._services.consent.look(found.holder):
            # The session went with what its holder had said and asked for, under another name.
            found = sessions.find(self._given)
        return found if found and self._may_be_here(found) else None

    def _may_be_here(self, session: Session) -> bool:
        """A guardian may stay only as long as they may answer for the child."""
        if session.guardian is None:
            return True
        return self._services.guardians.may_answer(session.holder, session.guardian)

    def of_kind(self, kind: SessionKind) -> Session | None:
        """The live session, if it is of this kind."""
        session = self.session
        return session if session is not None and session.kind == kind else None

    def start(
        self, conn: Connection, kind: SessionKind, holder: str, guardian: str | None = None
    ) -> None:
        """Log somebody in under a new token, in the caller's transaction; an earlier session ends."""
        sessions = self._services.access.sessions
        if self.session is not None:
            sessions.drop(conn, self.session)
        self._adopt(sessions.start(conn, kind, holder, guardian))

    def end(self) -> None:
        """Log out."""
        session = self.session
        if session is not None:
            self._services.access.sessions.end(session)
        self._given = None
        self._session = None
        self.token = ""

    def _adopt(self, token: str) -> None:
        self._given = self.token = token
        self.needs_cookie = True
        self._looked = False


class StoredSessions(SessionInterface):
    """Gives Flask a `Visit` for each request and sets its cookie."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._secure = services.config.https
        # The prefix makes browsers refuse the cookie from any other host or path.
        self._name = f"__Host-{COOKIE}" if self._secure else COOKIE

    def open_session(self, app: Flask, request: Request) -> Visit:
        token = request.cookies.get(self._name, "")
        return Visit(self._services, token if len(token) == _TOKEN_LENGTH else None)

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        if not isinstance(session, Visit):
            return
        if not session.token:
            response.delete_cookie(self._name, secure=self._secure, httponly=True, samesite="Lax")
        elif session.needs_cookie:
            response.set_cookie(
                self._name, session.token, secure=self._secure, httponly=True, samesite="Lax"
            )
            response.vary.add("Cookie")


def visit() -> Visit:
    """The present visit."""
    found = flask_session._get_current_object()  # type: ignore[attr-defined]
    if not isinstance(found, Visit):
        raise TypeError("the app keeps its visits by `StoredSessions`")
    return found
