"""What OneNET itself last heard of many LwM2M devices: their newest data points, without waking any of them.

Rule: classic tells the points of five hundred devices a call, by device ids, which its list tells a hundred a call;
where that list costs more than asking for each device, each is asked. Current tells one device a call, Studio none.
Source: OneNET NB-IoT book list/20, list/22, list/29.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from reconcile.model.device import DeviceRef
from reconcile.model.errors import CallFailed
from reconcile.model.observed import ObservedDevice, ObservedResource
from reconcile.model.values import UNKNOWN
from reconcile.platforms.onenet.directory import Directory
from reconcile.platforms.onenet.wire import device_requests
from reconcile.platforms.onenet.wire.device_answers import DeviceFacts, Point


class Survey:
    """Newest data points by device."""

    def __init__(self, directory: Directory) -> None:
        self._directory = directory
        self._listed: dict[str, DeviceFacts] = {}
        self._is_listed = False

    async def take(self, devices: Sequence[tuple[DeviceRef, str]]) -> list[ObservedDevice]:
        """One observation for each (ref, imei), in order; `problem` says why a device has none. Raises nothing."""
        if not self._directory.finds_imei:
            return [ObservedDevice(ref) for ref, _ in devices]
        facts = await self._facts([imei for _, imei in devices])
        ids = [one.device_id for one in facts if isinstance(one, DeviceFacts) and one.device_id is not None]
        points: dict[str, dict[str, Point]] = {}
        try:
            if self._directory.is_classic and ids:
                points = await self._directory.latest_points(ids)
        except CallFailed as exc:
            return [ObservedDevice(ref, problem=str(exc)) for ref, _ in devices]
        if self._directory.is_classic:
            return [
                _seen(ref, one, points.get(one.device_id or "", {}) if isinstance(one, DeviceFacts) else {})
                for (ref, _), one in zip(devices, facts, strict=True)
            ]
        return list(await asyncio.gather(*map(self._current, (ref for ref, _ in devices), facts)))

    async def _facts(self, imeis: Sequence[str]) -> list[DeviceFacts | CallFailed]:
        await self._read_list(imeis)
        return list(await asyncio.gather(*map(self._one, imeis)))

    async def _read_list(self, imeis: Sequence[str]) -> None:
        """Reads the list once, where that is cheaper than asking for each device."""
        if self._is_listed or not self._directory.is_classic:
            return
        self._is_listed = True
        try:
            async for total, page in self._directory.classic_totals():
                if -(-total // device_requests.CLASSIC_PAGE) >= len(imeis):
                    return
                self._listed |= {one.imei: one for one in page if one.imei is not None}
        except CallFailed:
            return  # each device is asked by itself then, and says what is wrong

    async def _one(self, imei: str) -> DeviceFacts | CallFailed:
        known = self._listed.get(imei)
        if known is not None:
            return known
        try:
            return await self._directory.brief(imei)
        except CallFailed as exc:
            return exc

    async def _current(self, ref: DeviceRef, facts: DeviceFacts | CallFailed) -> ObservedDevice:
        if isinstance(facts, CallFailed) or facts.product_id is None or facts.name is None:
            return _seen(ref, facts, {})
        try:
            return _seen(ref, facts, await self._directory.points_of(facts.product_id, facts.name))
        except CallFailed as exc:
            return ObservedDevice(ref, problem=str(exc))


def _seen(ref: DeviceRef, facts: DeviceFacts | CallFailed, points: dict[str, Point]) -> ObservedDevice:
    if isinstance(facts, CallFailed):
        return ObservedDevice(ref, problem=str(facts))
    resources = {
        path: ObservedResource(reported=UNKNOWN if one.value is None else one.value, reported_at=one.at)
        for path, one in points.items()
    }
    return ObservedDevice(ref, resources, last_uplink=facts.last_uplink, is_online=facts.is_online)
