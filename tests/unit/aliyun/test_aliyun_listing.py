"""Listing an account: pages that shift, tags that must all hold, devices that batch calls leave out, secrets."""

from __future__ import annotations

import asyncio

import pytest
from aliyun_cloud import Cloud

from reconcile.model.errors import InDoubt
from reconcile.platforms.aliyun.directory import paging
from reconcile.platforms.aliyun.directory.asking import Asking
from reconcile.platforms.aliyun.directory.listing import all_products, list_devices
from reconcile.ports import ListedDevice, Listing


def names(count, start=0):
    return [f"d{number:05}" for number in range(start, start + count)]


def listed(cloud, products=(), tags=None, pauses=None):
    async def sleep(pause_s):
        if pauses is not None:
            pauses.append(pause_s)

    async def run():
        asking = Asking(cloud, sleep)
        return [device async for device in list_devices(asking, Listing("aliyun", products, tags or {}))]

    return asyncio.run(run())


def called(cloud, action):
    return [call for call in cloud.calls if call.action == action]


@pytest.mark.parametrize("is_xml", [False, True])
def test_every_device_of_every_product_comes_once_with_its_facts(is_xml):
    cloud = Cloud({"a1ONE": names(120), "a1TWO": names(1, 500), "a1NONE": []}, is_xml=is_xml)
    found = listed(cloud)
    assert sorted(device.name for device in found) == sorted([*names(120), "d00500"])
    assert found[-1] == ListedDevice(
        name="d00500",
        fields={"productKey": "a1TWO", "deviceName": "d00500"},
        facts={
            "firmware": "1.2.3",
            "model": "name of a1TWO",
            "status": "OFFLINE",
            "lastContact": "2026-11-22T08:00:00.000Z",
            "nickname": "the d00500",
        },
    )
    assert "hunter2" not in repr(found)


def test_only_the_products_named_are_asked_for_each_once():
    cloud = Cloud({"a1ONE": names(3), "a1TWO": names(2, 10)})
    assert [device.name for device in listed(cloud, ["a1TWO", "a1TWO"])] == ["d00011", "d00010"]
    assert called(cloud, "QueryProductList") == []


def test_devices_must_carry_every_tag():
    cloud = Cloud({"a1ONE": names(60), "a1TWO": names(60, 100)})
    for name in [*names(60), *names(60, 100)]:
        cloud.tags[name] = {"site": "north", "floor": str(int(name[-1]) % 2)}
    both = {"site": "north", "floor": "1"}
    assert len(listed(cloud, tags=both)) == 60
    assert all(int(device.name[-1]) % 2 for device in listed(cloud, ["a1TWO"], both))
    assert {len([k for k in call.query if k.endswith("TagKey")]) for call in called(cloud, "QueryDeviceByTags")} == {1}


def test_no_device_has_the_tag():
    cloud = Cloud({"a1ONE": names(2)})
    assert listed(cloud, tags={"site": "north", "floor": "1"}) == []
    assert len(cloud.calls) == 1


def test_device_created_while_paging_shifts_a_page_and_comes_once():
    cloud = Cloud({"a1ONE": names(100)})
    cloud.on_call = lambda number: cloud.devices["a1ONE"].append("newcomer") if number == 1 else None
    found = [device.name for device in listed(cloud, ["a1ONE"])]
    assert len(found) == len(set(found))
    assert set(names(100)) <= set(found)


def test_device_deleted_while_paging_hides_none():
    cloud = Cloud({"a1ONE": names(100)})
    cloud.on_call = lambda number: cloud.devices["a1ONE"].remove("d00090") if number == 1 else None
    assert {device.name for device in listed(cloud, ["a1ONE"])} == set(names(100)) - {"d00090"}


def test_list_that_never_holds_still_is_not_taken_for_complete():
    cloud = Cloud({"a1ONE": names(300)})
    cloud.on_call = lambda number: cloud.devices["a1ONE"].pop() and None
    with pytest.raises(InDoubt, match=r"QueryDevice: \d+ entries met, the cloud counts \d+"):
        listed(cloud, ["a1ONE"])


def test_tokens_are_handed_on_beyond_ten_thousand():
    cloud = Cloud({"a1ONE": names(10_120)})
    assert len(listed(cloud, ["a1ONE"])) == 10_120
    pages = called(cloud, "QueryDevice")
    assert [call.query.get("NextToken") for call in pages[199:]] == ["after-199", "after-200", "after-201", "after-202"]


def test_token_that_is_missing_ends_the_list_and_the_count_tells():
    cloud = Cloud({"a1ONE": names(10_120)})
    cloud.bends = lambda action, body: {**body, "NextToken": ""}
    with pytest.raises(InDoubt, match="10000 entries met, the cloud counts 10120"):
        listed(cloud, ["a1ONE"])


