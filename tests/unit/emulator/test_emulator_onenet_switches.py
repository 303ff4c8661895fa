"""Every open question of OneNET, under every answer: what the emulator then does."""

import json
from pathlib import Path

import pytest
from emulator_desk import AWAKE_METER, IMEI, METER, ONEJSON, VALVE, Desk, beijing

from reconcile.emulator.onenet.switches import SWITCHES

READ = {"imei": IMEI, "obj_id": 3303, "obj_inst_id": 0, "res_id": 5603}
WRITE = {"imei": IMEI, "obj_id": 3303, "obj_inst_id": 0, "mode": 2}
BODY = {"data": [{"res_id": 5603, "val": 1.5}]}
REBOOT = {"imei": IMEI, "obj_id": 3, "obj_inst_id": 0, "res_id": 4}
HISTORY = "/nbiot/offline/history"
IDS = {"project_id": "x", "product_id": "p1", "device_name": "valve-1"}
OFF = {"kind": "off"}

CASES = {}
"""Name of a switch: the record or records of its desk, what to look at, and what is seen under each answer."""


def case(name, *records, **seen):
    def register(look):
        CASES[name] = (records, look, {key.lstrip("_"): value for key, value in seen.items()})
        return look

    return register


def fill(d, count):
    for number in range(count):
        d.queue((5603, float(number)))


def states(d):
    return [command["send_status"] for command in d.device()["queue"]]


@case("cached_limit", METER, refuse=(5006, 10), evict=(0, 11))
def limit(d):
    fill(d, 10)
    answer = d.queue((5603, 9.0))
    return answer["errno"] if isinstance(answer, dict) else 0, len(states(d))


@case("limit_counts", METER, open=[5006, 0], waiting=[0, 0], all=[5006, 5006])
def counted(d):
    """An eleventh command after ten that are being retried, and after they have all been delivered."""
    seen = []
    d.control("POST", "/switches", {"between_retries": "sent"})
    d.script("device_silent", operation="deliver", nth=1, times=10)
    fill(d, 10)
    for _ in range(2):
        d.advance(3600)
        answer = d.queue((5603, 1.0))
        seen.append(answer["errno"] if isinstance(answer, dict) else 0)
    return seen


@case("uplink_releases", METER, all=[5, 5], one=[5, 1])
def released(d):
    fill(d, 2)
    d.advance(1801)
    return states(d)


@case("delivery", METER, parallel=[1, 5], serial=[1, 1])
def one_after_the_other(d):
    fill(d, 2)
    d.script("device_silent", operation="deliver", nth=1)
    d.advance(1801)
    return states(d)


@case("retry_position", METER, keep=1.0, back=0.0)
def overtaken(d):
    fill(d, 2)
    d.script("device_silent", operation="deliver", nth=1)
    d.control("POST", "/switches", {"uplink_releases": "one"})
    d.advance(3 * 3600)
    return d.device()["values"]["/3303/0/5603"]


@case("notify_retries", METER, no=1, yes=5)
def retried_by_notify(d):
    d.script("device_silent", operation="deliver", nth=1)
    fill(d, 1)
    for _ in range(2):
        d.control("POST", f"/devices/onenet/{IMEI}/uplink", {"kind": "notify"})
    return states(d)[0]


@case("between_retries", METER, wait=1, sent=3)
def between(d):
    d.script("device_silent", operation="deliver", nth=1)
    fill(d, 1)
    d.advance(1801)
    return states(d)[0]


@case("negative_answer", METER, delivered=5, failed=6)
def refused_by_the_device(d):
    d.queue((5603, "warm"))
    d.advance(1801)
    return states(d)[0]


@case("cancel_after_valid_time", METER, allow=0, refuse=5006)
def cancel_due(d):
    return d.onenet("PUT", f"/nbiot/offline/cancel/{d.queue((5603, 1.0))}", {"imei": IMEI})["errno"]


@case("cancel_refusal", METER, _5006=5006, _5108=5108, succ=0)
def cancel_too_late(d):
    uuid = d.queue((5603, 1.0))
    d.advance(1801)
    answer = d.onenet("PUT", f"/nbiot/offline/cancel/{uuid}", {"imei": IMEI})
    assert states(d) == [5]
    return answer["errno"]


