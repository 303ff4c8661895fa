from __future__ import annotations

from datetime import UTC, datetime

import pytest
from layering_kit import fleet_of, only

from reconcile.manifest.holds import until

METERS = "name,platform,imei,site\nmeter-1,one,111,lab\nmeter-2,one,222,yard\n"


def hold(spec):
    return f"apiVersion: reconcile/v1\nkind: Hold\nmetadata: {{name: h}}\nspec: {{reason: because, {spec}}}\n"


@pytest.mark.parametrize(
    ("spec", "names"),
    [
        ("devices: [meter-1]", ["one/meter-1"]),
        ("devices: [one/meter-2]", ["one/meter-2"]),
        ("selector: {matchLabels: {site: lab}}", ["one/meter-1"]),
        ("devices: [meter-2], selector: {matchLabels: {site: lab}}", ["one/meter-1", "one/meter-2"]),
    ],
)
def test_hold_covers_named_and_selected_devices(spec, names):
    fleet = fleet_of(hold(f'until: "2026-12-31", {spec}'), inventory=METERS)

    assert fleet.diagnostics == ()
    assert [sorted(map(str, one.devices)) for one in fleet.holds] == [names]
    assert fleet.holds[0].reason == "because"


def test_bare_date_is_the_end_of_that_day_in_china():
    assert until("2026-12-31") == datetime(2026, 12, 31, 16, tzinfo=UTC)
    assert until("2026-12-31T08:00:00Z") == datetime(2026, 12, 31, 8, tzinfo=UTC)


@pytest.mark.parametrize("text", ["soon", "2026-13-01", "2026-12-31T08:00:00", "9999-12-31", ""])
def test_other_texts_are_no_end(text):
    assert until(text) is None


def test_unknown_device_suggests_the_nearest():
    found = only(fleet_of(hold('until: "2026-12-31", devices: [meter-1, meter-3]'), inventory=METERS))

    assert (found.code, found.is_error) == ("RCL141", True)
    assert "Did you mean `meter-" in found.detail


def test_expired_hold_is_a_warning_and_holds_nothing():
    fleet = fleet_of(hold('until: "2026-11-21", devices: [meter-1]'), inventory=METERS)

    assert fleet.holds == []
    assert (only(fleet).code, only(fleet).is_error) == ("RCL143", False)


def test_hold_of_today_still_holds():
    assert len(fleet_of(hold('until: "2026-11-22", devices: [meter-1]'), inventory=METERS).holds) == 1


def test_selector_without_devices_is_a_warning():
    found = only(fleet_of(hold('until: "2026-12-31", selector: {matchLabels: {site: moon}}'), inventory=METERS))

    assert (found.code, found.is_error) == ("RCL144", False)
