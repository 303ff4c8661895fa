"""Thing-model devices and lists of devices against the emulator, on both token platforms and under open questions."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from onenet_rig import KEYS, Desk, run, settings

from reconcile.emulator import EmulatorThread, World
from reconcile.model.actions import SetDesired, Write
from reconcile.model.device import DeviceRef, Identity
from reconcile.model.errors import Conflict, Refused
from reconcile.model.observed import Look
from reconcile.model.values import ABSENT
from reconcile.platforms.onenet.directory import Directory
from reconcile.platforms.onenet.thing import desired
from reconcile.ports import Listing, Stamp

IMEI = "865820031234567"
LAMP = Identity.of(productId="9MaNe52pNO", deviceName="lamp-1")
REF = DeviceRef("onenet-prod", "lamp-1")
MODEL = {
    "properties": [
        {
            "identifier": identifier,
            "name": identifier,
            "functionType": "u",
            "functionMode": "property",
            "accessMode": "rw",
            "dataType": {"type": kind, "specs": {}},
        }
        for identifier, kind in (("Brightness", "int32"), ("switch", "bool"))
    ],
    "events": [],
    "services": [],
}
POPULATION = [
    {
        "cloud": "onenet",
        "productId": "9MaNe52pNO",
        "deviceName": "lamp-1",
        "thingModel": MODEL,
        "values": {"Brightness": 50, "switch": False},
        "groups": ["hall"],
    },
    {"cloud": "onenet", "imei": IMEI, "resources": {"/3/0/3": {"value": "2.4", "type": "string", "operations": "R"}}},
]
LOOK = Look(paths=("Brightness", "switch"), wants_cloud=True, wants_reported=True, wants_uplink=True)
APIS = pytest.mark.parametrize("api", ["studio", "current"])


class Running:
    """An emulator with one lamp and one meter."""

    def __init__(self, switches=None):
        self._thread = EmulatorThread(World.from_records(POPULATION, now=datetime.now(UTC), switches=switches))

    def __enter__(self):
        return Desk(self._thread.__enter__().url)

    def __exit__(self, *problem):
        self._thread.__exit__(*problem)


def account(url, api, **more):
    made = settings(url, api, api, keys={"accessKey": KEYS["accessKey"]}, **more)
    made.config.spec["projectId"] = "ocgzVU"
    return made


def a_set(version, **values):
    return SetDesired(
        tuple(Write(k, v) for k, v in sorted(values.items())), tuple((k, version) for k in sorted(values))
    )


def sending(action):
    return lambda client: client.send(LAMP, action, Stamp(client.server_now()))


@APIS
@pytest.mark.parametrize("version_type", ["int", "string"])
def test_set_look_and_clear(api, version_type):
    with Running({"desired_version_type": version_type}) as desk:
        made = account(desk.url, api)
        accepted = run(made, sending(a_set(0, Brightness=60, switch=True)))
        assert accepted.versions == {"Brightness": 1, "switch": 1}
        seen = run(made, lambda client: client.observe(REF, LAMP, LOOK))
        assert seen.problem is None
        assert seen.is_online is True
        assert [(r.cloud, r.version, r.reported) for r in seen.resources.values()] == [(60, 1, 60), (True, 1, True)]
        cleared = run(made, sending(a_set(1, Brightness=None)))
        assert cleared.versions == {"Brightness": 0}
        seen = run(made, lambda client: client.observe(REF, LAMP, LOOK))
        assert (seen.resources["Brightness"].cloud, seen.resources["Brightness"].version) == (ABSENT, 0)


@APIS
def test_a_foreign_set_since_the_plan_is_not_overwritten(api):
    with Running() as desk:
        made = account(desk.url, api)
        run(made, sending(a_set(0, Brightness=60)))
        run(made, sending(a_set(1, Brightness=70)))
        before = len(desk.log())
        with pytest.raises(Conflict, match="Brightness is at 2, expected 1"):
            run(made, sending(a_set(1, Brightness=80)))
        assert [entry["operation"] for entry in desk.log()[before:]] == ["query_desired"]


@APIS
@pytest.mark.parametrize("fault", ["drop_answer_after_landing", "garbled_body", "http_500_after"])
def test_a_set_whose_answer_is_lost_is_found_again(api, fault, monkeypatch):
    monkeypatch.setattr(desired, "TOKEN_MARGIN", timedelta(seconds=-14))
    with Running() as desk:
        desk.fault("set_desired", fault)
        accepted = run(account(desk.url, api), sending(a_set(0, Brightness=60)))
        assert accepted.versions == {"Brightness": 1}
        assert accepted.evidence == {"adopted": True}
        assert sum(entry["operation"] == "set_desired" for entry in desk.log()) == 1


@APIS
def test_a_set_that_never_arrived_is_proven_so(api, monkeypatch):
    monkeypatch.setattr(desired, "TOKEN_MARGIN", timedelta(seconds=-14))
    with Running() as desk:
        desk.fault("set_desired", "drop_before_landing")
        with pytest.raises(Refused):
            run(account(desk.url, api), sending(a_set(0, Brightness=60)))


@APIS
def test_wrong_types_are_told_by_the_platform_too(api):
    with Running() as desk, pytest.raises(Refused):
        run(account(desk.url, api), sending(a_set(0, Brightness="bright")))


@APIS
def test_the_thing_model_comes_as_it_can_be_kept(api):
    with Running() as desk:
        found = run(account(desk.url, api), lambda client: client.things.thing_model("9MaNe52pNO"))
        assert found["properties"] == MODEL["properties"]


def listed(made, listing):
    async def collect(client):
        return [one async for one in client.list_devices(listing)]

    return run(made, collect)


def test_classic_lists_meters_with_their_firmware():
    with Running() as desk:
        made = settings(desk.url, "classic", "classic", keys={"masterKey": KEYS["masterKey"]})
        (meter,) = listed(made, Listing("onenet-prod"))
        assert meter.fields == {"imei": IMEI}
        assert meter.facts["status"] == "online"
        assert meter.facts["lastContact"].endswith("Z")


def test_current_lists_a_product():
    with Running() as desk:
        made = settings(desk.url, "current", "current", keys={"accessKey": KEYS["accessKey"]})
        (lamp,) = listed(made, Listing("onenet-prod", products=("9MaNe52pNO",)))
        assert (lamp.name, lamp.fields) == ("lamp-1", {"productId": "9MaNe52pNO", "deviceName": "lamp-1"})


@APIS
@pytest.mark.parametrize("total", ["told", "absent"])
def test_a_project_of_both_kinds_is_listed(api, total):
    with Running({"list_total": total}) as desk:
        found = listed(account(desk.url, api), Listing("onenet-prod"))
        by_name = {one.name: one for one in found}
        assert by_name["lamp-1"].fields == {"productId": "9MaNe52pNO", "deviceName": "lamp-1"}
        assert by_name[IMEI].fields == {"imei": IMEI}
        assert all(one.facts["status"] == "online" for one in found)


def test_pages_end_where_no_total_is_told():
    crowd = [POPULATION[0] | {"deviceName": f"lamp-{number}"} for number in range(201)]
    for total, calls in (("told", 3), ("absent", 3)):
        world = World.from_records(crowd, now=datetime.now(UTC), switches={"list_total": total})
        with EmulatorThread(world) as thread:
            made = settings(thread.url, "current", "current", keys={"accessKey": KEYS["accessKey"]})
            assert len(listed(made, Listing("onenet-prod", products=("9MaNe52pNO",)))) == 201
            assert sum(entry["operation"] == "list_devices" for entry in Desk(thread.url).log()) == calls


def test_studio_lists_the_devices_of_a_group():
    with Running() as desk:
        made = account(desk.url, "studio")
        assert [one.name for one in listed(made, Listing("onenet-prod", tags={"group": "hall"}))] == ["lamp-1"]
        assert listed(made, Listing("onenet-prod", tags={"group": "roof"})) == []


@pytest.mark.parametrize(
    ("api", "resource"), [("studio", "projectid/emulator/groupid/hall"), ("current", "projects/emulator")]
)
def test_tokens_of_a_group_and_of_a_project_are_accepted(api, resource):
    with Running() as desk:
        made = settings(desk.url, api, api, resource=resource, keys={"accessKey": KEYS["accessKey"]})
        assert "lamp-1" in [one.name for one in listed(made, Listing("onenet-prod"))]
        assert run(made, sending(a_set(0, Brightness=60))).versions == {"Brightness": 1}


def test_status_of_many_at_once():
    with Running() as desk:
        made = settings(desk.url, "classic", "classic", keys={"masterKey": KEYS["masterKey"]})

        async def both(client):
            directory: Directory = client.directory
            facts = await directory.full(IMEI)
            return facts, await directory.statuses([facts.device_id, "nobody"])

        facts, statuses = run(made, both)
        assert statuses == {facts.device_id: True}
        assert facts.imei == IMEI
