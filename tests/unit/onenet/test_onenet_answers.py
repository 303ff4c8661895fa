"""Answers read strictly, and failures classed by table, number and text together."""

from __future__ import annotations

import contextlib
import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconcile.model.observed import ObservedCommand
from reconcile.model.recorded import DeliveryState
from reconcile.model.values import UNKNOWN
from reconcile.platforms.onenet.wire import answers, device_answers, queue_answers
from reconcile.platforms.onenet.wire.answers import Envelope, Unparsable
from reconcile.platforms.onenet.wire.requests import Family

IMEI = "865820031234567"
COMMAND, DEVICES, STUDIO, CURRENT = Family.COMMAND, Family.DEVICES, Family.STUDIO, Family.CURRENT


@pytest.mark.parametrize(
    ("content", "envelope"),
    [
        (b'{"errno":0,"error":"succ"}', Envelope("0", "succ")),
        (b'{"errno":0,"error":"succ","data":{"uuid":"u"}}', Envelope("0", "succ", {"uuid": "u"})),
        (b'{"code":0,"msg":"succ","request_id":"r","data":null}', Envelope("0", "succ")),
        (b'{"code":10403,"msg":"authentication failed"}', Envelope("10403", "authentication failed")),
        (
            b'{"success":false,"code":"iot.application.deviceNotFound","msg":"m"}',
            Envelope("iot.application.deviceNotFound", "m"),
        ),
    ],
)
def test_both_envelopes(content, envelope):
    assert answers.envelope(content) == envelope


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"null",
        b"[]",
        b"{}",
        b"<html>",
        b'{"errno":0',
        b"\xff\xfe",
        b'{"errno":true}',
        b'{"errno":null}',
        b"[" * 100_000,
    ],
)
def test_what_is_no_envelope(content):
    with pytest.raises(Unparsable):
        answers.envelope(content)


@given(st.binary(max_size=200))
def test_garbage_is_unparsable_or_an_envelope(content):
    with contextlib.suppress(Unparsable):
        assert isinstance(answers.envelope(content), Envelope)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    "items",
                    "total_count",
                    "cmd_uuid",
                    "type",
                    "send_status",
                    "obj_inst_id",
                    "res",
                    "res_id",
                    "val",
                    "res_inst",
                    "uuid",
                    "online",
                    "last_ct",
                ]
            ),
            inner,
            max_size=5,
        )
    ),
    max_leaves=12,
)


@given(json_values)
def test_no_shape_of_data_ends_in_anything_but_unparsable(data):
    for read in (
        answers.uuid_of,
        lambda d: queue_answers.history(d, IMEI),
        device_answers.device,
        device_answers.classic_page,
        device_answers.device_page,
        device_answers.product_page,
        device_answers.statuses,
        device_answers.latest_points,
        answers.resource_list,
        lambda d: answers.discovered("/3/0", d),
        lambda d: queue_answers.detail(d, "u", IMEI),
        queue_answers.trace,
        queue_answers.withdrawn,
        lambda d: answers.read_values("/3/0", d),
    ):
        with contextlib.suppress(Unparsable):
            read(data)


@pytest.mark.parametrize(
    ("send_status", "confirm_status", "delivery"),
    [
        (1, None, DeliveryState.QUEUED),
        (2, None, DeliveryState.CANCELLED),
        (3, None, DeliveryState.SENT),
        (4, None, DeliveryState.EXPIRED),
        (5, "SUCCESS", DeliveryState.CONFIRMED),
        (5, "success", DeliveryState.CONFIRMED),
        (5, 0, DeliveryState.CONFIRMED),
        (5, "TIME_OUT", DeliveryState.FAILED),
        (5, 6, DeliveryState.FAILED),
        (5, None, None),
        (6, "TIME_OUT", DeliveryState.FAILED),
        ("6", None, DeliveryState.FAILED),
        (7, None, None),
        (8, None, None),
        (99, None, None),
    ],
)
def test_delivery_of_a_cached_command(send_status, confirm_status, delivery):
    item = {"cmd_uuid": "u", "type": "WRITE", "send_status": send_status, "confirm_status": confirm_status}
    _, (command,) = queue_answers.history({"total_count": "1", "items": [item]}, IMEI)
    assert command.delivery is delivery


def test_sample_of_the_history_page():
    item = {
        "cmd_uuid": "42742677-adc3-54ca-83a1-5aaaf71482f8", "type": "EXECUTE", "create_time": "2017-08-28 11:34:58",
        "valid_time": "2017-08-28 11:34:58", "expired_time": "2017-08-28 12:34:58", "send_time": "2017-08-28 11:40:00",
        "trigger_msg": 7, "send_status": 5, "confirm_time": "2017-08-28 11:40:01", "confirm_status": "SUCCESS",
        "imei": "865820031234567", "remain": "3",
    }  # fmt: skip
    total, (command,) = queue_answers.history({"total_count": 1, "items": [item]}, IMEI)
    assert total == 1
    assert command.observed(DeliveryState.CONFIRMED) == ObservedCommand(
        "42742677-adc3-54ca-83a1-5aaaf71482f8",
        "execute",
        DeliveryState.CONFIRMED,
        datetime(2017, 8, 28, 4, 34, 58, tzinfo=UTC),
        datetime(2017, 8, 28, 3, 40, 1, tzinfo=UTC),
        "send_status 5, confirm_status SUCCESS",
    )


