"""Listing an account over real sockets: every format, every answer to the open questions, deep pages, the models."""

from __future__ import annotations

import asyncio

import pytest
from aliyun_rig import BORN, MODEL, control, settings, use

from reconcile.emulator import EmulatorThread, World
from reconcile.model.device import Identity
from reconcile.model.errors import InDoubt, Refused
from reconcile.platforms.aliyun import PLATFORM
from reconcile.platforms.aliyun.config import read_options
from reconcile.platforms.aliyun.directory import devices, groups, products, states, tags, thing_models
from reconcile.platforms.aliyun.directory.asking import Asking
from reconcile.platforms.aliyun.directory.listing import devices_of
from reconcile.platforms.aliyun.directory.paging import Paged, walk
from reconcile.platforms.aliyun.gateway import Gateway
from reconcile.ports import Lister, Listing, NamedBytes

FORMATS = [{"signature": "acs3"}, {"signature": "v1"}, {"signature": "v1", "format": "xml"}]
LAMPS, METERS = "a1BwAGVxxxx", "a1Meters"


def record(product, number, **more):
    return {
        "cloud": "aliyun",
        "productKey": product,
        "deviceName": f"d{number:05}",
        "sleep": {"kind": "none"},
        "product": {"name": f"name of {product}", "version": "v7"},
        **more,
    }


def account():
    lamps = [
        record(
            LAMPS,
            number,
            firmware="2.4" if number else "",
            nickname=f"lamp {number}",
            status="UNACTIVE" if number == 3 else "ONLINE",
            tags={"site": "north" if number % 2 else "south", "floor": str(number % 3)},
            groups=["ground floor"] if number < 60 else [],
            dynamicGroups=["all lamps"],
            thingModel=MODEL,
        )
        for number in range(110)
    ]
    return [*lamps, record(METERS, 1, tags={"site": "north", "floor": "1"})]


@pytest.fixture(scope="module")
def url():
    with EmulatorThread(World.from_records(account(), now=BORN)) as running:
        yield running.url


def listed(url, spec=None, **wanted):
    async def work(client):
        assert isinstance(client, Lister)
        return [device async for device in client.list_devices(Listing("aliyun-test", **wanted))]

    return use(url, work, spec)


def asked(url, work, spec=None):
    """What `work` returns for a gateway that does not wait between calls."""

    async def sleep(_):
        return None

    async def run():
        setting = settings(url, spec)
        gateway = Gateway(setting, read_options(setting.config.spec, url))
        try:
            return await work(Asking(gateway, sleep))
        finally:
            await gateway.close()

    return asyncio.run(run())


@pytest.mark.parametrize("spec", FORMATS, ids=str)
def test_account_is_listed_whole_with_facts_and_without_secrets(url, spec):
    found = listed(url, spec)
    names = [(device.fields["productKey"], device.name) for device in found]
    assert len(names) == len(set(names)) == 111
    by_name = {device.name: device for device in found if device.fields["productKey"] == LAMPS}
    lamp = by_name["d00007"]
    assert lamp.fields == {"productKey": LAMPS, "deviceName": "d00007"}
    assert {name: lamp.facts[name] for name in ("firmware", "model", "status", "nickname")} == {
        "firmware": "2.4",
        "model": f"name of {LAMPS}",
        "status": "ONLINE",
        "nickname": "lamp 7",
    }
    assert lamp.facts["lastContact"].startswith("2026-11-22T")
    assert lamp.facts["lastContact"].endswith("Z")
    assert "firmware" not in by_name["d00000"].facts
    assert by_name["d00003"].facts["status"] == "UNACTIVE"
    assert "secret" not in repr(found).lower()


def test_identity_of_a_listed_device_is_what_its_fields_say(url):
    (meter,) = listed(url, products=[METERS])
    identity = PLATFORM.dialect.read_identity(meter.fields, meter.name)
    assert identity == Identity.of(productKey=METERS, deviceName="d00001")


@pytest.mark.parametrize("tag_match", ["all", "any"])
def test_tags_must_all_hold_whatever_several_tags_of_a_call_mean(tag_match):
    with EmulatorThread(World.from_records(account(), now=BORN, switches={"tag_match": tag_match})) as running:
        found = listed(running.url, tags={"site": "north", "floor": "1"})
        lamps = listed(running.url, tags={"site": "north", "floor": "1"}, products=[LAMPS])
    expected = {number for number in range(110) if number % 2 and number % 3 == 1}
    assert {(device.fields["productKey"], device.name) for device in found} == {
        *((LAMPS, f"d{number:05}") for number in expected),
        (METERS, "d00001"),
    }
    assert len(lamps) == len(expected)


