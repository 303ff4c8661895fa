"""Asking a device itself: instant read, discover and subscribe, and the platform's own notes of its resources.

Each instant call is a radio exchange, so a device has one at a time: nothing is documented of two, and errno 7 speaks
of backlog.
Source: OneNET NB-IoT book list/4, list/7, list/8, list/31; FAQ-NB api#1.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from functools import partial
from weakref import WeakValueDictionary

from reconcile.model.values import Json
from reconcile.platforms.onenet.calls import DEVICE_MARGIN_S, ask
from reconcile.platforms.onenet.config import Side
from reconcile.platforms.onenet.model import Api
from reconcile.platforms.onenet.transport import Patience, Transport
from reconcile.platforms.onenet.wire import answers, requests

READ_TIMEOUT_S = 25


class Radio:
    """Instant calls of one account. Every method raises CallFailed."""

    def __init__(self, transport: Transport, side: Side) -> None:
        self._transport, self._side = transport, side
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    @asynccontextmanager
    async def turn(self, imei: str) -> AsyncIterator[None]:
        """One instant exchange with a device at a time; writes and executes take their turn here too."""
        lock = self._turns.get(imei)
        if lock is None:
            lock = self._turns[imei] = asyncio.Lock()
        async with lock:
            yield

    async def read(self, imei: str, path: str, timeout_s: int = READ_TIMEOUT_S) -> dict[str, Json]:
        """Values by path, of an object, an object instance or a resource."""
        request = requests.read_now(self._side.api, imei, path, timeout_s)
        async with self.turn(imei):
            read = partial(answers.read_values, path)
            return await ask(self._transport, self._side, request, read, _patience(timeout_s))

    async def discover(self, imei: str, path: str, timeout_s: int = READ_TIMEOUT_S) -> tuple[str, ...]:
        """The resources that the device says it has, of an object or an object instance."""
        request = requests.discover(self._side.api, imei, path, timeout_s)
        async with self.turn(imei):
            read = partial(answers.discovered, path)
            return await ask(self._transport, self._side, request, read, _patience(timeout_s))

    async def subscribe(
        self,
        imei: str,
        path: str,
        attributes: Mapping[str, str] | None = None,
        *,
        is_cancel: bool = False,
        timeout_s: int = READ_TIMEOUT_S,
    ) -> None:
        """Begins or ends a subscription (LwM2M Observe); it lasts one online period at most.

        `attributes`: pmin, pmax, gt, lt, st as text; pmax >= pmin > 0, lt + 2 st < gt, and the last three need a
        resource.
        """
        request = requests.observe(
            self._side.api, imei, path, timeout_s, is_cancel=is_cancel, attributes=attributes or {}
        )
        async with self.turn(imei):
            await self._transport.call(self._side, request, _patience(timeout_s))

    @property
    def has_list(self) -> bool:
        """True where the platform lists a device's resources: everywhere but on current."""
        return self._side.api is not Api.CURRENT

    async def resources(self, imei: str) -> tuple[str, ...]:
        """The resources that the platform has noted; no radio exchange. Raises: ValueError on the current API."""
        request = requests.resources(self._side.api, imei)
        return await ask(self._transport, self._side, request, answers.resource_list)


def _patience(timeout_s: int) -> Patience:
    return Patience(timeout_s + DEVICE_MARGIN_S)
