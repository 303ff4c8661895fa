"""Whether a yes to one plan is a yes to another: made again later, it may only have become less.

Between review and merge, devices confirm, drift or leave, so the plan that runs is rarely the plan that was read.
Whoever approved saw kinds of change and the devices they reach. The yes goes on for the same changes to the same
devices, or for fewer; it ends as soon as a device, a value, a command or a way of writing comes that was not there.
"""

from __future__ import annotations

from collections.abc import Iterator

from reconcile.model.actions import QueueWrite, Write, WriteNow
from reconcile.model.desired import WriteMode
from reconcile.model.device import DeviceRef
from reconcile.model.late import dataclass
from reconcile.model.plan import ChangeClass, Plan, PlannedDevice
from reconcile.model.values import Json, canonical

_ANOTHER_STATE = "the plan was made from another state"


@dataclass(frozen=True, slots=True)
class Reach:
    """What of a plan goes beyond one that was approved. Nothing, when all of it is empty."""

    others: tuple[str, ...] = ()
    added: tuple[DeviceRef, ...] = ()
    grown: tuple[DeviceRef, ...] = ()

    @property
    def is_covered(self) -> bool:
        """Whether the yes still counts."""
        return not (self.others or self.added or self.grown)


def beyond(approved: Plan, now: Plan) -> Reach:
    """What `now` would do that `approved` did not say. Linear in their devices."""
    others = tuple(_others(approved, now))
    if approved.digest == now.digest:
        return Reach(others)
    known, seen = {one.id: one for one in approved.classes}, {one.id: one for one in now.classes}
    before = {device.ref: device for device in approved.devices}
    added, grown = [], []
    for device in now.devices:
        then = before.get(device.ref)
        if then is None:
            added.append(device.ref)
        elif then.identity != device.identity or not _facts(device, seen) <= _facts(then, known):
            grown.append(device.ref)
    return Reach(others, tuple(sorted(added)), tuple(sorted(grown)))


def _facts(device: PlannedDevice, classes: dict[str, ChangeClass]) -> frozenset[bytes]:
    """What is done to the device: each change with both values, and whether a write replaces what is not named."""
    group = classes.get(device.class_id)
    facts: list[Json] = [] if group is None else [[*_change(change.to_json())] for change in group.changes]
    facts += [["replaces", *sorted(write.path for write in writes)] for writes in _replacing(device)]
    facts += [["releases", path] for path in device.releases]
    return frozenset(map(canonical, facts))


def _change(body: dict[str, Json]) -> Iterator[Json]:
    yield from (body.get(name) for name in ("resource", "action", "before", "after", "missing"))


def _replacing(device: PlannedDevice) -> Iterator[tuple[Write, ...]]:
    for step in device.steps:
        for action in (step.action, step.otherwise):
            if isinstance(action, WriteNow | QueueWrite) and action.write_mode is WriteMode.REPLACE:
                yield action.writes


def _others(approved: Plan, now: Plan) -> Iterator[str]:
    """What is not of one device: another state, a protected resource or a limit that the review did not see."""
    if approved.base.lineage not in ("none", now.base.lineage):
        yield _ANOTHER_STATE
    seen = {(one.resource, one.at, one.reason, one.until): one.devices for one in approved.protected}
    if any(seen.get((one.resource, one.at, one.reason, one.until), 0) < one.devices for one in now.protected):
        yield "protected resources that the approved plan does not name, or of more devices"
    limits = {(one.limit, one.profile, one.at, one.until): one.found for one in approved.raised}
    if any(limits.get((one.limit, one.profile, one.at, one.until), -1.0) < one.found for one in now.raised):
        yield "a raised limit that the approved plan does not name, or further beyond it"