@case("undefined_status", METER, _8=(8, "undefined"), _7=(7, "undefined"))
def undefined(d):
    d.script("device_answers:UNDEFINED", operation="deliver")
    d.queue((5603, 1.0))
    d.advance(1801)
    return d.device()["queue"][0]["send_status"], d.device()["queue"][0]["state"]


@case("unknown_command", METER, _5108=[(5108, None), (5108, None)], empty=[(0, {}), (0, [])])
def nobody(d):
    answers = [d.onenet("GET", f"{HISTORY}/no-such{end}", {"imei": IMEI}) for end in ("", "/piecewise")]
    return [(answer["errno"], answer.get("data")) for answer in answers]


@case("longest_validity", METER, unlimited=[0, 0], _30d=[0, 5108])
def far_ahead(d):
    ends = (beijing(d.now, 30 * 86400), beijing(d.now, 31 * 86400))
    return [d.write((5603, 1.0), path="/nbiot/offline", expired_time=end)["errno"] for end in ends]


@case("retry_minimum", METER, _0=[0, 0], _3=[5108, 0])
def smallest_retry(d):
    end = beijing(d.now, 3600)
    return [d.write((5603, 1.0), path="/nbiot/offline", expired_time=end, retry=count)["errno"] for count in (2, 3)]


@case("execute_body", AWAKE_METER, optional=[0, 0], required=[3, 0])
def execute_without_args(d):
    return [d.onenet("POST", "/nbiot/execute", REBOOT, body)["errno"] for body in (None, {"args": ""})]


@case("parameters_in", AWAKE_METER, query=3, either=0)
def told_in_the_body(d):
    return d.onenet("POST", "/nbiot/observe", (), {"imei": IMEI, "obj_id": 3303, "cancel": False})["errno"]


@case("devices_nbiot", AWAKE_METER, refuse=8, accept=0)
def sample_url(d):
    return d.onenet("GET", "/devices/nbiot", READ)["errno"]


@case("resource_list", METER, kept=[5603, 5604, 5700], emptied=[])
def listed_after_a_failed_discover(d):
    assert d.onenet("GET", "/nbiot/discover", {"imei": IMEI, "obj_id": 3303})["errno"] == 5106
    answer = d.onenet("GET", "/nbiot/resources", {"imei": IMEI, "obj_id": 3303})
    return answer["data"]["item"][0]["instances"][0]["resources"]


@case("type_learning", AWAKE_METER, known=[1.5, 2.5], must_learn=["1.5", 2.5])
def learned(d):
    """Before a read the device gets text, after it a number."""
    d.write((5603, 1.5))
    first = d.device()["values"]["/3303/0/5603"]
    d.onenet("GET", "/nbiot", READ)
    d.write((5603, 2.5))
    return [first, d.device()["values"]["/3303/0/5603"]]


@case("coap_dedup", AWAKE_METER, yes=1, no=3)
def repeated(d):
    d.script("device_answer_lost", operation="execute_now")
    d.onenet("POST", "/nbiot/execute", REBOOT)
    return len(d.device()["executions"])


@case("instant_in_flight", METER, allow=[5106, 5106], busy=[5106, 7])
def second_at_once(d):
    seen = [d.write((5603, 1.0))["errno"] for _ in range(2)]
    d.advance(26)
    assert d.write((5603, 1.0))["errno"] == 5106
    return seen


@case("instant_waits", METER, no=0.0, yes=25.0)
def waited(d):
    return d.raw("POST", "/nbiot", WRITE, b'{"data":[{"res_id":1,"val":1}]}', api_key="emulator-master-key").delay_s


@case("instant_uuid", AWAKE_METER, absent=False, in_data=True)
def named(d):
    answer = d.onenet("POST", "/nbiot", WRITE, BODY)
    uuid = d.device()["instants"][0]["uuid"]
    trace = d.onenet("GET", f"/nbiot/open/online/history/{uuid}/piecewise", {"imei": IMEI})["data"]
    assert trace[0]["log"] == "received command type: [1], args: [], content: []"
    return answer.get("data", {}).get("uuid") == uuid


@case("instant_points", AWAKE_METER | {"obsv": False}, no=False, yes=True)
def stored(d):
    d.onenet("POST", "/nbiot", WRITE, BODY)
    return (
        "datastreams"
        in d.onenet("GET", "/devices/datapoints", {"devIds": d.device()["device_id"]})["data"]["devices"][0]
    )


