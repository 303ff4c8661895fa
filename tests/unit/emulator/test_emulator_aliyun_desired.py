"""Desired values: versions, validation, delivery to devices awake and asleep."""

import json

import pytest
from emulator_desk import LAMP, SLEEPY_LAMP, TSL

MODELLED = LAMP | {"thingModel": TSL}
ALWAYS_REFUSED = "emulator.desired."


def versions(answer):
    return json.loads(answer["Data"]["Versions"])


def test_versions_count_from_zero(desk):
    """0 before the first set, one more with each."""
    d = desk(LAMP)
    assert versions(d.set({"Brightness": 1}, {"Brightness": 0})) == {"Brightness": 1}
    assert versions(d.set({"Brightness": 2}, {"Brightness": 1})) == {"Brightness": 2}
    assert versions(d.set({"Brightness": 3})) == {"Brightness": 3}


def test_version_mismatch_changes_nothing(desk):
    """The second writer with the old version is refused."""
    d = desk(LAMP)
    d.set({"Brightness": 1}, {"Brightness": 0})
    answer = d.set({"Brightness": 2}, {"Brightness": 0})
    assert (answer["Success"], answer["Code"]) == (False, "emulator.desired.VersionMismatch")
    assert d.desired()["Brightness"]["Value"] == "1"
    assert d.log()[-2]["landed"] is False


def test_set_of_several_items_is_atomic_or_partial(desk):
    """One item with a wrong version: nothing, or the others."""
    for switch, left in (("yes", {}), ("no", {"B"})):
        d = desk(LAMP, set_atomic=switch, unset_listed="no")
        assert d.set({"A": 1, "B": 2}, {"A": 7})["Success"] is False
        assert set(d.desired()) == set(left)
        assert d.log()[0]["landed"] is bool(left)


def test_versions_may_cover_some_items_by_switch(desk):
    """Default: a subset is enough."""
    assert desk(LAMP).set({"A": 1, "B": 2}, {"A": 0})["Success"]
    assert not desk(LAMP, versions_subset="refuse").set({"A": 1, "B": 2}, {"A": 0})["Success"]


def test_missing_versions_is_a_gateway_error_by_default(desk):
    """The current description requires the parameter, the older page does not."""
    assert desk(LAMP).set({"A": 1}, None)["Code"] == "MissingVersions"
    assert desk(LAMP, versions_required="no").set({"A": 1}, None)["Success"]


@pytest.mark.parametrize(("rule", "after", "next_version"), [("zero", 0, 1), ("keeps", 2, 3), ("counts", 3, 4)])
def test_version_after_a_clear_is_a_switch(desk, rule, after, next_version):
    """Three readings, for Clear and for null through Set."""
    d = desk(LAMP, version_after_clear=rule, null_version=rule)
    for clear in (lambda: d.clear("A"), lambda: d.set({"A": None})):
        d.control("POST", "/reset")
        d.set({"A": 1})
        d.set({"A": 2})
        assert versions(clear()) == {"A": after}
        assert "Value" not in d.desired()["A"]
        assert versions(d.set({"A": 3})) == {"A": next_version}


def test_same_value_raises_the_version_by_default(desk):
    """Nothing documents a no-op."""
    for switch, version in (("yes", 2), ("no", 1)):
        d = desk(LAMP, same_value_raises_version=switch)
        d.set({"A": 1})
        assert versions(d.set({"A": 1})) == {"A": version}


@pytest.mark.parametrize(
    "items",
    ['{"Brightness":101}', '{"Brightness":-1}', '{"Brightness":1.0}', '{"Brightness":true}', '{"Brightness":"1"}', '{"Target":10}',
     '{"Target":1e+16}', '{"Target":-10.5}', '{"Power":2}', '{"Power":true}', '{"Mode":0}', '{"Label":"12345"}', '{"At":1}',
     '{"At":"soon"}', '{"Slots":[1,2,3]}', '{"Slots":["a"]}', '{"Timer":{"Left":10}}', '{"Timer":{"Right":1}}', '{"Timer":1}'],
)  # fmt: skip
def test_value_outside_type_or_range_is_refused(desk, items):
    """The value must fit the property; floats need a decimal point."""
    answer = desk(MODELLED).set(items)
    assert answer["Code"] == "emulator.desired.InvalidValue"


@pytest.mark.parametrize(
    "items",
    ['{"Brightness":100}', '{"Target":10.0}', '{"Target":1.0e+16}', '{"Power":1}', '{"Mode":-1}', '{"Label":"1234"}', '{"At":"1700000000000"}',
     '{"Slots":[1,2]}', '{"Timer":{"Left":9}}', '{"Brightness":null}'],
)  # fmt: skip
def test_value_that_fits_is_taken(desk, items):
    """The other side of each limit."""
    assert desk(MODELLED).set(items)["Success"]


