"""Tags and groups."""

import json

import pytest
from emulator_desk import LAMP

ONE = {"ProductKey": "a1", "DeviceName": "lamp"}
RED = LAMP | {"deviceName": "red", "tags": {"color": "red", "floor": "1"}, "groups": ["floor one"]}
BLUE = LAMP | {"deviceName": "blue", "tags": {"color": "blue", "floor": "1"}, "groups": ["floor one", "cellar"], "dynamicGroups": ["cold"]}  # fmt: skip


def tags(d, name="lamp"):
    return json.loads(d.rpc("QueryDeviceProp", ProductKey="a1", DeviceName=name)["Props"])


def found(answer):
    return {row["DeviceName"] for row in answer["Data"]["SimpleDeviceInfo"]}


def test_tags_are_saved_over_and_deleted(desk):
    """Upsert; `abc` is filtered out; deleting an absent one does nothing."""
    d = desk(LAMP | {"tags": {"color": "red"}})
    assert d.rpc("SaveDeviceProp", **ONE, Props='{"color":"blue","shape":"round","abc":"x"}')["Success"]
    assert tags(d) == {"color": "blue", "shape": "round"}
    assert d.rpc("DeleteDeviceProp", **ONE, PropKey="nothing")["Success"]
    assert d.rpc("DeleteDeviceProp", **ONE, PropKey="shape")["Success"]
    assert d.lamp()["tags"] == {"color": "blue"}


@pytest.mark.parametrize(
    ("props", "code"),
    [(None, "MissingProps"), ("{", "iot.device.InvalidFormattedDevicePropertiesString"), ("[]", "iot.device.InvalidFormattedDevicePropertiesString"),
     ("{}", "iot.device.NoneDeviceProperties"), ('{"":"x"}', "iot.device.NullDevicePropertyKey"),
     (json.dumps({f"k{n}": "v" for n in range(101)}), "iot.device.TooManyDevicePropertiesPerTime"),
     (json.dumps({"k": "v" * 5200}), "iot.device.LongDevicePropertiesString")],
)  # fmt: skip
def test_improper_tags_are_refused(desk, props, code):
    """Each limit with its documented code."""
    assert desk(LAMP).rpc("SaveDeviceProp", **ONE, Props=props)["Code"] == code


def test_device_has_at_most_a_hundred_tags(desk):
    """However many calls bring them."""
    d = desk(LAMP | {"tags": {f"k{n}": "v" for n in range(100)}})
    assert d.rpc("SaveDeviceProp", **ONE, Props='{"k1":"w"}')["Success"]
    assert (
        d.rpc("SaveDeviceProp", **ONE, Props='{"more":"w"}')["Code"] == "iot.device.SaveOrUpdateDevicePropertiesFailed"
    )


@pytest.mark.parametrize(("answer", "devices"), [("all", {"red"}), ("any", {"red", "blue"})])
def test_several_tags_mean_all_or_any(desk, answer, devices):
    """The page does not say."""
    d = desk(RED, BLUE, LAMP, tag_match=answer)
    pair = {"Tag.1.TagKey": "color", "Tag.1.TagValue": "red", "Tag.2.TagKey": "floor", "Tag.2.TagValue": "1"}
    assert found(d.rpc("QueryDeviceByTags", **pair)) == devices


@pytest.mark.parametrize(("answer", "code"), [("no", None), ("yes", "MissingTag.TagValue")])
def test_key_alone_may_be_searched(desk, answer, code):
    """By the older page."""
    reply = desk(RED, BLUE, LAMP, tag_value_required=answer).rpc("QueryDeviceByTags", **{"Tag.1.TagKey": "color"})
    assert reply.get("Code") == code
    assert code or found(reply) == {"red", "blue"}


def test_query_takes_one_to_ten_tags(desk):
    """None is a gateway error."""
    d = desk(RED)
    assert d.rpc("QueryDeviceByTags")["Code"] == "MissingTag"
    many = {f"Tag.{n}.TagKey": "color" for n in range(1, 12)}
    assert d.rpc("QueryDeviceByTags", **many)["Code"] == "iot.device.TooManyDevicePropertiesPerTime"


def group_names(answer):
    return [row["GroupName"] for row in answer["Data"]["GroupInfo"]]


def test_groups_are_listed_with_their_devices(desk):
    """Static ones unless GroupTypes says otherwise; `CurrentPage` where others say `Page`."""
    d = desk(RED, BLUE)
    listed = d.rpc("QueryDeviceGroupList")
    assert (group_names(listed), listed["CurrentPage"], listed["Total"]) == (["floor one", "cellar"], 1, 2)
    floor = listed["Data"]["GroupInfo"][0]["GroupId"]
    assert found(d.rpc("QueryDeviceListByDeviceGroup", GroupId=floor)) == {"red", "blue"}
    rows = d.rpc("QueryDeviceGroupByDevice", ProductKey="a1", DeviceName="red")["GroupInfos"]["GroupInfo"]
    assert [row["GroupName"] for row in rows] == ["floor one"]
    assert d.rpc("QueryDeviceListByDeviceGroup", GroupId="nope")["Code"] == "emulator.group.NotExisted"


def test_dynamic_group_is_narrowed_and_paged(desk):
    """By product, name and status."""
    d = desk(RED, BLUE)
    listed = d.rpc("QueryDeviceGroupList", **{"GroupTypes.1": "LINK_PLATFORM_DYNAMIC"})
    cold = listed["Data"]["GroupInfo"][0]["GroupId"]
    page = d.rpc("QueryDynamicGroupDevices", GroupId=cold, PageSize="200")
    assert (found(page), page["NextToken"], page["Total"]) == ({"blue"}, "", 1)
    for narrow, left in (({"FuzzyName": "lu"}, {"blue"}), ({"FuzzyName": "x"}, set()), ({"ProductKey": "b"}, set()), ({"Status": "OFFLINE"}, set())):  # fmt: skip
        assert found(d.rpc("QueryDynamicGroupDevices", GroupId=cold, **narrow)) == left


@pytest.mark.parametrize(("answer", "names"), [("fuzzy", ["floor one"]), ("exact", [])])
def test_group_name_finds_parts_by_switch(desk, answer, names):
    """The page texts disagree."""
    assert group_names(desk(RED, group_name_match=answer).rpc("QueryDeviceGroupList", GroupName="floor")) == names


def test_log_tells_what_a_call_wanted(desk):
    """Tags and services as well as items; a read wanted nothing."""
    d = desk(LAMP)
    d.rpc("SaveDeviceProp", **ONE, Props='{"a":"b"}')
    d.rpc("DeleteDeviceProp", **ONE, PropKey="a")
    d.rpc("InvokeThingService", **ONE, Identifier="Blink", Args='{"n":1}')
    d.rpc("QueryDeviceProp", **ONE)
    bodies = [{"Props": {"a": "b"}}, {"PropKey": "a"}, {"Identifier": "Blink", "Args": {"n": 1}}, None]
    assert [entry["body"] for entry in d.log()] == bodies
    assert [entry["landed"] for entry in d.log()] == [True, True, True, False]
