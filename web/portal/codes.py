"""Sending one-time codes, and what stands in the mail."""

from __future__ import annotations

from datetime import timedelta

from flask_babel import gettext as _

from engine.access.codes import CODE_LASTS, CODES_FOR_ADDRESS, Issued, Purpose
from engine.access.limits import Limit
from web.behind import Behind
from web.security import client_address
from web.services import Services

CODES_FOR_CLIENT = Limit("codes for a client", 30, timedelta(hours=1))
GUESSES_BY_CLIENT = Limit("guesses by a client", 60, timedelta(hours=1))


class CodeSender:
    """Begins attempts and has their codes mailed; counts both sending and guessing."""

    def __init__(self, services: Services, mail: Behind) -> None:
        self._services = services
        self._mail = mail

    def send(self, purpose: Purpose, address: str, holder: str | None) -> str:
        """Begin an attempt, have its code sent to the address on file, and return the attempt's name.

        Raises TooManyRequests, for known and unknown addresses alike.
        """
        self.count_sending(address)
        with self._services.database.begin() as conn:
            issued = self._services.access.codes.issue(conn, purpose, address, holder)
        subject, body = _letter(purpose, issued, self._services.config.base_url)
        self._mail.run(lambda: self._write_to(holder, subject, body))
        return issued.id

    def count_sending(self, address: str) -> None:
        """Raise TooManyRequests for an address, or a client, for which too many codes are sent."""
        self._services.access.limits.check(CODES_FOR_CLIENT, client_address())
        self._services.access.limits.check(CODES_FOR_ADDRESS, address.casefold())

    def count_guess(self) -> None:
        """Raise TooManyRequests for a client that guesses too often."""
        self._services.access.limits.check(GUESSES_BY_CLIENT, client_address())

    def _write_to(self, holder: str | None, subject: str, body: str) -> None:
        # The address on file, not the one that was typed: they may differ in more than case.
        known = self._services.directory.addresses(holder) if holder else ()
        for address in known[:1]:
            self._services.notifier.send(address, subject, body)


def _letter(purpose: Purpose, issued: Issued, base_url: str) -> tuple[str, str]:
    minutes = int(CODE_LASTS.total_seconds() // 60)
    if purpose == "step-up":
        body = _(
            "Your code to confirm that it is you: %(code)s\n\n"
            "It can be used once, within %(minutes)d minutes.\n\n"
            "If you did not ask for it, somebody may be using your account: please tell us.",
            code=issued.code,
            minutes=minutes,
        )
        return _("Your confirmation code"), body
    body = _(
        "Your code to log in: %(code)s\n\n"
        "It can be used once, within %(minutes)d minutes.\n\n"
        "Or open this address and press the button there:\n%(link)s\n\n"
        "If you did not ask for it, you need do nothing: without the code nobody gets in.",
        code=issued.code,
        minutes=minutes,
        link=f"{base_url}/login/link/{issued.link}",
    )
    return _("Your login code"), body
