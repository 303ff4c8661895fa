"""Listings: pages and their tokens, silent omissions, odd containers, status numbers, secrets as in the real answers."""

import pytest
from emulator_desk import LAMP, SLEEPY_LAMP, TSL

ONE = {"ProductKey": "a1", "DeviceName": "lamp"}


def fleet(count, **more):
    return [LAMP | {"deviceName": f"d{number}"} | more for number in range(count)]


def names(rows):
    return [row["DeviceName"] for row in rows]


def test_pages_of_a_product_end_with_an_empty_token(desk):
    """Newest first; the figures stand beside Data."""
    d = desk(*fleet(5))
    first = d.rpc("QueryDevice", ProductKey="a1", PageSize="3")
    assert names(first["Data"]["DeviceInfo"]) == ["d4", "d3", "d2"]
    assert (first["Total"], first["Page"], first["PageCount"], first["PageSize"]) == (5, 1, 2, 3)
    last = d.rpc("QueryDevice", ProductKey="a1", PageSize="3", CurrentPage="2", NextToken=first["NextToken"])
    assert (names(last["Data"]["DeviceInfo"]), last["NextToken"]) == (["d1", "d0"], "")


@pytest.mark.parametrize(
    ("answer", "code", "rows"), [("refuse", "iot.common.InvalidPageParams", None), ("empty", None, [])]
)
def test_deep_pages_need_the_token_of_the_page_before(desk, answer, code, rows):
    """Up to 10,000 rows without, up to a million with it."""
    d = desk(*fleet(3), deep_page=answer)
    shallow = d.rpc("QueryDevice", ProductKey="a1", PageSize="50", CurrentPage="200")
    assert shallow["Success"]
    deep = d.rpc("QueryDevice", ProductKey="a1", PageSize="50", CurrentPage="201")
    assert (deep.get("Code"), deep.get("Data", {}).get("DeviceInfo")) == (code, rows)
    deepest = d.rpc("QueryDevice", ProductKey="a1", PageSize="50", CurrentPage="20000")
    assert (deepest.get("Code"), deepest.get("Data", {}).get("DeviceInfo")) == (code, rows)


def test_token_carries_a_walk_beyond_ten_thousand_rows(desk):
    """Page after page with the token of the one before, to the end."""
    d = desk(*fleet(10_060))
    token, seen = "", 0
    for page in range(1, 210):
        query = {"ProductKey": "a1", "PageSize": "50", "CurrentPage": str(page)} | (
            {"NextToken": token} if token else {}
        )
        answer = d.rpc("QueryDevice", **query)
        seen += len(answer["Data"]["DeviceInfo"])
        token = answer["NextToken"]
        if not token:
            break
    assert (seen, page) == (10_060, 202)


@pytest.mark.parametrize("token", ["nonsense", "YTEvMS8y", "²"])
def test_token_of_another_page_is_refused(desk, token):
    """Only the page after the one that gave it."""
    answer = desk(*fleet(5)).rpc("QueryDevice", ProductKey="a1", PageSize="2", CurrentPage="2", NextToken=token)
    assert answer["Code"] == "iot.common.InvalidPageParams"


@pytest.mark.parametrize(
    ("action", "highest"),
    [("QueryDevice", 50), ("QueryDeviceByStatus", 50), ("QueryDeviceByTags", 50), ("QueryDeviceGroupList", 200), ("QueryProductList", 200)],
)  # fmt: skip
@pytest.mark.parametrize("page", ["0", "-1", "x", "²", "1e1", "9" * 20])
def test_page_parameters_have_limits(desk, action, highest, page):
    """From 1 to the documented size."""
    d = desk(LAMP)
    known = {"ProductKey": "a1", "Status": "1", "Tag.1.TagKey": "a", "CurrentPage": "1", "PageSize": str(highest)}
    assert d.rpc(action, **known)["Success"]
    for wrong in ({"CurrentPage": page}, {"PageSize": page}, {"PageSize": str(highest + 1)}):
        assert d.rpc(action, **(known | wrong))["Code"] == "iot.common.InvalidPageParams"


def test_batch_calls_leave_unknown_devices_out(desk):
    """Without a word, each in its own container."""
    d = desk(*fleet(2))
    asked = {"ProductKey": "a1", "DeviceName.1": "d1", "DeviceName.2": "nobody", "DeviceName.3": "d0"}
    states = d.rpc("BatchGetDeviceState", **asked)
    assert names(states["DeviceStatusList"]["DeviceStatus"]) == ["d1", "d0"]
    assert "Data" not in states
    assert names(d.rpc("BatchQueryDeviceDetail", **asked)["Data"]["Data"]) == ["d1", "d0"]


@pytest.mark.parametrize(("action", "most"), [("BatchGetDeviceState", 50), ("BatchQueryDeviceDetail", 100)])
def test_batch_calls_take_so_many_names(desk, action, most):
    """One to the documented number."""
    d = desk(LAMP)
    many = {f"DeviceName.{number}": f"n{number}" for number in range(1, most + 1)}
    assert d.rpc(action, ProductKey="a1", **many)["Success"]
    assert (
        d.rpc(action, ProductKey="a1", **many, **{f"DeviceName.{most + 1}": "x"})["Code"] == "iot.system.IllegalRequest"
    )
    assert d.rpc(action, ProductKey="a1")["Code"] == "iot.device.NoneDeviceNameElement"


