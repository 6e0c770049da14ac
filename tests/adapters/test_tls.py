"""A handshake is real: with a trusted certificate, an untrusted one, an expired one, and with nobody."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from adapters.tls import probe

Serve = Callable[[timedelta], tuple[str, ssl.SSLContext]]


def certificate(folder: Path, lasts: timedelta) -> Path:
    """A certificate for localhost that signs itself; returns the file with it and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    ends = datetime.now(UTC) + lasts
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(ends - timedelta(days=90))
        .not_valid_after(ends)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = folder / "server.pem"
    secret = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    path.write_bytes(secret + made.public_bytes(serialization.Encoding.PEM))
    return path


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Serve]:
    """Start a TLS server on loopback with a certificate; returns its address and who trusts it."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def start(lasts: timedelta) -> tuple[str, ssl.SSLContext]:
            path = certificate(tmp_path, lasts)
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(path)
            threading.Thread(target=_answer_once, args=(listener, context), daemon=True).start()
            trusting = ssl.create_default_context(cafile=str(path))
            return f"https://localhost:{listener.getsockname()[1]}", trusting

        yield start


def _answer_once(listener: socket.socket, context: ssl.SSLContext) -> None:
    raw, _ = listener.accept()
    with raw:
        try:
            context.wrap_socket(raw, server_side=True).close()
        except OSError:
            raw.close()


def test_a_good_certificate_tells_its_protocol_and_its_end(serve: Serve) -> None:
    address, trusting = serve(timedelta(days=40))
    found = probe(address, trusting)
    assert (found.refused, found.unreachable) == ("", "")
    assert found.protocol.startswith("TLSv1.")
    assert found.expires is not None
    assert timedelta(days=39) < found.expires - datetime.now(UTC) <= timedelta(days=40)


def test_a_certificate_that_nobody_vouches_for_is_refused(serve: Serve) -> None:
    address, _ = serve(timedelta(days=40))
    assert "self-signed certificate" in probe(address).refused.replace("self signed", "self-signed")


def test_an_expired_certificate_is_refused(serve: Serve) -> None:
    address, trusting = serve(timedelta(days=-1))
    assert "expired" in probe(address, trusting).refused


def test_nobody_there_is_unreachable_and_not_refused() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    found = probe(f"https://127.0.0.1:{port}")
    assert found.refused == ""
    assert found.unreachable == "connection refused"


def test_an_address_without_encryption_is_refused() -> None:
    assert probe("http://shop.test").refused == "it is not an https address"