def test_exponent_and_step_are_switches(desk):
    """`1e+16` as a float; a value off the step."""
    assert desk(MODELLED, exponent_without_point="accept").set('{"Target":1e+16}')["Success"]
    assert desk(MODELLED).set('{"Brightness":7}')["Success"]
    assert not desk(MODELLED, step_checked="yes").set('{"Brightness":7}')["Success"]


def test_java_smallest_double_is_no_lower_bound(desk):
    """Published models say -4.9E-324 and mean none."""
    model = {
        "properties": [
            {
                "identifier": "T",
                "name": "",
                "accessMode": "rw",
                "dataType": {"type": "double", "specs": {"min": "-4.9E-324", "max": "1.7976931348623157E308"}},
            }
        ]
    }
    assert desk(LAMP | {"thingModel": model}).set('{"T":-40.5}')["Success"]


@pytest.mark.parametrize(
    ("items", "code"),
    [('{"Lux":1}', "emulator.desired.ReadOnlyProperty"), ('{"Nope":1}', "emulator.desired.UnknownProperty"),
     ('{"Power":1,"Power":0}', "emulator.desired.RepeatedIdentifier"), ("[]", "iot.system.IllegalRequest"), ("{", "iot.system.IllegalRequest"),
     (json.dumps({f"P{n}": 1 for n in range(11)}), "emulator.desired.TooManyItems")],
)  # fmt: skip
def test_improper_items_are_refused(desk, items, code):
    """Read-only, unknown, repeated, malformed, too many."""
    assert desk(MODELLED).set(items)["Code"] == code


def test_online_device_applies_and_reports_at_once(desk):
    """Reported equals desired, and the desired value stays."""
    d = desk(MODELLED)
    d.set('{"Target":35.0}')
    assert d.lamp()["values"] == {"Target": 35.0}
    answer = d.rpc("QueryDevicePropertyStatus", ProductKey="a1", DeviceName="lamp")
    rows = {row["Identifier"]: row for row in answer["Data"]["List"]["PropertyStatusInfo"]}
    assert (rows["Target"]["Value"], rows["Target"]["Unit"]) == ("35", "C")
    assert "Value" not in rows["Power"]
    assert d.desired()["Target"]["Value"] == "35"


def test_sleeping_device_fetches_at_its_wake(desk):
    """OFFLINE while asleep; the value waits, then is applied and reported."""
    d = desk(SLEEPY_LAMP)
    d.set({"Brightness": 5})
    status = d.rpc("GetDeviceStatus", ProductKey="a1", DeviceName="lamp")
    assert (status["Data"]["Status"], d.lamp()["values"]) == ("OFFLINE", {})
    d.advance(1801)
    assert d.lamp()["reported"] == {"Brightness": {"value": 5, "time": "2026-01-31T00:30:00.000Z"}}
    assert d.rpc("GetDeviceStatus", ProductKey="a1", DeviceName="lamp")["Data"]["Status"] == "ONLINE"


def test_device_may_delete_what_it_applied(desk):
    """An absent desired value is no drift for such a device."""
    d = desk(LAMP | {"deletes_desired": True})
    d.set({"Brightness": 5})
    assert d.lamp()["values"] == {"Brightness": 5}
    assert "Value" not in d.desired()["Brightness"]


def test_device_may_refuse_or_report_late(desk):
    """A refused value stays desired only; a late report comes with its own time."""
    d = desk(LAMP | {"refuses": ["A"], "reports_late": 60})
    d.set({"A": 1, "B": 2})
    assert (d.lamp()["values"], d.lamp()["reported"]) == ({"B": 2}, {})
    d.advance(60)
    assert d.lamp()["reported"]["B"]["value"] == 2


def test_unset_property_is_listed_without_value_by_switch(desk):
    """Read-only properties never are."""
    assert "Value" not in desk(MODELLED).desired()["Power"]
    assert "Lux" not in desk(MODELLED).desired()
    assert desk(MODELLED, unset_listed="no").desired() == {}


def test_clear_needs_one_to_ten_identifiers(desk):
    """They travel in the form body, under their odd name."""
    d = desk(LAMP)
    assert d.clear()["Code"] == "MissingIdentifies"
    assert d.clear(*[f"P{n}" for n in range(11)])["Code"] == "emulator.desired.TooManyItems"
    assert versions(d.clear("P1", "P2")) == {"P1": 0, "P2": 0}


