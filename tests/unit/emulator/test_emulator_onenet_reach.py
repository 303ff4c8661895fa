"""Registered, online and in reach; observations; what a device answers, and how often it is asked."""

import pytest
from emulator_desk import AWAKE_METER, IMEI, METER

from reconcile.emulator.sleep import Sleep, sends

OBSERVE = {"imei": IMEI, "obj_id": 3303, "cancel": "false"}
POINT = {"obj_inst_id": 0, "res_id": 5603}


def latest(d):
    found = d.onenet("GET", "/devices/datapoints", {"devIds": d.device()["device_id"]})["data"]["devices"][0]
    return {stream["id"]: stream["value"] for stream in found["datastreams"]}["3303_0_5603"]


def observe(d, **query):
    return d.onenet("POST", "/nbiot/observe", OBSERVE | query)


def test_dead_device_stays_online_until_its_lifetime_ends(desk):
    """Online, and out of reach all the while."""
    d = desk(METER | {"sleep": {"kind": "off"}, "lifetime_s": 3600})
    assert (d.device()["online"], d.device()["reachable"]) == (True, False)
    assert d.write((5603, 1.0))["error"] == "unsuccess:TIME_OUT"
    d.queue((5603, 1.0))
    d.advance(3601)
    assert (d.device()["online"], d.device()["queue"][0]["state"]) == (False, "wait")
    assert d.write((5603, 1.0))["errno"] == 2001
    d.control("POST", f"/devices/onenet/{IMEI}/uplink", {"kind": "register"})
    assert (d.device()["online"], d.device()["queue"][0]["state"]) == (True, "delivered")


def test_always_on_device_is_lost_when_the_network_takes_its_path_back(desk):
    """An uplink every ten minutes, a path for ninety seconds."""
    d = desk(METER | {"sleep": {"kind": "none", "uplink_every_s": 600, "path_s": 90, "phase_s": 300}})
    assert (d.device()["online"], d.write((5603, 1.0))["errno"]) == (True, 5106)
    d.advance(301)
    assert d.write((5603, 1.0))["errno"] == 0
    d.advance(90)
    assert d.write((5603, 2.0))["errno"] == 5106


def test_repetition_of_a_command_reaches_a_device_that_wakes_within_the_timeout(desk):
    """Sent at 0, 6 and 18 s: the wake after 10 s hears the third; with a timeout of 15 s there is no third."""
    d = desk(METER)
    d.advance(1790)
    assert d.write((5603, 1.0), timeout=15)["errno"] == 5106
    assert d.write((5603, 1.0))["errno"] == 0
    assert sends(25_000) == (0, 6_000, 18_000)


def test_studio_gateway_may_give_up_on_a_write_that_lands(desk):
    """The third transmission is heard after 18 s, the gateway left after 10."""
    d = desk(METER, studio_gateway="10s")
    d.advance(1790)
    query = {"action": "write", "imei": IMEI, "obj_id": 3303, "obj_inst_id": 0, "mode": 2}
    body = b'{"data":[{"res_id":5603,"val":1.5}]}'
    response = d.raw("POST", "/LwM2M-online", query, body, authorization=d.token("2020-05-29"))
    assert (response.status, d.device()["values"]["/3303/0/5603"], d.log()[-1]["landed"]) == (504, 1.5, True)


@pytest.mark.parametrize("kind", ["none", "psm", "edrx", "off"])
def test_reach_is_a_delay_within_the_patience_or_none(kind):
    """Never negative, never later than the sender waits; more patience never makes it worse."""
    sleep = Sleep(kind, 0, 100_000, 5_000, 20_480)
    for at_ms in range(0, 200_000, 777):
        waits = [
            sleep.heard_after(at_ms, sleep.last_uplink(at_ms), patience) for patience in (0, 5_000, 25_000, 40_000)
        ]
        assert all(
            wait is None or 0 <= wait <= patience
            for wait, patience in zip(waits, (0, 5_000, 25_000, 40_000), strict=True)
        )
        heard = [wait for wait in waits if wait is not None]
        assert waits[len(waits) - len(heard) :] == heard
        assert len(set(heard)) <= 1


