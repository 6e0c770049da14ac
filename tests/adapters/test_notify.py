"""Mail over a real SMTP server, and into a Maildir: what arrives, what is refused, what errors tell."""

import datetime as dt
import socket
import ssl
import stat
from collections.abc import Iterator
from email.utils import parsedate_to_datetime
from mailbox import Maildir
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, Envelope
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from hypothesis import given
from hypothesis import strategies as st

from adapters.notify import MaildirNotifier, SmtpNotifier, compose
from engine.errors import InvalidInput, Unavailable

TO = "owner@example.com"
SENDER = "privacy@example.org"
BAD_ADDRESSES = [
    "",
    "owner",
    "@example.com",
    "owner@",
    "owner@example.com, other@example.net",
    "Owner <owner@example.com>",
    "owner@example.com\r\nBcc: other@example.net",
    "owner@example.com\n",
    "owner @example.com",
    "owner@exämple.com",
]
BAD_SUBJECTS = [
    "Code\nBcc: other@example.net",
    "Code\r\n\r\nhello",
    "a\0b",
    "a\u2028b",
    "a\x85b",
    "\ud800",
]


def plain(smtp, **changes) -> SmtpNotifier:
    return SmtpNotifier(smtp.host, smtp.port, starttls=False, sender=SENDER, **changes)


def test_a_message_arrives_whole(smtp):
    before = dt.datetime.now(dt.UTC).replace(microsecond=0)
    plain(smtp).send(TO, "Your code: 验证码", "Grüße\n.\nhttps://example.org/a?b=c\n")
    [message] = smtp.to(TO)
    assert message["Subject"] == "Your code: 验证码"
    assert (message["From"], message["To"]) == (SENDER, TO)
    assert message.get_content_type() == "text/plain"
    assert message.get_content_charset() == "utf-8"
    assert message.get_content().replace("\r\n", "\n") == "Grüße\n.\nhttps://example.org/a?b=c\n"
    assert message["Message-ID"].endswith("@example.org>")
    assert before <= parsedate_to_datetime(message["Date"]) <= dt.datetime.now(dt.UTC)


def test_no_two_messages_share_an_id(smtp):
    for _ in range(2):
        plain(smtp).send(TO, "Hello", "x")
    assert len({message["Message-ID"] for message in smtp.messages}) == 2


@pytest.mark.parametrize("to", BAD_ADDRESSES)
def test_anything_but_one_address_is_refused_and_nothing_is_sent(smtp, to):
    with pytest.raises(InvalidInput) as refused:
        plain(smtp).send(to, "Hello", "x")
    assert refused.value.field == "to"
    assert smtp.messages == []


@pytest.mark.parametrize("subject", BAD_SUBJECTS)
def test_a_subject_of_more_than_one_line_is_refused(smtp, subject):
    with pytest.raises(InvalidInput) as refused:
        plain(smtp).send(TO, subject, "x")
    assert refused.value.field == "subject"
    assert smtp.messages == []


@given(st.text(max_size=40) | st.emails(), st.text(max_size=40))
def test_no_text_adds_a_header_or_a_recipient(to, subject):
    try:
        message = compose(SENDER, to, subject, "x")
    except InvalidInput:
        return
    raw = message.as_bytes().partition(b"\r\n\r\n")[0]
    names = [line.split(b":")[0] for line in raw.split(b"\r\n") if not line.startswith(b" ")]
    assert sorted(names) == sorted(
        b"From To Subject Date Message-ID Auto-Submitted Content-Type Content-Transfer-Encoding "
        b"MIME-Version".split()
    )
    assert len(message["To"].addresses) == 1


def test_the_password_is_not_in_the_representation():
    assert "hunter2" not in repr(SmtpNotifier("localhost", 25, "me", "hunter2"))


def test_a_password_is_not_sent_unencrypted_to_another_machine():
    with pytest.raises(InvalidInput, match="unencrypted"):
        SmtpNotifier("mail.example.org", 25, "me", "hunter2", starttls=False)


def test_a_server_that_is_not_there_is_unavailable():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with pytest.raises(Unavailable, match=f"`127.0.0.1:{port}`") as raised:
        SmtpNotifier("127.0.0.1", port, starttls=False).send(TO, "Hello", "x")
    assert raised.value.__cause__ is None


def test_a_server_that_says_nothing_is_unavailable():
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        with pytest.raises(Unavailable, match="in time"):
            SmtpNotifier("127.0.0.1", port, starttls=False, timeout=0.05).send(TO, "Hello", "x")


def test_a_server_without_tls_gets_nothing(smtp):
    with pytest.raises(Unavailable, match="did not take the message"):
        SmtpNotifier(smtp.host, smtp.port).send(TO, "Hello", "x")
    assert smtp.messages == []


