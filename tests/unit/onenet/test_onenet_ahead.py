"""Presence of many devices in few calls; what a note leaves open is asked as before."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import pytest
from canned_cloud import canned, client_at

from reconcile.model.device import DeviceRef, Identity
from reconcile.model.observed import Look
from reconcile.model.values import UNKNOWN
from reconcile.ports import LooksAhead

UPLINK = Look(wants_uplink=True)
REFUSED = {"errno": 3, "error": "auth failed"}


def imei(number):
    return f"86582003{number:07}"


def row(number, *, online=True, **more):
    return {"id": str(number), "title": "meter", "online": online, "auth_info": {imei(number): "1"}, **more}


def page(rows, total):
    return {"errno": 0, "error": "succ", "data": {"total_count": total, "page": 1, "per_page": 100, "devices": rows}}


def points(*numbers, at="2026-11-22 16:00:00"):
    streams = [{"id": "3303_0_5700", "at": at, "value": "21"}, {"id": "3303_0_5601", "at": "2026-11-22 15:00:00"}]
    return {"errno": 0, "data": {"devices": [{"id": str(n), "datastreams": streams} for n in numbers]}}


def brief(number):
    return {"errno": 0, "data": {"id": str(number), "online": True}}


def looks_of(answers, numbers, api="classic"):
    """What was seen of each device, and the calls it took."""

    async def run():
        async with canned(answers) as cloud:
            client = client_at(cloud.url, api, api)
            assert isinstance(client, LooksAhead)
            try:
                named = [(Identity.of(imei=imei(n)), UPLINK) for n in numbers]
                await client.look_ahead(named)
                seen = [
                    await client.observe(DeviceRef("p", identity["imei"]), identity, look) for identity, look in named
                ]
                return seen, cloud.lines
            finally:
                await client.close()

    return asyncio.run(run())


def test_a_hundred_devices_take_two_calls():
    rows = [row(n, online=n != 7) for n in range(100)]
    spoke = ",".join(str(n) for n in range(100) if n != 7)
    answers = {
        "GET /devices?page=1&per_page=100": page(rows, 100),
        f"GET /devices/datapoints?devIds={spoke}": points(*(n for n in range(100) if n != 7)),
    }
    seen, lines = looks_of(answers, range(100))
    assert len(lines) == 2
    assert {one.last_uplink for one in seen[:7]} == {datetime(2026, 11, 22, 8, tzinfo=UTC)}
    assert (seen[7].is_online, seen[7].last_uplink, seen[7].problem) == (False, UNKNOWN, None)


def test_the_later_of_contact_and_data_point_counts():
    rows = [row(n, last_ct="2026-11-22 17:00:00") for n in range(3)]
    answers = {
        "GET /devices?page=1&per_page=100": page(rows, 3),
        "GET /devices/datapoints?devIds=0,1,2": points(0, 1, 2),
    }
    seen, _ = looks_of(answers, range(3))
    assert {one.last_uplink for one in seen} == {datetime(2026, 11, 22, 9, tzinfo=UTC)}


def test_few_devices_of_a_large_product_are_asked_one_by_one():
    answers = {
        "GET /devices?page=1&per_page=100": page([row(n) for n in range(100)], 100_000),
        **{f"GET /devices/getbyimei?imei={imei(n)}": brief(n) for n in (1, 2)},
        **{f"GET /devices/{n}": {"errno": 0, "data": row(n, last_ct="2026-11-22 16:00:00")} for n in (1, 2)},
    }
    seen, lines = looks_of(answers, [1, 2])
    assert {one.last_uplink for one in seen} == {datetime(2026, 11, 22, 8, tzinfo=UTC)}
    assert len(lines) == 1 + 2 * 2
    assert len(looks_of(answers, [1])[1]) == 2, "for one device the list is not even tried"


@pytest.mark.parametrize("listed", [REFUSED, page([], 0), b"garbage"])
def test_what_the_list_does_not_tell_is_asked_of_each(listed):
    answers = {
        "GET /devices?page=1&per_page=100": listed,
        f"GET /devices/getbyimei?imei={imei(1)}": brief(1),
        f"GET /devices/getbyimei?imei={imei(2)}": REFUSED,
        "GET /devices/1": {"errno": 0, "data": row(1, last_ct="2026-11-22 16:00:00")},
    }
    seen, _ = looks_of(answers, [1, 2])
    assert seen[0].last_uplink == datetime(2026, 11, 22, 8, tzinfo=UTC)
    assert "auth failed" in (seen[1].problem or "")


def test_a_note_is_used_once():
    answers = {
        "GET /devices?page=1&per_page=100": page([row(1), row(2)], 2),
        "GET /devices/datapoints?devIds=1,2": points(1, 2),
        f"GET /devices/getbyimei?imei={imei(1)}": brief(1),
        "GET /devices/1": {"errno": 0, "data": row(1, last_ct="2026-11-22 18:00:00")},
    }

    async def run():
        async with canned(answers) as cloud:
            client = client_at(cloud.url)
            identity = Identity.of(imei=imei(1))
            await client.look_ahead([(identity, UPLINK), (Identity.of(imei=imei(2)), UPLINK)])
            first, again = [await client.observe(DeviceRef("p", "m"), identity, UPLINK) for _ in range(2)]
            await client.close()
            return first.last_uplink, again.last_uplink

    first, again = asyncio.run(run())
    assert (first.hour, again.hour) == (8, 10)


def test_other_generations_and_other_looks_ask_nothing_ahead():
    async def run():
        async with canned({}) as cloud:
            for api in ("current", "studio"):
                client = client_at(cloud.url, api, api)
                await client.look_ahead([(Identity.of(imei=imei(1)), UPLINK)])
                await client.close()
            client = client_at(cloud.url)
            await client.look_ahead([(Identity.of(imei=imei(1)), Look(wants_queue=True))])
            await client.look_ahead([(Identity.of(productId="P", deviceName="d"), UPLINK)])
            await client.close()
            return cloud.lines

    assert asyncio.run(run()) == []
