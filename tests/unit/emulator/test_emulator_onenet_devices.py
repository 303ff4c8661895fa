"""The /devices calls: creating, changing and finding devices, and the data points they have reported."""

import json

import pytest
from emulator_desk import AWAKE_METER, IMEI, METER

NEW = {"title": "meter", "protocol": "LwM2M", "auth_info": {"865820031234568": "460040000000001"}}


def device_id(d):
    return d.device()["device_id"]


def points(d, **query):
    return d.onenet("GET", f"/devices/{device_id(d)}/datapoints", query)


def streams(answer):
    return {
        stream["id"]: [point["value"] for point in stream["datapoints"]] for stream in answer["data"]["datastreams"]
    }


def test_created_device_is_offline_until_it_registers(desk):
    """Then it takes commands; deleted, it is gone."""
    d = desk()
    made = d.onenet("POST", "/devices", body=NEW | {"tags": ["china"], "desc": "in the hall"})["data"]["device_id"]
    imei = next(iter(NEW["auth_info"]))
    shown = d.onenet("GET", f"/devices/{made}")["data"]
    assert (shown["title"], shown["online"], shown["tags"], shown["desc"]) == ("meter", False, ["china"], "in the hall")
    assert d.write((5603, 1.0), imei=imei)["errno"] == 2001
    d.control("POST", f"/devices/onenet/{imei}/uplink", {"kind": "register"})
    assert d.write((5603, 1.0), imei=imei)["errno"] == 0
    assert d.onenet("DELETE", f"/devices/{made}") == {"errno": 0, "error": "succ"}
    assert d.onenet("GET", f"/devices/{made}")["errno"] == 8
    assert d.write((5603, 1.0), imei=imei)["errno"] == 1


@pytest.mark.parametrize(
    ("told", "error"),
    [({"title": ""}, "parameter required: title"), ({"auth_info": None}, "parameter required: auth_info"), ({"protocol": "MQTT"}, "invalid protocol"),
     ({"auth_info": {"86582003123456": "1"}}, "invalid parameter: auth_info"), ({"auth_info": {"065820031234568": "1"}}, "invalid parameter: auth_info"),
     ({"auth_info": {"865820031234568": ""}}, "invalid parameter: auth_info"), ({"auth_info": {IMEI: "1"}}, "already exists: auth_info"),
     ({"auth_info": {"1234": "1"}}, "invalid parameter: chip"), ({"auth_info": {"1234": "1"}, "chip": 7}, "invalid parameter: chip"),
     ({"tags": "china"}, "invalid parameter: tags"), ({"protocol": "LWM2M"}, "succ"), ({"auth_info": {"1234": "1"}, "chip": 1}, "succ")],
)  # fmt: skip
def test_new_device_is_checked(desk, told, error):
    """Numbers of the multi-protocol table: 6, 7, 12 and 22."""
    assert desk(METER).onenet("POST", "/devices", body=NEW | told)["error"] == error


@pytest.mark.parametrize(
    ("body", "errno"), [(b"{", 4), (None, 9), ([1], 9), ({"title": 5}, 6), ({"auth_info": {"1": "1"}}, 21)]
)
def test_update_is_checked(desk, body, errno):
    """Its IMEI cannot be changed."""
    d = desk(METER)
    assert d.onenet("PUT", f"/devices/{device_id(d)}", body=body)["errno"] == errno


def test_update_changes_what_users_may_write(desk):
    """And the list finds devices by it."""
    d = desk(METER, METER | {"imei": "865820031234568"})
    told = {"title": "hall", "tags": ["china"], "location": {"lon": 109, "lat": 23.54}, "auth_info": {IMEI: "1"}}
    assert d.onenet("PUT", f"/devices/{device_id(d)}", body=told)["errno"] == 0
    assert d.onenet("PUT", "/devices/1", body=told)["errno"] == 8
    for query in ({"key_words": "hal"}, {"tag": "china"}, {"device_id": f"{device_id(d)},7"}, {"auth_info": IMEI}):
        found = d.onenet("GET", "/devices", query)["data"]
        assert (found["total_count"], found["devices"][0]["title"]) == (1, "hall")
    assert found["devices"][0]["location"] == {"lon": 109, "lat": 23.54}


def test_list_is_paged_and_filtered_by_day_and_status(desk):
    """Days are Beijing's."""
    d = desk(*(METER | {"imei": str(number), "online": number < 3} for number in range(5)))
    page = d.onenet("GET", "/devices", {"page": 2, "per_page": 2})["data"]
    assert (page["total_count"], page["page"], page["per_page"], len(page["devices"])) == (5, 2, 2, 2)
    assert d.onenet("GET", "/devices", {"online": "true"})["data"]["total_count"] == 3
    assert d.onenet("GET", "/devices", {"begin": "2026-01-31", "end": "2026-01-31"})["data"]["total_count"] == 5
    assert d.onenet("GET", "/devices", {"begin": "2026-02-01"})["data"]["total_count"] == 0
    for query in (
        {"page": 10001},
        {"per_page": 101},
        {"per_page": "x"},
        {"begin": "soon"},
        {"device_id": ",".join(map(str, range(101)))},
    ):
        assert d.onenet("GET", "/devices", query)["errno"] == 6


@pytest.mark.parametrize(("path", "most", "errno"), [("/devices/status", 1000, 20), ("/devices/datapoints", 500, 6)])
def test_batch_calls_have_their_limits(desk, path, most, errno):
    """1000 and 500 ids; none is a missing parameter; unknown ones are left out."""
    d = desk(METER)
    ids = [device_id(d), *map(str, range(most))]
    assert d.onenet("GET", path, {"devIds": ",".join(ids[:most])})["data"]["devices"][0]["title"] == IMEI
    assert d.onenet("GET", path, {"devIds": ",".join(ids)})["errno"] == errno
    assert d.onenet("GET", path)["errno"] == 7


