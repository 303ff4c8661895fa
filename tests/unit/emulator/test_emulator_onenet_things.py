"""OneJSON products: the thing-model calls of Studio and of the current platform, and what their devices do."""

import json

import pytest
from emulator_desk import AWAKE_METER, IMEI, METER, ONEJSON, SLEEPY_VALVE, START, VALVE

from reconcile.emulator import PopulationError, World, population

IDS = {"product_id": "p1", "device_name": "valve-1"}
PROJECT = IDS | {"project_id": "any"}


def studio(d, action, body=None, **ids):
    told = PROJECT | ids
    if body is None:
        return d.studio("GET", "application", action, told)
    return d.studio("POST", "application", action, body=told | body)


def current(d, call, body=None):
    if body is None:
        return d.current("GET", f"/thingmodel/{call}", IDS)
    return d.current("POST", f"/thingmodel/{call}", body=IDS | body)


def code(answer):
    return answer["code"].rpartition(".")[2]


def test_desired_value_of_a_device_that_listens_is_applied_and_reported(desk):
    """The platform sends it on at once; the version is 1 first, and nothing clears it."""
    d = desk(VALVE)
    answer = studio(d, "SetDeviceDesiredProperty", {"params": {"switch": True, "CO2": 800}})
    assert answer["success"] is True
    assert "data" not in answer
    valve = d.valve()
    assert (valve["values"]["switch"], valve["reported"]["CO2"]["value"], valve["desired"]["switch"]["version"]) == (
        True,
        800,
        1,
    )
    rows = {row["identifier"]: row for row in studio(d, "QueryDeviceProperty")["data"]["list"]}
    assert rows["CO2"] == {
        "identifier": "CO2", "name": "c", "description": "", "data_type": "int32", "access_mode": "读写",
        "value": "800", "time": "1769817600000", "expect_value": "800",
    }  # fmt: skip
    assert rows["switch"]["value"] == "true"
    assert "value" not in rows["label"]


def test_sleeping_device_fetches_its_desired_values_when_it_wakes(desk):
    """Online all the while; nothing happens before the uplink."""
    d = desk(SLEEPY_VALVE)
    current(d, "set-device-desired-property", {"params": {"CO2": 800}})
    assert (d.valve()["online"], d.valve()["values"]["CO2"]) == (True, 600)
    d.advance(1801)
    assert d.valve()["reported"]["CO2"] == {"value": 800, "time": "2026-01-31T00:30:00.000Z"}


def test_version_counts_sets_and_starts_again_after_a_delete(desk):
    """So a deleted and set value can have a version it had before."""
    d = desk(SLEEPY_VALVE)
    for number in (1, 2, 3):
        studio(d, "SetDeviceDesiredProperty", {"params": {"CO2": number}})
    assert studio(d, "QueryDeviceDesiredProperty", {})["data"]["params"] == {"CO2": {"value": 3, "version": 3}}
    assert studio(d, "DeleteDeviceDesiredProperty", {"params": {"CO2": {"version": 3}}})["success"]
    assert studio(d, "QueryDeviceDesiredProperty", {"params": ["CO2"]})["data"]["params"] == {}
    studio(d, "SetDeviceDesiredProperty", {"params": {"CO2": 9}})
    assert d.valve()["desired"]["CO2"]["version"] == 1
    assert studio(d, "DeleteDeviceDesiredProperty", {"params": {"CO2": {}, "label": {}}})["success"]
    assert d.valve()["desired"] == {}


def test_query_of_desired_values_names_some_or_all(desk):
    """On the current platform they lie in data itself; those never set are left out."""
    d = desk(VALVE | {"desired": {"switch": True, "CO2": 1}})
    assert current(d, "query-device-desired-property", {"params": ["CO2", "label", "nonsense"]})["data"] == {
        "CO2": {"value": 1, "version": 1}
    }
    assert set(current(d, "query-device-desired-property", {})["data"]) == {"switch", "CO2"}


