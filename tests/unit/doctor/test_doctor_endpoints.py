"""Reaching an address: what a certificate is worth is told apart, on real sockets of this machine."""

import asyncio
import socket
import ssl
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from reconcile.model.examination import Mark
from reconcile.runs.doctor import endpoints
from reconcile.runs.doctor.endpoints import reach

NOW = datetime.now(UTC)


def certificate(folder, *, name="localhost", until=timedelta(days=90), since=timedelta(days=1)):
    """A self-signed certificate and its key in one PEM file."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    built = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(NOW - since)
        .not_valid_after(NOW + until)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = folder / "server.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(private + built.public_bytes(serialization.Encoding.PEM))
    return path


def found(pem=None, *, trusts=True, scheme="https", now=NOW, says=b"HTTP/1.1 400 Bad Request\r\n\r\n"):
    """The finding about a server of this machine; `pem` makes it speak TLS."""

    async def run():
        context = None
        if pem is not None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(pem)

        async def answer(reader, writer):
            if pem is None:
                if scheme == "https":
                    await reader.read(4096)  # the client's first words; a close before them would be a reset
                writer.write(says)
            writer.close()

        server = await asyncio.start_server(answer, "127.0.0.1", 0, ssl=context)
        port = server.sockets[0].getsockname()[1]
        trust = ssl.create_default_context(cafile=str(pem) if trusts and pem is not None else None)
        async with server:
            return await reach(f"{scheme}://localhost:{port}", now, trust)

    return asyncio.run(run())


def test_a_good_certificate_tells_protocol_and_end(tmp_path):
    finding = found(certificate(tmp_path))
    assert (finding.mark, finding.key) == (Mark.OK, "endpoint.reached")
    assert finding.values["protocol"] == "TLSv1.3"
    assert finding.values["until"] == (NOW + timedelta(days=90)).date().isoformat()


def test_one_that_ends_soon_is_a_warning(tmp_path):
    finding = found(certificate(tmp_path, until=timedelta(days=3, hours=1)))
    assert (finding.mark, finding.key, finding.values["days"]) == (Mark.WARNING, "endpoint.ends_soon", 3)


@pytest.mark.parametrize(
    ("made", "trusts", "key"),
    [
        ({"until": timedelta(hours=-1)}, True, "endpoint.expired"),
        ({"since": timedelta(hours=-1)}, True, "endpoint.not_yet"),
        ({"name": "elsewhere.example"}, True, "endpoint.other_name"),
        ({}, False, "endpoint.untrusted"),
    ],
)
def test_bad_certificates_are_told_apart(tmp_path, made, trusts, key):
    finding = found(certificate(tmp_path, **made), trusts=trusts)
    assert (finding.mark, finding.key) == (Mark.PROBLEM, key)


def test_a_server_without_tls():
    assert found(scheme="https").key == "endpoint.no_tls"
    assert found(scheme="http").key == "endpoint.plain"


def test_a_server_that_speaks_old_tls_only():
    """It answers with the alert "protocol version"; the clients would not speak to it either."""
    finding = found(says=bytes.fromhex("15030100020246"))
    assert (finding.mark, finding.key) == (Mark.PROBLEM, "endpoint.old_protocol")


def test_a_server_that_accepts_and_says_nothing(monkeypatch):
    monkeypatch.setattr(endpoints, "TIMEOUT_S", 0.05)
    with socket.create_server(("127.0.0.1", 0)) as server:
        finding = asyncio.run(reach(f"https://127.0.0.1:{server.getsockname()[1]}", NOW))
    assert (finding.mark, finding.key) == (Mark.PROBLEM, "endpoint.silent")


def test_a_name_that_nobody_knows(monkeypatch):
    async def unknown(*_args, **_options):
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(asyncio, "open_connection", unknown)  # a real look-up would leave this machine
    finding = asyncio.run(reach("https://iot.nowhere.example", NOW))
    assert (finding.mark, finding.key, finding.values["host"]) == (
        Mark.PROBLEM,
        "endpoint.unknown_host",
        "iot.nowhere.example",
    )


def test_nobody_there():
    finding = asyncio.run(reach("https://127.0.0.1:1", NOW))
    assert (finding.mark, finding.key) == (Mark.PROBLEM, "endpoint.refused")
