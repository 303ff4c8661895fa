"""Switches on how Aliyun answers, each under every answer; errors by name; who may write; XML."""

import json
from xml.etree import ElementTree as ET

import pytest
from emulator_desk import LAMP, TSL

from reconcile.emulator.aliyun.errors import BUSINESS, GATEWAY

ONE = {"ProductKey": "a1", "DeviceName": "lamp"}
MODELLED = LAMP | {"thingModel": TSL}


def status_rows(d, **params):
    answer = d.rpc("QueryDevicePropertyStatus", **ONE, **params)
    return {row["Identifier"]: row for row in answer["Data"]["List"]["PropertyStatusInfo"]}


@pytest.mark.parametrize("code", ["placeholder", "iot.system.IllegalRequest", "iot.system.SystemException"])
def test_codes_of_refused_desired_values_are_unknown(desk, code):
    """Ours by default, or a general one: nobody may depend on them."""
    d = desk(MODELLED, desired_error_code=code)
    ours = {"VersionMismatch": ({"Brightness": 1}, {"Brightness": 7}), "ReadOnlyProperty": ({"Lux": 1}, {}), "InvalidValue": ({"Brightness": 101}, {})}  # fmt: skip
    for name, (items, versions) in ours.items():
        answer = d.set(items, versions)
        wanted = f"emulator.desired.{name}" if code == "placeholder" else code
        assert (answer["Code"], answer["Success"]) == (wanted, False)
        assert d.log()[-1]["code"] == wanted


@pytest.mark.parametrize(("answer", "version"), [("zero", 0), ("absent", None)])
def test_version_of_a_property_never_set(desk, answer, version):
    """Listed as 0, or without; a cleared one keeps its number."""
    d = desk(MODELLED, unset_version=answer)
    d.set({"Brightness": 5})
    d.clear("Brightness")
    assert d.desired()["Power"].get("Version") == version
    assert d.desired()["Brightness"]["Version"] == 0


@pytest.mark.parametrize(("answer", "keys"), [("accept", {"fb:T"}), ("ignore", set())])
def test_prefixed_identifier_in_a_query(desk, answer, keys):
    """Without FunctionBlockId."""
    module = {"functionBlockId": "fb", "properties": [{"identifier": "T", "accessMode": "rw", "dataType": {"type": "int", "specs": {}}}]}  # fmt: skip
    d = desk(LAMP | {"thingModel": [TSL, module]}, module_prefix_in_query=answer)
    d.set({"fb:T": 5})
    assert set(d.desired(**{"Identifier.1": "fb:T"})) == keys


@pytest.mark.parametrize(("answer", "success"), [("ignored", True), ("refused", False)])
@pytest.mark.parametrize("key", ["Lux", "Nope"])
def test_query_for_what_has_no_desired_value(desk, answer, success, key):
    """A read-only or unknown property."""
    reply = desk(MODELLED, unlisted_queried=answer).rpc("QueryDeviceDesiredProperty", **ONE, **{"Identifier.1": key})
    assert reply["Success"] is success
    assert not success or reply["Data"]["List"]["DesiredPropertyInfo"] == []


@pytest.mark.parametrize(("answer", "success"), [("refuse", False), ("accept", True)])
def test_write_only_property(desk, answer, success):
    """It exists in one dialect only."""
    model = {
        "_ppk": {},
        "properties": [{"identifier": "W", "rwFlag": "WRITE_ONLY", "dataType": "INT", "dataSpecs": {}}],
    }
    assert desk(LAMP | {"thingModel": model}, write_only_desired=answer).set({"W": 1})["Success"] is success


@pytest.mark.parametrize(("answer", "listed"), [("yes", True), ("no", False)])
def test_property_never_reported(desk, answer, listed):
    """Listed without Value and Time, or not at all."""
    rows = status_rows(desk(MODELLED | {"values": {"Brightness": 5}}, unreported_listed=answer))
    assert ("Power" in rows, rows["Brightness"]["Value"]) == (listed, "5")
    assert not listed or not {"Value", "Time"} & set(rows["Power"])


