"""Answers read strictly, and failures classed by table, number and text together."""

from __future__ import annotations

import contextlib
import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconcile.model.errors import InDoubt, Refused
from reconcile.model.observed import ObservedCommand
from reconcile.model.recorded import DeliveryState
from reconcile.model.values import UNKNOWN
from reconcile.platforms.onenet import error_tables, errors
from reconcile.platforms.onenet.clock import ServerClock
from reconcile.platforms.onenet.wire import answers, device_answers, queue_answers, times
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
    ("family", "code", "text", "kind"),
    [
        (COMMAND, "1", "auth failed", Refused),
        (COMMAND, "3", "token鉴权失败", Refused),
        (COMMAND, "7", "service internal error", InDoubt),
        (COMMAND, "15", "api freq out of limit", Refused),
        (COMMAND, "2001", "device not online", Refused),
        (COMMAND, "5006", "system logic limit", Refused),
        (COMMAND, "5108", "invalid parameter", InDoubt),
        (COMMAND, "5117", "rpc error", InDoubt),
        (COMMAND, "10403", "authentication failed", Refused),
        (COMMAND, "10415", "service call failed", InDoubt),
        (COMMAND, "8", "not found", InDoubt),
        (COMMAND, "99999", "", InDoubt),
        (COMMAND, "iot.application.whatever", "", InDoubt),
        (COMMAND, "5106", "UNSUCESS", InDoubt),
        (COMMAND, "5106", "unsuccess:TIME_OUT", InDoubt),
        (COMMAND, "5106", "unsuccess:time_out", InDoubt),
        (COMMAND, "5106", "UNSUCESS:METHOD_NOT_ALLOWED", Refused),
        (COMMAND, "5106", "unsuccess: Not_Found", Refused),
        (COMMAND, "5106", "unsuccess:UNAUTHORIZED", Refused),
        (COMMAND, "5106", "unsuccess:BAD_REQUEST", Refused),
        (COMMAND, "5106", "unsuccess:NOT_ACCEPTABLE", Refused),
        (COMMAND, "5106", "unsuccess:UNSUPPORTED_CONTENT_FORMAT", Refused),
        (COMMAND, "5106", "unsuccess:OFFLINE", Refused),
        (COMMAND, "5106", "unsuccess:FORBIDDEN", Refused),
        (COMMAND, "5106", "unsuccess:REQ_PARAM_ERROR", Refused),
        (COMMAND, "5106", "unsuccess:RESP_ERROR", InDoubt),
        (COMMAND, "5106", "unsuccess:INTERNAL_SERVER_ERROR", InDoubt),
        (COMMAND, "5106", "unsuccess:ADDR_OCCUPIED", InDoubt),
        (DEVICES, "1", "internal server error", InDoubt),
        (DEVICES, "3", "auth failed", Refused),
        (DEVICES, "7", "parameter required", Refused),
        (DEVICES, "8", "not found", Refused),
        (DEVICES, "17", "nbiot server error", InDoubt),
        (DEVICES, "5106", "unsuccess:OFFLINE", Refused),
        (DEVICES, "4711", "", InDoubt),
        (DEVICES, "18", "hs server error", InDoubt),
        (DEVICES, "20", "max 1000 devices per call", Refused),
        (DEVICES, "7", "service internal error", InDoubt),
        (DEVICES, "10", "device not online", Refused),
        (COMMAND, "1", "internal server error", InDoubt),
        (COMMAND, "3", "parameter required", Refused),
        (COMMAND, "7", "parameter required", InDoubt),
        (COMMAND, "10500", "device not online:device not online", Refused),
        (STUDIO, "iot.application.authPermissionDeny", "", Refused),
        (STUDIO, "iot.common.deviceNotFound", "", Refused),
        (STUDIO, "deviceNotFound", "", Refused),
        (STUDIO, "iot.application.invalidParameter", "", Refused),
        (STUDIO, "iot.application.setDesiredPeropertyFailed", "", InDoubt),
        (STUDIO, "iot.application.setPropertyFailed", "device not online:device not online", Refused),
        (STUDIO, "iot.application.somethingNew", "", InDoubt),
        (CURRENT, "10403", "authentication failed", Refused),
        (CURRENT, "10417", "product thing model not found", Refused),
        (CURRENT, "10415", "service call failed", InDoubt),
        (CURRENT, "10410", "device not found", InDoubt),
    ],
)
def test_classes_of_failures(family, code, text, kind):
    assert type(errors.failure(family, Envelope(code, text))) is kind


@pytest.mark.parametrize(
    ("code", "text", "is_unreachable"),
    [
        ("2001", "", True),
        ("5106", "unsuccess:OFFLINE", True),
        ("5106", "x FORBIDDEN", True),
        ("5106", "NOT_FOUND", False),
        ("1", "", False),
    ],
)
def test_only_offline_refusals_are_unreachable(code, text, is_unreachable):
    assert errors.failure(COMMAND, Envelope(code, text)).is_unreachable is is_unreachable


@pytest.mark.parametrize(
    ("code", "text", "is_wide"),
    [
        ("10403", "authentication failed", True),
        ("3", "token鉴权失败", True),
        ("15", "", True),
        ("3", "param required", False),
        ("1", "", False),
        ("5106", "REQ_PARAM_ERROR", False),
        ("2001", "", False),
    ],
)
def test_refusals_that_would_meet_any_device_are_known_as_such(code, text, is_wide):
    assert errors.failure(COMMAND, Envelope(code, text)).is_account_wide is is_wide
    assert errors.http_failure(403).is_account_wide


