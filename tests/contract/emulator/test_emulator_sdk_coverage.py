"""Both official SDKs make every call that the emulator serves and they have, and lose nothing of the answers."""

import json
import re
from datetime import UTC, datetime

import pytest
from alibabacloud_iot20180120 import models
from emulator_clients import NewerSdk, OlderSdk

from reconcile.emulator import EmulatorThread, World
from reconcile.emulator.aliyun.operations import OPERATIONS
from reconcile.emulator.scene import name_uuid

ONE = {"ProductKey": "a1", "DeviceName": "lamp"}
MODEL = {
    "profile": {"productKey": "a1"},
    "properties": [
        {"identifier": "Brightness", "name": "b", "accessMode": "rw", "dataType": {"type": "int", "specs": {"min": "0", "max": "100", "unit": "%"}}},
        {"identifier": "Lux", "name": "l", "accessMode": "r", "dataType": {"type": "int", "specs": {}}},
    ],
    "services": [{"identifier": "Blink", "name": "blink", "callType": "sync", "inputData": [], "outputData": []}],
}  # fmt: skip
POPULATION = [
    {"cloud": "aliyun", "productKey": "a1", "deviceName": name, "sleep": {"kind": "none"}, "thingModel": MODEL, "values": {"Brightness": 5, "Lux": 7},
     "tags": {"color": "red"}, "groups": ["hall"], "dynamicGroups": ["cold"], "desired": {"Brightness": 5}, "firmware": "1.0", "nickname": name}
    for name in ("lamp", "lamp 2")
]  # fmt: skip
STATIC, DYNAMIC = (
    name_uuid(0, "group", kind, name).replace("-", "")[:16]
    for kind, name in (("groups", "hall"), ("dynamicGroups", "cold"))
)
PAGE = {"CurrentPage": 1, "PageSize": 1}
CALLS = {
    "SetDeviceDesiredProperty": ONE | {"Items": '{"Brightness":9}', "Versions": "{}"},
    "ClearDeviceDesiredProperty": ONE | {"Identifies": ["Brightness"]},
    "QueryDeviceDesiredProperty": ONE | {"Identifier": ["Brightness"]},
    "QueryDevicePropertyStatus": ONE,
    "QueryDeviceOriginalPropertyStatus": ONE | {"Asc": 0, "PageSize": 1},
    "GetDeviceStatus": ONE,
    "BatchGetDeviceState": {"ProductKey": "a1", "DeviceName": ["lamp", "lamp 2"]},
    "QueryDevice": {"ProductKey": "a1", **PAGE},
    "QueryDeviceDetail": ONE,
    "BatchQueryDeviceDetail": {"ProductKey": "a1", "DeviceName": ["lamp", "nobody"]},
    "QueryDeviceByStatus": {"ProductKey": "a1", "Status": 1, **PAGE},
    "QueryThingModel": {"ProductKey": "a1"},
    "QueryThingModelPublished": {"ProductKey": "a1"},
    "GetThingModelTsl": {"ProductKey": "a1"},
    "GetThingModelTslPublished": {"ProductKey": "a1", "Simple": True},
    "ListThingModelVersion": {"ProductKey": "a1"},
    "SaveDeviceProp": ONE | {"Props": '{"shape":"round +*~"}'},
    "QueryDeviceProp": ONE,
    "DeleteDeviceProp": ONE | {"PropKey": "color"},
    "QueryDeviceByTags": {"Tag": [{"TagKey": "color", "TagValue": "red"}], **PAGE},
    "QueryDeviceGroupList": {"GroupName": "hall", "GroupTypes": ["LINK_PLATFORM"], **PAGE},
    "QueryDeviceListByDeviceGroup": {"GroupId": STATIC, **PAGE},
    "QueryDeviceGroupByDevice": ONE,
    "QueryDynamicGroupDevices": {"GroupId": DYNAMIC, **PAGE},
    "QueryProductList": PAGE,
    "QueryProduct": {"ProductKey": "a1"},
    "SetDeviceProperty": ONE | {"Items": '{"Brightness":9}'},
    "SetDevicesProperty": {"ProductKey": "a1", "DeviceName": ["lamp", "lamp 2"], "Items": '{"Brightness":9}'},
    "InvokeThingService": ONE | {"Identifier": "Blink", "Args": "{}"},
}
OF_OTHER_EDITIONS = {"SetDeviceDesiredProperty": {"Expiration"}}
"""Parameters of compatible clouds, here Tuya's."""


