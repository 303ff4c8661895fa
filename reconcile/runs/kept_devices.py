"""The devices of a saved plan, kept as packed JSON in memory and made into objects when their turn comes.

Premise: as objects, the devices of a plan take 2 KB each; packed, those of a class differ in little but their names.
Rule: what was checked when the file was read is what is kept, so the file may change or go away meanwhile.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import NamedTuple, overload

from reconcile.model.device import DeviceRef, Identity
from reconcile.model.plan import PlannedDevice
from reconcile.model.plan_devices import Alike, Kinds
from reconcile.model.plan_json import Asked, device_from_json, device_json
from reconcile.model.values import JsonObject, canonical

AT_ONCE = 128
"""Devices that are unpacked together."""

_MOST_ACTIONS = 1024


class PlannedHead(NamedTuple):
    """What decides whether a device of a saved plan may still run, as of `PlannedDevice`; `steps` are ids."""

    ref: DeviceRef
    identity: Identity
    recorded: str
    settles: str | None
    is_released: bool
    steps: tuple[str, ...]

    @classmethod
    def of(cls, device: PlannedDevice) -> PlannedHead:
        """That of a device."""
        steps = tuple(step.id for step in device.steps)
        return cls(device.ref, device.identity, device.recorded, device.settles, device.is_released, steps)


class _Block(NamedTuple):
    """Up to `AT_ONCE` devices of one platform that follow one another, the first of them number `start`."""

    start: int
    number: int
    platform: str
    heads: bytes
    bodies: bytes


class KeptDevices(Sequence[PlannedDevice]):
    """Devices in their order; each pass over them makes them anew. Made by a `Keeper`."""

    def __init__(self, blocks: Sequence[_Block], kinds: Sequence[Alike]) -> None:
        self._blocks, self._kinds = blocks, kinds
        self._number = sum(block.number for block in blocks)

    def __len__(self) -> int:
        return self._number

    def __iter__(self) -> Iterator[PlannedDevice]:
        asked = Asked(_MOST_ACTIONS)
        for block in self._blocks:
            yield from _devices(block, asked)

    @overload
    def __getitem__(self, index: int) -> PlannedDevice: ...

    @overload
    def __getitem__(self, index: slice) -> Sequence[PlannedDevice]: ...

    def __getitem__(self, index: int | slice) -> PlannedDevice | Sequence[PlannedDevice]:
        if isinstance(index, slice):
            return tuple(self)[index]
        return next(islice(self, range(self._number)[index], None))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Sequence) or len(other) != len(self):
            return NotImplemented
        return all(left == right for left, right in zip(self, other, strict=True))

    def __hash__(self) -> int:
        return hash(self._number)

    def alike(self) -> Sequence[Alike]:
        """See `model/plan_devices.py`."""
        return self._kinds

    def on_platform(self, platform: str) -> Sequence[PlannedDevice]:
        """See `model/plan_devices.py`."""
        blocks = [block for block in self._blocks if block.platform == platform]
        return KeptDevices(blocks, [one for one in self._kinds if one[0].ref.platform == platform])

    def heads(self) -> Iterator[PlannedHead]:
        """What decides whether each of them may still run; costs a tenth of the device."""
        for block in self._blocks:
            for name, fields, recorded, settles, is_released, steps in json.loads(zlib.decompress(block.heads)):
                ref, identity = DeviceRef(block.platform, name), Identity(tuple(map(tuple, fields)))
                yield PlannedHead(ref, identity, recorded, settles, is_released, tuple(steps))


class Keeper:
    """Keeps the devices of a plan as they are read."""

    def __init__(self) -> None:
        self._asked = Asked(_MOST_ACTIONS)
        self._blocks: list[_Block] = []
        self._kinds = Kinds()
        self._heads: list[tuple[object, ...]] = []
        self._bodies: list[bytes] = []
        self._platform = ""
        self._number = 0

    @classmethod
    def kept(cls, devices: Iterable[PlannedDevice]) -> KeptDevices:
        """Devices that are objects so far."""
        keeper = cls()
        for device in devices:
            body = device_json(device, with_delivery=True)
            keeper.add(body, canonical(body))
        return keeper.all()

    def add(self, body: JsonObject, text: bytes) -> None:
        """The JSON of the next device, and its text but perhaps for what was only seen of it.

        Raises: as `device_from_json`.
        """
        device = device_from_json(body, self._asked)
        if device.ref.platform != self._platform or len(self._bodies) == AT_ONCE:
            self._pack()
            self._platform = device.ref.platform
        _, _, *rest = PlannedHead.of(device)
        self._heads.append((device.ref.name, device.identity.fields, *rest))
        is_seen = device.delivery or device.registered is not None
        self._bodies.append(canonical(body) if is_seen else text)
        self._kinds.add(device)

    def all(self) -> KeptDevices:
        """Those that were added."""
        self._pack()
        return KeptDevices(tuple(self._blocks), self._kinds.all())

    def _pack(self) -> None:
        if not self._bodies:
            return
        texts = (json.dumps(self._heads).encode(), b"[%b]" % b",".join(self._bodies))
        heads, bodies = (zlib.compress(text, 3) for text in texts)
        self._blocks.append(_Block(self._number, len(self._bodies), self._platform, heads, bodies))
        self._number += len(self._bodies)
        self._heads, self._bodies = [], []


def _devices(block: _Block, asked: Asked) -> Iterator[PlannedDevice]:
    for body in json.loads(zlib.decompress(block.bodies)):
        yield device_from_json(body, asked)


def heads_of(devices: Sequence[PlannedDevice]) -> Iterator[PlannedHead]:
    """The heads of devices, however they are held."""
    return devices.heads() if isinstance(devices, KeptDevices) else map(PlannedHead.of, devices)
