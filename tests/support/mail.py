"""A real SMTP server that keeps what it is sent."""

import asyncio
import socket
from collections.abc import Coroutine, Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage
from threading import Condition
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session


class Mailbox:
    """Every message that the server at `host`:`port` has taken, oldest first."""

    def __init__(self, host: str, port: int) -> None:
        self.host = host
        self.port = port
        self._messages: list[EmailMessage] = []
        self._arrival = Condition()

    @property
    def messages(self) -> list[EmailMessage]:
        """What has arrived so far (a sender whose SMTP session has ended has arrived)."""
        with self._arrival:
            return list(self._messages)

    def to(self, address: str) -> list[EmailMessage]:
        """The messages that were delivered to this address."""
        return [m for m in self.messages if address in str(m["X-Envelope-To"]).split(", ")]

    def wait_for(self, number: int, timeout: float = 10) -> list[EmailMessage]:
        """The messages, once there are at least that many; for senders in another process."""
        with self._arrival:
            if not self._arrival.wait_for(lambda: len(self._messages) >= number, timeout):
                raise AssertionError(f"{len(self._messages)} of {number} mails after {timeout} s")
            return list(self._messages)

    def clear(self) -> None:
        """Forget what has arrived."""
        with self._arrival:
            self._messages.clear()

    async def handle_DATA(  # noqa: N802 - the name that aiosmtpd calls
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        message = message_from_bytes(envelope.original_content or b"", policy=policy.default)
        message["X-Envelope-From"] = envelope.mail_from
        message["X-Envelope-To"] = ", ".join(envelope.rcpt_tos)
        with self._arrival:
            self._messages.append(message)
            self._arrival.notify_all()
        return "250 OK"


class _OnSocket(Controller):
    """A controller that serves a socket bound beforehand, so that nobody can take the port between."""

    def __init__(self, listener: socket.socket, mailbox: Mailbox) -> None:
        super().__init__(mailbox, hostname=mailbox.host, port=mailbox.port)
        self._listener = listener

    def _create_server(self) -> Coroutine[Any, Any, asyncio.Server]:
        return self.loop.create_server(self._factory_invoker, sock=self._listener)


@pytest.fixture
def smtp() -> Iterator[Mailbox]:
    """An SMTP server on a free loopback port; `.host`, `.port`, and the `.messages` it has taken."""
    listener = socket.create_server(("127.0.0.1", 0))
    mailbox = Mailbox(*listener.getsockname())
    controller = _OnSocket(listener, mailbox)
    controller.start()
    yield mailbox
    controller.stop()
