"""The description says what the emulator does: its schemas hold for every answer, its parameters are those that are read."""

import json
import re
from pathlib import Path
from urllib.parse import parse_qsl

import pytest
from emulator_desk import IMEI, LAMP, METER, TSL, Desk
from jsonschema import Draft202012Validator

from reconcile.emulator import Request
from reconcile.emulator.aliyun import rpc
from reconcile.emulator.aliyun.operations import OPERATIONS
from reconcile.emulator.aliyun.switches import SWITCHES
from reconcile.emulator.openapi import document, onenet
from reconcile.emulator.openapi.control import CALLS as CONTROL_CALLS
from reconcile.emulator.routes import endpoints

SCHEMAS = document()["components"]["schemas"]
EXCHANGES = sorted((Path(__file__).parents[2] / "golden" / "exchanges" / "aliyun").glob("*.json"))
BLINK = {"identifier": "Blink", "callType": "sync", "inputData": [], "outputData": []}
MODULE = {"functionBlockId": "fb", "properties": [{"identifier": "T", "accessMode": "rw", "dataType": {"type": "int", "specs": {}}}]}  # fmt: skip
RICH = LAMP | {
    "thingModel": [TSL | {"services": [BLINK]}, MODULE], "values": {"Brightness": 5, "Odd": 1}, "desired": {"Brightness": 5}, "tags": {"color": "red"},
    "groups": ["hall"], "dynamicGroups": ["cold"],
}  # fmt: skip
THING = {"cloud": "onenet", "productId": "tm", "deviceName": "no001", "sleep": {"kind": "none"}}
ONE = {"ProductKey": "a1", "DeviceName": "lamp"}
CALLS = {
    "SetDeviceDesiredProperty": ONE | {"Items": '{"Brightness":9}', "Versions": "{}"},
    "ClearDeviceDesiredProperty": ONE | {"Identifies.1": "Brightness"},
    "QueryDeviceOriginalPropertyStatus": ONE | {"Asc": "0", "PageSize": "1"},
    "BatchGetDeviceState": {"ProductKey": "a1", "DeviceName.1": "lamp"},
    "BatchQueryDeviceDetail": {"ProductKey": "a1", "DeviceName.1": "lamp"},
    "QueryDeviceByStatus": {"ProductKey": "a1", "Status": "1"},
    "SaveDeviceProp": ONE | {"Props": '{"shape":"round"}'},
    "DeleteDeviceProp": ONE | {"PropKey": "color"},
    "QueryDeviceByTags": {"Tag.1.TagKey": "color"},
    "QueryProductList": {"CurrentPage": "1", "PageSize": "9"},
    "SetDeviceProperty": ONE | {"Items": '{"Brightness":9}'},
    "SetDevicesProperty": {"ProductKey": "a1", "DeviceName.1": "lamp", "Items": '{"Brightness":9}'},
    "InvokeThingService": ONE | {"Identifier": "Blink", "Args": "{}"},
}
COMMON = {"Action", "Version", "Format", "AccessKeyId", "SignatureMethod", "SignatureVersion", "SignatureNonce", "Timestamp", "Signature", "SecurityToken"}  # fmt: skip


def validator(name):
    return Draft202012Validator({"$ref": f"#/components/schemas/{name}", "components": {"schemas": SCHEMAS}})


def check(action, status, answer):
    good = f"{action}Answer" if answer.get("Success") else "BusinessError"
    validator(good if status == 200 else "GatewayError").validate(answer)


def call(desk, action):
    group = next((one for one in desk.world.groups.values() if one.is_dynamic == ("Dynamic" in action)), None)
    params = {"GroupId": group.group_id} if "GroupId" in {p.name for p in OPERATIONS[action].parameters} else ONE
    response = desk.rpc_response(action, **CALLS.get(action, params))
    return response.status, json.loads(response.body)


@pytest.mark.parametrize("name", SCHEMAS)
def test_schema_is_one_and_its_references_lead_somewhere(name):
    Draft202012Validator.check_schema(SCHEMAS[name])
    for text in json.dumps(SCHEMAS[name]).split('"$ref": "')[1:]:
        assert text.partition('"')[0].removeprefix("#/components/schemas/") in SCHEMAS


@pytest.mark.parametrize("action", OPERATIONS)
def test_answer_is_as_described(action):
    """A success of every action."""
    status, answer = call(Desk(RICH), action)
    assert answer.get("Success") is True
    check(action, status, answer)


@pytest.mark.parametrize(("name", "choice"), [(one.name, choice) for one in SWITCHES for choice in one.choices])
def test_answers_are_as_described_under_every_answer_to_every_question(name, choice):
    desk = Desk(RICH, **{name: choice})
    for action in OPERATIONS:
        check(action, *call(desk, action))


