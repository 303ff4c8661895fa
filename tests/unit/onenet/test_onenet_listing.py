"""Devices of an account as inventories take them, in each generation; answers as the vendor's pages print them."""

from __future__ import annotations

import asyncio

import pytest
from canned_cloud import IMEI, Replies, canned, client_at

from reconcile.model.errors import NotSent, Refused
from reconcile.platforms.onenet.wire import device_requests
from reconcile.ports import ListedDevice, Lister, Listing

CLASSIC_PAGE = "GET /devices?page=1&per_page=100"
METER = {
    "protocol": "LwM2M",
    "other": {"version": "1.0.0", "site": "chaoyang"},
    "create_time": "2018-06-04 17:43:11",
    "online": True,
    "id": "35282992",
    "auth_info": {IMEI: "460040000000001"},
    "title": "test_device",
    "tags": ["china", "site:chaoyang"],
}
EDP = {"protocol": "EDP", "online": True, "id": "35271941", "auth_info": "tes810372105", "title": "test_device"}
STUDIO_ROW = {
    "product_id": "9MaNe52pNO",
    "product_name": "Cleaner",
    "node_type": 1,
    "status": 3,
    "device_name": "no002",
    "from": 1,
    "created_time": "2020-06-19T06:09:22.550Z",
    "last_time": "2020-06-19T09:48:15.027Z",
}
NEVER = {**STUDIO_ROW, "status": 1, "device_name": "no001", "last_time": "0001-01-01T00:00:00.000Z"}


def classic(*devices, total=None):
    data = {"per_page": 100, "page": 1, "total_count": len(devices) if total is None else total, "devices": devices}
    return {"errno": 0, "error": "succ", "data": data}


def studio(rows, total=None):
    meta = {"limit": 100, "offset": 0, "total": len(rows) if total is None else total}
    return {"requestId": "a25087", "success": True, "data": {"list": rows, "meta": meta}}


def listing_of(answers, listing, instant="classic", cached="classic", **more):
    """What a client lists, and the calls it took."""

    async def run():
        async with canned(answers) as cloud:
            client = client_at(cloud.url, instant, cached, **more)
            try:
                assert isinstance(client, Lister)
                return [one async for one in client.list_devices(listing)], cloud.lines
            finally:
                await client.close()

    return asyncio.run(run())


def test_classic_devices_are_named_by_their_imei_and_others_left_out():
    points = {
        "errno": 0,
        "data": {
            "devices": [
                {
                    "id": 35282992,
                    "title": "daf",
                    "datastreams": [
                        {"id": "3_0_3", "at": "2017-02-12 10:22:22", "value": "2.4"},
                        {"id": "3_0_1", "at": "2017-02-12 10:22:23", "value": "M5310"},
                        {"id": "temperature", "at": "2017-02-12 10:22:24", "value": "12"},
                    ],
                }
            ]
        },
    }
    found, lines = listing_of(
        {CLASSIC_PAGE: classic(METER, EDP), "GET /devices/datapoints?devIds=35282992": points}, Listing("p")
    )
    facts = {
        "status": "online",
        "title": "test_device",
        "firmware": "2.4",
        "model": "M5310",
        "lastContact": "2017-02-12T02:22:23Z",
    }
    assert found == [ListedDevice(IMEI, {"imei": IMEI}, facts)]
    assert len(lines) == 2


def test_facts_that_are_refused_stop_no_listing():
    refused = {"errno": 8, "error": "not found"}
    found, _ = listing_of(
        {CLASSIC_PAGE: classic(METER), "GET /devices/datapoints?devIds=35282992": refused}, Listing("p")
    )
    assert [one.fields for one in found] == [{"imei": IMEI}]


def test_classic_pages_follow_one_another_and_a_device_comes_once():
    devices = [{**METER, "id": str(n), "auth_info": {f"86582003{n:07}": "1"}} for n in range(150)]
    refused = {"errno": 8, "error": "not found"}
    points = {
        f"GET /devices/datapoints?devIds={','.join(str(n) for n in part)}": refused
        for part in (range(100), range(99, 150))
    }
    answers = {
        CLASSIC_PAGE: classic(*devices[:100], total=151),
        "GET /devices?page=2&per_page=100": classic(*devices[99:], total=151),
        **points,
    }
    found, _ = listing_of(answers, Listing("p"))
    assert len(found) == len({one.name for one in found}) == 150


@pytest.mark.parametrize(
    ("tags", "query", "is_found"),
    [
        ({"china": "true"}, "tag=china&", True),
        ({"site": "chaoyang"}, "", True),
        ({"version": "1.0.0"}, "", True),
        ({"china": "true", "site": "haidian"}, "tag=china&", False),
        ({"mobile": "true"}, "tag=mobile&", False),
    ],
)
def test_classic_tags_are_words_or_notes(tags, query, is_found):
    refused = {"errno": 8, "error": "not found"}
    answers = {
        f"GET /devices?{query}page=1&per_page=100": classic(METER),
        "GET /devices/datapoints?devIds=35282992": refused,
    }
    found, _ = listing_of(answers, Listing("p", tags=tags))
    assert bool(found) == is_found