def test_read_of_an_instance_with_a_multiple_resource():
    data = [
        {
            "res": [
                {"val": 20.123, "res_id": 5700},
                {"res_id": 6, "res_inst": [{"res_inst_id": 0, "val": 1}, {"res_inst_id": 2, "val": 5}]},
            ],
            "obj_inst_id": 0,
        },
        {"res": [{"val": 1, "res_id": 5700}], "obj_inst_id": 1},
    ]
    assert answers.read_values("/3303/0", data) == {"/3303/0/5700": 20.123, "/3303/0/6": {"0": 1, "2": 5}}


def test_devices_of_both_platforms():
    classic = device_answers.device({"id": "5001", "online": True, "last_ct": "2026-11-22 16:00:00"})
    assert classic == device_answers.DeviceFacts("5001", True, datetime(2026, 11, 22, 8, tzinfo=UTC), status="online")
    assert device_answers.device({"did": "7", "status": 3}) == device_answers.DeviceFacts(
        "7", False, UNKNOWN, status="offline"
    )
    assert device_answers.device({"last_time": "0001-01-01T00:00:00Z", "last_ct": "never"}).is_online is UNKNOWN


def test_delivered_text_of_json_samples_is_read():
    content = json.dumps({"errno": 0, "error": "succ", "data": {"uuid": "42742677"}}).encode()
    assert answers.uuid_of(answers.envelope(content).data) == "42742677"


def test_samples_of_the_pages():
    """list/7, list/31, list/19, list/20, list/33, list/34 as printed, their dots filled in."""
    resources = {"total_count": 1, "item": [{"obj_id": 3200, "instances": [{"inst_id": 0, "resources": [5500, 5050]}]}]}
    assert answers.resource_list(resources) == ("/3200/0/5050", "/3200/0/5500")
    assert answers.discovered("/3", [{"obj_inst_id": 3, "res_id": [3, 2, 4]}, {}]) == ("/3/3/2", "/3/3/3", "/3/3/4")
    assert answers.discovered("/3", []) == ()
    statuses = {"total_count": 121, "devices": [{"id": 1221, "title": "device1", "online": False}]}
    assert device_answers.statuses(statuses) == {"1221": False}
    points = {"devices": [{"id": 12323, "datastreams": [{"id": "3_0_3", "at": "2017-02-12 10:22:22", "value": "12"}]}]}
    at = datetime(2017, 2, 12, 2, 22, 22, tzinfo=UTC)
    assert device_answers.latest_points(points) == {"12323": {"/3/0/3": device_answers.Point("12", at)}}
    assert device_answers.latest_points({"devices": [{"id": 1}]}) == {"1": {}}
    assert queue_answers.withdrawn({"succ": ["a", "b"], "failed": [], "total": 2}).cancelled == ("a", "b")
    log = "received confirm message, type: [2], command send status: [5], confirm status: [0]"
    (line,) = queue_answers.trace([{"log": log, "time": "Wed Dec 02 09:02:33 CST 2020"}])
    assert (line.stage, line.at) == ("confirmed", datetime(2020, 12, 2, 1, 2, 33, tzinfo=UTC))


def test_reads_keep_to_what_was_asked():
    data = [{"obj_inst_id": n, "res": [{"res_id": 1, "val": n}, {"res_id": 12, "val": "x"}]} for n in (0, 1)]
    assert answers.read_values("/3", data) == {"/3/0/1": 0, "/3/0/12": "x", "/3/1/1": 1, "/3/1/12": "x"}
    assert answers.read_values("/3/1", data) == {"/3/1/1": 1, "/3/1/12": "x"}
    assert answers.read_values("/3/1/1", data) == {"/3/1/1": 1}


def test_an_answer_about_another_device_or_command_is_no_answer():
    item = {"cmd_uuid": "u", "type": "WRITE", "send_status": 1, "imei": "865820039999999"}
    with pytest.raises(Unparsable, match="another"):
        queue_answers.history({"total_count": 1, "items": [item]}, IMEI)
    with pytest.raises(Unparsable, match="another"):
        queue_answers.detail({**item, "imei": IMEI}, "other", IMEI)
    with pytest.raises(Unparsable, match="another"):
        device_answers.device({"id": "1", "rg_id": "865820039999999"}, IMEI)
    assert device_answers.device({"id": "1", "auth_info": {IMEI: "46000"}}, IMEI).imei == IMEI
    assert device_answers.device({"id": "1", "rg_id": f"{IMEI};46000"}, IMEI).imei == IMEI


def test_success_may_be_a_word_and_never_two():
    assert answers.envelope(b'{"requestId":"r","success":true,"data":{"a":1}}') == Envelope("0", "", {"a": 1})
    assert answers.envelope(b'{"success":false,"code":"iot.x","msg":"m"}') == Envelope("iot.x", "m")
    with pytest.raises(Unparsable):
        answers.envelope(b'{"success":false,"code":0}')
    with pytest.raises(Unparsable):
        answers.envelope(b'{"success":false}')
