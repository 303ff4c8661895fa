"""Schemathesis over the emulator's own description: no 5xx, and no answer without its envelope."""

from datetime import UTC, datetime
from xml.etree import ElementTree as ET

import httpx
import pytest
import schemathesis
from emulator_fuzzing import Acs3, Version1, alone, asking, fuzz, narrowed, onenet_headers, operations
from emulator_population import RECORDS

from reconcile.emulator import EmulatorThread, World
from reconcile.emulator.aliyun.operations import OPERATIONS
from reconcile.emulator.openapi import document
from reconcile.emulator.routes import endpoints

TSL = {
    "properties": [
        {"identifier": "Brightness", "name": "b", "accessMode": "rw", "dataType": {"type": "int", "specs": {"min": "0", "max": "100"}}},
        {"identifier": "Target", "name": "t", "accessMode": "rw", "dataType": {"type": "float", "specs": {"unit": "C"}}},
        {"identifier": "Lux", "name": "l", "accessMode": "r", "dataType": {"type": "int", "specs": {}}},
    ],
    "services": [{"identifier": "Blink", "callType": "sync", "inputData": [], "outputData": []}],
    "functionBlocks": [{"functionBlockId": "fb", "properties": [{"identifier": "T", "accessMode": "rw", "dataType": {"type": "int", "specs": {}}}]}],
}  # fmt: skip
OPEN_LAMP = {
    "cloud": "aliyun", "productKey": "b2", "deviceName": "lamp", "iotId": "b", "sleep": {"kind": "none"}, "values": {"Brightness": 5, "Odd": [1]},
    "desired": {"Brightness": 6}, "tags": {"color": "red"}, "groups": ["hall"], "dynamicGroups": ["cold"],
}  # fmt: skip
LAMP = OPEN_LAMP | {"productKey": "a1", "iotId": "iot-lamp", "thingModel": TSL}
THING = {
    "cloud": "onenet",
    "productId": "tm",
    "deviceName": "no001",
    "sleep": {"kind": "none"},
    "values": {"T": 1},
    "desired": {"T": 2},
}
METERS = [record | {"sleep": {"kind": "none"}} for record in RECORDS if record["cloud"] == "onenet"]
POPULATION = [*METERS, THING, LAMP, OPEN_LAMP]
ONENET = [(generation, one) for generation, known in endpoints().items() for one in known]
GOOD = {"errno": 0, "code": 0, "success": True}
SUCCEED = {
    "cancel_all", "device_data", "device_status", "discover", "execute_now", "history", "latest_data", "list_devices", "observe", "property_status",
    "query_desired", "query_device", "queue_execute", "queue_read", "resources", "set_desired",
}  # fmt: skip
"""Operations that made-up requests bring to an end; the others want a uuid, or a value that fits."""


@pytest.fixture(scope="module")
def served():
    world = World.from_records(POPULATION, now=datetime.now(UTC))
    with EmulatorThread(world) as emulator:
        yield emulator


@pytest.fixture(autouse=True)
def fresh(served):
    served.world.reset()


def label(operation):
    return operation.label


@pytest.mark.parametrize("action", OPERATIONS)
def test_aliyun_action_keeps_its_envelope(served, action):
    """Signed with version 3, as a form; the answer is that of this action or an error's."""
    (operation,) = operations(narrowed(document(), action))
    answers = fuzz(operation, served.url, examples=12, auth=Acs3())
    codes = {response.json().get("Code", "succeeded") for _, response in answers}
    assert "SignatureDoesNotMatch" not in codes
    assert any(code == "succeeded" or code.startswith("iot.") for code in codes)  # the action itself has answered


@pytest.mark.parametrize(("wanted", "kind"), [("JSON", "application/json"), ("XML", "text/xml")])
def test_aliyun_query_keeps_its_envelope(served, wanted, kind):
    """Signed with version 1; XML has a root and its own names for the two envelopes."""
    (operation,) = operations(asking(document(), wanted))
    for case, response in fuzz(operation, served.url, examples=10, auth=Version1()):
        if case.query.get("Format") == wanted:
            assert response.headers["content-type"][0].partition(";")[0] == kind
            if kind == "text/xml":
                assert (ET.fromstring(response.content).tag == "Error") is (response.status_code != 200)


@pytest.mark.parametrize(
    ("generation", "endpoint"), ONENET, ids=[f"{g} {e.method} {e.path} {e.action}" for g, e in ONENET]
)
def test_onenet_call_keeps_its_envelope(served, generation, endpoint):
    """Each with the credentials of its generation."""
    (operation,) = operations(alone(document(), generation, endpoint))
    answers = fuzz(operation, served.url, examples=8, headers=onenet_headers(generation))
    bodies = [response.json() for _, response in answers]
    succeeded = any(body.get(name) == good for body in bodies for name, good in GOOD.items())
    assert succeeded or endpoint.route.operation not in SUCCEED


@pytest.mark.parametrize(
    "operation", [one for one in operations(document()) if one.path.startswith("/_emulator")], ids=label
)
def test_control_call_keeps_its_envelope(served, operation):
    """With and without sense; the world is put back before each."""
    fuzz(operation, served.url, examples=6, before=served.world.reset)


def test_description_is_served(served):
    """The same one, and OpenAPI as schemathesis knows it."""
    answer = httpx.get(f"{served.url}/_emulator/openapi.json", trust_env=False)
    assert (answer.json(), answer.headers["X-Emulator"]) == (document(), "1")
    schemathesis.openapi.from_dict(answer.json()).validate()
