"""Every documented error code, row by row: what it means for a write, whether a read goes again, and what to do."""

from __future__ import annotations

import pytest

from reconcile.platforms.aliyun.answers import Answer, read_answer
from reconcile.platforms.aliyun.errors import Verdict, describe, is_account_wide, judge, may_ask_again

T, S, R, D, U = Verdict.THROTTLED, Verdict.RESIGN, Verdict.REFUSED, Verdict.IN_DOUBT, Verdict.UNPROVEN

BUSINESS = [
    # code, what a failed write means, whether a failed read goes again, a word of the advice
    ("iot.system.SystemException", D, True, ""),
    ("iot.system.InstanceNotFound", R, False, "instanceId"),
    ("iot.Sre.IotInstanceNotFound", R, False, "instanceId"),
    ("iot.system.UidNotFound", R, False, "Activate"),
    ("Iot.system.BillIsOverDue", R, False, "pay"),
    ("iot.system.IllegalRequest", U, False, ""),
    ("iot.common.InvalidPageParams", R, False, ""),
    ("iot.common.InvalidTenant", R, False, "Activate"),
    ("iot.common.RamActionPermissionDeny", R, False, "RAM"),
    ("iot.common.AuthActionPermissionDeny", R, False, "another account"),
    ("iot.common.QueryDeviceActionError", U, True, ""),
    ("iot.common.QueryDevicePropertyActionError", U, True, ""),
    ("iot.common.QueryProductActionError", U, True, ""),
    ("iot.prod.NotExistedProduct", R, False, "productKey"),
    ("iot.prod.NullProductKey", R, False, "productKey"),
    ("iot.prod.InvalidFormattedProductkey", R, False, "productKey"),
    ("iot.prod.QueryProductAbilitiesFailed", U, True, ""),
    ("iot.prod.QueryProductAbilityFailed", U, True, ""),
    ("iot.device.NotExistedDevice", R, False, "deviceName"),
    ("iot.device.InvalidIoTId", R, False, "iotId"),
    ("iot.device.NullDeviceName", R, False, "deviceName"),
    ("iot.device.InvalidFormattedDeviceName", R, False, "deviceName"),
    ("iot.device.NoneDeviceNameElement", R, False, ""),
    ("iot.device.InactiveDevice", U, False, "never connected"),
    ("iot.device.SetDevicePropertyFailed", U, False, ""),
    ("iot.device.QueryDeviceAttrStatusFailed", U, True, ""),
    ("iot.device.QueryDeviceStatusFailed", U, True, ""),
    ("iot.device.QueryDeviceListActionError", U, True, ""),
    ("iot.device.NullDevicePropertyKey", U, False, ""),
    ("iot.device.NullDevicePropertiesString", U, False, ""),
    ("iot.device.InvalidFormattedDevicePropertyKey", U, False, ""),
    ("iot.device.InvalidFormattedDevicePropertiesString", U, False, ""),
    ("iot.device.LongDevicePropertiesString", U, False, ""),
    ("iot.device.TooManyDevicePropertiesPerTime", U, False, ""),
    ("iot.device.NoneDeviceProperties", U, False, ""),
    ("iot.device.SaveOrUpdateDevicePropertiesFailed", U, False, ""),
    ("iot.device.InvokeThingServiceFailed", U, False, ""),
    ("iot.messagebroker.RateLimit", T, True, "quota"),
    ("iot.messagebroker.OFFLINE", U, False, ""),
    ("iot.messagebroker.TIMEOUT", U, True, ""),
    ("iot.messagebroker.HALFCONN", U, True, ""),
]
GATEWAY = [
    # code, status, what a failed write means, whether a failed read goes again, a word of the advice
    ("SignatureDoesNotMatch", 400, R, False, "accessKeySecret"),
    ("IncompleteSignature", 400, R, False, "accessKeySecret"),
    ("InvalidTimeStamp.Expired", 400, S, False, "clock"),
    ("InvalidTimeStamp.Format", 400, R, False, "fault of the program"),
    ("SignatureNonceUsed", 400, S, False, ""),
    ("InvalidAccessKeyId.NotFound", 404, R, False, "securityToken"),
    ("InvalidAccessKeyId.NotFound", 400, R, False, "accessKeyId"),
    ("InvalidAccessKeyId.Inactive", 400, R, False, "Enable"),
    ("Forbidden.AccessKeyDisabled", 403, R, False, "Enable"),
    ("InvalidSecurityToken.Expired", 400, R, False, "new STS token"),
    ("InvalidSecurityToken.Malformed", 400, R, False, "new STS token"),
    ("MissingItems", 400, R, False, ""),
    ("MissingIotInstanceId", 400, R, False, "instanceId"),
    ("InvalidApi.NotFound", 404, R, False, "endpoint"),
    ("InvalidAction.NotFound", 404, R, False, "endpoint"),
    ("InvalidVersion", 400, R, False, "endpoint"),
    ("InvalidProtocol.NeedSsl", 404, R, False, "https"),
    ("NoPermission", 403, R, False, "RAM"),
    ("Forbidden.RAM", 403, R, False, "RAM"),
    ("Throttling.User", 400, T, True, "quota"),
    ("Throttling.User", 429, T, True, "quota"),
    ("Throttling.User", 503, T, True, "quota"),
    ("Throttling.Api", 400, T, True, "quota"),
    ("Throttling", 400, T, True, "quota"),
    ("Throttling.Unheard", 503, T, True, ""),
    ("ServiceUnavailable", 500, D, True, ""),
    ("ServiceUnavailable", 503, D, True, ""),
    ("InternalError", 500, D, True, ""),
    ("Unheard.Of", 400, U, False, ""),
    ("Unheard.Of", 500, D, True, ""),
    ("SignatureDoesNotMatch", 500, D, True, "accessKeySecret"),
]
ROWS = [(code, 200, *rest) for code, *rest in BUSINESS] + GATEWAY


