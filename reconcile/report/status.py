"""Where every delivery stands, from recorded state alone: counts, then what is open, then what was lost."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime

from reconcile.model.device import DeviceRef
from reconcile.model.plan_json import timestamp
from reconcile.model.recorded import DeliveryState, RecordedDevice, RecordedResource
from reconcile.model.values import ABSENT, Json, JsonObject, Missing
from reconcile.report.deliveries import Item, delivery_lines, facts, name_cells
from reconcile.report.document import document
from reconcile.report.sanitise import inert
from reconcile.report.style import table
from reconcile.report.values import show
from reconcile.report.view import View, finish, when

FORMAT = "reconcile-status/1"


def status_text(
    devices: Iterable[RecordedDevice],
    *,
    now: datetime,
    lang: str = "en",
    color: bool = False,
    width: int = 80,
    is_detailed: bool = False,
) -> str:
    """Counts per platform and delivery state, open and lost deliveries; with `is_detailed` every resource instead."""
    view = View.of(lang, color=color, width=width)
    found = _Found()
    details = [line for device in _kept(devices, found) if is_detailed for line in _device(device, view, now)]
    if not found.devices:
        return finish([view.texts("status.none")])
    return finish([*_counts(found, view), *(details or _deliveries(found, view, now))])


def status_json(devices: Iterable[RecordedDevice], *, now: datetime, is_detailed: bool = False) -> Iterator[str]:
    """The same as a JSON document in pieces; `resources` holds every resource of the devices when `is_detailed`."""
    found = _Found()
    every = [_item_json(device.ref, item) for device in _kept(devices, found) if is_detailed for item in _items(device)]
    platforms: JsonObject = {
        name: {
            "devices": found.devices[name],
            "deliveries": {state.value: found.states[name][state] for state in DeliveryState},
        }
        for name in sorted(found.devices)
    }
    head: JsonObject = {"format": FORMAT, "at": timestamp(now), "platforms": platforms}
    arrays: list[tuple[str, list[JsonObject]]] = [
        ("open", [_item_json(ref, item) for ref, item in found.open]),
        ("lost", [_item_json(ref, item) for ref, item in found.lost]),
    ]
    yield from document(head, [*arrays, ("resources", every)] if is_detailed else arrays)


@dataclass(slots=True)
class _Found:
    """What one pass over the devices leaves behind."""

    devices: Counter[str] = field(default_factory=Counter)
    states: dict[str, Counter[DeliveryState]] = field(default_factory=dict)
    open: list[tuple[DeviceRef, Item]] = field(default_factory=list)
    lost: list[tuple[DeviceRef, Item]] = field(default_factory=list)


def _kept(devices: Iterable[RecordedDevice], found: _Found) -> Iterator[RecordedDevice]:
    """The devices one by one, each counted in passing: a fleet need not fit in memory."""
    for device in devices:
        found.devices[device.ref.platform] += 1
        states = found.states.setdefault(device.ref.platform, Counter())
        for item in _items(device):
            states[item.delivery] += 1
            if item.delivery.is_open:
                found.open.append((device.ref, item))
            elif item.delivery.is_lost and not _is_withdrawn(item):
                found.lost.append((device.ref, item))
        yield device


def _is_withdrawn(item: Item) -> bool:
    """Whether we took it back ourselves: then nothing was lost. A value to be left behind is still to be written."""
    is_leaving = isinstance(item, RecordedResource) and item.is_leaving
    return item.delivery is DeliveryState.CANCELLED and item.command_uuid is None and not is_leaving


def _items(device: RecordedDevice) -> Iterator[Item]:
    yield from (device.resources[path] for path in sorted(device.resources))
    yield from (device.runs[name] for name in sorted(device.runs))


def _counts(found: _Found, view: View) -> Iterator[str]:
    devices = view.texts.count("device", found.devices.total())
    waiting = len({ref for ref, _ in found.open})
    yield from view.wrap(view.paint("bold", view.texts("status.title", devices=devices, open=waiting)))
    rows = []
    for platform, count in sorted(found.devices.items()):
        states = found.states[platform]
        shown = [f"{view.texts(f'delivery.{state}')} {states[state]:,}" for state in DeliveryState if states[state]]
        rows.append([inert(platform), view.texts.count("device", count), " · ".join(shown)])
    yield from table(rows, view.width, indent="  ")


def _deliveries(found: _Found, view: View, now: datetime) -> Iterator[str]:
    for title, items in (("status.open", found.open), ("status.lost", found.lost)):
        if items:
            yield from view.title(view.texts(title))
        yield from delivery_lines(items, view, now)


def _device(device: RecordedDevice, view: View, now: datetime) -> Iterator[str]:
    uplink = device.last_uplink
    seen = (
        view.texts("status.no_uplink")
        if uplink is None
        else view.texts("status.uplink", when=when(view.texts, uplink, now))
    )
    yield ""
    yield from table(
        [[view.paint("bold", inert(str(device.ref))), inert(str(device.identity)), view.paint("dim", seen)]], view.width
    )
    if not device.resources and not device.runs:
        yield from view.wrap(view.texts("status.no_resources"), "  ")
    for item in _items(device):
        yield from table([name_cells(item, view)], view.width, indent="  ")
        yield from view.flow(facts(item, view, now), "      ")
        if isinstance(item, RecordedResource):
            yield from view.wrap(_confirmed(item, view, now), "      ")


def _confirmed(resource: RecordedResource, view: View, now: datetime) -> str:
    if resource.confirmed is ABSENT or resource.confirmed_at is None:
        return view.paint("dim", view.texts("status.unconfirmed"))
    seen = when(view.texts, resource.confirmed_at, now)
    return view.texts("status.confirmed_at", value=show(resource.confirmed, view.texts), when=seen)


def _item_json(ref: DeviceRef, item: Item) -> JsonObject:
    body: JsonObject = {"device": str(ref), "state": item.delivery.value}
    if isinstance(item, RecordedResource):
        body |= {"resource": item.path, "value": item.value, "version": item.version}
        body["accepted_at"] = timestamp(item.accepted_at)
        body["confirmed_at"] = _moment_json(item.confirmed_at)
        if not isinstance(item.confirmed, Missing):
            body["confirmed"] = item.confirmed
    else:
        body |= {"command": item.command, "key": item.key, "owed": item.is_owed, "accepted_at": timestamp(item.at)}
    return {**body, "uuid": item.command_uuid, "expires_at": _moment_json(item.expires_at)}


def _moment_json(at: datetime | None) -> Json:
    return None if at is None else timestamp(at)