def test_query_takes_at_most_ten_distinct_identifiers(desk):
    """No repeats."""
    d = desk(LAMP)
    call = {"ProductKey": "a1", "DeviceName": "lamp"}
    assert d.rpc("QueryDeviceDesiredProperty", **call, **{"Identifier.1": "A", "Identifier.2": "A"})["Code"].startswith(
        ALWAYS_REFUSED
    )
    assert d.rpc("QueryDeviceDesiredProperty", **call, **{f"Identifier.{n}": f"P{n}" for n in range(11)})[
        "Code"
    ].startswith(ALWAYS_REFUSED)


def test_module_properties_have_a_prefix_in_items_and_none_in_queries(desk):
    """FunctionBlockId chooses the module; the answer's identifier is a switch."""
    module = {
        "functionBlockId": "fb",
        "properties": [{"identifier": "T", "name": "t", "accessMode": "rw", "dataType": {"type": "int", "specs": {}}}],
    }
    d = desk(LAMP | {"thingModel": [TSL, module]})
    assert d.set({"fb:T": 5})["Success"]
    assert d.desired(FunctionBlockId="fb", **{"Identifier.1": "T"})["T"]["Value"] == "5"
    d.control("POST", "/switches", {"module_identifier": "prefixed"})
    assert d.desired(FunctionBlockId="fb")["fb:T"]["Value"] == "5"
    assert "fb:T" not in d.desired()


def test_somebody_else_at_the_console_raises_the_version(desk):
    """A foreign change is pushed like any other."""
    d = desk(LAMP)
    d.set({"Brightness": 1})
    d.control("POST", "/devices/aliyun/a1/lamp/console", {"Brightness": 9})
    assert (d.desired()["Brightness"]["Version"], d.lamp()["values"]["Brightness"]) == (2, 9)


def test_answers_name_unknown_devices_and_products(desk):
    """Business errors in answers of HTTP 200."""
    d = desk(LAMP | {"iotInstanceId": "iot-1"})
    assert d.rpc("GetDeviceStatus", ProductKey="a1", DeviceName="nobody")["Code"] == "iot.device.NotExistedDevice"
    assert d.rpc("GetDeviceStatus", DeviceName="lamp")["Code"] == "iot.prod.NullProductKey"
    assert d.rpc("GetDeviceStatus", ProductKey="a1")["Code"] == "iot.device.NullDeviceName"
    assert d.rpc("GetDeviceStatus", ProductKey="a1", DeviceName="lamp")["Code"] == "iot.system.InstanceNotFound"
    assert d.rpc("GetDeviceStatus", IotId=d.lamp()["iotId"], IotInstanceId="iot-1")["Data"]["Status"] == "ONLINE"
    assert d.rpc("QueryDevice", ProductKey="nope")["Code"] == "iot.prod.NotExistedProduct"


def test_both_model_dialects_are_read_and_written(desk):
    """TSL in, ThingModelJson out, and back in: the same checks."""
    first = desk(MODELLED)
    text = first.rpc("QueryThingModelPublished", ProductKey="a1")["Data"]["ThingModelJson"]
    second = desk(LAMP | {"thingModel": json.loads(text)})
    tsl = json.loads(second.rpc("GetThingModelTslPublished", ProductKey="a1")["Data"]["TslStr"])
    assert (
        tsl["properties"]
        == json.loads(first.rpc("GetThingModelTslPublished", ProductKey="a1")["Data"]["TslStr"])["properties"]
    )
    assert second.set('{"Brightness":101}')["Code"] == "emulator.desired.InvalidValue"
    simple = json.loads(first.rpc("GetThingModelTslPublished", ProductKey="a1", Simple="true")["Data"]["TslStr"])
    assert set(simple["properties"][0]) == {"identifier", "dataType"}


def test_devices_of_a_product_are_paged_newest_first(desk):
    """Page size 1 to 50."""
    d = desk(*(LAMP | {"deviceName": f"d{n}"} for n in range(5)))
    answer = d.rpc("QueryDevice", ProductKey="a1", PageSize="2", CurrentPage="2")
    assert [row["DeviceName"] for row in answer["Data"]["DeviceInfo"]] == ["d2", "d1"]
    assert (answer["Total"], answer["PageCount"]) == (5, 3)
    assert d.rpc("QueryDevice", ProductKey="a1", PageSize="51")["Code"] == "iot.common.InvalidPageParams"
    states = d.rpc("BatchGetDeviceState", ProductKey="a1", **{"DeviceName.1": "d0", "DeviceName.2": "none"})
    assert [row["DeviceName"] for row in states["DeviceStatusList"]["DeviceStatus"]] == ["d0"]


def test_quota_is_enforced_by_switch(desk):
    """The 51st set of a second is throttled."""
    d = desk(LAMP, aliyun_quota="enforced")
    answers = [d.set({"A": n}) for n in range(51)]
    assert [answer.get("Code") for answer in answers[-2:]] == [None, "Throttling.User"]
