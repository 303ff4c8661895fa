"""Looking at the presence of many devices at once, before they are looked at one by one.

Premise: one by one, presence on the classic platform costs two calls a device; the list of the key's product tells a
hundred devices a call, and the latest data points of five hundred prove when they last spoke.
Rule: the list is read when its first page shows that all of it costs less than asking one by one. A note is used once;
what it leaves open is asked as before. A note can be older than the look by as long as the list takes, which only makes
a device seem asleep that is not: then its command is queued instead of sent now.
Source: OneNET NB-IoT book list/29, list/20.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from reconcile.model.errors import CallFailed
from reconcile.model.values import UNKNOWN, Missing
from reconcile.platforms.onenet.directory import Directory
from reconcile.platforms.onenet.wire import device_requests
from reconcile.platforms.onenet.wire.device_answers import DeviceFacts, Point

_CALLS_A_DEVICE = 2


class Notes:
    """Presence by IMEI, noted ahead."""

    def __init__(self, directory: Directory) -> None:
        self._directory = directory
        self._noted: dict[str, DeviceFacts] = {}

    async def take(self, imeis: Sequence[str]) -> None:
        """Notes the presence of as many of these devices as the list names, where that is cheaper. Raises nothing."""
        wanted = set(imeis)
        if _costs(1, len(wanted)) >= _CALLS_A_DEVICE * len(wanted):
            return
        try:
            async for total, page in self._directory.classic_totals():
                if _costs(total, len(wanted)) >= _CALLS_A_DEVICE * len(wanted):
                    return
                self._noted |= {d.imei: d for d in page if d.imei in wanted}
            await self._add_points()
        except CallFailed:
            return  # each device is asked by itself then, and says what is wrong

    def use(self, imei: str) -> DeviceFacts | None:
        """The note of a device, once; None when there is none, or when it does not say enough."""
        facts = self._noted.pop(imei, None)
        if facts is None or (facts.is_online is not False and facts.last_uplink is UNKNOWN):
            return None
        return facts

    async def _add_points(self) -> None:
        ids = [facts.device_id for facts in self._noted.values() if facts.device_id is not None and facts.is_online]
        points = await self._directory.latest_points(ids) if ids else {}
        for imei, facts in self._noted.items():
            self._noted[imei] = replace(facts, last_uplink=_latest(facts, points.get(facts.device_id or "", {})))


def _costs(total: int, wanted: int) -> int:
    pages = -(-total // device_requests.CLASSIC_PAGE)
    return pages + -(-wanted // device_requests.POINTS_BATCH)


def _latest(facts: DeviceFacts, points: dict[str, Point]) -> datetime | Missing:
    told = [] if isinstance(facts.last_uplink, Missing) else [facts.last_uplink]
    return max([*told, *(point.at for point in points.values() if point.at is not None)], default=UNKNOWN)
