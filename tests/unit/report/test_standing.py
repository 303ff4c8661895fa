"""A device is in one state, and only what it confirmed is done."""

import json
from dataclasses import replace
from datetime import timedelta

import jsonschema
import pytest
from report_fleet import IMEI, desired_meter, recorded_lamp, recorded_meter
from report_plans import AT, lamp, meter

from reconcile.model.desired import Delivery, DesiredDocument, DesiredResource, Ownership
from reconcile.model.device import Device
from reconcile.model.fleet import DesiredDevice
from reconcile.model.recorded import DeliveryState, RecordedDevice, RecordedResource, RecordedRun
from reconcile.report.standing import Census, Standing, standing
from reconcile.report.status import told
from reconcile.report.status_document import status_json
from reconcile.report.view import View
from reconcile.runs.followed import Followed, has_lost, is_waiting

PATH = "/3303/0/5603"
QUEUED, ACCEPTED, CONFIRMED = DeliveryState.QUEUED, DeliveryState.ACCEPTED, DeliveryState.CONFIRMED


def ago(**duration):
    return AT - timedelta(**duration)


def equal(_path, left, right):
    return left == right


FRESH = ago(minutes=5)


def record(delivery, *, since=FRESH, value=1.0, uplink=None, silences=(), uuid="u1"):
    held = {"confirmed": value, "confirmed_at": since, "confirmed_by": "report"} if delivery is CONFIRMED else {}
    resource = RecordedResource(PATH, value, None, delivery, since, command_uuid=uuid, **held)
    return RecordedDevice(meter(1), IMEI, resources={PATH: resource}, last_uplink=uplink, silences_s=silences)


def wants(value=1.0, ownership=Ownership.ENFORCE, labels=()):
    document = DesiredDocument.build((DesiredResource(PATH, value, ownership=ownership),), (), Delivery())
    return DesiredDevice(Device(meter(1), IMEI, dict(labels)), document)


@pytest.mark.parametrize(
    ("device", "expected"),
    [
        (None, Standing.UNAPPLIED),
        (record(CONFIRMED), Standing.CONFIRMED),
        (record(CONFIRMED, value=2.0), Standing.UNAPPLIED),
        (record(ACCEPTED), Standing.ACCEPTED),
        (record(QUEUED), Standing.QUEUED),
        (record(DeliveryState.SENT), Standing.QUEUED),
        (record(DeliveryState.FAILED), Standing.LOST),
        (record(DeliveryState.MISSING), Standing.LOST),
        (record(DeliveryState.EXPIRED, since=ago(days=4), uplink=ago(days=1)), Standing.LOST),
        (record(DeliveryState.EXPIRED, since=ago(days=4)), Standing.SILENT),
        (record(DeliveryState.EXPIRED, since=ago(days=9), uplink=ago(days=8)), Standing.LOST),
        (record(DeliveryState.EXPIRED, since=ago(days=9), uplink=ago(days=10)), Standing.LONG_SILENT),
        (record(QUEUED, since=ago(hours=23)), Standing.QUEUED),
        (record(QUEUED, since=ago(hours=25)), Standing.SILENT),
        (record(QUEUED, since=ago(hours=25), uplink=ago(hours=2)), Standing.QUEUED),
        (record(QUEUED, since=ago(hours=2), uplink=ago(days=30)), Standing.QUEUED),
        (record(QUEUED, since=ago(days=8)), Standing.LONG_SILENT),
        (record(QUEUED, since=ago(days=2), silences=(86_400,)), Standing.QUEUED),
        (record(QUEUED, since=ago(days=4), silences=(3_600, 86_400)), Standing.SILENT),
        (record(ACCEPTED, since=ago(days=8)), Standing.LONG_SILENT),
        (record(DeliveryState.CANCELLED, uuid=None), Standing.CONFIRMED),
        (record(DeliveryState.CANCELLED), Standing.LOST),
    ],
)
def test_a_device_is_in_the_first_state_that_fits(device, expected):
    assert standing(wants(), device, equal, AT) is expected


def test_accepted_is_not_confirmed_but_a_cleared_value_leaves_nothing_to_report():
    cleared = record(ACCEPTED, value=None)
    assert standing(wants(None), cleared, equal, AT) is Standing.CONFIRMED
    assert not is_waiting(cleared)
    assert is_waiting(record(ACCEPTED))


