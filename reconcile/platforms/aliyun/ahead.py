"""The presence of many devices at once, before they are looked at one by one.

Premise: BatchGetDeviceState tells fifty devices a call and names each one's IotId; GetDeviceStatus tells one.
Rule: what a batch tells is noted and used once. A device that it leaves out, or whose batch failed, stays unknown: no
second call is spent on it, and the other reads of its look say what is wrong.
Source: BatchGetDeviceState: up to 50 names of one product, or up to 50 IotIds across products.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from functools import partial

from reconcile.model.device import Identity
from reconcile.model.errors import CallFailed
from reconcile.model.late import dataclass
from reconcile.model.values import UNKNOWN, Missing
from reconcile.platforms.aliyun.directory import states
from reconcile.platforms.aliyun.directory.asking import Asking
from reconcile.platforms.aliyun.directory.limits import DEVICES_A_STATE
from reconcile.platforms.aliyun.directory.states import DeviceState
from reconcile.platforms.aliyun.wire import Call


@dataclass(frozen=True, slots=True)
class Presence:
    """Whether a device is connected, and when it was last known to be; `registered` names its registration."""

    is_online: bool | Missing = UNKNOWN
    at: datetime | None = None
    registered: str | None = None


class Notes:
    """Presence by device, noted ahead."""

    def __init__(self, asking: Asking, now: Callable[[], datetime]) -> None:
        self._asking, self._now = asking, now
        self._noted: dict[Identity, Presence] = {}

    async def take(self, identities: Sequence[Identity]) -> None:
        """Asks for all of them, fifty a call. Raises nothing."""
        await asyncio.gather(*(self._ask(call, of) for call, of in _batches(identities)))

    def use(self, identity: Identity) -> Presence | None:
        """The note of a device, once; None where nobody asked ahead."""
        return self._noted.pop(identity, None)

    async def _ask(self, call: Call, identities: dict[str, Identity]) -> None:
        by = "DeviceName" if "ProductKey" in call.query else "IotId"
        try:
            told = await self._asking.ask(call, partial(states.read_states, names=tuple(identities), by=by))
        except CallFailed:
            told = {}
        self._noted |= {identity: self._presence(told.get(name)) for name, identity in identities.items()}

    def _presence(self, state: DeviceState | None) -> Presence:
        if state is None or state.status not in states.STATES:
            return Presence()
        is_online = state.status == "ONLINE"
        # A connection that stands is a sign of life of this moment; its Timestamp is only when it began.
        at = self._now() if is_online else state.last_contact
        return Presence(is_online, at, f"iotId:{state.iot_id}" if state.iot_id else None)


def _batches(identities: Sequence[Identity]) -> Iterator[tuple[Call, dict[str, Identity]]]:
    """Calls, each with the devices it asks about by the name it gives them."""
    products: dict[str | None, dict[str, Identity]] = {}
    for identity in identities:
        iot_id = identity.get("iotId")
        if iot_id is not None:
            products.setdefault(None, {})[iot_id] = identity
        else:
            products.setdefault(identity["productKey"], {})[identity["deviceName"]] = identity
    for product_key, by_name in products.items():
        names = list(by_name)
        for start in range(0, len(names), DEVICES_A_STATE):
            some = names[start : start + DEVICES_A_STATE]
            yield states.batch_states(product_key, some), {name: by_name[name] for name in some}
