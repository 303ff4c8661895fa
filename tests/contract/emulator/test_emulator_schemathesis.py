"""Schemathesis over the emulator's own description: no 5xx, and no answer without its envelope."""

from datetime import UTC, datetime

import pytest
from emulator_fuzzing import Acs3, Version1, fuzz, narrowed, operations
from emulator_population import RECORDS

from reconcile.emulator import EmulatorThread, World
from reconcile.emulator.aliyun.operations import OPERATIONS
from reconcile.emulator.openapi import document

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
POPULATION = [*(record for record in RECORDS if record["cloud"] == "onenet"), LAMP, OPEN_LAMP]


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
    assert "succeeded" in codes


@pytest.mark.parametrize("operation", [one for one in operations(document()) if one.label == "GET /"], ids=label)
def test_aliyun_query_keeps_its_envelope(served, operation):
    """Signed with version 1, in JSON and in XML."""
    answers = fuzz(operation, served.url, examples=50, auth=Version1())
    kinds = {response.headers["content-type"][0].partition(";")[0] for _, response in answers}
    assert kinds == {"application/json", "text/xml"}


@pytest.mark.parametrize(
    "operation", [one for one in operations(document()) if one.path.startswith("/_emulator")], ids=label
)
def test_control_call_keeps_its_envelope(served, operation):
    """With and without sense; the world is put back before each."""
    fuzz(operation, served.url, examples=6, before=served.world.reset)