@pytest.mark.parametrize(
    ("query", "errno"),
    [({}, 0), ({"cancel": ""}, 3), ({"cancel": "maybe"}, 0), ({"pmin": 5, "pmax": 4}, 5108), ({"pmin": 0, "pmax": 4}, 5108), ({"pmin": 4, "pmax": 4}, 0),
     ({"pmin": "x"}, 5108), ({"gt": 5}, 3), (POINT | {"gt": 5, "lt": 5}, 5108), (POINT | {"gt": 5, "lt": 1, "st": 2}, 5108), (POINT | {"gt": 5, "lt": 0, "st": 2}, 0),
     (POINT | {"gt": "nan"}, 5108), ({"obj_id": 9999}, 5106), ({"res_id": 5603}, 3), ({"timeout": 4}, 5108)],
)  # fmt: skip
def test_observe_parameters_are_checked(desk, query, errno):
    """pmax is not below pmin; lt + 2 st is below gt; all three need a resource."""
    assert observe(desk(AWAKE_METER), **query)["errno"] == errno


def test_observation_rules_decide_what_is_reported(desk):
    """Without one everything is told (subscribed automatically); gt tells above it only; cancelled tells nothing."""
    d = desk(AWAKE_METER)
    d.write((5603, 1.0))
    assert latest(d) == "1.0"
    observe(d, **POINT, gt=10)
    d.write((5603, 5.0))
    assert latest(d) == "1.0"
    d.write((5603, 11.0))
    assert latest(d) == "11.0"
    observe(d, **POINT, st=3)
    d.write((5603, 12.0))
    assert latest(d) == "11.0"
    observe(d, **POINT, cancel="true")
    d.write((5603, 20.0))
    assert latest(d) == "11.0"


def test_registration_begins_observations_anew(desk):
    """A cancelled one is back after it."""
    d = desk(AWAKE_METER)
    observe(d, cancel="true")
    d.control("POST", f"/devices/onenet/{IMEI}/uplink", {"kind": "register"})
    d.write((5603, 3.0))
    assert latest(d) == "3.0"


def test_resources_are_listed_after_a_discover_when_nobody_asked_before(desk):
    """Object and instance come with the registration, resources do not."""
    d = desk(AWAKE_METER | {"discovered": False})

    def listed():
        answer = d.onenet("GET", "/nbiot/resources", {"imei": IMEI, "obj_id": 3303})
        return answer["data"]["item"][0]["instances"]

    assert listed() == [{"inst_id": 0, "resources": []}]
    d.onenet("GET", "/nbiot/discover", {"imei": IMEI, "obj_id": 3303})
    assert listed() == [{"inst_id": 0, "resources": [5603, 5604, 5700]}]


def test_write_longer_than_the_buffer_of_a_device_is_lost(desk):
    """At once and on delivery; a shorter one arrives."""
    d = desk({"cloud": "onenet", "imei": IMEI, "sleep": METER["sleep"], "receive_bytes": 128})
    long, short = d.queue((1, "x" * 126), retry=0), d.queue((1, "x" * 125), retry=0)
    d.advance(1801)
    assert [(c["uuid"], c["state"], c["confirm_status"]) for c in d.device()["queue"]] == [
        (long, "failed", "TIME_OUT"),
        (short, "delivered", "SUCCESS"),
    ]
    assert d.write((1, "y" * 126))["error"] == "unsuccess:TIME_OUT"
    assert d.write((1, 1), (300, 70000), (2, True), (3, 0.5))["errno"] == 0
    assert d.device()["values"]["/3303/0/1"] == 1


REASONS = [
    "METHOD_NOT_ALLOWED", "FORBIDDEN", "NOT_FOUND", "INTERNAL_SERVER_ERROR", "REQ_PARAM_ERROR", "RESP_ERROR", "UNAUTHORIZED", "BAD_REQUEST",
    "NOT_ACCEPTABLE", "UNSUPPORTED_CONTENT_FORMAT", "OFFLINE", "ADDR_OCCUPIED",
]  # fmt: skip


@pytest.mark.parametrize("reason", REASONS)
def test_every_sub_reason_can_be_met(desk, reason):
    """At once and on delivery. Only after a garbled answer (RESP_ERROR) the device has done it."""
    applied = 1.5 if reason == "RESP_ERROR" else -20.0
    d = desk(AWAKE_METER)
    d.script(f"device_answers:{reason}", operation="write_now")
    assert d.write((5603, 1.5)) == {"errno": 5106, "error": f"unsuccess:{reason}"}
    assert (d.device()["values"]["/3303/0/5603"], d.log()[-1]["landed"]) == (applied, applied == 1.5)
    d = desk(METER)
    d.script(f"device_answers:{reason}", operation="deliver")
    d.queue((5603, 1.5))
    d.advance(1801)
    command = d.device()["queue"][0]
    assert (command["send_status"], command["confirm_status"], command["remain"]) == (5, reason, 3)
    assert d.device()["values"]["/3303/0/5603"] == applied