def test_same_number_means_different_things_in_the_two_tables(desk):
    """1, 3 and 7: for commands and for devices."""
    d = desk(METER)
    assert d.onenet("GET", "/nbiot", {"imei": "1", "obj_id": 3})["error"] == "auth failed"
    assert d.onenet("GET", "/nbiot", {"imei": IMEI})["error"] == "parameter required: obj_id"
    assert d.onenet("GET", "/devices/getbyimei")["error"] == "parameter required: imei"
    d.script("errno:7")
    assert d.onenet("GET", "/nbiot", {"imei": IMEI, "obj_id": 3})["error"] == "service internal error"
    assert d.onenet("GET", "/devices/getbyimei", {"imei": IMEI})["error"] == "parameter required"
    d.script("errno:3")
    assert d.onenet("GET", "/devices/getbyimei", {"imei": IMEI})["error"] == "auth failed"
    d.script("errno:1")
    assert d.onenet("GET", "/devices/getbyimei", {"imei": IMEI})["error"] == "internal server error"


def test_latest_points_are_what_the_device_last_reported(desk):
    """As text, bytes for opaque; a change at a sleeping device arrives with its next uplink."""
    d = desk(METER, METER | {"imei": "2", "obsv": False})
    batch = {"devIds": f"{device_id(d)},{d.device('2')['device_id']}"}

    def latest():
        first, second = d.onenet("GET", "/devices/datapoints", batch)["data"]["devices"]
        assert "datastreams" not in second
        return {stream["id"]: (stream["value"], stream["at"]) for stream in first["datastreams"]}

    assert latest()["3303_0_5603"] == ("-20.0", "2026-01-31 07:30:00.000")
    assert latest()["10_0_1"][0] == [0x12, 0x1A]
    assert latest()["3_0_13"][0] == "1530496927000"
    d.control("POST", f"/devices/onenet/{IMEI}/console", {"/3303/0/5603": 5.5})
    assert latest()["3303_0_5603"][0] == "-20.0"
    d.advance(1801)
    assert latest()["3303_0_5603"] == ("5.5", "2026-01-31 08:30:00.000")


@pytest.mark.parametrize(("always", "at"), [(False, "2026-01-31 07:30:00.000"), (True, "2026-01-31 10:30:00.000")])
def test_device_may_report_with_every_uplink_or_only_changes(desk, always, at):
    """After three wakes without a change."""
    d = desk(METER | {"reports_always": always})
    d.advance(3 * 3600)
    found = d.onenet("GET", "/devices/datapoints", {"devIds": device_id(d)})["data"]["devices"][0]["datastreams"]
    assert {stream["at"] for stream in found} == {at}
    assert {point["at"] for stream in points(d)["data"]["datastreams"] for point in stream["datapoints"]} == {at}


def test_written_value_comes_back_as_a_point_of_an_observed_resource(desk):
    """At once while the device is awake, and after a cached delivery too."""
    d = desk(METER)
    d.queue((5603, 1.5))
    d.advance(1801)
    assert streams(points(d, datastream_id="3303_0_5603")) == {"3303_0_5603": ["1.5"]}
    assert streams(points(d, datastream_id="3303_0_5603", limit=10)) == {"3303_0_5603": ["-20.0", "1.5"]}


def test_points_of_one_device_come_in_pages(desk):
    """A cursor leads on; the last page has none. Without start, end is ignored."""
    d = desk(AWAKE_METER)
    for number in range(5):
        d.write((5603, float(number)))
        d.advance(10)
    span = {"datastream_id": "3303_0_5603", "start": "2026-01-31T08:00:00", "end": "2026-01-31T08:00:30", "limit": 3}
    first = points(d, **span)
    assert (streams(first), first["data"]["count"]) == ({"3303_0_5603": ["0.0", "1.0", "2.0"]}, 3)
    rest = points(d, **span, cursor=first["data"]["cursor"])
    assert streams(rest) == {"3303_0_5603": ["3.0"]}
    assert "cursor" not in rest["data"]
    assert streams(points(d, datastream_id="3303_0_5603", end="2026-01-31T08:00:00")) == {"3303_0_5603": ["4.0"]}
    assert set(streams(points(d))) == {"3303_0_5603", "3303_0_5604", "3303_0_5700", "3_0_13", "10_0_1"}
    for query in ({"limit": 6001}, {"limit": 0}, {"start": "x"}, {"cursor": "x", "start": "2026-01-31T08:00:00"}):
        assert points(d, **query)["errno"] == 6


def test_console_changes_are_pushed_with_registration_and_results(desk):
    """What the platform would have sent: types 1, 2 and 7 in order; `after` leaves out the ones already seen."""
    d = desk(METER)
    uuid = d.queue((5603, 1.5))
    d.control("POST", f"/devices/onenet/{IMEI}/uplink", {"kind": "register"})
    pushes = d.control("GET", "/pushes")
    assert [push["type"] for push in pushes] == [2, 1, 7]
    assert (pushes[1]["ds_id"], pushes[1]["value"], pushes[1]["at"]) == ("3303_0_5603", "1.5", 1769817600000)
    assert (pushes[2]["cmd_id"], pushes[2]["send_status"], pushes[2]["confirm_status"]) == (uuid, 5, 0)
    assert len(json.loads(d.raw("GET", "/_emulator/pushes", "after=2").body)) == 1