@pytest.fixture(scope="module")
def served():
    world = World.from_records(POPULATION, now=datetime.now(UTC))
    with EmulatorThread(world) as emulator:
        yield emulator


@pytest.fixture(scope="module")
def sdks(served):
    return {"newer, ACS3": NewerSdk(served.port), "newer, V1": NewerSdk(served.port, algorithm="v2"), "older": OlderSdk(served.port)}  # fmt: skip


@pytest.fixture(autouse=True)
def fresh(served):
    served.world.reset()


def skeleton(value):
    """Members and types, without values; a list is one of its elements."""
    match value:
        case dict():
            return {key: skeleton(member) for key, member in value.items()}
        case list():
            return [skeleton(value[0])] if value else []
        case _:
            return type(value).__name__


def test_every_served_call_is_driven():
    """The table here and the emulator's."""
    assert set(CALLS) == set(OPERATIONS)


@pytest.mark.parametrize("action", CALLS)
def test_sdks_make_the_call_and_lose_nothing(sdks, served, action):
    """The older one returns the answer as it came; the newer one only what its models have."""
    seen = {}
    for name, sdk in sdks.items():
        served.world.reset()
        seen[name] = sdk.do(action, CALLS[action])
        assert seen[name]["Success"] is True
    assert skeleton(seen["newer, ACS3"]) == skeleton(seen["newer, V1"]) == skeleton(seen["older"])
    assert len(skeleton(seen["older"])) > 2 or OPERATIONS[action].answer == {}
    assert [entry.landed for entry in served.world.log.entries] == [OPERATIONS[action].mutating]


@pytest.mark.parametrize("action", OPERATIONS)
def test_parameters_are_those_of_the_sdk(action):
    """Each parameter of the SDK's request is in the table, and the table has no others."""
    fields = getattr(models, f"{action}Request").from_map.__code__.co_consts
    known = {text for text in fields if isinstance(text, str) and re.fullmatch(r"[A-Z]\w*", text)}
    assert {parameter.name for parameter in OPERATIONS[action].parameters} == known | OF_OTHER_EDITIONS.get(
        action, set()
    )


def test_walk_over_pages_and_tokens_sees_every_device(sdks, served):
    """Two devices, one a page, by token."""
    for sdk in sdks.values():
        first = sdk.do("QueryDevice", {"ProductKey": "a1", "PageSize": 1, "CurrentPage": 1})
        rest = sdk.do("QueryDevice", {"ProductKey": "a1", "PageSize": 1, "CurrentPage": 2, "NextToken": first["NextToken"]})  # fmt: skip
        names = {answer["Data"]["DeviceInfo"][0]["DeviceName"] for answer in (first, rest)}
        assert (names, rest.get("NextToken", "")) == ({"lamp", "lamp 2"}, "")


def test_tags_and_lists_arrive_whole(sdks, served):
    """Numbered parameters of both SDKs, with every awkward character."""
    for sdk in sdks.values():
        served.world.reset()
        sdk.do("SaveDeviceProp", ONE | {"Props": json.dumps({"k +&=*~/温": "v +&=*~/度"}, ensure_ascii=False)})
        assert json.loads(sdk.do("QueryDeviceProp", ONE)["Props"])["k +&=*~/温"] == "v +&=*~/度"
        query = {"Tag": [{"TagKey": "k +&=*~/温", "TagValue": "v +&=*~/度"}, {"TagKey": "color"}]}
        found = sdk.do("QueryDeviceByTags", query)["Data"]["SimpleDeviceInfo"]
        assert [row["DeviceName"] for row in found] == ["lamp"]


def test_sdks_return_a_refused_call(sdks):
    """Success false is a normal return for every one of them."""
    for sdk in sdks.values():
        answer = sdk.do("QueryProduct", {"ProductKey": "none"})
        assert (answer["Success"], answer["Code"]) == (False, "iot.prod.NotExistedProduct")