def body(code, status, *, is_xml):
    if status == 200:
        members = {"RequestId": "R", "Success": "false", "Code": code, "ErrorMessage": "text"}
    else:
        members = {
            "RequestId": "R",
            "HostId": "iot.cn-shanghai.aliyuncs.com",
            "Code": code,
            "Message": "text",
            "Recommend": "u",
        }
    if is_xml:
        return ("<Error>" + "".join(f"<{k}>{v}</{k}>" for k, v in members.items()) + "</Error>").encode()
    shown = ", ".join(f'"{k}": {v if k == "Success" else chr(34) + v + chr(34)}' for k, v in members.items())
    return f"{{{shown}}}".encode()


@pytest.mark.parametrize("is_xml", [False, True], ids=["json", "xml"])
@pytest.mark.parametrize(("code", "status", "verdict", "goes_again", "advice"), ROWS, ids=str)
def test_documented_code(code, status, verdict, goes_again, advice, is_xml):
    answer = read_answer(status, body(code, status, is_xml=is_xml), is_xml=is_xml)
    assert (answer.is_success, answer.code, answer.text) == (False, code, "text")
    assert (judge(answer), may_ask_again(answer)) == (verdict, goes_again)
    told = describe(answer)
    assert told.startswith(code)
    assert advice in told


@pytest.mark.parametrize("code", ["emulator.desired.VersionMismatch", "iot.desired.Whatever", "iot.device.Query"])
def test_code_of_a_refused_set_is_never_known(code):
    answer = Answer(200, False, code, "", "", {})
    assert (judge(answer), may_ask_again(answer)) == (U, False)


@pytest.mark.parametrize("status", [100, 204, 301, 302, 307, 404, 418, 499])
def test_success_is_not_a_matter_of_the_status_alone(status):
    answer = read_answer(status, b'{"Success":true,"RequestId":"R","Data":{}}', is_xml=False)
    assert answer.is_success == (status == 204)
    assert judge(Answer(status, False, "", "", "", {})) is U


def test_words_that_repeat_the_request_are_not_shown_but_the_advice_is():
    answer = Answer(400, False, "SignatureDoesNotMatch", "server string to sign is:secret", "", {})
    assert describe(answer) == "SignatureDoesNotMatch. Check accessKeySecret and `signature`"


def test_refusals_that_would_meet_any_device_are_known_as_such():
    for code in ("Forbidden.RAM", "Iot.system.BillIsOverDue", "SignatureDoesNotMatch", "SignatureNonceUsed"):
        assert is_account_wide(code), code
    for code in ("iot.device.NotExistedDevice", "iot.device.InvalidIoTId", "iot.common.SomethingNew"):
        assert not is_account_wide(code), code
