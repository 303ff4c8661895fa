"""The vendor's own SDKs accept the emulator as the cloud."""

import json

import pytest
from alibabacloud_tea_openapi.exceptions import ClientException, ServerException, ThrottlingException
from aliyunsdkcore.acs_exception.exceptions import ServerException as OlderServerException
from emulator_clients import NewerSdk, OlderSdk

SDKS = {
    "newer, ACS3": NewerSdk,
    "newer, V1": lambda port: NewerSdk(port, algorithm="v2"),
    "newer, ACS3, STS": lambda port: NewerSdk(port, token="emulator-sts"),
    "newer, V1, STS": lambda port: NewerSdk(port, algorithm="v2", token="emulator-sts"),
    "older, V1": OlderSdk,
    "older, V1, STS": lambda port: OlderSdk(port, token="emulator-sts"),
}


@pytest.fixture(params=SDKS)
def sdk(request, emulator):
    return SDKS[request.param](emulator.port)


def test_sdk_sets_queries_and_clears(sdk, http):
    """Text with every awkward character survives the signature and the wire."""
    awkward = {"Label": "a b+c*d~e/f&g=h%i 温度", "Target": 35.5}
    answer = sdk.set("lamp", json.dumps(awkward, ensure_ascii=False), "{}")
    assert (answer["Success"], json.loads(answer["Data"]["Versions"])) == (True, {"Label": 1, "Target": 1})
    rows = sdk.query("lamp", "Label", "Target")["Data"]["List"]["DesiredPropertyInfo"]
    assert {row["Identifier"]: row["Value"] for row in rows} == {"Label": awkward["Label"], "Target": "35.5"}
    assert json.loads(sdk.clear("lamp", "Label", "Target")["Data"]["Versions"]) == {"Label": 0, "Target": 0}
    assert http.get("/_emulator/devices/aliyun/a1/lamp").json()["values"] == awkward
    assert [entry["landed"] for entry in http.get("/_emulator/log").json()] == [True, False, True]


def test_sdk_returns_a_version_conflict_as_an_answer(sdk):
    """HTTP 200 with Success false raises nothing."""
    sdk.set("lamp", '{"A":1}', '{"A":0}')
    answer = sdk.set("lamp", '{"A":2}', '{"A":0}')
    assert (answer["Success"], answer["Code"]) == (False, "emulator.desired.VersionMismatch")


@pytest.mark.parametrize("algorithm", [None, "v2"])
def test_newer_sdk_with_a_wrong_secret(emulator, algorithm):
    """SignatureDoesNotMatch."""
    with pytest.raises(ClientException) as caught:
        NewerSdk(emulator.port, algorithm=algorithm, secret="wrong").query("lamp")
    assert caught.value.code == "SignatureDoesNotMatch"


def test_older_sdk_with_a_wrong_secret(emulator):
    """Its parser finds the string to sign equal to its own, and blames the secret."""
    with pytest.raises(OlderServerException) as caught:
        OlderSdk(emulator.port, secret="wrong").query("lamp")
    assert caught.value.get_error_code() == "InvalidAccessKeySecret"


def test_wrong_security_token_is_refused(emulator):
    """By both SDKs."""
    with pytest.raises(ClientException) as newer:
        NewerSdk(emulator.port, token="stale").query("lamp")
    assert newer.value.code == "InvalidSecurityToken.Malformed"
    with pytest.raises(OlderServerException) as older:
        OlderSdk(emulator.port, token="stale").query("lamp")
    assert older.value.get_error_code() == "InvalidSecurityToken.Malformed"


def test_sdk_timestamps_expire_when_the_emulator_moves_on(emulator, http):
    """16 minutes ahead of real time."""
    http.post("/_emulator/clock", json={"advance_s": 960})
    with pytest.raises(ClientException) as caught:
        NewerSdk(emulator.port).query("lamp")
    assert caught.value.code == "InvalidTimeStamp.Expired"


@pytest.mark.parametrize(("fault", "error"), [("throttle", ClientException), ("http_500_before", ServerException)])
def test_newer_sdk_sees_scripted_gateway_errors(emulator, http, fault, error):
    """As its own exception classes."""
    http.post("/_emulator/faults", json={"rules": [{"fault": fault}]})
    with pytest.raises(error) as caught:
        NewerSdk(emulator.port).query("lamp")
    assert not isinstance(caught.value, ThrottlingException)


@pytest.mark.parametrize(
    ("answer", "error", "wait"), [("absent", ClientException, None), ("2", ThrottlingException, 2)]
)
def test_newer_sdk_is_told_how_long_to_wait(emulator, http, answer, error, wait):
    """It has an exception of its own for a throttled call with the header."""
    http.post("/_emulator/switches", json={"retry_after": answer})
    http.post("/_emulator/faults", json={"rules": [{"fault": "throttle"}]})
    with pytest.raises(error) as caught:
        NewerSdk(emulator.port).query("lamp")
    assert caught.value.code == "Throttling.User"
    assert getattr(caught.value, "retry_after", None) == wait
