"""Open and lost deliveries, devices with the same ones together: a fleet that sleeps is a few lines, not thousands.

One device alone is shown with all that is known; of many, the oldest and the first to expire.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import groupby

from reconcile.model.device import DeviceRef
from reconcile.model.late import dataclass
from reconcile.model.recorded import DeliveryState, RecordedResource, RecordedRun
from reconcile.model.values import Json, canonical
from reconcile.report.outline import sample_text
from reconcile.report.sanitise import inert
from reconcile.report.style import table
from reconcile.report.values import show
from reconcile.report.view import View, when

Item = RecordedResource | RecordedRun

_GROUPS_SHOWN = 100
_SAMPLES = 3


def delivery_lines(found: Iterable[tuple[DeviceRef, Item]], view: View, now: datetime) -> Iterator[str]:
    """The deliveries, given device by device; the largest groups first."""
    groups = sorted(_grouped(found), key=lambda group: -group.devices)
    for group in groups[:_GROUPS_SHOWN]:
        sample = sample_text(group.devices, group.sample, view.texts)
        head = f"  {view.paint('bold', view.texts.count('device', group.devices))}  "
        yield from view.wrap(sample, head, "    ")
        yield from _alone(group, view, now) if group.devices == 1 else _together(group, view, now)
    if len(groups) > _GROUPS_SHOWN:
        yield from view.wrap(view.texts("status.more", n=len(groups) - _GROUPS_SHOWN), "  ")


def since(item: Item) -> datetime:
    """When the cloud accepted it."""
    return item.accepted_at if isinstance(item, RecordedResource) else item.at


def name_cells(item: Item, view: View) -> list[str]:
    """The resource and its value, or the command."""
    if isinstance(item, RecordedResource):
        return [inert(item.path), show(item.value, view.texts)]
    return [view.paint("run", f"! {inert(item.command)}"), ""]


def facts(item: Item, view: View, now: datetime) -> Iterator[str]:
    """State, age, expiry, version and uuid."""
    yield _state(item, view)
    yield when(view.texts, since(item), now)
    if item.expires_at is not None and not item.delivery.is_lost and item.delivery is not DeliveryState.CONFIRMED:
        key = "status.expires" if item.expires_at > now else "status.overdue"
        yield view.texts(key, when=when(view.texts, item.expires_at, now))
    if isinstance(item, RecordedResource) and item.version is not None:
        yield view.texts("explain.version", version=str(item.version))
    if item.command_uuid is not None:
        yield f"uuid {inert(item.command_uuid)}"
    if item.retries:
        yield view.texts("status.retries", n=item.retries)
    if isinstance(item, RecordedResource) and item.is_leaving:
        yield view.texts("status.leaving")
    if isinstance(item, RecordedRun) and item.is_owed:
        yield view.texts("status.owed")


@dataclass(slots=True)
class _Group:
    """Devices with the same deliveries; `items` are those of the first."""

    items: list[Item]
    sample: list[DeviceRef]
    devices: int
    oldest: datetime
    first_expiry: datetime | None


def _grouped(found: Iterable[tuple[DeviceRef, Item]]) -> list[_Group]:
    groups: dict[bytes, _Group] = {}
    for ref, pairs in groupby(found, key=lambda pair: pair[0]):
        items = [item for _, item in pairs]
        oldest = min(map(since, items))
        expiry = min((item.expires_at for item in items if item.expires_at is not None), default=None)
        key = canonical([_key(item) for item in items])
        group = groups.setdefault(key, _Group(items, [], 0, oldest, expiry))
        group.devices += 1
        group.oldest = min(group.oldest, oldest)
        group.first_expiry = min(filter(None, (group.first_expiry, expiry)), default=None)
        if len(group.sample) < _SAMPLES:
            group.sample.append(ref)
    return list(groups.values())


def _key(item: Item) -> Json:
    if isinstance(item, RecordedResource):
        return [item.path, item.value, item.delivery.value]
    return [item.command, item.delivery.value]


def _alone(group: _Group, view: View, now: datetime) -> Iterator[str]:
    """Resources that one command carries share their facts."""
    for shared, items in groupby(group.items, key=lambda item: list(facts(item, view, now))):
        yield from table([name_cells(item, view) for item in items], view.width, indent="    ")
        yield from view.flow(shared, "        ")


def _together(group: _Group, view: View, now: datetime) -> Iterator[str]:
    rows = [[*name_cells(item, view), _state(item, view)] for item in group.items]
    yield from table(rows, view.width, indent="    ")
    times = [view.texts("status.oldest", when=when(view.texts, group.oldest, now))]
    if group.first_expiry is not None and any(item.delivery.is_open for item in group.items):
        times.append(view.texts("status.first_expiry", when=when(view.texts, group.first_expiry, now)))
    yield from view.flow(times, "        ")


def _state(item: Item, view: View) -> str:
    return view.paint("warning" if item.delivery.is_lost else "bold", view.texts(f"delivery.{item.delivery}"))