@pytest.mark.parametrize(("answer", "unit"), [("empty", ""), ("absent", None)])
def test_unit_of_what_has_none(desk, answer, unit):
    """Empty, or missing."""
    rows = status_rows(desk(MODELLED, empty_unit=answer))
    assert (rows["Label"].get("Unit"), rows["Target"]["Unit"]) == (unit, "C")


def test_unchecked_product_shows_no_model_data(desk):
    """ValidateType 2; what came in is in the original status all the same."""
    d = desk(MODELLED | {"product": {"validateType": 2}, "values": {"Brightness": 5, "Odd": [1, 2]}})
    assert status_rows(d) == {}
    answer = d.rpc("QueryDeviceOriginalPropertyStatus", **ONE, Asc="1", PageSize="1")["Data"]
    assert (answer["NextValid"], answer["List"]["PropertyStatusDataInfo"][0]["Value"]) == (True, "5")
    rest = d.rpc(
        "QueryDeviceOriginalPropertyStatus", **ONE, Asc="1", PageSize="9", NextPageToken=answer["NextPageToken"]
    )
    assert [row["Identifier"] for row in rest["Data"]["List"]["PropertyStatusDataInfo"]] == ["Odd"]
    assert (rest["Data"]["NextValid"], "NextPageToken" in rest["Data"]) == (False, False)


@pytest.mark.parametrize(
    ("change", "code"),
    [({"Asc": "2"}, "iot.system.IllegalRequest"), ({"Asc": None}, "MissingAsc"), ({"PageSize": "51"}, "iot.common.InvalidPageParams"),
     ({"PageSize": "²"}, "iot.common.InvalidPageParams"), ({"NextPageToken": "x"}, "iot.common.InvalidPageParams"), ({"NextPageToken": "²"}, "iot.common.InvalidPageParams")],
)  # fmt: skip
def test_original_status_has_limits(desk, change, code):
    """Order, size and token."""
    answer = desk(LAMP).rpc("QueryDeviceOriginalPropertyStatus", **(ONE | {"Asc": "0", "PageSize": "50"} | change))
    assert answer["Code"] == code


@pytest.mark.parametrize("status", ["404", "400"])
def test_status_of_an_unknown_access_key(desk, status):
    """Pages of different products."""
    reply = desk(LAMP, unknown_key_status=status).rpc_response("GetDeviceStatus", AccessKeyId="x")
    assert (str(reply.status), json.loads(reply.body)["Code"]) == (status, "InvalidAccessKeyId.NotFound")


@pytest.mark.parametrize("code", ["InvalidSecurityToken.Expired", "InvalidAccessKeyId.NotFound"])
def test_expired_security_token(desk, code):
    """Either code is seen."""
    d = desk(LAMP, expired_token_code=code)
    assert d.rpc("GetDeviceStatus", **ONE, SecurityToken="emulator-sts-expired")["Code"] == code


@pytest.mark.parametrize("code", ["InvalidApi.NotFound", "InvalidAction.NotFound"])
def test_unknown_action(desk, code):
    """HTTP 404 by either name."""
    reply = desk(LAMP, unknown_action_code=code).rpc_response("LaunchRocket")
    assert (reply.status, json.loads(reply.body)["Code"]) == (404, code)


@pytest.mark.parametrize("status", ["400", "429", "503"])
@pytest.mark.parametrize("code", ["Throttling.User", "Throttling.Api", "Throttling"])
def test_throttled_call(desk, status, code):
    """By code, whatever the status."""
    d = desk(LAMP, aliyun_quota="enforced", throttle_status=status, throttle_code=code)
    replies = [d.rpc_response("QueryDeviceByTags", **{"Tag.1.TagKey": "a"}) for _ in range(6)]
    assert [reply.status for reply in replies] == [200] * 5 + [int(status)]
    assert json.loads(replies[-1].body)["Code"] == code