@pytest.mark.parametrize(
    ("params", "msg"),
    [({"switch": 1}, "type error"), ({"switch": {"value": True}}, "type error"), ({"CO2": 1001}, "out of range"), ({"CO2": 1.5}, "type error"),
     ({"CO2": True}, "type error"), ({"warmth": 41}, "out of range"), ({"warmth": "1"}, "type error"), ({"label": "hello"}, "out of range"),
     ({"label": 5}, "type error"), ({"type": 3}, "out of range"), ({"type": "1"}, "type error"), ({"error": "x"}, "type error"), ({"at": "1"}, "type error"),
     ({"event": {"a": 10}}, "out of range"), ({"event": {"c": 1}}, "identifier not exist"), ({"event": 1}, "type error"), ({"slots": [1, 2, 3]}, "out of range"),
     ({"slots": [6]}, "out of range"), ({"slots": 1}, "type error"), ({"lux": 1}, "identifier is read only"), ({"nothing": 1}, "identifier not exist")],
)  # fmt: skip
def test_value_that_does_not_fit_the_thing_model_is_refused(desk, params, msg):
    """And none of the others in the same call is set."""
    d = desk(SLEEPY_VALVE)
    answer = studio(d, "SetDeviceDesiredProperty", {"params": {"switch": True} | params})
    assert (answer["success"], answer["code"]) == (False, "iot.application.setDesiredPeropertyFailed")
    assert answer["msg"] == f"{msg}: {next(iter(params))}"
    assert d.valve()["desired"] == {}


@pytest.mark.parametrize(
    "params",
    [{"switch": False}, {"CO2": 1000}, {"warmth": 40.5}, {"warmth": 40}, {"label": "four"}, {"type": 2}, {"error": 256}, {"at": 1564448722123},
     {"event": {"a": 1, "b": True}}, {"slots": [1, 5]}, {"slots": []}],
)  # fmt: skip
def test_value_that_fits_is_taken(desk, params):
    """One of every type; the device holds what was sent."""
    d = desk(VALVE)
    assert current(d, "set-device-property", {"params": params})["data"]["code"] == 200
    (key, value), = params.items()  # fmt: skip
    assert d.valve()["values"][key] == value


def test_property_set_needs_a_device_that_is_online_and_hears(desk):
    """Offline and asleep are two failures; a refusal is the device's own answer."""
    body = {"params": {"switch": True}}
    assert studio(desk(VALVE), "SetDeviceProperty", body)["data"] == {"id": "1", "code": 200, "msg": "success"}
    offline = studio(desk(VALVE | {"online": False}), "SetDeviceProperty", body)
    assert (code(offline), offline["msg"]) == ("setPropertyFailed", "device not online:device not online")
    asleep = studio(desk(SLEEPY_VALVE), "SetDeviceProperty", body)
    assert (code(asleep), asleep["msg"]) == ("setPropertyFailed", "device response timeout:device response timeout")
    d = desk(VALVE | {"refuses": ["switch"]})
    assert studio(d, "SetDeviceProperty", body)["data"]["code"] == 400
    assert (d.valve()["values"]["switch"], d.log()[-1]["landed"]) == (False, False)


def test_live_read_asks_the_device_and_the_other_what_was_reported(desk):
    """They differ while a report is late."""
    d = desk(VALVE | {"reports_late": 60})
    studio(d, "SetDeviceProperty", {"params": {"CO2": 700}})
    assert studio(d, "QueryDevicePropertyDetail", {"params": ["CO2"]})["data"] == {"CO2": 700}
    shown = {row["identifier"]: row.get("value") for row in current(d, "query-device-property")["data"]}
    assert shown["CO2"] == "600"
    d.advance(61)
    assert {row["identifier"]: row.get("value") for row in current(d, "query-device-property")["data"]}["CO2"] == "700"
    assert code(studio(d, "QueryDevicePropertyDetail", {"params": ["nothing"]})) == "getTmProperties"


def test_faults_between_platform_and_a_named_device(desk):
    """A lost answer leaves the change; a property set that is not heard is fetched at the next uplink."""
    d = desk(VALVE)
    d.script("device_answer_lost")
    answer = studio(d, "SetDeviceProperty", {"params": {"CO2": 700}})
    assert (code(answer), d.valve()["values"]["CO2"], d.log()[-1]["landed"]) == ("setPropertyFailed", 700, True)
    assert code(studio(d, "QueryDevicePropertyDetail", {"params": ["CO2"]})) == "getTmProperties"
    d.script("device_silent")
    assert studio(d, "SetDeviceDesiredProperty", {"params": {"CO2": 800}})["success"]
    assert d.valve()["values"]["CO2"] == 700
    d.advance(31)
    assert d.valve()["values"]["CO2"] == 800


def test_scripted_failure_of_a_thing_model_call_goes_by_its_name(desk):
    """A name is a code on Studio and a number on the current platform; a number stays one."""
    d = desk(VALVE)
    d.script("errno:setDesiredPeropertyFailed", operation="set_desired")
    assert (
        studio(d, "SetDeviceDesiredProperty", {"params": {"CO2": 1}})["code"]
        == "iot.application.setDesiredPeropertyFailed"
    )
    assert current(d, "set-device-desired-property", {"params": {"CO2": 1}})["code"] == 10412
    d.script("errno:10500", operation="set_desired")
    assert current(d, "set-device-desired-property", {"params": {"CO2": 1}})["code"] == 10500
    assert d.valve()["desired"] == {}


