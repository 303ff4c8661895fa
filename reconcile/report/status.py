"""Where every delivery stands, from recorded state alone: counts, then what is open, then what was lost."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

from reconcile.model.drift import NORMAL, FlapRule
from reconcile.model.fleet import DesiredDevice
from reconcile.model.recorded import CONFIRMATIONS, DeliveryState, RecordedDevice, RecordedResource
from reconcile.model.values import ABSENT
from reconcile.report.census import census_lines
from reconcile.report.deliveries import delivery_lines, facts, name_cells
from reconcile.report.fights import fight_lines
from reconcile.report.sanitise import inert
from reconcile.report.standing import Census
from reconcile.report.status_pass import Found, kept
from reconcile.report.style import table
from reconcile.report.values import show
from reconcile.report.view import View, finish, when


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
    flaps: FlapRule = NORMAL,
) -> str:
    """As `status_text`; `census` adds what git wants, and in which state how many devices are."""
    found = Found(None if census is None else census.only)
    every = devices if census is None else census.watch(devices)
    wanted = {} if census is None else census.desired
    details = [
        line
        for device in kept(every, found)
        if is_detailed
        for line in _device(device, wanted.get(device.ref), found, (view, now))
    ]
    counted = [] if census is None or is_detailed else list(census_lines(census, view))
    if not found.devices:
        return finish([view.texts("status.none"), *counted])
    fights = fight_lines(found.fought, flaps, view, now)
    return finish([*_counts(found, view), *counted, *(details or _deliveries(found, view, now)), *fights])


def _counts(found: Found, view: View) -> Iterator[str]:
    devices = view.texts.count("device", found.devices.total())
    waiting = len({ref for ref, _ in found.open})
    yield from view.wrap(view.paint("bold", view.texts("status.title", devices=devices, open=waiting)))
    rows = []
    for platform, count in sorted(found.devices.items()):
        states = found.states[platform]
        shown = [f"{view.texts(f'delivery.{state}')} {states[state]:,}" for state in DeliveryState if states[state]]
        rows.append([inert(platform), view.texts.count("device", count), " · ".join(shown)])
    yield from table(rows, view.width, indent="  ")


def _deliveries(found: Found, view: View, now: datetime) -> Iterator[str]:
    for title, items in (("status.open", found.open), ("status.lost", found.lost)):
        if items:
            yield from view.title(view.texts(title))
        yield from delivery_lines(items, view, now)


def _device(
    device: RecordedDevice, desired: DesiredDevice | None, found: Found, shown: tuple[View, datetime]
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
