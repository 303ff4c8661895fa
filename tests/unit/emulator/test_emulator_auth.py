"""Credentials: token vectors of the vendor's pages, Aliyun signatures, and how each generation refuses."""

import base64
import json
from datetime import timedelta
from urllib.parse import quote

import pytest
from emulator_desk import IMEI, LAMP, METER, START, beijing

from reconcile.emulator import auth_aliyun
from reconcile.emulator.auth_onenet import sign, token_problem

DOCUMENTED_KEY = "KuF3NT/jUBJ62LNBB/A8XZA9CqS3Cu79B/ABmfA1UCw="
KEY = base64.b64encode(b"emulator-access-key-00000000000").decode()
ET = str(int(START.timestamp()) + 60)
VECTORS = [
    ("2018-10-31", "products/123123", "1537255523", "sha1", "lsaPSiiGvEFFjXu5WU7a6IkScqE="),
    ("2018-10-31", "products/123123", "1537255523", "md5", "M3jB6jcSNUuGcvW3dFcrWA=="),
    ("2018-10-31", "products/123123", "1537255523", "sha256", "tuFMd8Cc5krZO+RiNaW4mad5tauSFq2J89Gd70MXQPI="),
    ("2020-05-29", "userid/12321", "1537255523", "md5", "N6gRkVRoxzUcK0K4QBLmxA=="),
    ("2020-05-29", "userid/12321", "1537255523", "sha1", "oyasoXdLw7eiH+sDM4QrlF59LvE="),
    ("2020-05-29", "userid/12321", "1537255523", "sha256", "hd27BUVjp0IzlwcjWf9+FlOtMHeZOgBk68NULlxytT4="),
    ("2022-05-01", "userid/12321", "1683806266", "md5", "rQtPl/beIdac6ZlLwb3dfg=="),
    ("2022-05-01", "userid/12321", "1683806266", "sha1", "ENij8SKboD+EejyMVMzF1ywjSK0="),
    ("2022-05-01", "userid/12321", "1683806266", "sha256", "vishvHlY9Ygmx5kTwPuazfKCvdPh1r2ofamGOBqKK70="),
]


def token(version, res, *, et=ET, method="sha1", key="ZW11bGF0b3ItYWNjZXNzLWtleS0wMDAwMDAwMDAwMDA="):
    signature = sign(key, version=version, res=res, et=et, method=method)
    return f"version={version}&res={quote(res, safe='')}&et={et}&method={method}&sign={quote(signature, safe='')}"


@pytest.mark.parametrize(("version", "res", "et", "method", "expected"), VECTORS)
def test_token_vector(version, res, et, method, expected):
    """Each vector signs equal, and its header is accepted until et and not after."""
    assert sign(DOCUMENTED_KEY, version=version, res=res, et=et, method=method) == expected
    header = f"version={version}&res={quote(res, safe='')}&et={et}&method={method}&sign={quote(expected, safe='')}"
    known = {"resources": {version: frozenset({res})}, "access_key": DOCUMENTED_KEY}
    assert token_problem(header, now_ms=int(et) * 1000, **known) == ""
    assert token_problem(header, now_ms=int(et) * 1000 + 1, **known) == "token expired"
    assert token_problem(header.replace("res=", "res=x"), now_ms=0, **known) == "token res not allowed"


def ask(desk, path, header, **query):
    d = desk(METER)
    response = d.raw("GET", path, {"imei": IMEI, "obj_id": 3} | query, authorization=header)
    return response.status, json.loads(response.body)


@pytest.mark.parametrize("method", ["md5", "sha1", "sha256"])
@pytest.mark.parametrize(
    ("path", "version", "res", "query"),
    [("/nbiot/resources", "2018-10-31", "products/emulator", {}), ("/devices/getbyimei", "2018-10-31", "products/emulator", {}),
     ("/LwM2M-online", "2020-05-29", "userid/38055", {"action": "resources"}),
     ("/lwm2m-online", "2020-05-29", "userid/38055", {"action": "resources", "version": "1"}),
     ("/nb-iot/offline/history", "2022-05-01", "userid/38055", {"start": "2026-01-30T00:00:00", "end": "2026-01-31T00:00:00"}),
     ("/device/detail", "2022-05-01", "products/emulator", {"product_id": "0"})],
)  # fmt: skip
def test_token_opens_its_own_generation(desk, path, version, res, query, method):
    """One version and its resources for each host family."""
    status, answer = ask(desk, path, token(version, res, method=method), **query)
    assert (status, answer.get("errno", answer.get("code"))) == (200, 0)


