"""The portal: read the policy, log in, choose, agree, and ask for what is yours."""

from __future__ import annotations

from flask import Blueprint

from web.behind import Behind
from web.portal import (
    children,
    choices,
    cookies,
    gate,
    login,
    policy,
    prove,
    requests,
    well_known,
    you,
)
from web.portal.codes import CodeSender
from web.services import Services


def create_blueprint(services: Services) -> Blueprint:
    """The portal's pages, at the root of the site."""
    portal = Blueprint("portal", __name__, template_folder="templates")
    codes = CodeSender(services, Behind("mail"))
    policy.add_pages(portal, services)
    login.add_pages(portal, services, codes)
    prove.add_pages(portal, services, codes)
    you.add_pages(portal, services)
    choices.add_pages(portal, services)
    children.add_pages(portal, services)
    if services.rights is not None:
        requests.add_pages(portal, services, services.rights, codes)
    gate.add_pages(portal, services)
    cookies.add_pages(portal, services)
    well_known.add_pages(portal)
    return portal
