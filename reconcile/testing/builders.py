"""Values for tests: say what matters, the rest is filled in. Every keyword is a field of the value built."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from reconcile.model.device import Device, DeviceRef, Identity
from reconcile.model.journal import AttemptState, JournalEntry, OpenAttempt, intent_id
from reconcile.model.recorded import DeliveryState, RecordedDevice, RecordedResource
from reconcile.model.values import Json

AT = datetime(2026, 11, 22, 8, 0, 0, 123_456, tzinfo=UTC)
"""The moment everything here happened."""

PLATFORM = "onenet-prod"


def device(name: str = "meter-0001", *, platform: str = PLATFORM, **labels: str) -> Device:
    """A device with an identity made from its name, and those labels."""
    return Device(DeviceRef(platform, name), _identity(platform, name), labels)


def resource(path: str = "/3303/0/5603", value: Json = -10.0, **fields: Any) -> RecordedResource:
    """A resource the cloud has accepted."""
    accepted = RecordedResource(path, value, None, DeliveryState.ACCEPTED, AT)
    return replace(accepted, **fields)


def recorded(
    name: str = "meter-0001", *resources: RecordedResource, platform: str = PLATFORM, **fields: Any
) -> RecordedDevice:
    """A device we have recorded, with those resources."""
    bare = RecordedDevice(
        DeviceRef(platform, name), _identity(platform, name), resources={item.path: item for item in resources}
    )
    return replace(bare, **fields)


def entry(step: str = "s1", state: AttemptState = AttemptState.INFLIGHT, **fields: Any) -> JournalEntry:
    """A journal entry; its intent is that of `plan` and `step` unless another is given."""
    plan = fields.pop("plan", "sha256:plan")
    one = JournalEntry(
        intent=intent_id(plan, step),
        plan=plan,
        step=step,
        lane=PLATFORM,
        fence=1,
        device=DeviceRef(PLATFORM, "meter-0001"),
        operation="queue_write",
        target="/3303/0",
        attempt=1,
        state=state,
        at=AT,
    )
    return replace(one, **fields)


def attempt(step: str = "s1", **fields: Any) -> OpenAttempt:
    """An open attempt at a step; fields are those of its entry."""
    return OpenAttempt(entry(step, **fields), step={"id": step}, device={"device": f"{PLATFORM}/meter-0001"})


def _identity(platform: str, name: str) -> Identity:
    if platform.startswith("aliyun"):
        return Identity.of(productKey="a1B2c3D4e5F", deviceName=name)
    digits = "".join(c for c in name if c.isdigit())[-13:]
    return Identity.of(imei="86" + digits.rjust(13, "0"))
