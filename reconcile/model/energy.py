"""What a plan costs devices that live on batteries: radio sessions, and payload bytes.

Premise: a sleeping device pays for every session in which it has to take something, and for each byte while its radio
is on; requests to the cloud cost it nothing.
Rule: a session is counted once however much it carries: commands that wait for one device at the same time are
released by the same uplink, and instant calls of one plan follow each other at once.
Source: OneNET, cached commands: every uplink of a named kind releases all that is valid (`trigger_msg`).
"""

from __future__ import annotations

from collections.abc import Iterable

from reconcile.model.actions import (
    Action,
    CancelQueued,
    ClearDesired,
    ExecuteNow,
    QueueExecute,
    QueueWrite,
    SetDesired,
    WriteNow,
    to_request,
)
from reconcile.model.late import dataclass
from reconcile.model.recorded import DeliveryState, RecordedDevice
from reconcile.model.values import JsonObject, canonical


@dataclass(frozen=True, slots=True)
class Energy:
    """Sessions in which devices take what is sent, how many of them ride on an uplink that happens anyway, bytes.

    What joins commands that wait for the device already costs no session of its own.
    """

    wakeups: int = 0
    riding: int = 0
    payload_bytes: int = 0

    def __add__(self, other: Energy) -> Energy:
        """Of two devices."""
        return Energy(
            self.wakeups + other.wakeups, self.riding + other.riding, self.payload_bytes + other.payload_bytes
        )

    def times(self, devices: int) -> Energy:
        """Of so many devices that cost the same."""
        return Energy(self.wakeups * devices, self.riding * devices, self.payload_bytes * devices)

    def to_json(self) -> JsonObject:
        """The form in a plan."""
        return {"wakeups": self.wakeups, "riding": self.riding, "bytes": self.payload_bytes}

    @classmethod
    def from_json(cls, body: JsonObject) -> Energy:
        """The reverse of `to_json`. Raises: KeyError or ValueError."""
        wakeups, riding, payload_bytes = (int(str(body[name])) for name in ("wakeups", "riding", "bytes"))
        return cls(wakeups, riding, payload_bytes)


NO_ENERGY = Energy()


def total(costs: Iterable[Energy]) -> Energy:
    """Of all of them."""
    return sum(costs, NO_ENERGY)


def reaches_device(action: Action) -> bool:
    """Whether a device has to take something for it; withdrawing, or clearing the cloud's copy, is not."""
    return not isinstance(action, CancelQueued | ClearDesired)


def is_unfetched(record: RecordedDevice) -> bool:
    """Whether the cloud holds a desired value that the device did not report yet."""
    accepted = DeliveryState.ACCEPTED
    return any(r.delivery is accepted and r.version is not None for r in record.timeless.values())


def payload_bytes(action: Action) -> int:
    """Bytes of what the cloud is asked to deliver: the JSON of the values or arguments, as platforms take it.

    What travels over the radio depends on the device's own coding (CoAP TLV, a data script) and is shorter as a rule. A
    secret counts with the length of what stands for it.
    """
    match action:
        case WriteNow() | QueueWrite():
            return len(canonical(to_request(action)["data"]))
        case SetDesired():
            return len(canonical(to_request(action)["items"]))
        case ExecuteNow() | QueueExecute():
            return len((action.args or "").encode())
        case ClearDesired() | CancelQueued():
            return 0