@case(
    "multiple_read", AWAKE_METER | {"resources": {"/3/0/6": {"value": {"0": 1, "1": 5}, "type": "integer", "multiple": True}}},
    res_inst={"res_id": 6, "res_inst": [{"res_inst_id": 0, "val": 1}, {"res_inst_id": 1, "val": 5}]},
    val={"res_id": 6, "val": {"0": 1, "1": 5}},
)  # fmt: skip
def several_instances(d):
    return d.onenet("GET", "/nbiot", {"imei": IMEI, "obj_id": 3})["data"][0]["res"][0]


@case("push_ended", METER, no=[], yes=[2, 4])
def pushed(d):
    d.onenet("PUT", f"/nbiot/offline/cancel/{d.queue((5603, 1.0))}", {"imei": IMEI})
    d.queue((5603, 1.0), expired_time=beijing(d.now, 60))
    d.advance(120)
    return [push["send_status"] for push in d.control("GET", "/pushes") if push["type"] == 7]


@case("notify_extends_lifetime", METER | {"sleep": OFF, "lifetime_s": 100}, no=False, yes=True)
def kept_alive(d):
    d.advance(90)
    d.control("POST", f"/devices/onenet/{IMEI}/uplink", {"kind": "notify"})
    d.advance(20)
    return d.device()["online"]


@case("offline_shown_after", METER | {"sleep": OFF, "lifetime_s": 100}, _60s=[True, False], _0s=[False, False])
def shown_online(d):
    seen = []
    for seconds in (130, 40):
        d.advance(seconds)
        seen.append(d.onenet("GET", "/devices/getbyimei", {"imei": IMEI})["data"]["online"])
    assert d.onenet("POST", "/nbiot", WRITE, BODY)["errno"] == 2001
    return seen


@case("contact_time", METER, plain="2026-01-31 07:30:00", cst="Sat Jan 31 07:30:00 CST 2026")
def last_contact(d):
    return d.onenet("GET", f"/devices/{d.device()['device_id']}")["data"]["last_ct"]


@case("device_id_type", METER, string=str, int=int)
def id_in_a_batch(d):
    return type(d.onenet("GET", "/devices/status", {"devIds": d.device()["device_id"]})["data"]["devices"][0]["id"])


@case("observe_flag", METER, observe_status=True, observ_status=False)
def flag(d):
    return "observe_status" in d.onenet("GET", "/devices/getbyimei", {"imei": IMEI})["data"]


@case("onenet_rate", METER, off=0, _100=20, _300=0)
def throttled(d):
    seen = [d.onenet("GET", "/nbiot/resources", {"imei": IMEI})["errno"] for _ in range(120)]
    assert seen[:100] == [0] * 100
    d.advance(1)
    assert d.onenet("GET", "/nbiot/resources", {"imei": IMEI})["errno"] == 0
    return seen.count(15)


@case("throttle_signal", METER, errno=(200, "api freq out of limit"), http429=(429, "too many requests"))
def throttle_answer(d):
    d.script("throttle")
    response = d.raw("GET", "/devices/getbyimei", {"imei": IMEI}, api_key="emulator-master-key")
    return response.status, json.loads(response.body)["error"]


@case("g3_offline_code", VALVE | {"online": False}, _10415=10415, _10421=10421)
def offline_thing(d):
    return d.current("POST", "/thingmodel/set-device-property", body=IDS | {"params": {"switch": True}})["code"]


@case("desired_version_type", VALVE | {"desired": {"CO2": 1}}, int=1, string="1")
def version(d):
    return d.studio("POST", "application", "QueryDeviceDesiredProperty", body=IDS)["data"]["params"]["CO2"]["version"]


@case("conditional_delete", VALVE | {"desired": {"CO2": 1}}, fails=(False, 1), ignored=(True, 1))
def deleted_under_another_version(d):
    body = IDS | {"params": {"CO2": {"version": 2}}}
    answer = d.studio("POST", "application", "DeleteDeviceDesiredProperty", body=body)
    return answer["success"], len(d.valve()["desired"])


@case("unset_expect", VALVE, absent=None, empty="")
def expected(d):
    rows = d.studio("GET", "application", "QueryDeviceProperty", IDS)["data"]["list"]
    assert [row["identifier"] for row in rows] == [entry["identifier"] for entry in ONEJSON["properties"]]
    return rows[0].get("expect_value")


