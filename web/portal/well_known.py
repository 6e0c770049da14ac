"""What machines look for at fixed addresses."""

from __future__ import annotations

from flask import Blueprint, Response, json

GPC_SINCE = "2025-04-15"
"""When what is said of Global Privacy Control last changed (W3C GPC, section 4, `lastUpdate`)."""


def add_pages(portal: Blueprint) -> None:
    """`/.well-known/gpc.json`: that the signal is honoured."""

    @portal.get("/.well-known/gpc.json")
    def gpc_support() -> Response:
        body = json.dumps({"gpc": True, "lastUpdate": GPC_SINCE})
        return Response(body, content_type="application/json")