class Handler:
    """Takes messages for some, refuses others, repeating their address as servers do."""

    def __init__(self) -> None:
        self.envelopes: list[Envelope] = []

    async def handle_RCPT(self, server, session, envelope, address, options):  # noqa: N802
        if address.startswith("nobody"):
            return f"550 no such user {address}"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):  # noqa: N802
        if b"virus" in envelope.content:
            return f"554 refused for {envelope.rcpt_tos[0]}"
        self.envelopes.append(envelope)
        return "250 OK"


@pytest.fixture(scope="module")
def certificate(tmp_path_factory) -> Path:
    """A certificate of its own authority for `localhost`, with its key, in one PEM file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = dt.datetime.now(dt.UTC)
    built = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    path = tmp_path_factory.mktemp("tls") / "server.pem"
    secret = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    path.write_bytes(secret + built.public_bytes(pem))
    return path


class StartTls(Controller):
    """A server that wants TLS and the password `hunter2` before it takes mail."""

    def __init__(self, certificate: Path, listener: socket.socket) -> None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        self.listener = listener
        super().__init__(
            Handler(),
            hostname="127.0.0.1",
            port=listener.getsockname()[1],
            tls_context=context,
            require_starttls=True,
            auth_required=True,
            authenticator=lambda *args: AuthResult(
                success=args[-1].password == b"hunter2", handled=False
            ),
        )

    def _create_server(self):
        return self.loop.create_server(self._factory_invoker, sock=self.listener)


@pytest.fixture
def secure(certificate) -> Iterator[StartTls]:
    controller = StartTls(certificate, socket.create_server(("127.0.0.1", 0)))
    controller.start()
    yield controller
    controller.stop()


def trusting(secure: StartTls, certificate: Path, password: str = "hunter2") -> SmtpNotifier:
    trust = ssl.create_default_context(cafile=certificate)
    return SmtpNotifier("localhost", secure.port, "me", password, sender=SENDER, tls=trust)


def test_tls_and_a_password(secure, certificate):
    trusting(secure, certificate).send(TO, "Hello", "x")
    assert [envelope.rcpt_tos for envelope in secure.handler.envelopes] == [[TO]]


def test_a_certificate_that_nobody_vouches_for_is_refused(secure):
    with pytest.raises(Unavailable, match="certificate is not trusted"):
        SmtpNotifier("localhost", secure.port, "me", "hunter2").send(TO, "Hello", "x")
    assert secure.handler.envelopes == []


def test_a_certificate_for_another_name_is_refused(secure, certificate):
    trust = ssl.create_default_context(cafile=certificate)
    with pytest.raises(Unavailable, match="certificate is not trusted"):
        SmtpNotifier("127.0.0.1", secure.port, tls=trust).send(TO, "Hello", "x")


@pytest.mark.parametrize(
    ("to", "body", "password", "reason"),
    [
        (TO, "x", "wrong", "code 535"),
        ("nobody@example.com", "x", "hunter2", "refused the recipient .code 550"),
        (TO, "virus", "hunter2", "code 554"),
    ],
)
def test_a_refusal_gives_its_code_and_no_address(secure, certificate, to, body, password, reason):
    with pytest.raises(Unavailable, match=reason) as raised:
        trusting(secure, certificate, password).send(to, "Hello", body)
    assert "example.com" not in str(raised.value)
    assert raised.value.__cause__ is None
    assert raised.value.__suppress_context__


def test_a_maildir_is_made_for_its_owner_only(tmp_path):
    folder = tmp_path / "var" / "mail"
    MaildirNotifier(folder, SENDER).send(TO, "Hello", "x\n")
    [key] = Maildir(folder).keys()
    raw = (folder / "new" / key).read_bytes()
    assert b"\r" not in raw
    assert raw.endswith(b"\nx\n")
    for path in (folder, folder / "new"):
        assert stat.S_IMODE(path.stat().st_mode) == 0o700


@pytest.mark.parametrize(
    ("to", "subject"), [("a@example.com\nBcc: b@example.com", "x"), (TO, "x\ny")]
)
def test_a_maildir_takes_no_injected_header(tmp_path, to, subject):
    with pytest.raises(InvalidInput):
        MaildirNotifier(tmp_path / "mail").send(to, subject, "x")
    assert not (tmp_path / "mail").exists()


def test_a_maildir_that_cannot_be_written_is_unavailable(tmp_path):
    (tmp_path / "mail").write_text("a file is in the way")
    with pytest.raises(Unavailable, match="mail folder"):
        MaildirNotifier(tmp_path / "mail").send(TO, "Hello", "x")
