"""The small switches: how answers are written, each both ways."""

import json
from urllib.parse import quote

import pytest
from emulator_desk import AWAKE_METER, IMEI, LAMP, METER, beijing

from reconcile.emulator.auth_onenet import sign
from reconcile.emulator.credentials import ONENET_ACCESS_KEY


def first_value(desk, obj_id, res_id):
    query = {"imei": IMEI, "obj_id": obj_id, "obj_inst_id": 0, "res_id": res_id}
    return desk.onenet("GET", "/nbiot", query)["data"][0]["res"][0]["val"]


@pytest.mark.parametrize(("answer", "text"), [("colon", "unsuccess:TIME_OUT"), ("bare", "UNSUCESS")])
def test_error_text_of_5106(desk, answer, text):
    """With or without the sub-reason."""
    assert desk(METER, error_text=answer).write((5603, 1.0)) == {"errno": 5106, "error": text}


@pytest.mark.parametrize(("answer", "value"), [("bytes", [0x12, 0x1A]), ("hex", "121a")])
def test_opaque_in_an_instant_read(desk, answer, value):
    """Array of bytes or hexadecimal text."""
    assert first_value(desk(AWAKE_METER, opaque_read=answer), 10, 1) == value


@pytest.mark.parametrize(("answer", "value"), [("ms", 1530496927000), ("s", 1530496927)])
def test_time_in_a_read(desk, answer, value):
    """Milliseconds as in the sample, or seconds as written."""
    assert first_value(desk(AWAKE_METER, time_read=answer), 3, 13) == value


@pytest.mark.parametrize(("answer", "errno"), [("refuse", 5106), ("accept", 0)])
def test_opaque_value_as_a_number(desk, answer, errno):
    """The number printed in one example of the instant-write page."""
    d = desk({"cloud": "onenet", "imei": IMEI, "sleep": {"kind": "none"}}, opaque_number=answer)
    query = {"imei": IMEI, "obj_id": 3303, "obj_inst_id": 0, "mode": 2}
    assert d.onenet("POST", "/nbiot", query, {"data": [{"res_id": 12, "type": 1, "val": 1210}]})["errno"] == errno


@pytest.mark.parametrize(("answer", "value"), [("int", 3), ("string", "3")])
def test_remain_in_the_history(desk, answer, value):
    """Table against sample."""
    d = desk(METER, remain_type=answer)
    d.queue((5603, 1.0))
    span = {"imei": IMEI, "start": beijing(d.now, -60), "end": beijing(d.now, 60)}
    assert d.onenet("GET", "/nbiot/offline/history", span)["data"]["items"][0]["remain"] == value


@pytest.mark.parametrize(("answer", "errno"), [("beijing", 5108), ("utc", 0)])
def test_zone_of_request_times(desk, answer, errno):
    """One o'clock is past in Beijing and to come in UTC."""
    query = {"valid_time": "2026-01-31T01:00:00", "expired_time": "2026-02-02T00:00:00"}
    assert desk(METER, history_zone=answer).write((5603, 1.0), path="/nbiot/offline", **query)["errno"] == errno


@pytest.mark.parametrize(("answer", "text"), [("trimmed", "35"), ("as_written", "35.0")])
def test_whole_float_in_a_query(desk, answer, text):
    """The documented example has no decimal."""
    d = desk(LAMP, float_text=answer)
    d.set('{"T":35.0}')
    assert d.desired()["T"]["Value"] == text


@pytest.mark.parametrize(("answer", "keys"), [("items", {"B"}), ("all", {"A", "B"})])
def test_versions_in_the_answer(desk, answer, keys):
    """Those of the call, or all."""
    d = desk(LAMP, answer_versions=answer)
    d.set({"A": 1})
    assert set(json.loads(d.set({"B": 1})["Data"]["Versions"])) == keys


@pytest.mark.parametrize(("answer", "timeout", "status"), [("patient", 25, 200), ("10s", 25, 504), ("10s", 10, 200)])
def test_studio_gateway_gives_up_before_the_device_does(desk, answer, timeout, status):
    """Only on Studio, only for a silent device and a timeout above 10 s."""
    d = desk(METER, studio_gateway=answer)
    et = str(int(d.now.timestamp()) + 60)
    signature = sign(ONENET_ACCESS_KEY, version="2020-05-29", res="userid/38055", et=et, method="md5")
    token = f"version=2020-05-29&res=userid%2F38055&et={et}&method=md5&sign={quote(signature, safe='')}"
    query = {"action": "read", "imei": IMEI, "obj_id": 3, "timeout": timeout}
    assert d.raw("GET", "/LwM2M-online", query, authorization=token).status == status