def test_device_may_leave_desired_values_alone(desk):
    """It fetches only if it wants to."""
    d = desk(SLEEPY_VALVE | {"fetches_desired": False})
    studio(d, "SetDeviceDesiredProperty", {"params": {"CO2": 800}})
    d.advance(7200)
    assert d.valve()["values"]["CO2"] == 600


def test_thing_model_is_answered_as_published(desk):
    """The document's three lists; an IPSO product has none."""
    d = desk(VALVE, AWAKE_METER)
    published = {key: ONEJSON[key] for key in ("properties", "events", "services")}
    assert d.studio("GET", "common", "QueryThingModel", {"product_id": "p1"})["data"] == published
    assert d.current("GET", "/thingmodel/query-thing-model", {"product_id": "p1"})["data"] == published
    assert d.current("GET", "/thingmodel/query-thing-model", {"product_id": "emulator"})["code"] == 10417
    assert current(d, "query-thing-model")["code"] == 0


def test_devices_are_listed_by_product_a_page_at_a_time(desk):
    """Status 1 never activated, 2 online, 3 offline."""
    names = ["a", "b", "c"]
    d = desk(*(VALVE | {"deviceName": name, "online": name != "b"} for name in names), METER)
    page = d.studio(
        "GET", "application", "QueryDeviceList", {"project_id": "x", "product_id": "p1", "offset": 1, "limit": 1}
    )["data"]
    assert page["meta"] == {"limit": 1, "offset": 1, "total": 3}
    row, = page["list"]  # fmt: skip
    assert (row["device_name"], row["status"], row["last_time"]) == ("b", 1, "0001-01-01T00:00:00.000Z")
    assert d.studio("GET", "application", "QueryDeviceList", {"project_id": "x"})["data"]["meta"]["total"] == 4
    rows = d.current("GET", "/device/list", {"product_id": "p1"})["data"]["list"]
    assert [(row["name"], row["status"]) for row in rows] == [("a", 2), ("b", 1), ("c", 2)]
    assert d.current("GET", "/device/list", {"product_id": "emulator"})["data"]["list"][0]["imei"] == IMEI
    assert studio(d, "QueryDeviceStatus", device_name="a")["data"] == {"status": 2}


def test_detail_of_a_device_by_name(desk):
    """On both platforms; a LwM2M device shows its IMEI, and both have the same times."""
    d = desk(VALVE, METER)
    shown = d.studio("GET", "common", "QueryDeviceDetail", {"product_id": "emulator", "device_name": IMEI})["data"]
    assert (shown["protocol"], shown["imei"], shown["status"], shown["last_time"]) == (
        4,
        IMEI,
        2,
        "2026-01-30T23:30:00.000Z",
    )
    assert d.current("GET", "/device/detail", IDS)["data"]["name"] == "valve-1"
    assert d.current("GET", "/device/detail", {"product_id": "0", "imei": IMEI})["data"]["status"] == 2
    assert d.current("GET", "/device/detail", {"product_id": "0", "imei": "1"})["code"] == 10410


@pytest.mark.parametrize(
    ("told", "name", "number"),
    [({"product_id": ""}, "parameterRequired", 10405), ({"product_id": "p9"}, "productNotFound", 10409), ({"device_name": "v9"}, "deviceNotFound", 10410),
     ({"params": None}, "parameterRequired", 10405), ({"params": []}, "invalidParameter", 10406), ({"params": {}}, "invalidParameter", 10406),
     ({"params": {"switch": None}}, "invalidParameter", 10406), ({"device_name": 5}, "invalidParameter", 10406)],
)  # fmt: skip
def test_failure_is_a_name_on_studio_and_a_number_on_the_current_platform(desk, told, name, number):
    """HTTP 200 both times; no data."""
    d = desk(VALVE)
    good = PROJECT | {"params": {"switch": True}}
    failed = d.studio("POST", "application", "SetDeviceDesiredProperty", body=good | told)
    assert (failed["success"], failed["code"], "data" in failed) == (False, f"iot.application.{name}", False)
    failed = d.current("POST", "/thingmodel/set-device-desired-property", body=good | told)
    assert (failed["code"], failed["data"]) == (number, None)


