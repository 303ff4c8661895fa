"""Projects and groups of the token platforms: what a token of each opens, and lists of products and of groups."""

import json

import pytest
from emulator_desk import IMEI, METER, START, VALVE

from reconcile.emulator import PopulationError, World

GROUPED = VALVE | {"deviceName": "valve-2", "groups": ["hall"]}
HALL = "projectid/emulator/groupid/hall"


def by_group(d, action, query, body=None, res=HALL):
    raw = b"" if body is None else json.dumps(body).encode()
    pairs = {"action": action, "version": 1, "project_id": "emulator"} | query
    method = "GET" if body is None else "POST"
    response = d.raw(method, "/application", pairs, raw, authorization=d.token("2020-05-29", res))
    return response.status, json.loads(response.body)


def names(answer):
    return [row["device_name"] for row in answer["data"]["list"]]


def test_products_of_a_project_on_both_token_platforms(desk):
    """A page at a time; the project is required."""
    d = desk(VALVE, VALVE | {"productId": "p2"}, METER)
    studio = d.studio("GET", "application", "QueryProductList", {"project_id": "x", "offset": 1, "limit": 2})["data"]
    current = d.current("GET", "/project/product-list", {"project_id": "x", "offset": 1, "limit": 2})["data"]
    assert current["list"] == studio["list"]
    assert [(row["product_id"], row["protocol"], row["data_type"]) for row in current["list"]] == [
        ("p1", 2, 1),
        ("p2", 2, 1),
    ]
    assert (current["total"], studio["meta"]["total"]) == (3, 3)
    assert d.current("GET", "/project/product-list")["code"] == 10405
    assert d.log()[-1]["operation"] == "QueryProductList"


def test_devices_are_listed_by_group(desk):
    """Of things and of LwM2M devices."""
    d = desk(VALVE, GROUPED, METER | {"groups": ["hall", "roof"]})
    listed = [d.studio("GET", "application", "QueryDeviceList", {"project_id": "x"} | one) for one in (
        {}, {"group_id": "hall"}, {"group_id": "roof"}, {"group_id": "hall", "product_id": "p1"}, {"group_id": "cellar"}
    )]  # fmt: skip
    assert [names(answer) for answer in listed] == [
        ["valve-1", "valve-2", IMEI],
        ["valve-2", IMEI],
        [IMEI],
        ["valve-2"],
        [],
    ]


def test_a_group_token_opens_the_devices_of_its_group(desk):
    """Version 2020-05-29, res projectid/{p}/groupid/{g}: the others are refused, by name and by IMEI."""
    d = desk(VALVE, GROUPED, METER)
    assert names(by_group(d, "QueryDeviceList", {})[1]) == ["valve-2"]
    assert names(by_group(d, "QueryDeviceList", {"group_id": "roof"})[1]) == ["valve-2"]
    ids = {"product_id": "p1", "device_name": "valve-2"}
    assert by_group(d, "QueryDeviceStatus", ids)[1]["data"] == {"status": 2}
    body = {"project_id": "emulator", "product_id": "p1", "device_name": "valve-1", "params": {"CO2": 1}}
    refused = by_group(d, "SetDeviceDesiredProperty", {}, body)[1]
    assert refused["code"] == "iot.application.resourePermissionDeny"
    assert d.valve()["desired"] == {}
    query = {"action": "read", "imei": IMEI, "obj_id": 3303}
    response = d.raw("GET", "/LwM2M-online", query, authorization=d.token("2020-05-29", HALL))
    assert json.loads(response.body)["errno"] == 1


@pytest.mark.parametrize("res", ["projectid/emulator/groupid/", "projectid/other/groupid/hall", "projects/emulator"])
def test_other_resources_open_nothing_on_studio(desk, res):
    """A group's id is part of the token's resource."""
    assert by_group(desk(VALVE), "QueryDeviceList", {}, res=res)[0] == 403


def test_a_project_token_opens_the_current_platform(desk):
    """Version 2022-05-01, res projects/{projectid}."""
    d = desk(VALVE)
    listed = d.current("GET", "/device/list", {"product_id": "p1"}, res="projects/emulator")
    assert listed["data"]["total"] == 1
    assert d.current("GET", "/device/list", {"product_id": "p1"}, res="projects/other")["code"] == 10403


def test_groups_of_a_record_are_a_list_of_ids():
    """One id is no list."""
    with pytest.raises(PopulationError, match="groups is a list"):
        World.from_records([VALVE | {"groups": "hall"}], now=START)
