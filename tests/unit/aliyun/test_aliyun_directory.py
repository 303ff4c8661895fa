"""The listing calls: what they ask for, and where each puts what it tells. JSON and XML say the same."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from aliyun_cloud import answer_of

from reconcile.model.device import Identity
from reconcile.platforms.aliyun.answers import Unreadable
from reconcile.platforms.aliyun.directory import devices, groups, limits, products, states, tags, thing_models
from reconcile.platforms.aliyun.directory.containers import Page
from reconcile.platforms.aliyun.directory.devices import DeviceEntry
from reconcile.platforms.aliyun.directory.states import DeviceState
from reconcile.platforms.aliyun.fields import written_time

LAMP = Identity.of(productKey="a1ONE", deviceName="lamp")
BOTH = pytest.mark.parametrize("is_xml", [False, True])
PAGED = {"Total": 2, "Page": 1, "PageSize": 50, "PageCount": 1}


@pytest.mark.parametrize(
    ("call", "action", "query"),
    [
        (devices.query_devices("a1ONE", 201, "t"), "QueryDevice",
         {"ProductKey": "a1ONE", "CurrentPage": "201", "PageSize": "50", "NextToken": "t"}),
        (devices.query_detail(LAMP), "QueryDeviceDetail", {"ProductKey": "a1ONE", "DeviceName": "lamp"}),
        (devices.query_detail(Identity.of(iotId="i1")), "QueryDeviceDetail", {"IotId": "i1"}),
        (devices.query_details("a1ONE", ["a", "b"]), "BatchQueryDeviceDetail",
         {"ProductKey": "a1ONE", "DeviceName.1": "a", "DeviceName.2": "b"}),
        (states.batch_states("a1ONE", ["a"]), "BatchGetDeviceState", {"ProductKey": "a1ONE", "DeviceName.1": "a"}),
        (states.query_by_status("a1ONE", "OFFLINE", 2), "QueryDeviceByStatus",
         {"ProductKey": "a1ONE", "Status": "3", "CurrentPage": "2", "PageSize": "50"}),
        (tags.query_by_tag("site", "north", 1), "QueryDeviceByTags",
         {"Tag.1.TagKey": "site", "Tag.1.TagValue": "north", "CurrentPage": "1", "PageSize": "50"}),
        (tags.query_props(LAMP), "QueryDeviceProp", {"ProductKey": "a1ONE", "DeviceName": "lamp"}),
        (products.query_products(3), "QueryProductList", {"CurrentPage": "3", "PageSize": "200"}),
        (products.query_product("a1ONE"), "QueryProduct", {"ProductKey": "a1ONE"}),
        (groups.query_groups(1), "QueryDeviceGroupList", {"CurrentPage": "1", "PageSize": "200"}),
        (groups.query_groups_of("a1ONE", "lamp"), "QueryDeviceGroupByDevice", {"ProductKey": "a1ONE", "DeviceName": "lamp"}),
        (groups.query_group_devices("g", 1), "QueryDeviceListByDeviceGroup",
         {"GroupId": "g", "CurrentPage": "1", "PageSize": "50"}),
        (groups.query_dynamic_group_devices("g", 2, "t"), "QueryDynamicGroupDevices",
         {"GroupId": "g", "CurrentPage": "2", "PageSize": "200", "NextToken": "t"}),
        (thing_models.query_thing_model("a1ONE", "Energy", "v2"), "QueryThingModelPublished",
         {"ProductKey": "a1ONE", "FunctionBlockId": "Energy", "ModelVersion": "v2"}),
        (thing_models.query_thing_model("a1ONE", is_draft=True), "QueryThingModel", {"ProductKey": "a1ONE"}),
        (thing_models.get_tsl("a1ONE"), "GetThingModelTslPublished", {"ProductKey": "a1ONE"}),
        (thing_models.get_tsl("a1ONE", is_draft=True), "GetThingModelTsl", {"ProductKey": "a1ONE"}),
        (thing_models.list_model_versions("a1ONE"), "ListThingModelVersion", {"ProductKey": "a1ONE"}),
    ],
)  # fmt: skip
def test_each_call_asks_as_its_page_says(call, action, query):
    assert (call.action, dict(call.query), dict(call.form)) == (action, query, {})
    assert action in limits.CALLS_PER_SECOND or action == "GetThingModelTsl"


@pytest.mark.parametrize("names", [[], ["d"] * 101])
def test_batches_have_documented_sizes(names):
    with pytest.raises(ValueError, match="devices in one call"):
        devices.query_details("a1ONE", names)
    with pytest.raises(ValueError, match="devices in one call"):
        states.batch_states("a1ONE", names or [])


@BOTH
def test_devices_are_below_data_device_info_and_the_numbers_beside(is_xml):
    rows = [
        {"ProductKey": "a1ONE", "DeviceName": "b", "IotId": "i2", "DeviceStatus": "ONLINE", "Nickname": "B"},
        {"ProductKey": "a1ONE", "DeviceName": "a"},
    ]
    answer = answer_of({"Data": {"DeviceInfo": rows}, **PAGED, "NextToken": "tok"}, is_xml=is_xml)
    first = DeviceEntry("a1ONE", "b", "i2", "B", "ONLINE")
    expected = Page((first, DeviceEntry("a1ONE", "a")), total=2, pages=1, next_token="tok")
    assert devices.read_devices(answer, "a1ONE") == expected


@BOTH
def test_detail_tells_firmware_and_when_it_was_online(is_xml):
    row = {
        "ProductKey": "a1ONE",
        "DeviceName": "lamp",
        "FirmwareVersion": "1.0",
        "UtcOnline": "2019-02-28T06:50:33.000Z",
    }
    found = devices.read_detail(answer_of({"Data": row}, is_xml=is_xml), LAMP)
    assert (found.firmware, found.last_online) == ("1.0", datetime(2019, 2, 28, 6, 50, 33, tzinfo=UTC))


@pytest.mark.parametrize(
    ("identity", "row"),
    [
        (LAMP, {"ProductKey": "a1ONE", "DeviceName": "other"}),
        (LAMP, {"ProductKey": "a1TWO", "DeviceName": "lamp"}),
        (Identity.of(iotId="i1"), {"ProductKey": "a1ONE", "DeviceName": "lamp", "IotId": "i2"}),
    ],
)
def test_detail_of_another_device_is_not_taken(identity, row):
    with pytest.raises(Unreadable, match="asked was"):
        devices.read_detail(answer_of({"Data": row}), identity)


@BOTH
def test_batch_details_are_below_data_data_and_strangers_do_not_count(is_xml):
    rows = [
        {"ProductKey": "a1ONE", "DeviceName": "a", "FirmwareVersion": "1"},
        {"ProductKey": "a1ONE", "DeviceName": "stranger"},
        {"ProductKey": "a1TWO", "DeviceName": "b"},
    ]
    found = devices.read_details(answer_of({"Data": {"Data": rows}}, is_xml=is_xml), "a1ONE", ["a", "b", "c"])
    assert found == {"a": DeviceEntry("a1ONE", "a", firmware="1")}


@BOTH
def test_states_stand_beside_data(is_xml):
    rows = [
        {"DeviceName": "a", "Status": "OFFLINE", "Timestamp": 1795334400000, "LastOnlineTime": "2026-11-22T07:00:00Z"},
        {"DeviceName": "b", "Status": "UNACTIVE", "Timestamp": 1795334400000},
        {"DeviceName": "c", "Status": "ONLINE", "LastOnlineTime": "2026-11-22 07:00:00"},
        {"DeviceName": "stranger", "Status": "ONLINE"},
    ]
    found = states.read_states(answer_of({"DeviceStatusList": {"DeviceStatus": rows}}, is_xml=is_xml), ["a", "b", "c"])
    assert found == {
        "a": DeviceState("OFFLINE", datetime(2026, 11, 22, 8, tzinfo=UTC)),
        "b": DeviceState("UNACTIVE", None),
        "c": DeviceState("ONLINE", None),
    }


@BOTH
@pytest.mark.parametrize(
    "read", [tags.read_tagged, groups.read_group_devices, lambda answer: states.read_by_status(answer, "a1ONE")]
)
def test_simple_device_info_is_a_list_even_of_one(read, is_xml):
    row = {"ProductKey": "a1ONE", "DeviceName": "a", "ProductName": "Lamps"}
    answer = answer_of({"Data": {"SimpleDeviceInfo": [row]}, **PAGED}, is_xml=is_xml)
    assert read(answer).entries == (DeviceEntry("a1ONE", "a", product_name="Lamps"),)
    assert read(answer_of({"Data": {"SimpleDeviceInfo": []}, **PAGED}, is_xml=is_xml)).entries == ()


@BOTH
def test_tags_are_a_text_beside_data(is_xml):
    answer = answer_of({"Props": '{"site":"north","floor":3}'}, is_xml=is_xml)
    assert tags.read_props(answer) == {"site": "north", "floor": "3"}
    assert tags.read_props(answer_of({}, is_xml=is_xml)) == {}


@pytest.mark.parametrize("props", ["[1]", "{", '{"a":1,"a":2}', [1]])
def test_tags_that_are_no_object_are_unreadable(props):
    with pytest.raises(Unreadable, match="Props"):
        tags.read_props(answer_of({"Props": props}))


@BOTH
def test_products_have_their_numbers_inside_data(is_xml):
    row = {"ProductKey": "a1ONE", "ProductName": "Lamps", "DeviceCount": 7}
    answer = answer_of({"Data": {"Total": 9, "PageCount": 2, "List": {"ProductInfo": [row]}}}, is_xml=is_xml)
    assert products.read_products(answer) == Page((products.Product("a1ONE", "Lamps", 7),), total=9, pages=2)


def test_one_product_tells_how_values_are_validated_and_never_its_secret():
    row = {"ProductKey": "a1ONE", "ProductName": "Lamps", "ValidateType": 2, "ProductSecret": "hunter2"}
    assert products.read_product(answer_of({"Data": row}), "a1ONE") == products.Product("a1ONE", "Lamps", None, 2)
    with pytest.raises(Unreadable, match="asked was 'a1TWO'"):
        products.read_product(answer_of({"Data": row}), "a1TWO")


@BOTH
def test_groups_of_the_account_and_of_a_device(is_xml):
    row = {"GroupId": "g", "GroupName": "north", "GroupType": "LINK_PLATFORM"}
    group = groups.Group("g", "north", "LINK_PLATFORM")
    answer = answer_of({"Data": {"GroupInfo": [row]}, "CurrentPage": 1, "Total": 1, "PageCount": 1}, is_xml=is_xml)
    assert groups.read_groups(answer).entries == (group,)
    assert groups.read_groups_of(answer_of({"GroupInfos": {"GroupInfo": [row]}}, is_xml=is_xml)) == (group,)


@BOTH
def test_model_texts_and_versions(is_xml):
    tsl = '{"properties":[]}'
    assert thing_models.read_thing_model(answer_of({"Data": {"TslStr": tsl, "TslUri": "u"}}, is_xml=is_xml)) == tsl
    assert thing_models.read_thing_model(answer_of({"Data": {"ThingModelJson": tsl}}, is_xml=is_xml)) == tsl
    rows = [{"ModelVersion": "v2", "Description": "d", "GmtCreate": 1795334400000}, {"ModelVersion": "v1"}]
    found = thing_models.read_model_versions(answer_of({"Data": {"ModelVersions": rows}}, is_xml=is_xml))
    assert found[0] == thing_models.ModelVersion("v2", "d", datetime(2026, 11, 22, 8, tzinfo=UTC))
    with pytest.raises(Unreadable, match="neither"):
        thing_models.read_thing_model(answer_of({"Data": {}}))


@pytest.mark.parametrize(
    "data", [[], "x", {}, {"DeviceInfo": []}, {"DeviceInfo": ["x"]}, {"DeviceInfo": "x"}, {"Other": [{}]}]
)
def test_other_containers_are_unreadable_and_not_an_empty_list(data):
    with pytest.raises(Unreadable):
        devices.read_devices(answer_of({"Data": data}), "a1ONE")


def test_empty_list_says_that_it_is_empty():
    assert devices.read_devices(answer_of({"Data": {"DeviceInfo": []}, "Total": 0}), "a1ONE").entries == ()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2019-02-28T06:50:33.000Z", datetime(2019, 2, 28, 6, 50, 33, tzinfo=UTC)),
        ("Thu, 28 Feb 2019 06:50:33 GMT", datetime(2019, 2, 28, 6, 50, 33, tzinfo=UTC)),
        ("2019-02-28T14:50:33+08:00", datetime(2019, 2, 28, 6, 50, 33, tzinfo=UTC)),
        ("2019-02-28 06:50:33", None),
        ("0001-01-01T00:00:00+14:00", None),
        ("soon", None),
        ("", None),
        (None, None),
        (1551336633, None),
        ("9" * 100, None),
    ],
)  # fmt: skip
def test_only_times_that_name_their_zone_are_times(text, expected):
    assert written_time(text) == expected


def test_deep_pages_are_asked_for_more_slowly():
    assert limits.pause_s("QueryDevice") == 1 / 50
    assert limits.pause_s("QueryDevice", 100_000) == 1 / 2
    assert limits.pause_s("BatchQueryDeviceDetail", 100_000) == 1 / 5
