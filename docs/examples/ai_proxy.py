"""A proxy in front of an AI API that keeps the promises about the content of requests.

Before anything goes upstream it asks Upheld what of it may be shared, leaves the rest out, and records the
disclosure; the answer carries the warning that the policy promises. Without an answer of Upheld
nothing goes.

    UPHELD_URL=https://privacy.example.com UPHELD_KEY=upheld_… UPSTREAM_URL=https://ai.example.com \
    UPSTREAM_KEY=… flask --app ai_proxy run
"""

from __future__ import annotations

import os
import uuid
from collections.abc import Callable
from typing import Any

import httpx
from flask import Flask, Response, jsonify, request

from upheld_client import Filtered, Upheld, UpheldError

SHARING = {"purpose": "provide-service", "recipient": "upstream", "by_api_key": True}
CONTENT = ("call_contents", "request_body", "usage.content")
"""The dataset and the field of the data map that the content of a request is, and its category."""

SETTINGS = ("model", "temperature", "top_p", "max_tokens", "stop", "seed")
"""What is sent along because it says nothing about a person. Everything else of a request is asked about."""


def create_proxy(upheld: Upheld, upstream: httpx.Client, person: Callable[[], str | None]) -> Flask:
    """The proxy. `person`, called within a request, gives the id of the person whose API key it shows."""
    app = Flask("ai_proxy")

    @app.post("/v1/chat/completions")
    def complete() -> Response:
        subject, sent = person(), request.get_json()
        if subject is None:
            return problem(401, "who are you?")
        call = uuid.uuid4().hex
        allowed = what_may_go(upheld, subject, sent, call)
        if allowed.failure:
            return problem(503, "whether this may go upstream cannot be found out now")
        if CONTENT[1] not in allowed.record:
            return problem(403, refused(allowed))
        try:
            warnings = words(upheld, allowed)
            disclose(upheld, subject, call)
        except UpheldError:
            return problem(503, "what goes upstream cannot be recorded now, so it does not go")
        answer = upstream.post("/v1/chat/completions", json=going(sent, allowed))
        return told(answer, allowed, warnings)

    return app


def what_may_go(upheld: Upheld, subject: str, sent: dict[str, Any], call: str) -> Filtered:
    """What of a request may be shared upstream: all but the settings is asked about, field by field."""
    asked = {name: value for name, value in sent.items() if name not in (*SETTINGS, "messages")}
    record = {**asked, CONTENT[1]: sent.get("messages")}
    return upheld.filter_record(
        CONTENT[0], record, operation="share", subject=subject, request_id=call, **SHARING
    )


def refused(allowed: Filtered) -> str:
    """Why the content itself may not go."""
    return next((each.reason for each in allowed.removed if each.field == CONTENT[1]), "")


def going(sent: dict[str, Any], allowed: Filtered) -> dict[str, Any]:
    """The request as it goes upstream; none of the caller's headers go along."""
    kept = {name: value for name, value in allowed.record.items() if name != CONTENT[1]}
    settings = {name: sent[name] for name in SETTINGS if name in sent}
    return {**settings, **kept, "messages": allowed.record[CONTENT[1]]}


def words(upheld: Upheld, allowed: Filtered) -> dict[str, str]:
    """What the person is to be warned by, clause by clause, in the words of the policy in force."""
    clauses = upheld.policy().clauses if allowed.warnings else {}
    return {clause: clauses[clause].text for clause in allowed.warnings if clause in clauses}


def disclose(upheld: Upheld, subject: str, call: str) -> None:
    """Record it before it goes: what cannot be recorded does not go."""
    upheld.disclose(subject, categories=[CONTENT[2]], request_id=call, **SHARING)


def told(answer: httpx.Response, allowed: Filtered, warnings: dict[str, str]) -> Response:
    """What upstream says, with the warnings and with what was left out."""
    response = Response(answer.content, answer.status_code, content_type="application/json")
    if allowed.removed:
        response.headers["Privacy-Removed"] = ", ".join(each.field for each in allowed.removed)
    for clause, text in warnings.items():
        response.headers.add("Privacy-Warning", f'{clause}; text="{ascii_only(text)}"')
    return response


def ascii_only(text: str) -> str:
    """Text as a header can hold it."""
    plain = text.encode("ascii", "replace").decode()
    return " ".join(plain.replace('"', "'").split())


def problem(status: int, detail: str) -> Response:
    """Problem details (RFC 9457)."""
    response = jsonify(status=status, detail=detail)
    response.status_code, response.content_type = status, "application/problem+json"
    return response


def create_app() -> Flask:
    """The proxy from its environment. Look people up in your own table of keys instead of this one."""
    upheld = Upheld(os.environ["UPHELD_URL"], os.environ["UPHELD_KEY"])
    headers = {"Authorization": f"Bearer {os.environ['UPSTREAM_KEY']}"}
    upstream = httpx.Client(base_url=os.environ["UPSTREAM_URL"], headers=headers, timeout=60)
    people = dict(pair.split("=", 1) for pair in os.environ.get("PEOPLE", "").split())
    return create_proxy(upheld, upstream, lambda: people.get(request.headers.get("X-API-Key", "")))