def test_every_published_code_has_a_meaning_for_people():
    for table in (*error_tables.TABLES.values(), error_tables.REASONS):
        assert all(entry.meaning for entry in table.values())
    assert error_tables.REASONS.keys() == set(queue_answers.REASONS) - {"SUCCESS"}
    assert {str(number) for number in range(1, 24)} == error_tables.DEVICES.keys()
    assert "no such project" in str(errors.failure(STUDIO, Envelope("iot.application.projectNotFound", "")))


def test_a_foreign_code_is_shown_like_foreign_text():
    failed = errors.failure(CURRENT, Envelope("\x1b[31m" + "x" * 500 + "hunter2", ""), ["hunter2"])
    assert len(failed.vendor_code) <= 60
    assert "\x1b" not in str(failed)
    assert len(str(failed)) < 120


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (301, InDoubt),
        (400, Refused),
        (403, Refused),
        (404, Refused),
        (408, InDoubt),
        (429, Refused),
        (500, InDoubt),
        (502, InDoubt),
        (504, InDoubt),
        (101, InDoubt),
    ],
)
def test_classes_of_http_statuses(status, kind):
    assert type(errors.http_failure(status)) is kind


def test_foreign_text_is_short_printable_and_without_secrets():
    text = str(errors.failure(COMMAND, Envelope("5006", "\x1b[31mno\n" + "x" * 500 + " pin hunter2"), ["hunter2"]))
    assert "\x1b" not in text
    assert "\n" not in text
    assert len(text) < 220
    assert "hunter2" not in str(errors.failure(COMMAND, Envelope("5006", "pin hunter2"), ["hunter2"]))
    assert "token鉴权失败" in str(errors.failure(COMMAND, Envelope("3", "token鉴权失败")))


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


@pytest.mark.parametrize(
    "text", ["2026-11-22 16:00:00", "2026-11-22T16:00:00", "2026-11-22 16:00:00.000", "2026-11-22T08:00:00Z"]
)
def test_times_are_beijing_unless_they_say_otherwise(text):
    assert times.from_wire(text) == datetime(2026, 11, 22, 8, tzinfo=UTC)


@pytest.mark.parametrize("text", [None, 5, "", "soon", "2026-13-01 00:00:00", "0001-01-01 00:00:00"])
def test_what_is_no_time(text):
    assert times.from_wire(text) is None


@given(st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001 - bounds
def test_times_round_trip_to_the_second(at):
    assert times.from_wire(times.to_wire(at)) == at.replace(microsecond=0)


class Hands:
    """Our own clock, moved by hand."""

    def __init__(self):
        self.at = datetime(2026, 11, 22, 8, 0, 0, tzinfo=UTC)

    def __call__(self):
        return self.at


def date_of(at):
    return at.strftime("%a, %d %b %Y %H:%M:%S GMT")


def test_clock_is_our_own_until_an_answer_came():
    hands = Hands()
    clock = ServerClock(hands)
    clock.learn(None, hands())
    clock.learn("yesterday", hands())
    assert clock.now() == hands.at
    assert not clock.is_learned


@given(st.floats(-86400, 86400), st.lists(st.tuples(st.floats(0, 5), st.floats(0, 1)), min_size=1, max_size=30))
def test_clock_stays_within_the_second_and_the_journey(offset_s, journeys):
    hands, offset = Hands(), timedelta(seconds=offset_s)
    clock = ServerClock(hands)
    for journey_s, share in journeys:
        sent = hands.at
        date = date_of(sent + timedelta(seconds=journey_s * share) + offset)
        hands.at = sent + timedelta(seconds=journey_s)
        clock.learn(date, sent)
    slack = timedelta(seconds=1 + min(journey for journey, _ in journeys), milliseconds=1)
    assert abs(clock.now() - hands.at - offset) <= slack / 2 + timedelta(milliseconds=1)


def test_clock_follows_a_server_that_was_moved():
    hands = Hands()
    clock = ServerClock(hands)
    clock.learn(date_of(hands.at), hands.at)
    clock.learn(date_of(hands.at + timedelta(hours=2)), hands.at)
    assert abs(clock.now() - hands.at - timedelta(hours=2)) <= timedelta(seconds=1)


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


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("Fri Jun 21 17:06:32 CST 2019", datetime(2019, 6, 21, 9, 6, 32, tzinfo=UTC)),
        ("Fri May 10 01:32:48 CST 2019", datetime(2019, 5, 9, 17, 32, 48, tzinfo=UTC)),
        ("2020-06-19T09:48:15.027Z", datetime(2020, 6, 19, 9, 48, 15, 27000, tzinfo=UTC)),
        ("0001-01-01T00:00:00.000Z", None),
        ("Fri Jun 21 17:06:32 UTC 2019", None),
        ("Fri Jum 21 17:06:32 CST 2019", None),
        ("Fri Jun 99 17:06:32 CST 2019", None),
        ("Fri Jun 21", None),
        ("", None),
        (5, None),
    ],
)
def test_times_in_every_form_that_is_printed(text, at):
    assert times.from_wire(text) == at


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
