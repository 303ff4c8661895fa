"""Everything known of one device at planning time, and the few questions the planner asks about it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import field
from datetime import datetime

from reconcile.model.desired import DesiredDocument, DesiredResource
from reconcile.model.device import Device
from reconcile.model.drift import FlapRule
from reconcile.model.late import dataclass
from reconcile.model.observed import ObservedDevice, ObservedResource, delivery_seen
from reconcile.model.recorded import DeliveryState, RecordedDevice, RecordedResource, RecordedRun
from reconcile.model.values import ABSENT, UNKNOWN, Json, Known
from reconcile.ports import Capabilities

_NOTHING_OBSERVED = ObservedResource()


@dataclass(frozen=True, slots=True)
class Situation:
    """One device: declared, recorded, observed. `same` is its dialect's equality, `server_now` its cloud's clock.

    A record that belongs to another identity (a device swapped under its name) is not ours to build on: it is passed
    as None with `is_swapped`. `in_scope` limits a partial plan to some resources. `retries_lost`: a person asked to
    queue again at once what was lost on its way. `may_queue`: the account can look after cached commands.
    `stored`: the fingerprint of the record as it is stored, where what was seen made another of it (it began anew).
    """

    device: Device
    document: DesiredDocument
    recorded: RecordedDevice | None
    observed: ObservedDevice | None
    capabilities: Capabilities
    same: Callable[[str, Known, Known], bool]
    server_now: datetime
    is_swapped: bool = False
    in_scope: Callable[[str], bool] | None = None
    flaps: FlapRule = field(default_factory=FlapRule)
    retries_lost: bool = False
    may_queue: bool = True
    stored: str | None = None

    def recorded_resource(self, path: str) -> RecordedResource | None:
        """The record of one resource."""
        return None if self.recorded is None else self.recorded.resources.get(path)

    def recorded_run(self, command: str) -> RecordedRun | None:
        """The record of one command."""
        return None if self.recorded is None else self.recorded.runs.get(command)

    def observed_resource(self, path: str) -> ObservedResource:
        """What was seen of one resource; all UNKNOWN when nobody looked."""
        if self.observed is None:
            return _NOTHING_OBSERVED
        return self.observed.resources.get(path, _NOTHING_OBSERVED)

    def cloud_value(self, path: str, like: Json, value_type: str | None = None) -> Known:
        """The copy to compare with what we recorded: the cloud's desired value, or else what the device reports.

        Clouds answer in text whatever was written; it is shown in the form of `like`, the declared value.
        """
        seen = self.observed_resource(path)
        if self.capabilities.has_cloud_copy:
            return in_form_of(seen.cloud, like, value_type)
        return UNKNOWN if seen.reported is ABSENT else in_form_of(seen.reported, like, value_type)

    def expected_version(self, path: str) -> int:
        """The version a write is guarded with: as seen, else as recorded, else 0 for the first set."""
        seen = self.observed_resource(path)
        if seen.version is not None:
            return seen.version
        recorded = None if self.recorded is None else self.recorded.timeless.get(path)
        return (recorded.version or 0) if recorded is not None else 0

    def delivery_of(self, record: RecordedResource | RecordedRun) -> DeliveryState:
        """How far a delivery got: as the platform lists its cached command now, else as recorded."""
        if record.command_uuid is None or self.observed is None:
            return record.delivery
        return delivery_seen(record, self.observed.command(record.command_uuid), self.server_now)

    @property
    def is_waiting(self) -> bool:
        """Whether a cached command of ours may still be delivered: as the platform lists it now, else as recorded."""
        record = self.recorded
        if record is None or self.observed is None:
            return record is not None and record.is_waiting
        resources, runs = record.resources.values(), record.runs.values()
        return any(self.delivery_of(one).is_open for one in resources) or any(self.delivery_of(r).is_open for r in runs)

    def declared(self) -> dict[str, DesiredResource]:
        """Declared resources by path."""
        return {resource.path: resource for resource in self.document.resources}

    def covers(self, path: str) -> bool:
        """Whether the plan may touch the resource."""
        return self.in_scope is None or self.in_scope(path)


def in_form_of(seen: Known, like: Json, value_type: str | None = None) -> Known:
    """A text as the number, truth value, list or object it spells, when the declared value is one; else as it is.

    Opaque values are kept as upper-case hexadecimal text; a device returns them so, in lower case, or as bytes.
    """
    if value_type == "opaque":
        return _hexadecimal(seen)
    if not isinstance(seen, str) or isinstance(like, str) or like is None:
        return seen
    try:
        spelled: Json = json.loads(seen, parse_constant=_refuse)
    except (ValueError, RecursionError):
        return seen
    is_number = isinstance(like, int | float) and isinstance(spelled, int | float)
    return spelled if is_number or type(spelled) is type(like) else seen


def _refuse(constant: str) -> Json:
    raise ValueError(constant)


def _hexadecimal(seen: Known) -> Known:
    if isinstance(seen, str):
        return seen.upper()
    if isinstance(seen, list) and all(type(item) is int and 0 <= item < 256 for item in seen):
        return bytes(item for item in seen if isinstance(item, int)).hex().upper()
    return seen
