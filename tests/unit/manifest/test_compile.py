from __future__ import annotations

import pytest
from layering_kit import FLEET, codes, device, fleet_of, of, only, profile

from reconcile.manifest.document import Safety, StateConfig
from reconcile.model.device import DeviceRef, Identity
from reconcile.model.diagnostic import Span

METERS = "name,platform,imei,class\nm2,one,222,meter\nm1,one,111,meter\n"


def test_devices_are_sorted_by_ref_and_know_their_line():
    fleet = fleet_of(device("l1", "  platform: ali\n  productKey: a1BwA"), inventory=METERS)

    assert [str(desired.device.ref) for desired in fleet.devices] == ["ali/l1", "one/m1", "one/m2"]
    assert of(fleet, "m2").device.span == Span("meters.csv", 2, 1)
    assert of(fleet, "l1").device.span == Span("a.yaml", 3, 12)
    assert of(fleet, "l1").device.identity == Identity.of(productKey="a1BwA", deviceName="l1")


def test_document_adds_labels_and_completes_the_identity():
    inventory = "name,platform,class,site\nm1,,meter,lab\n"
    fleet = fleet_of(
        device("m1", "  platform: one\n  imei: 865820031234567", "{site: yard, x: y}"), inventory=inventory
    )

    assert fleet.diagnostics == ()
    assert of(fleet, "m1").device.identity == Identity.of(imei="865820031234567")
    assert of(fleet, "m1").device.labels == {"class": "meter", "site": "yard", "x": "y"}


def test_labels_of_a_document_do_not_leak_to_its_neighbours():
    fleet = fleet_of(device("m1", "  platform: one", "{site: yard}"), inventory=METERS)

    assert of(fleet, "m2").device.labels == {"class": "meter"}


def test_contradicting_identity_names_both_places():
    found = only(fleet_of(device("m1", "  platform: one\n  imei: 865820031234567"), inventory=METERS))

    assert (found.code, found.span) == ("RCL125", Span("a.yaml", 6, 3))
    assert "865820031234567 here and 111 in the inventory (meters.csv:3:1)" in found.detail


def test_contradicting_platform_names_both_places():
    found = only(fleet_of(device("m1", "  platform: ali\n  productKey: a1BwA"), inventory=METERS))

    assert (found.code, found.span.line) == ("RCL125", 5)
    assert "meters.csv:3:1" in found.detail


def test_one_name_may_live_on_two_platforms():
    inventory = "name,platform,imei,productKey\nx,one,111,\nx,ali,,a1BwA\n"
    fleet = fleet_of(device("x", "  platform: ali\n  properties: {A: 1}"), inventory=inventory)

    assert fleet.diagnostics == ()
    assert [len(desired.document.resources) for desired in fleet.devices] == [1, 0]


def test_name_twice_in_the_inventories_names_both_lines():
    found = only(fleet_of(inventory=METERS + "m1,one,333,meter\n"))

    assert (found.code, found.span) == ("RCL158", Span("meters.csv", 4, 1))
    assert "meters.csv:3:1" in found.detail


def test_name_twice_is_told_for_documented_devices_too():
    assert codes(fleet_of(device("m1", "  platform: one"), inventory=METERS + "m1,one,333,meter\n")) == ["RCL158"]


def test_one_identity_twice_names_both_lines():
    found = only(fleet_of(inventory=METERS + "m3,one,111,meter\n"))

    assert (found.code, found.span) == ("RCL124", Span("meters.csv", 4, 1))
    assert "m3 and m1 (meters.csv:3:1)" in found.detail


def test_unknown_platform_suggests_the_nearest():
    found = only(fleet_of(inventory="name,platform,imei\nm1,onee,111\n"))

    assert found.code == "RCL121"
    assert "Did you mean `one`?" in found.detail


def test_row_without_platform_is_an_error():
    assert only(fleet_of(inventory="name,imei\nm1,111\n")).code == "RCL122"


def test_identity_problem_is_told_where_the_device_is_listed():
    found = only(fleet_of(inventory="name,platform\nm1,one\n"))

    assert (found.code, found.span) == ("RCL201", Span("meters.csv", 2, 1))
    assert found.detail.startswith("device one/m1: ")


def test_document_whose_row_could_not_be_read_is_not_blamed():
    fleet = fleet_of(device("m1", "  platform: one"), inventory="name;platform;imei\nm1;one;111\n")

    assert codes(fleet) == ["RCL151"]


def test_a_rollout_must_reach_every_device():
    rollout = profile("base", "  selector: {}\n  rollout: {waves: [{devices: 1%}]}")

    assert codes(fleet_of(rollout, inventory=METERS)) == ["RCL712"]


def test_platforms_have_a_pace_of_their_own():
    text = FLEET.replace("{type: onenet}", "{type: onenet, quota: {requestsPerSecond: 7}}")

    assert {name: one.requests_per_second for name, one in fleet_of(fleet=text).platforms.items()} == {
        "one": 7,
        "ali": 40,
    }
    assert fleet_of().platforms["one"].requests_per_second == 80


def test_safety_and_state_are_read():
    text = FLEET + "  state: {backend: sqlite, path: s.db}\n  safety: {maxChangedDevices: 5, maxChangedPercent: 2.5}\n"
    fleet = fleet_of(fleet=text)

    assert fleet.state == StateConfig("sqlite", "s.db")
    assert (fleet.safety.max_changed_devices, fleet.safety.max_changed_percent) == (5, 2.5)
    assert fleet.safety.min_population == Safety().min_population


@pytest.mark.parametrize(("words", "url"), [
    ("", "gitref:origin#production"),
    (", in: ref", "gitref:origin#production"),
    (", in: branch", "gitref:origin#production?in=branch"),
])  # fmt: skip
def test_state_in_a_git_ref_may_lie_on_a_branch(words, url):
    text = f"{FLEET}  state: {{backend: gitref, remote: origin, environment: production{words}}}\n"
    assert fleet_of(fleet=text).state == StateConfig("gitref", "", url)


def test_other_state_backends_are_refused():
    found = only(fleet_of(fleet=FLEET + "  state: {backend: gitref, remote: origin}\n"))

    assert (found.code, found.span.line) == ("RCL145", 10)


def test_without_a_fleet_document_nothing_is_compiled():
    from layering_kit import NOW

    from reconcile.manifest.compile import Inputs, compile_fleet

    fleet = compile_fleet(Inputs(()), now=NOW)
    assert (fleet.name, fleet.devices, fleet.diagnostics) == ("", (), ())


def test_ref_keeps_platform_and_name():
    assert of(fleet_of(inventory=METERS), "m1").device.ref == DeviceRef("one", "m1")