def test_calls_of_one_kind_keep_their_distance():
    pauses = []
    listed(Cloud({"a1ONE": names(250)}), ["a1ONE"], pauses=pauses)
    assert 0 < pauses[0] <= 1 / 50  # what of it the call itself did not take
    assert max(pauses) > 0.1  # BatchQueryDeviceDetail, 5 a second


@pytest.mark.parametrize("omitting", [("BatchQueryDeviceDetail",), ("BatchQueryDeviceDetail", "BatchGetDeviceState")])
def test_device_left_out_of_the_details_is_asked_for_alone(omitting):
    """Also where its state is told: its firmware is a label, and profiles may select by it."""
    cloud = Cloud({"a1ONE": names(3)})
    cloud.omits = {action: {"d00001"} for action in omitting}
    found = {device.name: device.facts for device in listed(cloud, ["a1ONE"])}
    assert set(found) == set(names(3))
    assert found["d00001"]["firmware"] == "1.2.3"
    assert len(called(cloud, "QueryDeviceDetail")) == 1


def test_device_deleted_since_the_page_was_read_is_not_listed():
    cloud = Cloud({"a1ONE": names(3)})
    cloud.on_call = lambda number: cloud.devices["a1ONE"].remove("d00001") if number == 1 else None
    assert {device.name for device in listed(cloud, ["a1ONE"])} == {"d00000", "d00002"}


def test_device_whose_state_alone_is_left_out_costs_no_call():
    cloud = Cloud({"a1ONE": names(3)})
    cloud.omits = {"BatchGetDeviceState": {"d00001"}}
    found = {device.name: device.facts for device in listed(cloud, ["a1ONE"])}
    assert found["d00001"] == {
        "firmware": "1.2.3", "model": "name of a1ONE", "status": "OFFLINE", "nickname": "the d00001",
    }  # fmt: skip
    assert called(cloud, "QueryDeviceDetail") == []


def test_details_of_devices_nobody_asked_for_are_not_taken():
    def bend(action, body):
        if action == "BatchQueryDeviceDetail":
            for row in body["Data"]["Data"]:
                row |= {"DeviceName": "stranger", "FirmwareVersion": "stranger's"}
        return body

    cloud = Cloud({"a1ONE": names(1)})
    cloud.bends = bend
    (found,) = listed(cloud, ["a1ONE"])
    assert found.name == "d00000"
    assert found.facts["firmware"] == "1.2.3"


@pytest.mark.parametrize(
    ("bend", "message"),
    [
        (lambda row: row.pop("DeviceName"), "without DeviceName"),
        (lambda row: row.update(ProductKey="a1OTHER"), "a device of product a1OTHER in the list of a1ONE"),
    ],
)
def test_nonsense_in_the_list_stops_it(bend, message):
    def bends(action, body):
        if action == "QueryDevice":
            bend(body["Data"]["DeviceInfo"][0])
        return body

    cloud = Cloud({"a1ONE": names(2)})
    cloud.bends = bends
    with pytest.raises(InDoubt, match=message):
        listed(cloud, ["a1ONE"])


def test_cloud_that_repeats_one_page_for_ever_is_left():
    cloud = Cloud({"a1ONE": names(50)})
    cloud.bends = lambda action, body: {**body, "PageCount": 10**6, "Total": 10**7} if action == "QueryDevice" else body
    cloud.operations["QueryDevice"] = lambda query: cloud.device_list({**query, "CurrentPage": "1"})
    with pytest.raises(InDoubt, match="page after page brings nothing new"):
        listed(cloud, ["a1ONE"])


def test_product_beyond_a_million_devices_is_not_cut_off_silently(monkeypatch):
    cloud = Cloud({"a1ONE": names(1)})

    def endless(query):
        page = int(query["CurrentPage"])
        rows = [{"ProductKey": "a1ONE", "DeviceName": f"p{page}-{n}"} for n in range(50)]
        return {"Data": {"DeviceInfo": rows}, "PageCount": 10**6, "NextToken": f"t{page}"}

    monkeypatch.setattr(paging, "MOST_ENTRIES", 1000)
    cloud.operations["QueryDevice"] = endless
    cloud.operations["BatchQueryDeviceDetail"] = lambda query: {}
    cloud.operations["QueryDeviceDetail"] = lambda query: {"Data": {"DeviceName": query["DeviceName"]}}
    with pytest.raises(InDoubt, match="more than 1000 entries"):
        listed(cloud, ["a1ONE"])


def test_products_are_listed_beyond_one_page():
    cloud = Cloud({f"a1{number:04}": [] for number in range(401)})

    async def run():
        return [product.product_key async for product in all_products(Asking(cloud))]

    assert len(asyncio.run(run())) == 401
    assert len(cloud.calls) == 3
