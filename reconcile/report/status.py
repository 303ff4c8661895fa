"""Where every delivery stands, from recorded state alone: counts, then what is open, then what was lost."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime

from reconcile.model.desired import DesiredResource
from reconcile.model.device import DeviceRef
from reconcile.model.fleet import DesiredDevice
from reconcile.model.plan_json import timestamp
from reconcile.model.recorded import CONFIRMATIONS, DeliveryState, RecordedDevice, RecordedResource
from reconcile.model.values import ABSENT, Json, JsonObject, Missing
from reconcile.report.census import census_head, census_lines, census_silent
from reconcile.report.deliveries import Item, delivery_lines, facts, name_cells
from reconcile.report.document import document
from reconcile.report.sanitise import inert
from reconcile.report.standing import WRITTEN, Census, Standing, is_withdrawn
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
    return told(devices, View.of(lang, color=color, width=width), now, is_detailed=is_detailed)


def told(
    devices: Iterable[RecordedDevice],
    view: View,
    now: datetime,
    *,
    is_detailed: bool = False,
    census: Census | None = None,
) -> str:
    """As `status_text`; `census` adds what git wants, and in which state how many devices are."""
    found = _Found(None if census is None else census.only)
    every = devices if census is None else census.watch(devices)
    wanted = {} if census is None else census.desired
    details = [
        line
        for device in _kept(every, found)
        if is_detailed
        for line in _device(device, wanted.get(device.ref), found, (view, now))
    ]
    counted = [] if census is None or is_detailed else list(census_lines(census, view))
    if not found.devices:
        return finish([view.texts("status.none"), *counted])
    return finish([*_counts(found, view), *counted, *(details or _deliveries(found, view, now))])


def status_json(
    devices: Iterable[RecordedDevice],
    *,
    now: datetime,
    is_detailed: bool = False,
    census: Census | None = None,
) -> Iterator[str]:
    """The same as a JSON document in pieces; `resources` holds every resource of the devices when `is_detailed`."""
    found = _Found(None if census is None else census.only)
    watched = devices if census is None else census.watch(devices)
    wanted = {} if census is None else census.desired
    every = [
        _item_json(device.ref, item) | _desired_json(wanted.get(device.ref), item)
        for device in _kept(watched, found)
        if is_detailed
        for item in (*found.items(device), *found.missing(device, wanted.get(device.ref)))
    ]
    platforms: JsonObject = {
        name: {
            "devices": found.devices[name],
            "deliveries": {state.value: found.states[name][state] for state in DeliveryState},
        }
        for name in sorted(found.devices)
    }
    head: JsonObject = {"format": FORMAT, "at": timestamp(now), "platforms": platforms}
    if census is not None:
        head |= census_head(census)
    arrays: list[tuple[str, list[JsonObject]]] = [
        ("open", [_item_json(ref, item) for ref, item in found.open]),
        ("lost", [_item_json(ref, item) for ref, item in found.lost]),
    ]
    if census is not None:
        arrays.append(("silent", list(census_silent(census))))
    yield from document(head, [*arrays, ("resources", every)] if is_detailed else arrays)


@dataclass(slots=True)
class _Found:
    """What one pass over the devices leaves behind; of one resource or command only, where asked."""

    only: str | None = None
    devices: Counter[str] = field(default_factory=Counter)
    states: dict[str, Counter[DeliveryState]] = field(default_factory=dict)
    open: list[tuple[DeviceRef, Item]] = field(default_factory=list)
    lost: list[tuple[DeviceRef, Item]] = field(default_factory=list)

    def items(self, device: RecordedDevice) -> Iterator[Item]:
        """What counts of a device: resources by path, then commands by name."""
        every: list[Item] = [device.resources[path] for path in sorted(device.resources)]
        every += [device.runs[name] for name in sorted(device.runs)]
        names = (item.path if isinstance(item, RecordedResource) else item.command for item in every)
        yield from (item for item, name in zip(every, names, strict=True) if self.only in (None, name))

    def missing(self, device: RecordedDevice, desired: DesiredDevice | None) -> Iterator[DesiredResource]:
        """What git wants of a device and no cloud accepted yet."""
        for wanted in () if desired is None or self.only is not None else desired.document.resources:
            if wanted.ownership in WRITTEN and wanted.path not in device.resources:
                yield wanted


def _kept(devices: Iterable[RecordedDevice], found: _Found) -> Iterator[RecordedDevice]:
    """The devices one by one, each counted in passing: a fleet need not fit in memory."""
    for device in devices:
        found.devices[device.ref.platform] += 1
        states = found.states.setdefault(device.ref.platform, Counter())
        for item in found.items(device):
            states[item.delivery] += 1
            if item.delivery.is_open:
                found.open.append((device.ref, item))
            elif item.delivery.is_lost and not is_withdrawn(item):
                found.lost.append((device.ref, item))
        yield device


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


def _device(
    device: RecordedDevice, desired: DesiredDevice | None, found: _Found, shown: tuple[View, datetime]
) -> Iterator[str]:
    view, now = shown
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
    for item in found.items(device):
        yield from table([name_cells(item, view)], view.width, indent="  ")
        if desired is not None and isinstance(item, RecordedResource):
            yield from view.wrap(_wanted(desired, item, view), "      ")
        yield from view.flow(facts(item, view, now), "      ")
        if isinstance(item, RecordedResource):
            yield from view.wrap(_confirmed(item, view, now), "      ")
    for wanted in found.missing(device, desired):
        yield from table([[inert(wanted.path), show(wanted.value, view.texts)]], view.width, indent="  ")
        yield from view.wrap(view.paint("warning", view.texts("status.unapplied")), "      ")


def _confirmed(resource: RecordedResource, view: View, now: datetime) -> str:
    if resource.confirmed is ABSENT or resource.confirmed_at is None:
        return view.paint("dim", view.texts("status.unconfirmed"))
    seen = when(view.texts, resource.confirmed_at, now)
    held = view.texts("status.confirmed_at", value=show(resource.confirmed, view.texts), when=seen)
    return f"{held} · {view.texts(f'how.{how}')}" if (how := resource.confirmed_by) in CONFIRMATIONS else held


def _wanted(desired: DesiredDevice, resource: RecordedResource, view: View) -> str:
    wanted = next((one for one in desired.document.resources if one.path == resource.path), None)
    if wanted is None:
        return view.paint("dim", view.texts("status.undeclared"))
    return view.texts("status.declared", value=show(wanted.value, view.texts))


def _desired_json(desired: DesiredDevice | None, item: Item | DesiredResource) -> JsonObject:
    """What git wants of a resource; the member is left out where no manifest declares it."""
    if desired is None or not isinstance(item, RecordedResource):
        return {}
    wanted = next((one for one in desired.document.resources if one.path == item.path), None)
    return {} if wanted is None else {"desired": wanted.value}


def _item_json(ref: DeviceRef, item: Item | DesiredResource) -> JsonObject:
    if isinstance(item, DesiredResource):
        return {"device": str(ref), "state": Standing.UNAPPLIED.value, "resource": item.path, "desired": item.value}
    body: JsonObject = {"device": str(ref), "state": item.delivery.value}
    if isinstance(item, RecordedResource):
        body |= {"resource": item.path, "value": item.value, "version": item.version}
        body["accepted_at"] = timestamp(item.accepted_at)
        body["confirmed_at"] = _moment_json(item.confirmed_at)
        if not isinstance(item.confirmed, Missing):
            body["confirmed"] = item.confirmed
        if item.confirmed_by is not None:
            body["confirmed_by"] = item.confirmed_by
    else:
        body |= {"command": item.command, "key": item.key, "owed": item.is_owed, "accepted_at": timestamp(item.at)}
    if item.retries:
        body["retries"] = item.retries
    return {**body, "uuid": item.command_uuid, "expires_at": _moment_json(item.expires_at)}


def _moment_json(at: datetime | None) -> Json:
    return None if at is None else timestamp(at)