def test_each_generation_refuses_in_its_own_way(desk):
    """Classic and current answer HTTP 200 with a code, Studio answers 403."""
    expired = {"et": str(int(START.timestamp()) - 1)}
    assert ask(desk, "/nbiot/resources", token("2018-10-31", "products/emulator", **expired)) == (
        200,
        {"errno": 1, "error": "auth failed"},
    )
    assert ask(desk, "/devices", token("2018-10-31", "products/emulator", **expired)) == (
        200,
        {"errno": 3, "error": "token鉴权失败"},
    )
    status, answer = ask(desk, "/LwM2M-online", token("2020-05-29", "userid/38055", **expired), action="resources")
    assert (status, answer["success"]) == (403, False)
    status, answer = ask(desk, "/nb-iot", token("2022-05-01", "userid/38055", **expired))
    assert (status, answer["code"], answer["msg"]) == (200, 10403, "authentication failed:token expired")
    assert ask(desk, "/nb-iot", "")[1]["msg"] == "authentication failed:authorization cannot be empty"


def test_token_of_another_generation_or_key_is_refused(desk):
    """Versions are not exchangeable, and the key matters."""
    assert ask(desk, "/nb-iot", token("2020-05-29", "userid/38055"))[1]["code"] == 10403
    assert ask(desk, "/nbiot", token("2022-05-01", "userid/38055"))[1]["errno"] == 1
    assert ask(desk, "/nb-iot", token("2022-05-01", "userid/38055", key=KEY))[1]["code"] == 10403
    assert ask(desk, "/nb-iot", token("2022-05-01", "userid/1"))[1]["code"] == 10403


def test_device_token_on_the_current_platform_is_a_switch(desk):
    """Public clients use it, the page forbids it."""
    header = token("2018-10-31", f"products/emulator/devices/{IMEI}")
    for switch, code in (("refuse", 10403), ("accept", 5106)):
        d = desk(METER, device_token_on_g3=switch)
        answer = json.loads(d.raw("GET", "/nb-iot", {"imei": IMEI, "obj_id": 3}, authorization=header).body)
        assert answer.get("code", answer.get("errno")) == code


def test_wrong_master_key_is_refused(desk):
    """And the master key opens only the classic generation."""
    d = desk(METER)
    assert d.onenet("GET", "/nbiot", {"imei": IMEI, "obj_id": 3}, api_key="x")["errno"] == 1
    assert d.onenet("GET", "/nb-iot", {"imei": IMEI, "obj_id": 3}, api_key="emulator-master-key")["code"] == 10403


def test_envelope_of_the_current_platform_is_a_switch(desk):
    """errno/error or code/msg, for the same engine."""
    header = token("2022-05-01", "userid/38055")
    for switch, names in (("errno", {"errno", "error", "data"}), ("code", {"code", "msg", "data", "request_id"})):
        d = desk(METER, g3_envelope=switch)
        query = {"imei": IMEI, "obj_id": 3303, "obj_inst_id": 0, "mode": 2, "expired_time": beijing(START, 60)}
        answer = json.loads(
            d.raw("POST", "/nb-iot/offline", query, b'{"data":[{"res_id":5603,"val":1.0}]}', authorization=header).body
        )
        assert set(answer) == names


def test_documented_v1_vector():
    """DescribeRegions with testid and testsecret."""
    params = {
        "AccessKeyId": "testid", "Action": "DescribeRegions", "Format": "XML", "SignatureMethod": "HMAC-SHA1", "Version": "2014-05-26",
        "SignatureNonce": "3ee8c1b8-83d3-44af-a94f-4e0ad82fd6cf", "SignatureVersion": "1.0", "Timestamp": "2016-02-23T12:46:24Z",
    }  # fmt: skip
    text = auth_aliyun.v1_string_to_sign("GET", list(params.items()))
    assert auth_aliyun.v1_signature("testsecret", text) == "OLeaidS1JvxuMvnyHOwuJ+uX5qY="


