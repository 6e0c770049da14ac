"""The portal: read the policy, log in, choose, agree, and ask for what is yours."""

from __future__ import annotations

from flask import Blueprint

from web.portal import policy
from web.services import Services


def create_blueprint(services: Services) -> Blueprint:
    """The portal's pages, at the root of the site."""
    portal = Blueprint("portal", __name__, template_folder="templates")
    policy.add_pages(portal, services)
    return portal
