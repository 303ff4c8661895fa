"""Instant commands and device calls: parameters, types, reachability."""

import pytest
from emulator_desk import AWAKE_METER, IMEI, METER


def test_instant_write_reaches_an_awake_device(desk):
    """The value is on the device, and a read returns it."""
    d = desk(AWAKE_METER)
    assert d.write((5603, 1.5)) == {"errno": 0, "error": "succ"}
    assert d.device()["values"]["/3303/0/5603"] == 1.5
    answer = d.onenet("GET", "/nbiot", {"imei": IMEI, "obj_id": 3303, "obj_inst_id": 0, "res_id": 5603})
    assert answer["data"] == [{"obj_inst_id": 0, "res": [{"res_id": 5603, "val": 1.5}]}]


def test_instant_write_to_a_sleeper_times_out_without_landing(desk):
    """TIME_OUT although the platform shows the device online."""
    d = desk(METER)
    assert d.write((5603, 1.5)) == {"errno": 5106, "error": "unsuccess:TIME_OUT"}
    assert d.device()["online"]
    assert d.device()["values"]["/3303/0/5603"] == -20.0


def test_unregistered_device_is_not_online(desk):
    """2001 until it registers; then it is reachable."""
    d = desk(AWAKE_METER | {"online": False})
    assert d.write((5603, 1.5))["errno"] == 2001
    d.control("POST", f"/devices/onenet/{IMEI}/uplink", {"kind": "register"})
    assert d.write((5603, 1.5))["errno"] == 0


def test_unknown_imei_is_an_auth_failure(desk):
    """The errno of an IMEI that is not this key's."""
    assert desk(METER).write((5603, 1.5), imei="1")["errno"] == 1


@pytest.mark.parametrize(
    ("query", "errno"),
    [({"timeout": 4}, 5108), ({"timeout": 41}, 5108), ({"timeout": 5}, 0), ({"timeout": 40}, 0), ({"mode": 3}, 5108),
     ({"mode": ""}, 3), ({"obj_inst_id": ""}, 3), ({"obj_id": "x"}, 5108), ({"imei": ""}, 3)],
)  # fmt: skip
def test_instant_write_parameters_are_checked(desk, query, errno):
    """Ranges and required parameters of the write page."""
    assert desk(AWAKE_METER).write((5603, 1.5), **query)["errno"] == errno


@pytest.mark.parametrize(
    "body",
    [None, b"{", {"data": []}, {"data": [{"res_id": 1}]}, {"data": "x"}, [1], b'{"data":[{"res_id":1,"val":NaN}]}'],
)
def test_write_without_proper_data_is_refused(desk, body):
    """errno 3: the body is missing or malformed."""
    query = {"imei": IMEI, "obj_id": 3303, "obj_inst_id": 0, "mode": 2}
    assert desk(AWAKE_METER).onenet("POST", "/nbiot", query, body)["errno"] == 3


def test_data_above_2k_is_refused(desk):
    """2048 bytes of the data array pass, one more does not."""
    d = desk({"cloud": "onenet", "imei": IMEI})
    overhead = len('[{"res_id":5603,"val":""}]')
    assert d.write((5603, "x" * (2048 - overhead)))["errno"] == 0
    assert d.write((5603, "x" * (2049 - overhead)))["errno"] == 5006


@pytest.mark.parametrize(
    ("res_id", "value", "reason"),
    [
        (5603, "warm", "REQ_PARAM_ERROR"),
        (5603, True, "REQ_PARAM_ERROR"),
        (5700, 1.0, "METHOD_NOT_ALLOWED"),
        (1, 1.0, "NOT_FOUND"),
    ],
)
def test_device_refuses_what_its_model_forbids(desk, res_id, value, reason):
    """Wrong type, read-only and unknown resources fail on the device."""
    assert desk(AWAKE_METER).write((res_id, value))["error"] == f"unsuccess:{reason}"


def test_failed_multi_resource_write_keeps_the_earlier_resources(desk):
    """Devices write one by one; with `write_atomic` they do not."""
    d = desk(AWAKE_METER)
    assert d.write((5603, 1.0), (5700, 2.0), (5604, 3.0))["errno"] == 5106
    assert [d.device()["values"][f"/3303/0/{r}"] for r in (5603, 5604)] == [1.0, 60.0]
    assert d.log()[-1]["landed"] is True
    d = desk(AWAKE_METER, write_atomic="yes")
    assert d.write((5603, 1.0), (5700, 2.0))["errno"] == 5106
    assert d.device()["values"]["/3303/0/5603"] == -20.0


@pytest.mark.parametrize(("switch", "left"), [("no", True), ("yes", False)])
def test_mode_1_keeps_or_deletes_the_other_resources(desk, switch, left):
    """Both readings of "replace"."""
    d = desk(AWAKE_METER, mode1_destructive=switch)
    d.write((5603, 1.0), mode=1)
    assert ("/3303/0/5604" in d.device()["values"]) is left