def test_deep_pages_are_slower(desk):
    """Twice a second from 100,000 rows on."""
    d = desk(LAMP, aliyun_quota="enforced", deep_page="empty")
    page = {"ProductKey": "a1", "PageSize": "50", "CurrentPage": "2000"}
    assert [d.rpc("QueryDevice", **page).get("Code") for _ in range(3)] == [None, None, "Throttling.User"]


@pytest.mark.parametrize(
    ("answer", "status", "code"),
    [("business", 200, "iot.common.RamActionPermissionDeny"), ("gateway", 403, "NoPermission")],
)
def test_reader_may_read_and_not_write(desk, answer, status, code):
    """The second access key; nothing lands."""
    d = desk(LAMP, permission_denied=answer)
    reader = {"AccessKeyId": "emulator-ak-reader", "secret": "emulator-reader-secret"}
    assert d.rpc_response("QueryDeviceDesiredProperty", **ONE, **reader).status == 200
    reply = d.rpc_response("SetDeviceDesiredProperty", **ONE, **reader, Items='{"A":1}', Versions="{}")
    assert (reply.status, json.loads(reply.body)["Code"]) == (status, code)
    assert (d.lamp()["desired"], d.log()[-1]["landed"]) == ({}, False)


@pytest.mark.parametrize("code", sorted(GATEWAY))
def test_every_gateway_error_can_be_scripted(desk, code):
    """With its HTTP status and the gateway's envelope."""
    d = desk(LAMP)
    d.script(f"errno:{code}", operation="set_desired")
    reply = d.rpc_response("SetDeviceDesiredProperty", **ONE, Items='{"A":1}', Versions="{}")
    body = json.loads(reply.body)
    assert (reply.status, body["Code"]) == (GATEWAY[code][0], code)
    assert {"RequestId", "HostId", "Code", "Message", "Recommend"} == set(body)
    assert d.lamp()["desired"] == {}


@pytest.mark.parametrize("code", sorted(BUSINESS))
def test_every_business_error_can_be_scripted(desk, code):
    """HTTP 200, Success false, no Data."""
    d = desk(LAMP)
    d.script(f"errno:{code}", operation="set_desired")
    reply = d.rpc_response("SetDeviceDesiredProperty", **ONE, Items='{"A":1}', Versions="{}")
    body = json.loads(reply.body)
    assert (reply.status, body["Code"], body["Success"]) == (200, code, False)
    assert set(body) == {"RequestId", "Success", "Code", "ErrorMessage"}


def test_xml_repeats_an_element_for_a_list(desk):
    """The two envelopes, and awkward text."""
    d = desk(LAMP | {"deviceName": "a<&>b"}, LAMP)
    reply = d.rpc_response("QueryDevice", ProductKey="a1", Format="xml")
    root = ET.fromstring(reply.body)
    assert (root.tag, root.findtext("Success"), root.findtext("Total")) == ("QueryDeviceResponse", "true", "2")
    assert [row.findtext("DeviceName") for row in root.findall("Data/DeviceInfo")] == ["lamp", "a<&>b"]
    failed = ET.fromstring(d.rpc_response("QueryDevice", ProductKey="zz", Format=None).body)
    assert (failed.findtext("Success"), failed.findtext("Code")) == ("false", "iot.prod.NotExistedProduct")


def test_xml_holds_no_forbidden_character(desk):
    """What a caller sent comes back in the message."""
    reply = desk(MODELLED).rpc_response("SetDeviceDesiredProperty", **ONE, Items='{"\\u0001\\ufffe":1}', Versions="{}", Format="XML")  # fmt: skip
    assert "\ufffd\ufffd" in ET.fromstring(reply.body).findtext("ErrorMessage")
