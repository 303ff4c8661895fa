"""What looking at a settled fleet costs in calls, whole and within a budget; counted by the emulator, not timed."""

from __future__ import annotations

from benchmarks.delivery import PATHS, Site  # the proofs' fleet and clock
from benchmarks.measure import Counts
from reconcile.manifest.refresh_rule import RefreshRule
from reconcile.model.desired import Delivery, DesiredDocument, DesiredResource
from reconcile.model.device import Device, DeviceRef, Identity
from reconcile.runs.request import Refresh

RUNS = 4
TEXT = (
    "A settled fleet of {devices} devices: half are Aliyun lamps of seven properties, half OneNET meters of seven "
    "resources in three object instances that listen. A run a day, each an `apply`; *calls* are requests to the "
    "clouds, beside the *budget* of the run; *looked at* are devices asked in it, *oldest* is the age of the oldest "
    "look afterwards. A lamp is two calls, a meter four to six; presence is told of many devices in one. "
    "`refresh: {{budget: {budget}}}` takes those first whose look is oldest, and goes on where the run before ended."
)


def run(devices: int) -> Counts:
    """Rows: a run that refreshes nothing, one that looks at all, and several within a budget in a row."""
    budget = devices
    rows = [
        _row("`--refresh changed` (default)", _settled(devices), Refresh.CHANGED, devices),
        _row("`--refresh all`", _settled(devices), Refresh.ALL, devices),
    ]
    site = _settled(devices)
    site.refresh_rule = RefreshRule(budget=budget)
    rows += [
        _row(f"`--refresh all` within the budget, run {n}", site, Refresh.ALL, devices) for n in range(1, RUNS + 1)
    ]
    head = ["", "budget", "calls", "calls per device looked at", "looked at", "oldest"]
    return Counts("Calls of a refresh", TEXT.format(devices=devices, budget=budget), head, rows)


def _row(name: str, site: Site, refresh: Refresh, devices: int) -> list[str]:
    site.clouds.skip(86_400)
    found = site.apply(refresh)
    assert found.plan is not None, found.failure
    asked = {entry.device for entry in found.log if entry.device is not None}
    calls, budget = len(found.log), site.refresh_rule.budget if refresh is Refresh.ALL else None
    coverage = found.plan.coverage
    oldest = "" if coverage is None or coverage.oldest_s is None else f"{coverage.oldest_s / 3600:.0f} h"
    each = f"{calls / len(asked):.2f}" if asked else ""
    return [name, "" if budget is None else f"{budget:,}", f"{calls:,}", each, f"{len(asked)} of {devices}", oldest]


def _settled(devices: int) -> Site:
    """A fleet whose every value was written, and looked at once."""
    half = devices // 2
    meters = [
        Device(DeviceRef("onenet-prod", f"meter-{n:03}"), Identity.of(imei=f"8658200300{n:05}"), {})
        for n in range(half)
    ]
    lamps = [
        Device(
            DeviceRef("aliyun-prod", f"lamp-{n:03}"), Identity.of(productKey="a1Proof", deviceName=f"lamp-{n:03}"), {}
        )
        for n in range(half)
    ]
    population = [
        *({"cloud": "onenet", "imei": device.identity["imei"], "sleep": {"kind": "none"}} for device in meters),
        *(
            {"cloud": "aliyun", "productKey": "a1Proof", "deviceName": device.ref.name, "sleep": {"kind": "none"}}
            for device in lamps
        ),
    ]
    site = Site(population, [*meters, *lamps])
    of_meters = DesiredDocument.build(tuple(DesiredResource(path, 1.0) for path in PATHS), (), Delivery())
    of_lamps = DesiredDocument.build(tuple(DesiredResource(f"P{n}", n) for n in range(7)), (), Delivery())
    site.documents |= {device.ref.name: of_meters for device in meters} | {lamp.ref.name: of_lamps for lamp in lamps}
    for _ in range(3):
        site.apply(Refresh.ALL)
        site.clouds.skip(3600)
    return site
