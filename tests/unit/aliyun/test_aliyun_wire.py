"""Bytes out and in: parameters, signatures, answers, and what a failure means."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from urllib.parse import parse_qsl

import pytest

from reconcile.model.device import Identity
from reconcile.model.values import ABSENT
from reconcile.platforms.aliyun import auth, settle, wire
from reconcile.platforms.aliyun.answers import Answer, Row, Unreadable, read_answer, rows_of, status_of, versions_of
from reconcile.platforms.aliyun.errors import Verdict, describe, judge, may_ask_again
from reconcile.platforms.aliyun.settle import Fate

LAMP = Identity.of(productKey="a1BwAGVxxxx", deviceName="device1")
NOTHING_SHA256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


def test_set_is_the_seed_pages_request():
    call = wire.set_desired(LAMP, {"LightAdjustLevel": 1}, [("LightAdjustLevel", 10)])
    assert call.action == "SetDeviceDesiredProperty"
    assert auth.encode(call.query) == (
        "DeviceName=device1&Items=%7B%22LightAdjustLevel%22%3A1%7D&ProductKey=a1BwAGVxxxx"
        "&Versions=%7B%22LightAdjustLevel%22%3A10%7D"
    )
    assert call.form == {}


def test_versions_are_valid_json_even_when_nothing_is_checked():
    assert wire.set_desired(LAMP, {"A": None}, []).query["Versions"] == "{}"
    assert wire.set_desired(LAMP, {"A": None}, []).query["Items"] == '{"A":null}'


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (10.0, "10.0"),
        (1e16, "10000000000000000.0"),
        (1e-7, "0.0000001"),
        (-4.9e-324, "-0." + "0" * 323 + "5"),
        (-0.0, "-0.0"),
        (3, "3"),
        (True, "true"),
        ('温 "x"', '"温 \\"x\\""'),
        ({"b": 1e22, "a": [1.0]}, '{"b":10000000000000000000000.0,"a":[1.0]}'),
    ],
)  # fmt: skip
def test_items_hold_floats_with_a_decimal_point_everywhere(value, text):
    assert wire.set_desired(LAMP, {"m:A": value}, []).query["Items"] == f'{{"m:A":{text}}}'


@pytest.mark.parametrize("items", [{}, {f"P{n}": n for n in range(11)}, {"A": float("nan")}])
def test_what_the_page_forbids_is_never_built(items):
    with pytest.raises(ValueError, match=r"items in one set|NaN"):
        wire.set_desired(LAMP, items, [])


def test_long_items_travel_in_the_body():
    call = wire.set_desired(LAMP, {"A": "x" * 5000}, [("A", 0)])
    assert set(call.query) == {"ProductKey", "DeviceName"}
    assert set(call.form) == {"Items", "Versions"}


def test_iot_id_stands_alone():
    both = Identity.of(iotId="Q7uO", productKey="a1", deviceName="d")
    assert wire.device_status(both).query == {"IotId": "Q7uO"}


def test_queries_name_up_to_ten_identifiers_or_none():
    ten = wire.query_desired(LAMP, "Energy", [f"P{n}" for n in range(10)])
    assert ten.query["Identifier.10"] == "P9"
    assert ten.query["FunctionBlockId"] == "Energy"
    eleven = wire.query_desired(LAMP, "", [f"P{n}" for n in range(11)])
    assert set(eleven.query) == {"ProductKey", "DeviceName"}


def test_clear_names_identifies_in_the_form_body():
    call = wire.clear_desired(LAMP, ("A", "m:B"))
    assert call.form == {"Identifies.1": "A", "Identifies.2": "m:B"}
    with pytest.raises(ValueError, match="0 identifiers"):
        wire.clear_desired(LAMP, ())


def test_instance_id_and_extras_are_common_to_all_calls():
    assert wire.common_parameters("iot-1", {"ServiceCode": "iot"}) == {"ServiceCode": "iot", "IotInstanceId": "iot-1"}
    assert wire.common_parameters(None, {}) == {}


@pytest.mark.parametrize(
    ("query", "signature"),
    [
        (
            (
                "Timestamp=2016-02-23T12:46:24Z&Format=XML&AccessKeyId=testid&Action=DescribeRegions&SignatureMethod=HMAC-SHA1"
                "&SignatureNonce=3ee8c1b8-83d3-44af-a94f-4e0ad82fd6cf&Version=2014-05-26&SignatureVersion=1.0"
            ),
            "OLeaidS1JvxuMvnyHOwuJ+uX5qY=",
        ),
        (
            (
                "MessageContent=aGVsbG93b3JsZA%3D&Action=Pub&Timestamp=2017-10-02T09%3A39%3A41Z&SignatureVersion=1.0"
                "&ServiceCode=iot&Format=XML&Qos=0&SignatureNonce=0715a395-aedf-4a41-bab7-746b43d38d88&Version=2017-04-20"
                "&AccessKeyId=testid&SignatureMethod=HMAC-SHA1&RegionId=cn-shanghai&ProductKey=12345abcdeZ"
                "&TopicFullName=%2FproductKey%2Ftestdevice%2Fget"
            ),
            "Y9eWn4nF8QPh3c4zAFkM/k/u7eA=",
        ),
    ],
)
def test_version_1_signs_as_published(query, signature):
    assert auth.v1_signature("GET", dict(parse_qsl(query)), "testsecret") == signature


def test_version_3_signs_as_published():
    headers = {
        "host": "ecs.cn-shanghai.aliyuncs.com",
        "x-acs-action": "RunInstances",
        "x-acs-content-sha256": NOTHING_SHA256,
        "x-acs-date": "2023-10-26T10:22:32Z",
        "x-acs-signature-nonce": "3156853299f313e23d1673dc12e1703d",
        "x-acs-version": "2014-05-26",
    }
    query = auth.encode({"RegionId": "cn-shanghai", "ImageId": "win2019_1809_x64_dtc_zh-cn_40G_alibase_20230811.vhd"})
    keys = auth.Keys("YourAccessKeyId", "YourAccessKeySecret")
    authorization = auth.acs3_authorization("POST", query, headers, NOTHING_SHA256, keys)
    assert authorization == (
        "ACS3-HMAC-SHA256 Credential=YourAccessKeyId,SignedHeaders=host;x-acs-action;x-acs-content-sha256;x-acs-date;"
        "x-acs-signature-nonce;x-acs-version,Signature=06563a9e1b43f5dfe96b81484da74bceab24a1d853912eee15083a6f0f3283c0"
    )


def test_security_token_is_signed_in_both_versions():
    keys = auth.Keys("id", "secret", "token")
    once = auth.Once("n", datetime(2026, 1, 1, tzinfo=UTC))
    call = wire.device_status(LAMP)
    assert "SecurityToken=token" in auth.sign_v1(call, keys, answer_format="JSON", region=None, once=once).query
    headers = dict(auth.sign_acs3(call, keys, host="h", once=once).headers)
    assert headers["x-acs-security-token"] == "token"
    assert "x-acs-security-token" in headers["authorization"]


def test_percent_encoding_is_rfc_3986():
    assert auth.encode({"k": "A z~*+/%é"}) == "k=A%20z~%2A%2B%2F%25%C3%A9"


def test_times_are_signed_in_utc():
    assert auth.timestamp(datetime(2026, 1, 1, 8, tzinfo=timezone(timedelta(hours=8)))) == "2026-01-01T00:00:00Z"


def test_keys_do_not_show_themselves():
    assert "secret" not in repr(auth.Keys("id", "secret", "token")).replace("access_key_secret", "")


SEED_JSON = b"""{"Data": {"MessageId": "300511751", "Versions": "{\\"LightAdjustLeve\\":2}"},
    "RequestId": "AADE79D2-B328-4FC6-A3E0-34BB23BCA440", "Success": true}"""
SEED_XML = b"""<SetDeviceDesiredPropertyResponse><Data><MessageId>300511751</MessageId>
<Versions>{"LightAdjustLeve":2}</Versions></Data><RequestId>AADE79D2-B328-4FC6-A3E0-34BB23BCA440</RequestId>
<Success>true</Success></SetDeviceDesiredPropertyResponse>"""


@pytest.mark.parametrize(("body", "is_xml"), [(SEED_JSON, False), (SEED_XML, True)])
def test_the_seed_pages_answers_are_read(body, is_xml):
    answer = read_answer(200, body, is_xml=is_xml)
    assert (answer.is_success, answer.code) == (True, "")
    assert answer.request_id == "AADE79D2-B328-4FC6-A3E0-34BB23BCA440"
    assert answer.data["MessageId"] == "300511751"
    assert versions_of(answer) == {"LightAdjustLeve": 2}


BUSINESS = (200, b'{"RequestId":"R","Success":false,"Code":"iot.system.SystemException","ErrorMessage":"text"}', False)
GATEWAY = (400, b'{"RequestId":"R","HostId":"h","Code":"Throttling.User","Message":"text"}', False)
GATEWAY_XML = (400, b"<Error><RequestId>R</RequestId><Code>Throttling.User</Code><Message>text</Message></Error>", True)


@pytest.mark.parametrize(("status", "body", "is_xml"), [BUSINESS, GATEWAY, GATEWAY_XML])
def test_both_error_envelopes_are_read(status, body, is_xml):
    answer = read_answer(status, body, is_xml=is_xml, retry_after="1500")
    assert answer.is_success is False
    assert answer.code in {"iot.system.SystemException", "Throttling.User"}
    assert (answer.text, answer.request_id, answer.retry_after_s) == ("text", "R", 1.5)


@pytest.mark.parametrize(
    ("status", "body", "is_xml"),
    [
        (200, b"", False),
        (200, b"[]", False),
        (200, b"{}", False),
        (200, b'{"Success": true', False),
        (502, b"<html>bad gateway</html>", False),
        (200, b"\xff", False),
        (200, b"<a/>", True),
        (200, b"<a>", True),
        (200, b'<!DOCTYPE a [<!ENTITY e "x">]><a><Success>&e;</Success></a>', True),
        (200, b"<a>" * 50 + b"</a>" * 50, True),
    ],
)
def test_anything_else_is_unreadable(status, body, is_xml):
    with pytest.raises(Unreadable):
        read_answer(status, body, is_xml=is_xml)


def test_success_under_a_failing_status_is_no_success():
    assert read_answer(500, b'{"Success": true}', is_xml=False).is_success is False


def test_rows_take_bare_and_prefixed_identifiers_single_entries_and_missing_values():
    data = {"List": {"Info": [
        {"Identifier": "A", "Value": "35", "Version": 3, "Time": "1795334400000"},
        {"Identifier": "m:B", "Version": "0"},
        {"Identifier": "C", "Value": "", "Time": "999999999999999999"},
    ]}}  # fmt: skip
    rows = rows_of(Answer(200, True, "", "", "", data), "Info", "m")
    assert rows == {
        "m:A": Row("35", 3, datetime(2026, 11, 22, 8, tzinfo=UTC)),
        "m:B": Row(ABSENT, 0, None),
        "m:C": Row("", None, None),
    }
    single = Answer(200, True, "", "", "", {"List": {"Info": {"Identifier": "A"}}})
    assert rows_of(single, "Info", "") == {"A": Row(ABSENT, None, None)}
    assert rows_of(Answer(200, True, "", "", "", {"List": ""}), "Info", "") == {}
    with pytest.raises(Unreadable):
        rows_of(Answer(200, True, "", "", "", {"List": {"Info": ["x"]}}), "Info", "")


@pytest.mark.parametrize(
    ("status", "is_online", "has_time"),
    [("ONLINE", True, True), ("OFFLINE", False, True), ("UNACTIVE", False, False), ("DISABLE", False, False)],
)
def test_presence_is_online_or_not_and_dated_by_the_connection(status, is_online, has_time):
    data = {"Status": status, "Timestamp": 1795334400000}
    at = datetime(2026, 11, 22, 8, tzinfo=UTC) if has_time else None
    assert status_of(Answer(200, True, "", "", "", data)) == (is_online, at)


@pytest.mark.parametrize("data", [{}, {"Status": ""}, {"Status": "ASLEEP"}, {"Status": 1}, {"Status": None}])
def test_presence_that_is_not_documented_is_unknown(data):
    with pytest.raises(Unreadable):
        status_of(Answer(200, True, "", "", "", data))


@pytest.mark.parametrize(
    ("status", "code", "verdict"),
    [
        (400, "Throttling.User", Verdict.THROTTLED),
        (429, "Throttling", Verdict.THROTTLED),
        (503, "Throttling.Api", Verdict.THROTTLED),
        (200, "iot.messagebroker.RateLimit", Verdict.THROTTLED),
        (400, "SignatureNonceUsed", Verdict.RESIGN),
        (400, "InvalidTimeStamp.Expired", Verdict.RESIGN),
        (400, "SignatureDoesNotMatch", Verdict.REFUSED),
        (404, "InvalidAccessKeyId.NotFound", Verdict.REFUSED),
        (400, "InvalidAccessKeyId.NotFound", Verdict.REFUSED),
        (400, "MissingVersions", Verdict.REFUSED),
        (403, "Forbidden.RAM", Verdict.REFUSED),
        (200, "iot.device.NotExistedDevice", Verdict.REFUSED),
        (503, "ServiceUnavailable", Verdict.IN_DOUBT),
        (500, "ServiceUnavailable", Verdict.IN_DOUBT),
        (500, "InternalError", Verdict.IN_DOUBT),
        (502, "", Verdict.IN_DOUBT),
        (200, "iot.system.SystemException", Verdict.IN_DOUBT),
        (200, "iot.device.SetDevicePropertyFailed", Verdict.UNPROVEN),
        (200, "iot.system.IllegalRequest", Verdict.UNPROVEN),
        (200, "never.heard.of", Verdict.UNPROVEN),
        (200, "", Verdict.UNPROVEN),
        (400, "Unheard", Verdict.UNPROVEN),
    ],
)
def test_only_codes_that_prove_it_are_refusals(status, code, verdict):
    assert judge(Answer(status, False, code, "", "", {})) is verdict


def test_failed_queries_may_be_asked_again():
    assert may_ask_again(Answer(200, False, "iot.common.QueryDeviceActionError", "", "", {}))
    assert not may_ask_again(Answer(200, False, "iot.device.NotExistedDevice", "", "", {}))


def test_vendor_text_is_short_printable_and_silent_about_the_request():
    text = "server string to sign is:POST&%2F&AccessKeyId%3Did"
    assert describe(Answer(400, False, "SignatureDoesNotMatch", text, "", {})) == (
        "SignatureDoesNotMatch. Check accessKeySecret and `signature`"
    )
    shown = describe(Answer(200, False, "iot.x", "a\x1b[31m\u202e" + "b" * 500, "", {}))
    assert shown.startswith("iot.x: a [31m ")
    assert len(shown) < 140
    assert describe(Answer(200, False, "iot.x", "value hunter2", "", {}), is_text_kept=False) == "iot.x"
    assert describe(Answer(502, False, "bad code\n", "", "", {})) == "HTTP 502 without a code"


@pytest.mark.parametrize(
    ("items", "rows", "expected"),
    [
        ({"A": 35.0}, {"A": Row("35", 3, None)}, Fate.LANDED),
        ({"A": 35.0}, {"A": Row("20", 2, None)}, Fate.UNTOUCHED),
        ({"A": 35.0}, {"A": Row("35", 2, None)}, Fate.UNTOUCHED),
        ({"A": 35.0}, {"A": Row("36", 3, None)}, Fate.MOVED),
        ({"A": 35.0}, {"A": Row("35", 4, None)}, Fate.MOVED),
        ({"A": 35.0}, {}, Fate.MOVED),
        ({"A": 35.0}, {"A": Row(ABSENT, 3, None)}, Fate.MOVED),
        ({"A": None}, {}, Fate.LANDED),
        ({"A": None}, {"A": Row(ABSENT, 2, None)}, Fate.LANDED),
        ({"A": None}, {"A": Row("20", 2, None)}, Fate.UNTOUCHED),
        ({"A": None}, {"A": Row("20", 3, None)}, Fate.MOVED),
        ({"Z": 1}, {}, Fate.UNTOUCHED),
        ({"Z": None}, {}, Fate.UNTOUCHED),
        ({"A": 35.0, "Z": None}, {"A": Row("35", 3, None)}, Fate.LANDED),
        ({"A": 35.0, "Z": 1}, {"A": Row("35", 3, None)}, Fate.MOVED),
    ],
)
def test_fate_of_a_set_is_read_from_versions_and_values(items, rows, expected):
    assert settle.fate(items, {"A": 2, "Z": 0}, rows) is expected