@case("long_pages", METER, refuse=[None, 40], cap_100=[40, 40], cap_30=[30, 30])
def long_page(d):
    """Forty commands on record, pages of 101 and of 100."""
    for _ in range(4):
        fill(d, 10)
        d.advance(3600)
    span = {"imei": IMEI, "start": "2026-01-31T00:00:00"}
    answers = [d.onenet("GET", HISTORY, span | {"per_page": count}) for count in (101, 100)]
    return [len(answer["data"]["items"]) if answer["errno"] == 0 else None for answer in answers]


@case("list_total", VALVE, told=[1, 1], absent=[None, None])
def totals(d):
    calls = (("/device/list", {"product_id": "p1"}), ("/project/product-list", {"project_id": "x"}))
    return [d.current("GET", path, query)["data"].get("total") for path, query in calls]


CUSTOM = AWAKE_METER | {
    "resources": {
        f"/26250/0/{res_id}": {"value": value, "type": kind}
        for res_id, kind, value in ((1, "integer", 300), (2, "boolean", True), (3, "string", "ab"), (4, "opaque", "0a"))
    }
}


@case(
    "custom_objects",
    CUSTOM,
    text=[[51, 48, 48], [49], [97, 98], [10], [51, 48, 48]],
    binary=[[1, 44], [1], [97, 98], [10], [1, 44]],
    plain=[300, True, "ab", [10], "300"],
)
def outside_the_catalogue(d):
    """Four values of one object read at once, and the data point of the first."""
    read = d.onenet("GET", "/nbiot", {"imei": IMEI, "obj_id": 26250})["data"][0]["res"]
    points = d.onenet("GET", "/devices/datapoints", {"devIds": d.device()["device_id"]})["data"]["devices"][0]
    return [*(row["val"] for row in read), points["datastreams"][0]["value"]]


LINKED = AWAKE_METER | {"resources": {"/3303/0/5800": {"value": "3:0", "type": "objlnk"}}}


@case(
    "object_link",
    LINKED,
    text=["3:0", 0, "19:1", 5106, 5106, "19:1"],
    opaque=[[0, 3, 0, 0], 5106, [0, 3, 0, 0], 0, 5106, [0, 19, 0, 1]],
)
def linked(d):
    """Read; the text written and read; four bytes of opaque, three bytes, and read."""

    def read():
        return d.onenet("GET", "/nbiot", READ | {"res_id": 5800})["data"][0]["res"][0]["val"]

    def write(**item):
        return d.onenet("POST", "/nbiot", WRITE, {"data": [{"res_id": 5800} | item]})["errno"]

    return [read(), write(val="19:1"), read(), write(type=1, val="00130001"), write(type=1, val="001300"), read()]


@case("empty_data", VALVE, absent=False, null=True)
def no_data(d):
    answer = d.studio("POST", "application", "SetDeviceDesiredProperty", body=IDS | {"params": {"CO2": 1}})
    return "data" in answer


ELSEWHERE = {
    "mode1_destructive": "test_emulator_onenet_instant",
    "write_atomic": "test_emulator_onenet_instant",
    "opaque_number": "test_emulator_switches",
    "opaque_read": "test_emulator_switches",
    "time_read": "test_emulator_switches",
    "error_text": "test_emulator_switches",
    "remain_type": "test_emulator_switches",
    "history_zone": "test_emulator_switches",
    "studio_gateway": "test_emulator_switches",
    "g3_envelope": "test_emulator_auth",
    "device_token_on_g3": "test_emulator_auth",
}
"""Switches whose answers are tested beside their like."""


@pytest.mark.parametrize(
    ("name", "answer"), [(name, answer) for name, (_, _, seen) in CASES.items() for answer in seen]
)
def test_each_answer_to_an_open_question(name, answer):
    """What is seen under it is what the switch says."""
    records, look, seen = CASES[name]
    assert look(Desk(*records, **{name: answer})) == seen[answer]


def test_every_open_question_has_a_test_under_every_answer():
    """A new switch needs a case here, or a place beside its like."""
    for switch in SWITCHES:
        if switch.name not in ELSEWHERE:
            assert set(CASES[switch.name][2]) == set(switch.choices), switch.name
    assert set(CASES) | set(ELSEWHERE) == {switch.name for switch in SWITCHES}
    for name, module in ELSEWHERE.items():
        assert f"{name}=" in Path(__file__).with_name(f"{module}.py").read_text(encoding="utf-8"), name
