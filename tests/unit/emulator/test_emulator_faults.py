"""Every fault: what landed, what the client got, what the log says."""

import json

import pytest
from emulator_desk import AWAKE_METER, IMEI, LAMP, METER, VALVE, beijing

from reconcile.emulator import routes
from reconcile.emulator.aliyun import rpc
from reconcile.emulator.faults import FaultError, parse_rules
from reconcile.emulator.onenet import reply

WRITE = {"imei": IMEI, "obj_id": 3303, "obj_inst_id": 0, "mode": 2}
BODY = b'{"data":[{"res_id":5603,"val":1.5}]}'


def write(d, **query):
    return d.raw("POST", "/nbiot", WRITE | query, BODY, api_key="emulator-master-key")


def value(d):
    return d.device()["values"]["/3303/0/5603"]


@pytest.mark.parametrize(
    ("fault", "status", "landed", "answered", "delivery"),
    [("drop_before_landing", None, False, False, "drop"), ("drop_answer_after_landing", 200, True, False, "drop"),
     ("http_500_before", 500, False, True, "whole"), ("http_500_after", 500, True, True, "whole"), ("throttle", 200, False, True, "whole"),
     ("slow:3", 200, True, True, "whole"), ("garbled_body", 200, True, False, "whole"), ("truncated_body", 200, True, False, "truncate"),
     ("duplicate", 200, True, True, "whole"), ("late_copy:30", 200, True, True, "whole"), ("errno:7", 200, False, True, "whole"),
     ("errno_after:5117", 200, True, True, "whole"), ("clock_offset:60", 200, True, True, "whole"), ("history_lag:9", 200, True, True, "whole"),
     ("device_silent", 200, False, True, "whole"), ("device_answer_lost", 200, True, True, "whole")],
)  # fmt: skip
def test_fault_on_an_instant_write(desk, fault, status, landed, answered, delivery):
    """Landing, answer and delivery of each fault; the next request is whole again."""
    d = desk(AWAKE_METER)
    d.script(fault, operation="write_now", nth=1)
    response = write(d)
    entry = d.log()[0]
    assert (entry["http_status"], entry["landed"], entry["answered"], entry["fault"]) == (
        status,
        landed,
        answered,
        fault,
    )
    assert response.delivery == delivery
    assert (value(d) == 1.5) is landed
    assert json.loads(write(d).body)["errno"] == 0


def test_codes_of_faulty_answers(desk):
    """Throttling, a given errno, a sub-reason of 5106."""
    d = desk(AWAKE_METER)
    for fault, errno, text in (
        ("throttle", 15, "api freq out of limit"),
        ("errno:5117", 5117, "rpc error"),
        ("errno:5106:RESP_ERROR", 5106, "unsuccess:RESP_ERROR"),
    ):
        d.script(fault, operation="write_now")
        assert json.loads(write(d).body) == {"errno": errno, "error": text}


def test_garbled_body_is_not_json(desk):
    """A 200 that cannot be parsed."""
    d = desk(AWAKE_METER)
    d.script("garbled_body")
    with pytest.raises(ValueError, match=r".*"):
        json.loads(write(d).body)


def test_duplicate_queues_twice(desk):
    """The second copy has its own log entry, which nobody answered."""
    d = desk(METER)
    d.script("duplicate", operation="queue_execute", nth=1)
    d.queue_execute(retry=0)
    d.advance(1801)
    assert len(d.device()["executions"]) == 2
    assert [(e["fault"], e["landed"], e["answered"]) for e in d.log()] == [
        ("duplicate", True, True),
        ("duplicate", True, False),
    ]


def test_late_copy_lands_after_a_lost_original(desk):
    """The nastiest network: the client sees a reset, the request arrives a minute later."""
    d = desk(METER)
    d.script("drop_before_landing", "late_copy:60", operation="queue_execute", nth=1)
    d.raw(
        "POST",
        "/nbiot/execute/offline",
        {"imei": IMEI, "obj_id": 3, "obj_inst_id": 0, "res_id": 4, "expired_time": beijing(d.now, 86400)},
        api_key="emulator-master-key",
    )
    assert d.device()["queue"] == []
    d.advance(61)
    assert len(d.device()["queue"]) == 1
    assert [(e["fault"], e["landed"]) for e in d.log()] == [
        ("drop_before_landing,late_copy:60", False),
        ("late_copy", True),
    ]
    assert d.log()[1]["time"] == "2026-01-31T00:01:00.000Z"