def test_the_classic_list_knows_the_product_of_its_key_only():
    with pytest.raises(NotSent, match="only the product of its key"):
        listing_of({}, Listing("p", products=("1", "2")))
    with pytest.raises(NotSent, match="this key's is 123"):
        listing_of({}, Listing("p", products=("124",)), resource="products/123")


PRODUCTS = [
    {"product_id": "9MaNe52pNO", "name": "Cleaner", "protocol": 2, "data_type": 1},
    {"product_id": "lwm2mIpso1", "name": "Meter", "protocol": 4, "data_type": 2},
]
PRODUCT_LIST = "GET /application?action=QueryProductList&version=1&project_id=ocgzVU&offset=0&limit=100"
DEVICES = "GET /application?action=QueryDeviceList&version=1&project_id=ocgzVU&product_id={}{}&offset=0&limit=100"
DETAIL = (
    "GET /application?action=QueryDeviceDetail&version=1&project_id=ocgzVU&product_id=lwm2mIpso1&device_name=meter-1"
)


def test_studio_lists_a_project_product_by_product():
    meter = {**STUDIO_ROW, "product_id": "lwm2mIpso1", "device_name": "meter-1", "status": 2}
    answers = {
        PRODUCT_LIST: studio(PRODUCTS),
        DEVICES.format("9MaNe52pNO", ""): studio([NEVER, STUDIO_ROW]),
        DEVICES.format("lwm2mIpso1", ""): studio([meter]),
        DETAIL: {"success": True, "data": {**meter, "imei": IMEI, "sec_key": "UQd3K9lXR/EbLX"}},
    }
    found, _ = listing_of(answers, Listing("p"), "studio", "studio", projectId="ocgzVU")
    assert found == [
        ListedDevice(
            "no001",
            {"productId": "9MaNe52pNO", "deviceName": "no001"},
            {"product": "9MaNe52pNO", "status": "inactive"},
        ),
        ListedDevice(
            "no002",
            {"productId": "9MaNe52pNO", "deviceName": "no002"},
            {"product": "9MaNe52pNO", "status": "offline", "lastContact": "2020-06-19T09:48:15Z"},
        ),
        ListedDevice(
            "meter-1",
            {"imei": IMEI},
            {"product": "lwm2mIpso1", "status": "online", "lastContact": "2020-06-19T09:48:15Z"},
        ),
    ]
    assert "UQd3" not in repr(found), "a device's key is never kept"


def test_studio_lists_a_group_and_named_products_beside_a_classic_queue():
    answers = {PRODUCT_LIST: studio(PRODUCTS), DEVICES.format("9MaNe52pNO", "&group_id=g1"): studio([STUDIO_ROW])}
    wanted = Listing("p", products=("9MaNe52pNO",), tags={"group": "g1"})
    found, _ = listing_of(answers, wanted, "studio", "classic", projectId="ocgzVU")
    assert [one.name for one in found] == ["no002"]


def test_products_and_tags_that_are_not_there_are_told_before_any_list():
    with pytest.raises(NotSent, match=r"no product 'nope'; it has 9MaNe52pNO, lwm2mIpso1"):
        listing_of(
            {PRODUCT_LIST: studio(PRODUCTS)}, Listing("p", products=("nope",)), "studio", "studio", projectId="ocgzVU"
        )
    with pytest.raises(NotSent, match="by no tag"):
        listing_of({}, Listing("p", products=("x",), tags={"site": "a"}), "current", "current")
    with pytest.raises(NotSent, match="name products"):
        listing_of({}, Listing("p"), "current", "current")
    with pytest.raises(NotSent, match="projectId"):
        listing_of({}, Listing("p"), "studio", "studio")


def test_current_lists_a_product_page_by_page_without_a_project(monkeypatch):
    monkeypatch.setattr(device_requests, "PAGE", 2)
    rows = [
        {"did": str(n), "pid": "P1", "name": f"d{n}", "status": 2, "imei": IMEI if n == 2 else ""} for n in range(3)
    ]
    page = "GET /device/list?product_id=P1&offset={}&limit=2"
    answers = {
        page.format(0): {"code": 0, "msg": "succ", "data": {"list": rows[:2]}},
        page.format(2): {"code": 0, "msg": "succ", "data": {"list": rows[2:]}},
    }
    found, lines = listing_of(answers, Listing("p"), "current", "current", resource="products/P1")
    assert [one.fields for one in found] == [
        {"productId": "P1", "deviceName": "d0"},
        {"productId": "P1", "deviceName": "d1"},
        {"imei": IMEI},
    ]
    assert len(lines) == 2


def test_studio_says_no_with_http_403():
    body = {"requestId": "r", "success": False, "code": "iot.application.authPermissionDeny", "msg": "planted"}
    with pytest.raises(Refused, match="403"):
        listing_of({PRODUCT_LIST: Replies([(403, body)])}, Listing("p"), "studio", "studio", projectId="ocgzVU")
