"""A pool of connections to one account's cloud, made for many small calls.

Premise: thousands of signed calls leave one process, and after a lost answer everything hangs on whether a byte left.
Rule: a request is sent once and its whole answer read; there are no redirects, no cookies, no proxies from the
environment and no retries. A failure says whether a connection never came about (`Unreached`) or the request may have
landed (everything else).

Clients made for everything cost more than the rest of a call, and longer to load than a small plan takes
(docs/decisions/0002, docs/performance.md).
"""

from __future__ import annotations

import asyncio
import ssl
from collections import deque
from collections.abc import Callable
from functools import cache

from reconcile.model.late import dataclass
from reconcile.platforms.http1.exchange import Answered, Asked, Unreached
from reconcile.platforms.http1.link import Link
from reconcile.platforms.http1.origin import Origin, why_unreached

_NEXT_ADDRESS_S = 0.25
"""After so long the next address of a name is tried beside the first. Source: RFC 8305, section 5."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Of one pool. `connections` 0 is no limit; `idle_s` should be shorter than servers keep an idle connection."""

    connections: int
    idle_s: float
    answer_bytes: int


class Connections:
    """A pool, to any origins. A connection that broke, or of which more came than was asked for, is not used again.

    `tls` gives the context for https, asked for with the first connection that needs one.
    """

    def __init__(self, limits: Limits, *, tls: Callable[[str], ssl.SSLContext | None]) -> None:
        self._limits = limits
        self._tls = tls
        self._idle: dict[Origin, deque[Link]] = {}
        self._slots = asyncio.Semaphore(limits.connections) if limits.connections else None

    async def exchange(self, origin: Origin, asked: Asked) -> Answered:
        """The answer, read to its end. Raises: Unreached, which proves that nothing left; Broken, TimeoutError."""
        if self._slots is None:
            return await self._exchange(origin, asked)
        async with self._slots:
            return await self._exchange(origin, asked)

    async def aclose(self) -> None:
        """Closes all connections."""
        idle, self._idle = self._idle, {}
        for links in idle.values():
            for link in links:
                link.close()
        await asyncio.sleep(0)  # what is closed is told so in the next turn of the loop

    async def _exchange(self, origin: Origin, asked: Asked) -> Answered:
        link = self._kept(origin) or await self._connected(origin, asked.connect_s)
        try:
            answered = await link.ask(asked, origin.host)
        except BaseException:
            link.abort()
            raise
        if link.is_open:
            link.idle_since = asyncio.get_running_loop().time()
            self._idle.setdefault(origin, deque()).append(link)
        return answered

    def _kept(self, origin: Origin) -> Link | None:
        """The connection used last; those idle for too long are closed."""
        idle = self._idle.get(origin)
        if not idle:
            return None
        oldest = asyncio.get_running_loop().time() - self._limits.idle_s
        while idle and (idle[0].idle_since < oldest or not idle[0].is_open):
            idle.popleft().close()
        while idle:
            link = idle.pop()
            if link.is_open:
                return link
        return None

    async def _connected(self, origin: Origin, within_s: float) -> Link:
        loop = asyncio.get_running_loop()
        limit = self._limits.answer_bytes
        try:
            tls = self._tls("https") if origin.is_tls else None
            async with asyncio.timeout(within_s):
                _, link = await loop.create_connection(
                    lambda: Link(loop, limit),
                    origin.name,
                    origin.port,
                    ssl=tls,
                    server_hostname=origin.name if origin.is_tls else None,
                    happy_eyeballs_delay=_NEXT_ADDRESS_S,
                )
        except (OSError, ValueError) as exc:  # ValueError: a name that no name service takes
            raise Unreached(why_unreached(origin, exc)) from exc
        return link


@cache
def tls_for(scheme: str) -> ssl.SSLContext | None:
    """Certificates are always verified; for plain http no authorities are loaded, which saves the start-up time."""
    if scheme != "https":
        return None
    import httpx  # its authorities are those that `doctor` and the other calls of this program trust

    return httpx.create_ssl_context(trust_env=False)