def test_valid_time_stops_a_late_copy(desk):
    """The platform refuses a copy whose valid_time has come."""
    d = desk(METER)
    d.script("drop_before_landing", "late_copy:60", operation="queue_write", nth=1)
    d.raw(
        "POST",
        "/nbiot/offline",
        WRITE | {"valid_time": beijing(d.now, 30), "expired_time": beijing(d.now, 86400)},
        BODY,
        api_key="emulator-master-key",
    )
    d.advance(61)
    assert d.device()["queue"] == []
    assert d.log()[1]["code"] == 5108


def test_copy_of_an_aliyun_request_meets_its_nonce_or_not(desk):
    """Caught at the gateway by default; made behind it by switch."""
    for switch, version in (("checked", 1), ("ignored", 2)):
        d = desk(LAMP, copy_nonce=switch)
        d.script("duplicate", operation="set_desired")
        d.set({"A": 1})
        assert d.lamp()["desired"]["A"]["version"] == version


def test_versions_stop_a_late_copy(desk):
    """A copy behind the gateway still meets the version check."""
    d = desk(LAMP, copy_nonce="ignored")
    d.script("late_copy:5", operation="set_desired", nth=1)
    d.set({"A": 1}, {"A": 0})
    d.set({"A": 2}, {"A": 1})
    d.advance(6)
    assert d.log()[-1]["code"] == "emulator.desired.VersionMismatch"
    assert d.lamp()["values"] == {"A": 2}


def test_history_lag_hides_the_newest_commands(desk):
    """They show once they are old enough."""
    d = desk(METER)
    d.queue((5603, 1.0))
    d.script("history_lag:30", operation="history")
    query = {"imei": IMEI, "start": beijing(d.now, -60), "end": beijing(d.now, 600)}
    assert d.onenet("GET", "/nbiot/offline/history", query)["data"]["total_count"] == 0
    d.advance(30)
    assert d.onenet("GET", "/nbiot/offline/history", query)["data"]["total_count"] == 1


def test_clock_offset_moves_the_platform_and_not_the_device(desk):
    """valid_time is judged by the wrong clock, the Date header shows it, the device sleeps on."""
    d = desk(METER)
    d.queue((5603, 1.0))
    d.script("clock_offset:7200", operation="queue_write")
    response = d.raw(
        "POST",
        "/nbiot/offline",
        WRITE | {"valid_time": beijing(d.now, 60), "expired_time": beijing(d.now, 86400)},
        BODY,
        api_key="emulator-master-key",
    )
    assert json.loads(response.body)["errno"] == 5108
    assert response.date_ms == int(d.now.timestamp() * 1000) + 7_200_000
    assert d.device()["queue"][0]["state"] == "wait"


@pytest.mark.parametrize(
    ("method", "path", "texts"),
    [("GET", "/nbiot", reply.TEXTS), ("GET", "/devices/getbyimei", reply.DEVICE_TEXTS)],
)
def test_every_documented_errno_can_be_had_in_its_own_words(desk, method, path, texts):
    """Of commands and of devices; other words by a third part."""
    d = desk(METER)
    for errno, text in texts.items():
        d.script(f"errno:{errno}")
        said = "unsuccess:TIME_OUT" if errno == 5106 else text
        assert d.onenet(method, path, {"imei": IMEI, "obj_id": 3}) == {"errno": errno, "error": said}
    d.script("errno:5108:rpc response error")
    assert d.onenet(method, path, {"imei": IMEI, "obj_id": 3}) == {"errno": 5108, "error": "rpc response error"}


def test_codes_of_the_token_platforms_can_be_had(desk):
    """By number on the current one, by name on both."""
    d = desk(VALVE)
    ids = {"project_id": "x", "product_id": "p1", "device_name": "valve-1"}
    for fault, code, msg in (
        ("errno:10415", 10415, "service call failed"),
        ("errno:10417", 10417, "product thing model not found"),
        ("errno:callTmService:device not online", 10415, "device not online"),
    ):
        d.script(fault)
        found = d.current("GET", "/thingmodel/query-device-property", ids)
        assert (found["code"], found["msg"]) == (code, msg)
    d.script("errno:iot.application.queryPropertyHistoryData")
    assert d.studio("GET", "application", "QueryDeviceProperty", ids)["code"] == (
        "iot.application.queryPropertyHistoryData"
    )