def test_tag_without_a_value_is_its_key_alone():
    for required in ("no", "yes"):
        with EmulatorThread(
            World.from_records(account(), now=BORN, switches={"tag_value_required": required})
        ) as running:
            if required == "no":
                assert len(listed(running.url, tags={"site": ""}, products=[METERS])) == 1
                assert listed(running.url, tags={"nobody": ""}) == []
            else:
                with pytest.raises(Refused, match="Missing"):
                    listed(running.url, tags={"site": ""})


def test_product_that_does_not_exist_is_told(url):
    with pytest.raises(Refused, match=r"iot.prod.NotExistedProduct.*Copy the productKey"):
        listed(url, products=["a1Nobody"])


@pytest.mark.parametrize("fault", ["throttle", "drop_before_landing"])
def test_passing_failure_of_a_page(url, fault):
    control(url, "faults", {"rules": [{"match": {"operation": "query_device", "nth": 2}, "fault": fault}]})
    try:
        if fault == "throttle":
            assert len(listed(url, products=[LAMPS])) == 110
        else:
            with pytest.raises(InDoubt):
                listed(url, products=[LAMPS])
    finally:
        control(url, "faults", {"rules": []})


@pytest.mark.parametrize("deep_page", ["refuse", "empty"])
def test_more_devices_than_pages_reach_without_a_token(deep_page):
    many = [record(METERS, number) for number in range(10_120)]
    with EmulatorThread(World.from_records(many, now=BORN, switches={"deep_page": deep_page})) as running:

        async def count(asking):
            return len({entry.device_name async for entry in devices_of(asking, METERS)})

        assert asked(running.url, count) == 10_120


@pytest.mark.parametrize("spec", FORMATS, ids=str)
def test_every_other_listing_call_is_understood(url, spec):
    lamp = Identity.of(productKey=LAMPS, deviceName="d00007")

    async def work(asking):
        detail = await asking.ask(devices.query_detail(lamp), lambda answer: devices.read_detail(answer, lamp))
        props = await asking.ask(tags.query_props(lamp), tags.read_props)
        product = await asking.ask(products.query_product(LAMPS), lambda a: products.read_product(a, LAMPS))
        mine = await asking.ask(groups.query_groups_of(LAMPS, "d00007"), groups.read_groups_of)
        kinds = [await asking.ask(groups.query_groups(1, is_dynamic=d), groups.read_groups) for d in (False, True)]
        by_kind = {group.name: group.group_id for page in kinds for group in page.entries}
        static = Paged(
            lambda page, _: groups.query_group_devices(by_kind["ground floor"], page),
            groups.read_group_devices,
            lambda entry: entry.key,
        )
        dynamic = Paged(
            lambda page, token: groups.query_dynamic_group_devices(by_kind["all lamps"], page, token),
            groups.read_group_devices,
            lambda entry: entry.key,
            needs_tokens=True,
        )
        offline = await asking.ask(
            states.query_by_status(LAMPS, "UNACTIVE", 1), lambda answer: states.read_by_status(answer, LAMPS)
        )
        counted = [len([entry async for entry in walk(asking, paged)]) for paged in (static, dynamic)]
        return detail, props, product, mine, counted, offline

    detail, props, product, mine, counted, offline = asked(url, work, spec)
    assert (detail.firmware, detail.nickname, detail.status) == ("2.4", "lamp 7", "ONLINE")
    assert props == {"site": "north", "floor": "1"}
    assert (product.product_key, product.name, product.validate_type) == (LAMPS, f"name of {LAMPS}", 0)
    assert "ground floor" in {group.name for group in mine}
    assert counted == [60, 110]
    assert [entry.device_name for entry in offline.entries] == ["d00003"]


@pytest.mark.parametrize("spec", FORMATS, ids=str)
def test_thing_models_of_the_account_are_read_as_those_of_files(url, spec):
    calls = {
        "tsl": thing_models.get_tsl(LAMPS),
        "draft": thing_models.get_tsl(LAMPS, is_draft=True),
        "json": thing_models.query_thing_model(LAMPS),
        "json-draft": thing_models.query_thing_model(LAMPS, is_draft=True),
    }

    async def work(asking):
        texts = {name: await asking.ask(call, thing_models.read_thing_model) for name, call in calls.items()}
        versions = await asking.ask(thing_models.list_model_versions(LAMPS), thing_models.read_model_versions)
        return texts, versions

    texts, versions = asked(url, work, spec)
    assert versions[0].version == "v7"
    read = [PLATFORM.dialect.load_models([NamedBytes(f"{name}.json", text.encode())]) for name, text in texts.items()]
    assert [models.problems for models in read] == [()] * 4
    first = read[0].products[LAMPS].properties
    assert set(first) == {"Temperature", "Brightness", "Counter"}
    for models in read[1:]:
        assert models.products[LAMPS].properties == first
    assert read[2].products[LAMPS].version == "v7"