def test_application_calls_need_a_project_and_common_ones_do_not(desk):
    """Section by section as the pages have it."""
    d = desk(VALVE)
    assert code(d.studio("GET", "application", "QueryDeviceDetail", IDS)) == "parameterRequired"
    assert d.studio("GET", "common", "QueryDeviceDetail", IDS)["success"]
    assert d.studio("GET", "common", "QueryNothing", IDS)["code"] == "iot.common.invalidParameter"


def test_product_token_opens_its_own_product_only(desk):
    """Version 2022-05-01, res products/{pid}."""
    d = desk(VALVE, VALVE | {"productId": "p2"})
    assert d.current("GET", "/device/list", {"product_id": "p1"}, res="products/p1")["code"] == 0
    assert d.current("GET", "/device/list", {"product_id": "p2"}, res="products/p1")["code"] == 10404
    assert d.current("GET", "/device/list", {"product_id": "p2"}, res="products/p9")["code"] == 10403


def test_anonymous_call_is_403_on_studio_and_200_with_10403_on_the_current_platform(desk):
    """As both live hosts answer."""
    d = desk(VALVE)
    refused = d.raw("GET", "/application", PROJECT | {"action": "QueryDeviceDetail"})
    assert (refused.status, json.loads(refused.body)["code"]) == (403, "iot.application.authPermissionDeny")
    refused = d.raw("GET", "/device/detail", IDS)
    assert refused.status == 200
    assert json.loads(refused.body)["msg"] == "authentication failed:authorization cannot be empty"


def test_log_names_device_identifiers_and_conditions(desk):
    """As for the other cloud."""
    d = desk(VALVE | {"desired": {"CO2": 1}})
    studio(d, "DeleteDeviceDesiredProperty", {"params": {"CO2": {"version": 1}, "label": {}}})
    current(d, "set-device-desired-property", {"params": {"CO2": 5}})
    shown = [(e["operation"], e["device"], e["target"], e["precondition"], e["landed"]) for e in d.log()]
    assert shown == [
        ("clear_desired", "p1/valve-1", ["CO2", "label"], {"versions": {"CO2": 1}}, True),
        ("set_desired", "p1/valve-1", ["CO2"], None, True),
    ]


def test_console_and_uplink_of_a_named_device(desk):
    """Somebody turns a knob; a sleeper reports it at its next uplink, which may be now."""
    d = desk(SLEEPY_VALVE)
    path = "/devices/onenet/p1/valve-1"
    assert d.control("POST", f"{path}/console", {"CO2": 1})["reported"]["CO2"]["value"] == 600
    assert d.control("POST", f"{path}/uplink", {"kind": "update"})["reported"]["CO2"]["value"] == 1
    assert len(d.control("GET", "/devices")) == 1


def test_latest_data_of_the_current_platform(desk):
    """Streams of a LwM2M device, properties of the other."""
    d = desk(VALVE, METER)
    streams = d.current("GET", "/datapoint/current-datapoints", {"product_id": "emulator", "device_name": IMEI})["data"]
    assert {"id": "3303_0_5603", "at": "2026-01-31 07:30:00.000", "value": "-20.0"} in streams["devices"][0][
        "datastreams"
    ]
    shown = d.current("GET", "/datapoint/current-datapoints", IDS)["data"]["devices"][0]["datastreams"]
    assert {row["id"]: row["value"] for row in shown} == {"switch": False, "CO2": 600}


def test_population_file_names_the_thing_model_beside_it(tmp_path):
    """The product has it then; a device that names none accepts any property."""
    (tmp_path / "valve.json").write_text(json.dumps(ONEJSON))
    lines = [
        VALVE | {"thingModel": "valve.json"},
        {key: VALVE[key] for key in ("cloud", "productId")} | {"deviceName": "v2"},
    ]
    (tmp_path / "fleet.ndjson").write_text("\n".join(map(json.dumps, lines)))
    world = World.from_records(population.read(tmp_path), now=START)
    assert set(world.things) == {"p1/valve-1", "p1/v2"}
    assert "CO2" in world.onenet_products["p1"].properties
    assert world.things["p1/v2"].model is None


@pytest.mark.parametrize(
    "change",
    [{"thingModel": {}}, {"thingModel": {"properties": [{}]}}, {"thingModel": {"properties": [{"identifier": "a", "dataType": {"type": "colour"}}]}},
     {"values": 1}, {"deviceName": ""}, {"thingModel": 5}],
)  # fmt: skip
def test_record_of_a_named_device_that_makes_no_sense_is_refused(change):
    """With the number of the record."""
    with pytest.raises(PopulationError, match="record 1: "):
        World.from_records([VALVE | change], now=START)
