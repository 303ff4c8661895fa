"""httpx's transport interface over aiohttp's connections, made for many small calls to one account.

Premise: thousands of signed calls leave one process, and after a lost answer everything hangs on whether a byte left.
Rule: a request is sent once and its whole answer read; there are no redirects, no cookies, no proxies from the
environment and no retries. The failure that aiohttp names is raised as it is: httpx has no class that tells a server
that closed a connection under a request from a connection that never came about.

httpx's own pool, and its AsyncClient around any transport, cost more than the rest of a call (docs/performance.md).
"""

from __future__ import annotations

import os
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, cast

import aiohttp
import httpx
from multidict import CIMultiDict
from yarl import URL

NEVER_SENT: Final = (
    aiohttp.ClientConnectorError,
    aiohttp.ConnectionTimeoutError,
    aiohttp.ClientSSLError,
    aiohttp.InvalidURL,
)
"""Failures to connect: not a byte of the request left. Every other failure leaves it in doubt."""
LOST: Final = (aiohttp.ClientError, OSError)
"""Everything that `handle_async_request` raises; a timeout is an OSError."""


class AnswerTooLongError(aiohttp.ClientPayloadError):
    """More bytes than any answer of these clouds has."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Of one pool. `connections` 0 is no limit; `idle_s` should be shorter than servers keep an idle connection."""

    connections: int
    idle_s: float
    answer_bytes: int


class Connections(httpx.AsyncBaseTransport):
    """A pool. A request's headers are complete, its body is a `httpx.ByteStream`; of its extensions these are heeded:
    httpcore's `target` (path and query, encoded already), and of `timeout`, in seconds, `connect` for a connection to
    come about and `read` for the whole call.
    """

    def __init__(self, limits: Limits, *, tls: ssl.SSLContext) -> None:
        self._limits = limits
        self._tls = tls
        self._session: aiohttp.ClientSession | None = None

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """The answer, read to its end. Raises: `LOST`; those of `NEVER_SENT` prove that nothing left."""
        session = self._session or self._open()
        timeout = cast("Mapping[str, float]", request.extensions["timeout"])
        async with session.request(
            request.method,
            _url(request),
            headers=CIMultiDict([(name.decode("ascii"), value.decode("ascii")) for name, value in request.headers.raw]),
            data=b"".join(cast("httpx.ByteStream", request.stream)) or None,
            allow_redirects=False,
            timeout=_timeout(timeout["connect"], timeout["read"]),
        ) as answer:
            content = await self._read(answer)
        return httpx.Response(answer.status, headers=answer.raw_headers, stream=httpx.ByteStream(content))

    async def aclose(self) -> None:
        """Closes all connections."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    def _open(self) -> aiohttp.ClientSession:
        limits = self._limits
        connector = aiohttp.TCPConnector(limit=limits.connections, keepalive_timeout=limits.idle_s, ssl=self._tls)
        session = self._session = aiohttp.ClientSession(
            connector=connector,
            cookie_jar=aiohttp.DummyCookieJar(),
            skip_auto_headers=("Accept", "Accept-Encoding", "User-Agent", "Content-Type"),
            trust_env=False,
        )
        # aiohttp repeats GET and PUT on a lost connection, behind the journal's and the quota's back; no public switch.
        session._retry_connection = False  # noqa: SLF001  # there is no public way to keep aiohttp from sending twice
        return session

    async def _read(self, answer: aiohttp.ClientResponse) -> bytes:
        limit = self._limits.answer_bytes
        length = None if "Content-Encoding" in answer.headers else answer.content_length
        if length is not None and length <= limit:
            return await answer.read()
        content = bytearray()
        async for chunk in answer.content.iter_any():
            content += chunk
            if len(content) > limit:
                raise AnswerTooLongError(f"the answer is longer than {limit} bytes")
        return bytes(content)


async def body_of(response: httpx.Response) -> bytes:
    """The body that came, decompressed where nobody had asked for that."""
    stream = cast("httpx.ByteStream", response.stream)
    return b"".join([chunk async for chunk in stream])


def header_of(response: httpx.Response, name: bytes) -> str:
    """A header of the answer, or "". httpx decodes all of them before it looks for one."""
    for key, value in response.headers.raw:
        if key.lower() == name:
            return value.decode("latin-1")
    return ""


def unreached(exc: Exception) -> str:
    """Why no connection came about, for people: `connection refused: 10.0.0.5:443; …`. For those of `NEVER_SENT`."""
    place = f"{exc.host}:{exc.port}" if isinstance(exc, aiohttp.ClientConnectorError) else ""
    match exc:
        case aiohttp.ClientConnectorDNSError():
            return f"the name {exc.host} is not known to the name service here; check network and endpoint"
        case aiohttp.ClientSSLError():
            return f"no trusted TLS connection with {place}; check endpoint and certificates"
        case aiohttp.ClientConnectorError(os_error=OSError(errno=int() as number)):
            return f"{os.strerror(number).lower()}: {place}; check network and endpoint"
        case aiohttp.ConnectionTimeoutError():
            return "no connection came about in time; check network and endpoint"
        case _:
            return f"{type(exc).__name__}{place and f': {place}'}; check network and endpoint"


def tls_for(scheme: str) -> ssl.SSLContext:
    """Certificates are always verified; for plain http no authorities are loaded, which saves the start-up time."""
    return httpx.create_ssl_context(trust_env=False) if scheme == "https" else ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


def _url(request: httpx.Request) -> URL:
    target = request.extensions.get("target")
    if target is None:
        return URL(str(request.url), encoded=True)
    url = request.url
    return URL(f"{url.scheme}://{url.netloc.decode('ascii')}{cast('bytes', target).decode('ascii')}", encoded=True)


@lru_cache(maxsize=64)
def _timeout(connect_s: float, total_s: float) -> aiohttp.ClientTimeout:
    return aiohttp.ClientTimeout(total=total_s, sock_connect=connect_s)
