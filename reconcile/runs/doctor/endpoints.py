"""Whether an address can be reached, and what its certificate is worth. One connection each, not a byte of HTTP."""

from __future__ import annotations

import asyncio
import socket
import ssl
from datetime import UTC, datetime, timedelta
from typing import Final
from urllib.parse import urlsplit

from reconcile.model.examination import Facts, Finding, Mark

TIMEOUT_S: Final = 10.0
SOON: Final = timedelta(days=14)
_TOPIC: Final = "endpoint"
_TOO_OLD: Final = ("UNSUPPORTED_PROTOCOL", "TLSV1_ALERT_PROTOCOL_VERSION", "NO_PROTOCOLS_AVAILABLE")
"""What OpenSSL says of a server that has nothing newer than TLS 1.1: nobody here speaks that any more."""

_EXPIRED, _NOT_YET, _OTHER_NAME = 10, 9, 62
"""OpenSSL's X509_V_ERR_* numbers; Python names none of them."""


async def reach(origin: str, now: datetime, trust: ssl.SSLContext | None = None) -> Finding:
    """One finding for one origin. `trust` is the clients' own when absent: the certificates shipped with httpx."""
    parts = urlsplit(origin)
    host, is_tls = parts.hostname or "", parts.scheme == "https"
    port = parts.port or (443 if is_tls else 80)
    values = {"origin": origin}
    context = (trust or _clients_trust()) if is_tls else None
    try:
        async with asyncio.timeout(TIMEOUT_S):
            _, writer = await asyncio.open_connection(
                host, port, ssl=context, server_hostname=host if context else None
            )
    except ssl.SSLCertVerificationError as exc:
        return _untrusted(origin, exc)
    except ssl.SSLError as exc:
        key = "endpoint.old_protocol" if exc.reason in _TOO_OLD else "endpoint.no_tls"
        return Finding(_TOPIC, Mark.PROBLEM, key, {**values, "reason": exc.reason or "TLS"})
    except socket.gaierror:
        return Finding(_TOPIC, Mark.PROBLEM, "endpoint.unknown_host", {**values, "host": host})
    except TimeoutError:
        return Finding(_TOPIC, Mark.PROBLEM, "endpoint.silent", {**values, "seconds": int(TIMEOUT_S)})
    except OSError as exc:
        return Finding(
            _TOPIC, Mark.PROBLEM, "endpoint.refused", {**values, "reason": exc.strerror or type(exc).__name__}
        )
    try:
        return _of_connection(origin, writer, now)
    finally:
        writer.close()


def _of_connection(origin: str, writer: asyncio.StreamWriter, now: datetime) -> Finding:
    wire = writer.get_extra_info("ssl_object")
    if wire is None:
        return Finding(_TOPIC, Mark.OK, "endpoint.plain", {"origin": origin})
    certificate, version = wire.getpeercert() or {}, str(wire.version())
    until = datetime.fromtimestamp(ssl.cert_time_to_seconds(certificate["notAfter"]), UTC)
    days = (until - now).days
    values: Facts = {"origin": origin, "protocol": version, "until": until.date().isoformat(), "days": days}
    if until - now < SOON:
        return Finding(_TOPIC, Mark.WARNING, "endpoint.ends_soon", values)
    return Finding(_TOPIC, Mark.OK, "endpoint.reached", values)


def _untrusted(origin: str, failed: ssl.SSLCertVerificationError) -> Finding:
    keys = {_EXPIRED: "endpoint.expired", _NOT_YET: "endpoint.not_yet", _OTHER_NAME: "endpoint.other_name"}
    key = keys.get(failed.verify_code, "endpoint.untrusted")
    return Finding(_TOPIC, Mark.PROBLEM, key, {"origin": origin, "reason": failed.verify_message})


def _clients_trust() -> ssl.SSLContext:
    import httpx

    return httpx.create_ssl_context(trust_env=False)