def test_what_the_field_may_change_is_not_missing():
    assert standing(wants(5.0, Ownership.SEED), record(CONFIRMED), equal, AT) is Standing.CONFIRMED
    assert standing(wants(5.0, Ownership.OBSERVE), record(CONFIRMED), equal, AT) is Standing.CONFIRMED


def test_a_command_counts_as_well():
    device = record(CONFIRMED)
    for delivery, expected in ((QUEUED, Standing.QUEUED), (DeliveryState.FAILED, Standing.LOST)):
        run = RecordedRun("reboot", "trigger:1", delivery, AT, "u2")
        assert standing(wants(), replace(device, runs={"reboot": run}), equal, AT) is expected
    owed = RecordedRun("reboot", "trigger:1", ACCEPTED, AT, is_owed=True)
    assert standing(wants(), replace(device, runs={"reboot": owed}), equal, AT) is Standing.UNAPPLIED


def census(*desired, **fields):
    return Census({one.device.ref: one for one in desired}, lambda _desired: equal, AT, **fields)


def test_census_counts_every_device_once_by_label_and_names_the_long_silent():
    silent = replace(record(QUEUED, since=ago(days=30)), ref=meter(2))
    fleet = [record(CONFIRMED), silent, recorded_lamp()]
    unrecorded = replace(wants(), device=Device(meter(3), IMEI, {"site": "north"}))
    counted = census(wants(labels={"site": "north"}), unrecorded, by="site")
    text = told(iter(fleet), View.of("en"), AT, census=counted)
    assert "4 devices, by how far what git wants has come" in text
    assert "  confirmed 2 · not applied 1 · long silent 1\n" in text
    assert "  north       2  confirmed 1 · not applied 1" in text
    assert "(no label)  2  confirmed 1 · long silent 1" in text
    assert f"{meter(2)}  no sign of life known" in text
    assert "长期无音讯 1" in told(iter(fleet), View.of("zh"), AT, census=census())


def test_selection_leaves_out_what_no_manifest_declares():
    counted = census(wants(), has_strangers=False)
    assert [device.ref for device in counted.watch([record(CONFIRMED), recorded_lamp()])] == [meter(1)]


def test_detail_says_what_git_wants_and_how_a_value_is_known():
    text = told([recorded_meter()], View.of("en"), AT, is_detailed=True, census=census(desired_meter()))
    assert "git wants -10.0" in text
    assert "/3303/0/5605  1\n      no cloud accepted it yet" in text
    known = told([record(CONFIRMED)], View.of("en"), AT, is_detailed=True, census=census(wants()))
    assert "device holds 1.0, 5m ago · it reported the value" in known
    one = told([recorded_meter()], View.of("en"), AT, is_detailed=True, census=census(desired_meter(), only=PATH))
    assert "/3303/0/5604" not in one


def test_json_fits_its_schema(schemas):
    counted = census(desired_meter(), by="site")
    fleet = [recorded_meter(), recorded_lamp(), replace(record(QUEUED, since=ago(days=30)), ref=lamp(3))]
    body = json.loads("".join(status_json(fleet, now=AT, is_detailed=True, census=counted)))
    jsonschema.Draft202012Validator(schemas("status")).validate(body)
    assert body["devices"]["total"] == 3
    assert body["by"]["groups"]["north"]["lost"] == 1
    assert body["silent"] == [{"device": str(lamp(3)), "long": True, "heard_at": None}]
    assert [entry["state"] for entry in body["resources"] if "value" not in entry and "command" not in entry] == [
        "unapplied"
    ]


@pytest.mark.parametrize(
    ("fields", "code"),
    [({}, 0), ({"still_open": 1}, 3), ({"still_open": 1, "lost": 1}, 1), ({"lost": 2}, 1), ({"in_doubt": 1, "lost": 1}, 5)],
)  # fmt: skip
def test_exit_code_of_waiting_is_the_worst_of_what_was_found(fields, code):
    assert Followed(**{"still_open": 0, "unreadable": 0, **fields}).exit_code == code


def test_what_we_took_back_is_not_lost():
    assert not has_lost(record(DeliveryState.CANCELLED, uuid=None))
    assert has_lost(record(DeliveryState.EXPIRED))
