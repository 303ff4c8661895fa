"""One HTTP exchange: httpx's request and response over aiohttp's connections; no redirects, no retries, no proxy.

Premise: after a lost answer everything hangs on whether a byte left, and the httpx class of a failure does not tell:
a connection that the server closed under a request comes as `httpx.ConnectTimeout` from this transport.
Rule: the cause underneath decides. Only a failure to connect is "not sent"; everything else is in doubt.
The transport is called directly: `httpx.AsyncClient` around it costs a third of the throughput (measured on loopback).
"""

from __future__ import annotations

import asyncio
import ssl
from dataclasses import dataclass, field
from typing import Final

import aiohttp
import httpx
from httpx_aiohttp import AiohttpTransport

from reconcile.model.errors import CallFailed, InDoubt, NotSent

ANSWER_TIMEOUT_S: Final = 15.0
CONNECTIONS: Final = 64

_MAX_BODY: Final = 8 * 1024 * 1024
_CONNECT_S: Final = 5.0
_IDLE_S: Final = 5.0
"""Shorter than servers keep an idle connection: one that is closed under a request leaves that request in doubt."""

# The whole exchange has one timer, in `post`; another one for each read would be set and cancelled for nothing.
_TIMEOUTS: Final = {"timeout": {"connect": _CONNECT_S, "pool": _CONNECT_S, "read": None}}
_HEADERS: Final = (
    ("user-agent", "reconcile"),
    ("accept", "application/json, text/xml"),
    ("accept-encoding", "identity"),
)
_UNSENT: Final = (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError, aiohttp.InvalidURL)


@dataclass(frozen=True, slots=True)
class Exchanged:
    """What came back, whatever its status."""

    http_status: int
    body: bytes = field(repr=False)
    date: str
    retry_after: str


class Http:
    """A pool of connections to one endpoint."""

    def __init__(self, endpoint: str) -> None:
        self._url = httpx.URL(f"{endpoint}/")
        self.host = self._url.netloc.decode("ascii")
        self._tls = _tls(self._url.scheme)
        self._transport = AiohttpTransport(verify=self._tls, trust_env=False, client=self._session)

    def _session(self) -> aiohttp.ClientSession:
        connector = aiohttp.TCPConnector(limit=CONNECTIONS, keepalive_timeout=_IDLE_S, ssl=self._tls)
        return aiohttp.ClientSession(
            connector=connector,
            cookie_jar=aiohttp.DummyCookieJar(),
            skip_auto_headers=("Content-Type",),  # there is no body to describe, and the SDKs send none
            trust_env=False,
        )

    async def post(self, query: str, headers: tuple[tuple[str, str], ...], body: bytes) -> Exchanged:
        """One POST, exactly once. Raises: NotSent when no connection came about, InDoubt for every other failure."""
        request = httpx.Request("POST", self._url, headers=[*_HEADERS, *headers], content=body, extensions=_TIMEOUTS)
        request.url = _SignedUrl(self._url, query)
        try:
            async with asyncio.timeout(ANSWER_TIMEOUT_S):
                return await self._exchange(request)
        except (httpx.HTTPError, aiohttp.ClientError, OSError) as exc:  # TimeoutError is an OSError
            raise _failure(exc) from exc

    async def _exchange(self, request: httpx.Request) -> Exchanged:
        response = await self._transport.handle_async_request(request)
        try:
            chunks: list[bytes] = []
            size = 0
            async for chunk in response.stream:  # type: ignore[union-attr]  # this transport's streams are async
                chunks.append(chunk)
                size += len(chunk)
                if size > _MAX_BODY:
                    raise InDoubt(f"the answer is longer than {_MAX_BODY} bytes")
        finally:
            await response.aclose()
        headers = response.headers
        retry_after = headers.get("x-acs-retry-after", "")
        return Exchanged(response.status_code, b"".join(chunks), headers.get("date", ""), retry_after)

    async def close(self) -> None:
        """Closes all connections."""
        await self._transport.aclose()


class _SignedUrl(httpx.URL):
    """A URL with a query that is encoded already; to parse each anew took a fifth of a request's time."""

    def __init__(self, base: httpx.URL, query: str) -> None:
        super().__init__(base)
        self._text = f"{base}?{query}"

    def __str__(self) -> str:
        return self._text


def _tls(scheme: str) -> ssl.SSLContext:
    """Certificates are always verified; for plain http no authorities are loaded, which saves the start-up time."""
    return httpx.create_ssl_context(trust_env=False) if scheme == "https" else ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


def _failure(exc: Exception) -> CallFailed:
    cause = exc.__cause__ if isinstance(exc, httpx.HTTPError) else exc
    if isinstance(cause, _UNSENT):
        return NotSent(f"no connection to the endpoint ({type(cause).__name__})")
    if isinstance(cause, TimeoutError):
        return InDoubt(f"no answer within {ANSWER_TIMEOUT_S:.0f} s")
    return InDoubt(f"the connection broke before the answer was complete ({type(cause).__name__})")