def test_states_are_told_by_iot_id_across_products(desk):
    """IotIds need no product."""
    d = desk(LAMP, LAMP | {"productKey": "b2", "iotId": "other"})
    ids = {"IotId.1": d.lamp()["iotId"], "IotId.2": "other"}
    assert len(d.rpc("BatchGetDeviceState", **ids)["DeviceStatusList"]["DeviceStatus"]) == 2


def test_details_hold_firmware_name_and_a_secret(desk):
    """Every device its own secret, in every answer where the real one has it."""
    d = desk(
        LAMP | {"firmware": "1.2.3", "nickname": "hall", "product": {"name": "Lamps"}}, LAMP | {"deviceName": "l2"}
    )
    detail = d.rpc("QueryDeviceDetail", **ONE)["Data"]
    assert (detail["FirmwareVersion"], detail["Nickname"], detail["ProductName"]) == ("1.2.3", "hall", "Lamps")
    assert (detail["Status"], detail["UtcOnline"]) == ("ONLINE", "2026-01-30T23:59:30.000Z")
    listed = d.rpc("QueryDevice", ProductKey="a1")["Data"]["DeviceInfo"]
    secrets = {row["DeviceName"]: row["DeviceSecret"] for row in listed}
    assert secrets["lamp"] == detail["DeviceSecret"]
    assert secrets["lamp"] != secrets["l2"]


def test_devices_are_listed_by_status_number(desk):
    """0 inactive, 1 online, 3 offline, 8 disabled."""
    kinds = {"0": "UNACTIVE", "3": "OFFLINE", "8": "DISABLE", "1": "ONLINE"}
    d = desk(*(LAMP | {"deviceName": status, "status": status} for status in kinds.values()))
    for number, status in kinds.items():
        rows = d.rpc("QueryDeviceByStatus", ProductKey="a1", Status=number)["Data"]["SimpleDeviceInfo"]
        assert [(row["DeviceName"], row["Status"]) for row in rows] == [(status, status)]
    assert d.rpc("QueryDeviceByStatus", ProductKey="a1", Status="2")["Code"] == "iot.system.IllegalRequest"


@pytest.mark.parametrize(("answer", "online"), [("fresh", ["lamp"]), ("stale", [])])
def test_status_listing_may_be_ten_seconds_old(desk, answer, online):
    """Five seconds after a wake."""
    d = desk(SLEEPY_LAMP, status_listing=answer)
    d.advance(1805)
    rows = d.rpc("QueryDeviceByStatus", ProductKey="a1", Status="1")["Data"]["SimpleDeviceInfo"]
    assert names(rows) == online
    d.advance(10)
    assert names(d.rpc("QueryDeviceByStatus", ProductKey="a1", Status="1")["Data"]["SimpleDeviceInfo"]) == ["lamp"]


def test_products_are_listed_and_described(desk):
    """The page's figures stand under Data here; with a model it is iothub_senior."""
    d = desk(LAMP | {"thingModel": TSL, "product": {"validateType": 1}}, LAMP | {"productKey": "b2"})
    listed = d.rpc("QueryProductList", CurrentPage="1", PageSize="200")["Data"]
    assert [row["ProductKey"] for row in listed["List"]["ProductInfo"]] == ["a1", "b2"]
    assert (listed["Total"], listed["CurrentPage"]) == (2, 1)
    senior = d.rpc("QueryProductList", CurrentPage="1", PageSize="200", AliyunCommodityCode="iothub_senior")["Data"]
    assert senior["Total"] == 1
    product = d.rpc("QueryProduct", ProductKey="a1")["Data"]
    assert (product["ValidateType"], product["AliyunCommodityCode"], product["DeviceCount"]) == (1, "iothub_senior", 1)
    assert d.rpc("QueryProductList", CurrentPage="1")["Code"] == "MissingPageSize"
    assert d.rpc("QueryProduct", ProductKey="zz")["Code"] == "iot.prod.NotExistedProduct"


@pytest.mark.parametrize(
    "action", ["QueryDevice", "QueryProduct", "ListThingModelVersion", "GetThingModelTslPublished"]
)
def test_product_calls_name_the_instance(desk, action):
    """As device calls do."""
    d = desk(LAMP | {"iotInstanceId": "iot-1"})
    assert d.rpc(action, ProductKey="a1")["Code"] == "iot.system.InstanceNotFound"
    assert d.rpc(action, ProductKey="a1", IotInstanceId="iot-1")["Success"]


@pytest.mark.parametrize(("answer", "success"), [("ignore", True), ("refuse", False)])
def test_instance_id_where_there_is_none(desk, answer, success):
    """Passed over, or refused."""
    d = desk(LAMP, surplus_instance_id=answer)
    assert d.rpc("GetDeviceStatus", **ONE, IotInstanceId="iot-1")["Success"] is success
