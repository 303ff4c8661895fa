"""The devices of a plan as a whole: those of one platform, and how many are alike, without a look at each of them.

Premise: a saved plan may have more devices than should be held as objects (`runs/kept_devices.py`); who asks for totals
must not read them all anew. Rule: a collection that knows its own answers is asked for them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Protocol, TypeAlias, runtime_checkable

from reconcile.model.device import Identity
from reconcile.model.plan import PlannedDevice

Alike: TypeAlias = tuple[PlannedDevice, int]
"""The first device of its kind, and how many there are."""


@runtime_checkable
class KnowsItsKinds(Protocol):
    """Devices that were counted, and sorted by platform, when they were read."""

    def alike(self) -> Sequence[Alike]:
        """See `alike`."""
        ...

    def on_platform(self, platform: str) -> Sequence[PlannedDevice]:
        """See `on_platform`."""
        ...


class Kinds:
    """Sorts devices into kinds, one after the other: what a total of a plan asks is the same for all of a kind."""

    def __init__(self) -> None:
        self._first: dict[tuple[object, ...], PlannedDevice] = {}
        self._counts: Counter[tuple[object, ...]] = Counter()

    def add(self, device: PlannedDevice) -> None:
        """The next device."""
        kind = (
            device.ref.platform,
            device.class_id,
            device.settles is None,
            bool(device.withdrawn_runs),
            tuple(step.action.kind for step in device.steps),
        )
        self._first.setdefault(kind, device)
        self._counts[kind] += 1

    def all(self) -> Sequence[Alike]:
        """One for each kind, in the order in which they were first met."""
        return [(first, self._counts[kind]) for kind, first in self._first.items()]


def alike(devices: Sequence[PlannedDevice]) -> Iterable[Alike]:
    """Devices of the same platform, class and kinds of steps, that settle or record alike; or each by itself."""
    return devices.alike() if isinstance(devices, KnowsItsKinds) else ((device, 1) for device in devices)


def on_platform(devices: Sequence[PlannedDevice], platform: str) -> Sequence[PlannedDevice]:
    """The devices of one platform, in their order."""
    if isinstance(devices, KnowsItsKinds):
        return devices.on_platform(platform)
    return [device for device in devices if device.ref.platform == platform]


def platforms_of(devices: Sequence[PlannedDevice]) -> list[str]:
    """The platforms that the devices are on, in the order in which they are met."""
    return list(dict.fromkeys(device.ref.platform for device, _ in alike(devices)))


def steps_by_platform(devices: Sequence[PlannedDevice]) -> Counter[str]:
    """How many steps each platform gets."""
    counts: Counter[str] = Counter()
    for device, number in alike(devices):
        counts[device.ref.platform] += number * len(device.steps)
    return counts


def first_asked(devices: Sequence[PlannedDevice]) -> dict[str, Identity]:
    """The first device of each platform that something is sent to."""
    first: dict[str, Identity] = {}
    for device, _ in alike(devices):
        if device.steps:
            first.setdefault(device.ref.platform, device.identity)
    return first