def test_aliyun_faults_speak_aliyun(desk):
    """Throttling and 500 are gateway errors, errno:CODE a business error."""
    d = desk(LAMP)
    for fault, status, code in (
        ("throttle", 400, "Throttling.User"),
        ("http_500_after", 500, "InternalError"),
        ("errno:iot.system.SystemException", 200, "iot.system.SystemException"),
    ):
        d.script(fault, operation="set_desired")
        response = d.rpc_response(
            "SetDeviceDesiredProperty", ProductKey="a1", DeviceName="lamp", Items='{"A":1}', Versions="{}"
        )
        assert (response.status, json.loads(response.body)["Code"]) == (status, code)
    assert [entry["landed"] for entry in d.log()] == [False, True, False]


@pytest.mark.parametrize(
    ("match", "struck"),
    [({"nth": 2}, [2]), ({"nth": 2, "times": 2}, [2, 3]), ({"times": 1}, [1]), ({}, [1, 2, 3, 4]), ({"device": "1"}, []), ({"device": IMEI, "cloud": "onenet", "nth": 4}, [4]),
     ({"operation": "read_now"}, [])],
)  # fmt: skip
def test_rule_strikes_the_requests_it_names(desk, match, struck):
    """By operation, device, cloud, count."""
    d = desk(AWAKE_METER)
    d.script("errno:7", **match)
    assert [number for number in range(1, 5) if json.loads(write(d).body)["errno"] == 7] == struck


@pytest.mark.parametrize(
    "rules",
    [
        {},
        {"rules": 1},
        {"rules": [1]},
        {"rules": [{"fault": "flood"}]},
        {"rules": [{"fault": "slow:x"}]},
        {"rules": [{"fault": "slow:1", "match": {"colour": 1}}]},
        {"rules": [{"fault": "throttle", "match": {"nth": 0}}]},
        {"rules": [{"fault": "throttle:1"}]},
    ],
)
def test_meaningless_script_is_refused(desk, rules):
    """400 with a message; the script in force stays."""
    d = desk(AWAKE_METER)
    response = d.raw("POST", "/_emulator/faults", "", json.dumps(rules).encode())
    assert response.status == 400
    assert json.loads(response.body)["error"]


def test_script_from_the_command_line_survives_a_reset(desk, tmp_path):
    """Inline JSON or the path of a file."""
    d = desk(AWAKE_METER)
    d.world.apply_faults_spec('{"rules": [{"fault": "errno:7"}]}')
    d.control("POST", "/reset")
    assert json.loads(write(d).body)["errno"] == 7
    path = tmp_path / "faults.json"
    path.write_text('{"rules": []}')
    d.world.apply_faults_spec(str(path))
    assert json.loads(write(d).body)["errno"] == 0


def test_every_operation_the_emulator_serves_can_be_named_and_so_can_the_vendors():
    served = {endpoint.route.operation for facade in routes.endpoints().values() for endpoint in facade}
    served |= {operation.name for operation in rpc.OPERATIONS.values()}
    assert {"queue_write", "trace", "query_device", "set_desired"} <= served
    for name in (*served, "deliver", "UpdateDevice", "GET /cmds/history/1"):
        parse_rules({"rules": [{"match": {"operation": name}, "fault": "throttle"}]})


@pytest.mark.parametrize("name", ["queue_wrtie", "", 7, "set desired", ["queue_write"]])
def test_an_operation_nobody_has_is_refused(name):
    with pytest.raises(FaultError, match="unknown operation"):
        parse_rules({"rules": [{"match": {"operation": name}, "fault": "throttle"}]})


@pytest.mark.parametrize(
    ("path", "says"),
    [
        ("/devices/onenet/1", "no OneNET device '1'"),
        ("/devices/onenet/1/uplink", "no OneNET device '1'"),
        ("/devices/aliyun/a1/lmap/console", "no Aliyun device 'a1/lmap'"),
        ("/devices/aliyun/a1", "devices/aliyun/PRODUCTKEY/DEVICENAME"),
    ],
)
def test_a_control_call_for_a_device_that_is_not_there_says_so(desk, path, says):
    assert says in desk(METER, LAMP).control("POST", path, {})["error"]
    assert desk(METER, LAMP).control("POST", f"/devices/onenet/{IMEI}/upnlik") == {"error": "no such control call"}