def test_opaque_and_time_values_need_their_type(desk):
    """Type 1 is hexadecimal text, read back as bytes; type 2 is seconds, read back as milliseconds."""
    d = desk(AWAKE_METER)
    target = {"imei": IMEI, "obj_id": 10, "obj_inst_id": 0, "mode": 2}
    assert d.onenet("POST", "/nbiot", target, {"data": [{"res_id": 1, "val": "00ff"}]})["errno"] == 5106
    assert d.onenet("POST", "/nbiot", target, {"data": [{"res_id": 1, "type": 1, "val": 121}]})["errno"] == 5106
    assert d.onenet("POST", "/nbiot", target, {"data": [{"res_id": 1, "type": 3, "val": "00"}]})["errno"] == 5108
    assert d.onenet("POST", "/nbiot", target, {"data": [{"res_id": 1, "type": 1, "val": "00FF"}]})["errno"] == 0
    read = {"imei": IMEI, "obj_id": 10, "obj_inst_id": 0, "res_id": 1}
    assert d.onenet("GET", "/nbiot", read)["data"][0]["res"] == [{"res_id": 1, "val": [0, 255]}]
    clock = {"imei": IMEI, "obj_id": 3, "obj_inst_id": 0, "res_id": 13}
    assert d.onenet("GET", "/nbiot", clock)["data"][0]["res"] == [{"res_id": 13, "val": 1530496927000}]


def test_instant_execute_needs_an_executable_resource(desk):
    """And string arguments of at most 2k."""
    d = desk(AWAKE_METER)
    query = {"imei": IMEI, "obj_id": 3, "obj_inst_id": 0, "res_id": 4}
    assert d.onenet("POST", "/nbiot/execute", query, {"args": "now"})["errno"] == 0
    assert d.onenet("POST", "/nbiot/execute", query)["errno"] == 0
    assert d.onenet("POST", "/nbiot/execute", query, {"args": 5})["errno"] == 5108
    assert d.onenet("POST", "/nbiot/execute", query, {"args": "x" * 2049})["errno"] == 5006
    assert d.onenet("POST", "/nbiot/execute", query | {"res_id": 13})["error"] == "unsuccess:METHOD_NOT_ALLOWED"
    assert [run["args"] for run in d.device()["executions"]] == ["now", None]


def test_resources_and_discover_list_the_tree(desk):
    """Resources is the platform's list, with the key `item`; discover asks the device."""
    d = desk(METER)
    answer = d.onenet("GET", "/nbiot/resources", {"imei": IMEI, "obj_id": 3303})["data"]
    assert answer == {
        "total_count": 1,
        "item": [{"obj_id": 3303, "instances": [{"inst_id": 0, "resources": [5603, 5604, 5700]}]}],
    }
    assert d.onenet("GET", "/nbiot/discover", {"imei": IMEI, "obj_id": 3303})["errno"] == 5106
    d = desk(AWAKE_METER)
    assert d.onenet("GET", "/nbiot/discover", {"imei": IMEI, "obj_id": 3})["data"] == [
        {"obj_inst_id": 0, "res_id": [4, 13]}
    ]


def test_edrx_device_is_reached_in_a_paging_window_within_the_timeout(desk):
    """The next window starts in 30 s: 25 is too little, 40 is enough."""
    d = desk(AWAKE_METER | {"sleep": {"kind": "edrx", "cycle_s": 80, "phase_s": 30}})
    assert d.write((5603, 1.0))["errno"] == 5106
    assert d.write((5603, 1.0), timeout=40)["errno"] == 0


def test_device_online_ends_with_its_lifetime(desk):
    """Lifetime shorter than the wake period: offline until the wake registers again."""
    d = desk(METER | {"lifetime_s": 2000})
    assert d.device()["online"]
    d.advance(300)
    assert not d.device()["online"]
    d.queue((5603, 1.0), trigger_msg=1)
    d.advance(1600)
    assert d.device()["online"]
    assert d.device()["queue"][0]["state"] == "delivered"


def test_device_calls_show_last_contact_and_status(desk):
    """By IMEI, by id, in a batch and in the list."""
    d = desk(METER)
    found = d.onenet("GET", "/devices/getbyimei", {"imei": IMEI})["data"]
    assert found["online"] is True
    assert d.onenet("GET", f"/devices/{found['id']}")["data"]["last_ct"] == "Sat Jan 31 07:30:00 CST 2026"
    assert d.onenet("GET", "/devices/status", {"devIds": f"{found['id']},9"})["data"]["devices"] == [
        {"id": found["id"], "title": IMEI, "online": True}
    ]
    assert d.onenet("GET", "/devices", {"auth_info": IMEI})["data"]["total_count"] == 1
    assert d.onenet("GET", "/devices/getbyimei", {"imei": "1"})["errno"] == 8


def test_device_without_resources_accepts_any(desk):
    """An open device takes every path, value and execute."""
    d = desk({"cloud": "onenet", "imei": IMEI, "sleep": {"kind": "none"}})
    assert d.write((1, "a"), (2, 2), (3, True))["errno"] == 0
    assert d.device()["values"] == {"/3303/0/1": "a", "/3303/0/2": 2, "/3303/0/3": True}
