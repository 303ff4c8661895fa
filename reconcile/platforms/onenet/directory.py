"""The devices of an account: one of them, all of them, whether they are online, and their latest data points.

Premise: a platform may pair two generations, and each finds devices by other names: classic by IMEI and device id,
current by IMEI or by product and name, Studio by product and name inside a project.
Rule: a question goes to the first generation of the entry that can answer it.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Sequence
from itertools import count
from typing import TypeVar

from reconcile.model.errors import InDoubt, NotSent
from reconcile.platforms.onenet.calls import ask
from reconcile.platforms.onenet.config import Connection, Side
from reconcile.platforms.onenet.model import Api
from reconcile.platforms.onenet.transport import Transport
from reconcile.platforms.onenet.wire import device_answers, device_requests
from reconcile.platforms.onenet.wire.device_answers import DeviceFacts, Point, Product

_PAGES = 10_000
T = TypeVar("T")


class Directory:
    """Reads about devices. Every method raises CallFailed; NotSent where no generation of the entry has the call."""

    def __init__(self, transport: Transport, connection: Connection) -> None:
        self._transport, self._connection = transport, connection

    @property
    def is_classic(self) -> bool:
        """True when devices are asked for by their IMEI on the classic API."""
        side = self._connection.side(self._connection.cached.api, Api.CLASSIC, Api.CURRENT)
        return side is not None and side.api is Api.CLASSIC

    @property
    def finds_imei(self) -> bool:
        """True when a device can be asked for by its IMEI: everywhere but on Studio alone."""
        return self._connection.side(Api.CLASSIC, Api.CURRENT) is not None

    async def brief(self, imei: str) -> DeviceFacts:
        """What the platform says first of a device: on classic without its last contact."""
        side = self._side("find a device by its IMEI", self._connection.cached.api, Api.CLASSIC, Api.CURRENT)
        request = device_requests.by_imei(side.api, imei)
        return await ask(self._transport, side, request, lambda data: device_answers.device(data, imei))

    async def full(self, imei: str) -> DeviceFacts:
        """Everything it says, the last contact included: two calls on classic, one on current."""
        facts = await self.brief(imei)
        side = self._connection.side(self._connection.cached.api, Api.CLASSIC, Api.CURRENT)
        if side is None or side.api is not Api.CLASSIC or facts.device_id is None:
            return facts
        request = device_requests.detail(facts.device_id)
        return await ask(self._transport, side, request, lambda data: device_answers.device(data, imei))

    async def by_name(self, product_id: str, device_name: str) -> DeviceFacts:
        """Everything about a device of a product, on Studio and current."""
        side = self._things("find a device by its name")
        request = device_requests.by_name(side.api, self._connection.project_id, product_id, device_name)
        return await ask(self._transport, side, request, device_answers.device)

    async def statuses(self, device_ids: Sequence[str]) -> dict[str, bool]:
        """Online or not by device id, a thousand a call; ids that the platform does not know are left out. Classic."""
        side = self._side("tell the status of many devices", Api.CLASSIC)
        found: dict[str, bool] = {}
        for batch in _batches(device_ids, device_requests.STATUS_BATCH):
            found |= await ask(self._transport, side, device_requests.statuses(batch), device_answers.statuses)
        return found

    async def latest_points(self, device_ids: Sequence[str]) -> dict[str, dict[str, Point]]:
        """Newest data points by device id and resource path, five hundred devices a call. Classic."""
        side = self._side("tell the latest data points of many devices", Api.CLASSIC)
        found: dict[str, dict[str, Point]] = {}
        for batch in _batches(device_ids, device_requests.POINTS_BATCH):
            request = device_requests.latest_points(batch)
            found |= await ask(self._transport, side, request, device_answers.latest_points)
        return found

    async def points_of(self, product_id: str, device_name: str) -> dict[str, Point]:
        """Newest data points of one device by resource path. Current; its answer is assumed to have classic's shape."""
        side = self._side("tell the latest data points of a device by its name", Api.CURRENT)
        request = device_requests.current_points(product_id, device_name)
        found = await ask(self._transport, side, request, device_answers.latest_points)
        return next(iter(found.values()), {})

    async def classic_pages(self, tag: str | None = None) -> AsyncIterator[tuple[DeviceFacts, ...]]:
        """The devices of the key's product, page by page. Classic."""
        async for _, devices in self.classic_totals(tag):
            yield devices

    async def classic_totals(self, tag: str | None = None) -> AsyncIterator[tuple[int, tuple[DeviceFacts, ...]]]:
        """The same, each page with the number of devices on all of them."""
        side = self._side("list the devices of a key", Api.CLASSIC)
        seen = 0
        for page in count(1):
            if page > _PAGES:
                raise InDoubt("the list of devices has no end")
            request = device_requests.classic_page(page, tag)
            total, devices = await ask(self._transport, side, request, device_answers.classic_page)
            if devices:
                yield total, devices
            seen += len(devices)
            if not devices or seen >= total:
                return

    async def product_pages(self) -> AsyncIterator[tuple[Product, ...]]:
        """The products of the project, page by page, on Studio and current."""
        side, project_id = self._things("list products"), self._connection.project_id
        if project_id is None:
            raise NotSent("listing products needs the platform's projectId")
        offset = 0
        while True:
            request = device_requests.product_page(side.api, project_id, offset)
            total, products = await ask(self._transport, side, request, device_answers.product_page)
            if products:
                yield products
            offset += len(products)
            if _is_last(total, len(products), offset):
                return

    async def device_pages(
        self, product_id: str | None, group_id: str | None = None
    ) -> AsyncIterator[tuple[DeviceFacts, ...]]:
        """Devices page by page: of a product or group of the project on Studio, of a product on current."""
        side, project_id = self._things("list devices"), self._connection.project_id
        offset = 0
        while True:
            request = device_requests.device_page(side.api, project_id, product_id, group_id, offset)
            total, devices = await ask(self._transport, side, request, device_answers.device_page)
            if devices:
                yield devices
            offset += len(devices)
            if _is_last(total, len(devices), offset):
                return

    def _things(self, what: str) -> Side:
        side = self._connection.things
        if side is None:
            raise NotSent(f"no API of this platform can {what}: it takes current, or studio with projectId")
        return side

    def _side(self, what: str, *apis: Api) -> Side:
        wanted = [api for api in apis if api is not Api.STUDIO]
        side = self._connection.side(*wanted)
        if side is None:
            raise NotSent(f"no API of this platform can {what}: it takes {' or '.join(dict.fromkeys(wanted))}")
        return side


def _is_last(total: int | None, listed: int, seen: int) -> bool:
    """Where no total is told, a page that is not full is the last; a page without anybody always is."""
    return not listed or (seen >= total if total is not None else listed < device_requests.PAGE)


def _batches(ids: Sequence[str], size: int) -> Iterator[Sequence[str]]:
    return (ids[start : start + size] for start in range(0, len(ids), size))
