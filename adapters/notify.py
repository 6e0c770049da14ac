"""Sending mail: over SMTP, or into a Maildir folder where no mail server is wanted.

Both notifiers `send` plain text in UTF-8 to one address. A line break or another control character in
the address or the subject is refused, so nobody can add headers or recipients; no error names the
address or the text.
"""

from __future__ import annotations

import re
import ssl
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP as SMTP_POLICY
from email.utils import format_datetime, make_msgid
from ipaddress import ip_address
from mailbox import Maildir
from pathlib import Path
from smtplib import (
    SMTP,
    SMTPException,
    SMTPRecipientsRefused,
    SMTPResponseException,
    SMTPServerDisconnected,
)
from unicodedata import category

from engine.errors import InvalidInput, Unavailable

DEFAULT_SENDER = "upheld@localhost"

# RFC 5321 section 4.1.2 without quoted strings and address literals, which no portal accepts.
_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?"
_ADDRESS = re.compile(rf"(?P<mailbox>{_ATOM}(?:\.{_ATOM})*)@(?P<domain>{_LABEL}(?:\.{_LABEL})*)")
_LONGEST_ADDRESS = 254


@dataclass(frozen=True, slots=True)
class MaildirNotifier:
    """Delivers into the Maildir at `folder`, which it makes on first use for its owner only.

    Raises Unavailable where the folder cannot be written.
    """

    folder: Path
    sender: str = DEFAULT_SENDER

    def send(self, to: str, subject: str, body: str) -> None:
        """Deliver a message; InvalidInput for an address or subject that cannot be one."""
        message = compose(self.sender, to, subject, body)
        try:
            self.folder.parent.mkdir(parents=True, exist_ok=True)
            box = Maildir(self.folder, create=True)
            box.add(message.as_bytes(policy=message.policy.clone(linesep="\n")))
        except OSError as error:
            raise Unavailable(f"the mail folder cannot be written: {error.strerror}") from None


@dataclass(frozen=True, slots=True)
class SmtpNotifier:
    """Hands messages to the mail server at `host`:`port`, each over a connection of its own.

    With `starttls` the connection is encrypted and the server's certificate verified before anything
    else is said (`tls` brings other trust, such as a private authority). A password is sent only over
    TLS or to this machine. `timeout` is in seconds, for each step.
    """

    host: str
    port: int
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    starttls: bool = True
    sender: str = DEFAULT_SENDER
    timeout: float = 10.0
    tls: ssl.SSLContext | None = None

    def __post_init__(self) -> None:
        _one_address(self.sender, "sender")
        if self.username and not self.starttls and not _is_loopback(self.host):
            raise InvalidInput(
                f"the password for the mail server `{self.host}` would travel unencrypted, "
                "turn STARTTLS on",
                "starttls",
            )

    def send(self, to: str, subject: str, body: str) -> None:
        """Send a message; InvalidInput for an address or subject that cannot be one.

        Raises Unavailable where the server does not answer, is not who it should be, or refuses.
        """
        message = compose(self.sender, to, subject, body)
        try:
            self._deliver(message)
        except (SMTPException, OSError) as error:
            # `from None`: the server's reply may repeat the address, and causes end up in logs.
            raise Unavailable(
                f"the mail server `{self.host}:{self.port}` did not take the message: "
                f"{_reason(error)}"
            ) from None

    def _deliver(self, message: EmailMessage) -> None:
        with SMTP(self.host, self.port, timeout=self.timeout) as server:
            if self.starttls:
                server.starttls(context=self.tls or ssl.create_default_context())
            if self.username:
                server.login(self.username, self.password or "")
            server.send_message(message)


def compose(sender: str, to: str, subject: str, body: str) -> EmailMessage:
    """A plain text message of now; InvalidInput where `to` or `subject` cannot stand in a header."""
    message = EmailMessage(policy=SMTP_POLICY)
    message["From"] = _one_address(sender, "sender")
    message["To"] = _one_address(to, "to")
    message["Subject"] = _one_line(subject, "subject")
    message["Date"] = format_datetime(datetime.now(UTC))
    message["Message-ID"] = make_msgid(domain=message["From"].addresses[0].domain)
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: vacation notices do not answer it
    message.set_content(body)
    return message


def _one_address(text: str, name: str) -> Address:
    parts = _ADDRESS.fullmatch(text)
    if parts is None or len(text) > _LONGEST_ADDRESS:
        raise InvalidInput(f"`{name}` must be one e-mail address, such as name@example.com", name)
    return Address(username=parts["mailbox"], domain=parts["domain"])


def _one_line(text: str, name: str) -> str:
    if any(category(character) in {"Cc", "Cs", "Zl", "Zp"} for character in text):
        raise InvalidInput(f"`{name}` must be one line without control characters", name)
    return text


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _reason(error: SMTPException | OSError) -> str:
    match error:
        case SMTPRecipientsRefused():
            codes = sorted({code for code, _ in error.recipients.values()})
            return f"it refused the recipient (code {', '.join(map(str, codes))})"
        case SMTPResponseException():
            return f"it answered with code {error.smtp_code}"
        case ssl.SSLCertVerificationError():
            return f"its certificate is not trusted ({error.verify_message})"
        case SMTPServerDisconnected() | TimeoutError():
            return "it broke off or did not answer in time"
        case SMTPException():
            return f"it cannot do what is asked of it ({type(error).__name__})"
        case _:
            return error.strerror or type(error).__name__