@pytest.mark.parametrize(
    "name", ["AccessKeyId", "SignatureMethod", "SignatureVersion", "SignatureNonce", "Timestamp", "Version", "Action"]
)
def test_missing_public_parameter_is_named(desk, name):
    """`Missing<Name>`, HTTP 400."""
    response = desk(LAMP).rpc_response("GetDeviceStatus", **{name: None})
    assert (response.status, json.loads(response.body)["Code"]) == (400, f"Missing{name}")


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [({"secret": "x"}, 400, "SignatureDoesNotMatch"), ({"AccessKeyId": "x"}, 404, "InvalidAccessKeyId.NotFound"),
     ({"at": START - timedelta(minutes=15, seconds=1)}, 400, "InvalidTimeStamp.Expired"),
     ({"at": START + timedelta(minutes=15, seconds=1)}, 400, "InvalidTimeStamp.Expired"),
     ({"Timestamp": "yesterday"}, 400, "InvalidTimeStamp.Format"), ({"SecurityToken": "x"}, 400, "InvalidSecurityToken.Malformed"),
     ({"Version": "2017-01-01"}, 400, "InvalidVersion")],
)  # fmt: skip
def test_gateway_refuses(desk, change, status, code):
    """Gateway errors are HTTP 4xx with Code and Message, never Success."""
    response = desk(LAMP).rpc_response("GetDeviceStatus", **change)
    answer = json.loads(response.body)
    assert (response.status, answer["Code"], "Success" in answer) == (status, code, False)


def test_good_sts_token_clock_margin_and_blank_parameters_pass(desk):
    """The token with its key, 15 minutes either way, an empty parameter that is signed."""
    d = desk(LAMP)
    device = {"ProductKey": "a1", "DeviceName": "lamp"}
    for change in (
        {"SecurityToken": "emulator-sts"},
        {"at": START + timedelta(minutes=15)},
        {"SignatureType": ""},
        {"Note": "a b*~+/é"},
    ):
        assert d.rpc_response("GetDeviceStatus", **device, **change).status == 200


def test_replayed_nonce_is_refused(desk):
    """The second request with a nonce is not carried out."""
    d = desk(LAMP)
    d.set({"A": 1}, SignatureNonce="once")
    assert d.set({"A": 2}, SignatureNonce="once")["Code"] == "SignatureNonceUsed"
    assert d.lamp()["values"] == {"A": 1}


def test_unknown_action_is_not_found(desk):
    """HTTP 404, and logged under the vendor's name."""
    d = desk(LAMP)
    response = d.rpc_response("LaunchRocket")
    assert (response.status, json.loads(response.body)["Code"]) == (404, "InvalidApi.NotFound")
    assert d.log()[0]["operation"] == "LaunchRocket"


def test_skipped_hours_do_not_expire_sdk_timestamps_by_switch(desk):
    """SDKs know only real time; the switch lets them go on after the clock was moved."""
    for switch, status in (("emulator", 400), ("either", 200)):
        d = desk(LAMP, timestamp_clock=switch)
        d.advance(7200)
        assert d.rpc_response("GetDeviceStatus", ProductKey="a1", DeviceName="lamp", at=START).status == status


def test_v1_without_format_is_answered_in_xml(desk):
    """With content type and roots as the newer SDK expects them."""
    d = desk(LAMP)
    good = d.rpc_response("GetDeviceStatus", ProductKey="a1", DeviceName="lamp", Format=None)
    assert good.content_type == "text/xml;charset=utf-8"
    assert b"<GetDeviceStatusResponse><Data><Status>ONLINE</Status>" in good.body
    bad = d.rpc_response("GetDeviceStatus", Format="XML", secret="x")
    assert b"<Error>" in bad.body
    assert b"<Code>SignatureDoesNotMatch</Code>" in bad.body
