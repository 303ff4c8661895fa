"""Thing models as served: two dialects, drafts, older versions, modules; and direct control by them."""

import json

import pytest
from emulator_desk import LAMP, TSL

ONE = {"ProductKey": "a1", "DeviceName": "lamp"}
FULL = TSL | {
    "services": [
        {"identifier": "set", "name": "set", "callType": "async", "method": "thing.service.property.set", "inputData": [], "outputData": []},
        {"identifier": "Blink", "name": "blink", "callType": "sync", "inputData": [{"identifier": "Times", "name": "n", "dataType": {"type": "int", "specs": {"min": "1", "max": "9"}}}],
         "outputData": [{"identifier": "Done", "name": "d", "dataType": {"type": "bool", "specs": {"0": "no", "1": "yes"}}}]},
        {"identifier": "Restart", "name": "restart", "callType": "async", "inputData": [], "outputData": []},
    ],
    "events": [{"identifier": "Hot", "name": "hot", "type": "alert", "outputData": [{"identifier": "T", "name": "t", "dataType": {"type": "float", "specs": {}}}]}],
}  # fmt: skip
MODULE = {
    "functionBlockId": "fb", "functionBlockName": "Extra", "profile": {"productKey": "a1"},
    "properties": [{"identifier": "T", "name": "t", "accessMode": "rw", "dataType": {"type": "int", "specs": {}}}],
    "services": [{"identifier": "Beep", "name": "beep", "callType": "async", "inputData": [], "outputData": []}],
}  # fmt: skip
MODELLED = LAMP | {"thingModel": [FULL, MODULE]}
DRAFT = {"profile": {}, "properties": [{"identifier": "New", "name": "n", "accessMode": "rw", "dataType": {"type": "int", "specs": {}}}]}  # fmt: skip
VERSIONED = LAMP | {
    "thingModel": TSL,
    "product": {"version": "2", "draft": DRAFT, "releases": [{"version": "1", "description": "first", "thingModel": DRAFT}]},
}  # fmt: skip


def tsl(d, action="GetThingModelTslPublished", **params):
    return json.loads(d.rpc(action, ProductKey="a1", **params)["Data"]["TslStr"])


def thing_model(d, action="QueryThingModelPublished", **params):
    return json.loads(d.rpc(action, ProductKey="a1", **params)["Data"]["ThingModelJson"])


def identifiers(entries):
    return [entry["identifier"] for entry in entries]


def test_services_and_events_survive_both_dialects(desk):
    """TSL in, ThingModelJson out, in again, and TSL out."""
    first = desk(LAMP | {"thingModel": FULL})
    second = desk(LAMP | {"thingModel": thing_model(first)})
    assert tsl(first) == tsl(second)
    assert identifiers(tsl(first)["services"]) == ["set", "get", "Blink", "Restart"]
    assert identifiers(tsl(first)["events"]) == ["post", "Hot"]
    assert identifiers(thing_model(first)["services"]) == ["Blink", "Restart"]


def test_thing_model_json_has_its_own_words(desk):
    """Upper-case types, rwFlag, dataSpecs or dataSpecsList, sorted keys."""
    d = desk(LAMP | {"thingModel": FULL})
    model = thing_model(d)
    assert list(model) == sorted(model)
    rows = {row["identifier"]: row for row in model["properties"]}
    assert (rows["Lux"]["rwFlag"], rows["Target"]["rwFlag"]) == ("READ_ONLY", "READ_WRITE")
    assert rows["Target"]["dataSpecs"] == {"dataType": "FLOAT", "min": "-10", "max": "9e18", "unit": "C"}
    assert [(one["name"], one["value"]) for one in rows["Mode"]["dataSpecsList"]] == [("x", -1), ("y", 68)]
    assert rows["Timer"]["dataSpecsList"][0]["childDataType"] == "INT"
    assert rows["Slots"]["dataSpecs"] == {"size": "2", "childDataType": "INT", "dataSpecs": {"dataType": "INT"}}
    blink = model["services"][0]
    assert (blink["callType"], blink["inputParams"][0]["direction"]) == ("SYNC", "PARAM_INPUT")
    assert model["events"][0]["eventType"] == "ALERT_EVENT_TYPE"


@pytest.mark.parametrize(("answer", "has_properties"), [("default", False), ("all", True)])
def test_default_module_lists_the_others_or_holds_them(desk, answer, has_properties):
    """Parameter table against notes."""
    blocks = thing_model(desk(MODELLED, model_default_module=answer))["functionBlocks"]
    assert [(block["functionBlockId"], block["functionBlockName"]) for block in blocks] == [("fb", "Extra")]
    assert ("properties" in blocks[0]) is has_properties


def test_custom_module_is_read_by_its_id(desk):
    """Bare identifiers, and the module's name; an unknown module is an error."""
    d = desk(MODELLED)
    for part in (tsl(d, FunctionBlockId="fb"), thing_model(d, FunctionBlockId="fb")):
        assert (identifiers(part["properties"]), part["functionBlockName"]) == (["T"], "Extra")
        assert "functionBlocks" not in part
    assert "Beep" in identifiers(tsl(d, FunctionBlockId="fb")["services"])
    assert tsl(d)["functionBlocks"][0]["functionBlockId"] == "fb"
    unknown = d.rpc("QueryThingModel", ProductKey="a1", FunctionBlockId="none")
    assert unknown["Code"] == "iot.prod.QueryProductAbilitiesFailed"