@pytest.mark.parametrize("path", EXCHANGES, ids=lambda path: path.stem)
def test_recorded_exchanges_are_as_described(path):
    for step in json.loads(path.read_text(encoding="utf-8"))["steps"]:
        if "call" in step and not isinstance(step["answer"], str):
            check(step["call"]["action"], step["status"], step["answer"])


class Recorded(dict):
    """Parameters that remember what was asked of them."""

    def __init__(self, *args):
        super().__init__(*args)
        self.asked = set()

    def get(self, name, default=None):
        self.asked.add(name)
        return super().get(name, default)

    def __getitem__(self, name):
        self.asked.add(name)
        return super().__getitem__(name)

    def __contains__(self, name):
        self.asked.add(name)
        return super().__contains__(name)


@pytest.mark.parametrize("action", OPERATIONS)
def test_parameters_that_are_read_are_described(action, monkeypatch):
    """And none that is read is not."""
    monkeypatch.setattr(rpc, "_authenticate", lambda call: rpc.auth_aliyun.Caller("emulator-ak", ""))
    desk = Desk(RICH, aliyun_quota="enforced")
    request = Request("POST", "/", headers={"x-acs-action": action})
    described = {parameter.name for parameter in OPERATIONS[action].parameters}
    for changes in ({}, {"IotId": desk.lamp()["iotId"]}):
        made = rpc.open_call(desk.world, request, 1_769_817_600_000)
        made.params = Recorded(CALLS.get(action, ONE) | changes)
        made.run(made)
        tags_and_lists = {name for name in made.params.asked if "." in name}
        assert made.params.asked - COMMON - tags_and_lists <= described


@pytest.mark.parametrize("one", CONTROL_CALLS, ids=lambda one: f"{one.method} {one.path}")
def test_described_control_call_is_there(one):
    desk = Desk(METER, RICH, THING)
    path = one.path.format(imei=IMEI, productKey="a1", deviceName="lamp", product_id="tm", device_name="no001")
    body = json.dumps({"advance_s": 1} if path.endswith("clock") else {"rules": []} if path.endswith("faults") else {})
    response = desk.raw(one.method.upper(), path, "", body.encode() if one.body else b"")
    assert response.status == 200
    Draft202012Validator(one.answer).validate(json.loads(response.body))


def test_every_call_is_described():
    """The actions by their names; nobody may change the description that all share."""
    variants = document()["paths"]["/"]["post"]["requestBody"]["content"]["application/x-www-form-urlencoded"]["schema"]
    assert set(variants["discriminator"]["mapping"]) == set(OPERATIONS)
    assert len(variants["oneOf"]) == len(OPERATIONS)


ONENET_EXCHANGES = sorted((Path(__file__).parents[2] / "golden" / "exchanges" / "onenet").glob("*.json"))


def described(step):
    """The responses of the operation that a recorded OneNET request makes."""
    method, target, _ = step["request"][0].split(" ")
    path, _, query = target.partition("?")
    action = dict(parse_qsl(query)).get("action", "")
    for generation, known in endpoints().items():
        for one in known:
            pattern = re.sub(r"\{\w+\}", "[^/]+", one.path)
            flags = re.IGNORECASE if generation == "studio" else 0
            if (one.method, one.action) == (method, action) and re.fullmatch(pattern, path, flags):
                return onenet.operation(generation, (one,))["responses"]
    return None


@pytest.mark.parametrize("path", ONENET_EXCHANGES, ids=lambda path: path.stem)
def test_recorded_onenet_exchanges_are_as_described(path):
    seen = 0
    for step in json.loads(path.read_text(encoding="utf-8"))["steps"]:
        responses = described(step) if "request" in step else None
        if responses is not None:
            schema = responses[str(step["status"])]["content"]["application/json"]["schema"]
            Draft202012Validator(schema | {"components": {"schemas": SCHEMAS}}).validate(step["answer"])
            seen += 1
    assert seen


def test_every_onenet_call_is_described():
    """By method and path, and on Studio by action."""
    paths = document()["paths"]
    for known in endpoints().values():
        for one in known:
            made = paths[one.path][one.method.lower()]
            by_name = {parameter["name"]: parameter for parameter in made["parameters"]}
            assert {parameter.name for parameter in one.route.parameters if parameter.place == "query"} <= set(by_name)
            assert not one.action or one.action in by_name["action"]["schema"]["enum"]


def test_operation_ids_are_unique():
    names = [made["operationId"] for path in document()["paths"].values() for made in path.values()]
    assert len(names) == len(set(names)) > 60