def test_drafts_and_older_versions(desk):
    """Draft without, published with a version; each can be asked for an older one."""
    d = desk(VERSIONED)
    listed = d.rpc("ListThingModelVersion", ProductKey="a1")["Data"]["ModelVersions"]
    assert [(row["ModelVersion"], row["Description"]) for row in listed] == [("2", ""), ("1", "first")]
    assert listed[0]["GmtCreate"] > listed[1]["GmtCreate"]
    assert identifiers(tsl(d, "GetThingModelTsl")["properties"]) == ["New"]
    assert "_ppk" not in thing_model(d, "QueryThingModel")
    assert thing_model(d)["_ppk"] == {"version": "2", "description": ""}
    for action, read in (("GetThingModelTsl", tsl), ("QueryThingModelPublished", thing_model)):
        assert identifiers(read(d, action, ModelVersion="1")["properties"]) == ["New"]
    assert d.rpc("GetThingModelTslPublished", ProductKey="a1", ModelVersion="9")["Success"] is False


@pytest.mark.parametrize(
    "model",
    [{"properties": [{"identifier": "A"}]}, {"properties": [3]}, {"properties": [], "services": [{"identifier": "S", "inputData": [{"name": "x"}]}]},
     {"profile": {}, "events": [{"identifier": "E", "type": "loud"}]}, {"properties": [], "functionBlocks": [{"name": "x"}]}, [7]],
)  # fmt: skip
def test_malformed_model_is_refused_at_the_start(desk, model):
    """With the number of the record."""
    with pytest.raises(ValueError, match="record 1"):
        desk(LAMP | {"thingModel": model})


def test_direct_set_says_sent_and_the_device_reports(desk):
    """An offline device never hears of it, and the call succeeds all the same."""
    d = desk(MODELLED, LAMP | {"deviceName": "away", "status": "OFFLINE"})
    assert d.rpc("SetDeviceProperty", **ONE, Items='{"Brightness":5,"fb:T":1}')["Data"]["MessageId"]
    assert (d.lamp()["values"], d.lamp()["desired"]) == ({"Brightness": 5, "fb:T": 1}, {})
    assert d.lamp()["reported"]["Brightness"]["value"] == 5
    assert d.rpc("SetDeviceProperty", ProductKey="a1", DeviceName="away", Items='{"Brightness":5}')["Success"]
    assert d.control("GET", "/devices/aliyun/a1/away")["values"] == {}


@pytest.mark.parametrize("items", ['{"Lux":1}', '{"Nope":1}', '{"Brightness":101}', '{"Target":10}'])
def test_direct_set_checks_the_model(desk, items):
    """Read-only, unknown, out of range, a float without a point."""
    assert desk(MODELLED).rpc("SetDeviceProperty", **ONE, Items=items)["Code"] == "iot.device.SetDevicePropertyFailed"


def test_direct_set_of_several_devices(desk):
    """Up to 100 names of one product; the answer has no Data."""
    d = desk(LAMP, LAMP | {"deviceName": "l2"})
    pair = {"DeviceName.1": "lamp", "DeviceName.2": "l2"}
    answer = d.rpc("SetDevicesProperty", ProductKey="a1", Items='{"A":1}', **pair)
    assert (answer["Success"], "Data" in answer) == (True, False)
    assert [d.control("GET", f"/devices/aliyun/a1/{name}")["values"] for name in ("lamp", "l2")] == [{"A": 1}] * 2
    many = {f"DeviceName.{n}": "lamp" for n in range(1, 102)}
    assert d.rpc("SetDevicesProperty", ProductKey="a1", Items="{}", **many)["Code"] == "iot.system.IllegalRequest"


def invoke(d, service, args="{}"):
    return d.rpc("InvokeThingService", **ONE, Identifier=service, Args=args)


def test_synchronous_service_answers_with_its_result(desk):
    """Executed once, with its arguments."""
    d = desk(MODELLED | {"results": {"Blink": {"Done": 1}}})
    assert json.loads(invoke(d, "Blink", '{"Times":3}')["Data"]["Result"]) == {"Done": 1}
    assert [(one["path"], one["args"]) for one in d.lamp()["executions"]] == [("Blink", {"Times": 3})]
    assert "Result" not in invoke(d, "fb:Beep")["Data"]


@pytest.mark.parametrize(
    ("more", "service", "args", "code"),
    [({"status": "OFFLINE"}, "Blink", "{}", "iot.messagebroker.OFFLINE"), ({"refuses": ["Blink"]}, "Blink", "{}", "iot.messagebroker.TIMEOUT"),
     ({"status": "UNACTIVE"}, "Blink", "{}", "iot.device.InactiveDevice"), ({}, "Nope", "{}", "iot.device.InvokeThingServiceFailed"),
     ({}, "Blink", '{"Times":10}', "iot.device.InvokeThingServiceFailed"), ({}, "Blink", '{"X":1}', "iot.device.InvokeThingServiceFailed"),
     ({}, "Blink", "[", "iot.system.IllegalRequest"), ({}, "Blink", "", "MissingArgs"), ({"status": "OFFLINE"}, "Restart", "{}", None)],
)  # fmt: skip
def test_service_fails_as_documented(desk, more, service, args, code):
    """Offline, silent, never activated, unknown, bad arguments; an asynchronous one is only sent."""
    d = desk(MODELLED | more)
    assert invoke(d, service, args).get("Code") == code
    assert d.lamp()["executions"] == []
