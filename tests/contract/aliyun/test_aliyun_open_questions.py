"""What the documents leave open, under every answer: the client reaches the same end, or says that it does not know.

Each switch of the emulator is one open question; all are tried, one at a time, over the whole life of a value.
"""

from __future__ import annotations

import pytest
from aliyun_rig import BORN, KEYS, MODEL, STAMP, Names, control, faults, use

from reconcile.emulator import EmulatorThread, World
from reconcile.emulator.aliyun.switches import SWITCHES
from reconcile.emulator.credentials import ALIYUN_READER_KEY_ID, ALIYUN_READER_KEY_SECRET
from reconcile.model.actions import SetDesired, Write
from reconcile.model.device import DeviceRef, Identity
from reconcile.model.errors import Conflict, InDoubt, Refused
from reconcile.model.observed import Look
from reconcile.model.values import ABSENT, UNKNOWN
from reconcile.platforms.aliyun import PLATFORM
from reconcile.ports import Listing, NamedBytes

KEY = "a1BwAGVxxxx"
LAMP = Identity.of(productKey=KEY, deviceName="lamp-17")
REF = DeviceRef("aliyun-test", "lamp-17")
DIALECT = PLATFORM.dialect
NUMBER = {"type": "int", "specs": {"min": "0", "max": "100", "step": "1"}}
PERIOD = {"identifier": "period", "name": "period", "accessMode": "rw", "dataType": NUMBER}
FULL = {
    **MODEL,
    "functionBlocks": [{"functionBlockId": "Energy", "functionBlockName": "Energy", "properties": [PERIOD]}],
}
POPULATION = [
    {
        "cloud": "aliyun",
        "productKey": KEY,
        "deviceName": name,
        "sleep": {"kind": "none"},
        "thingModel": FULL,
        "tags": {"site": "north", "floor": floor},
        "deletes_desired": name == "tidy",
        "product": {"version": "v1"},
    }
    for name, floor in (("lamp-17", "1"), ("tidy", "2"), ("spare", "1"))
]
ANSWERS = [(switch.name, choice) for switch in SWITCHES for choice in switch.choices]


@pytest.fixture(params=ANSWERS, ids="=".join)
def url(request):
    name, choice = request.param
    with EmulatorThread(World.from_records(POPULATION, now=BORN, switches={name: choice})) as running:
        yield running.url


@pytest.fixture(scope="module")
def models():
    import json

    return DIALECT.load_models([NamedBytes("lamp.json", json.dumps(FULL).encode())])


class Lamp:
    """One client at work on one device; versions are always those that were seen or answered."""

    def __init__(self, url, models):
        self.url, self.models = url, models

    def set(self, path, value, version):
        action = SetDesired((Write(path, value),), ((path, version),))
        return use(self.url, lambda client: client.send(LAMP, action, STAMP)).versions[path]

    def fails(self, path, value, version):
        with pytest.raises((Conflict, Refused, InDoubt)) as failed:
            self.set(path, value, version)
        return failed.value

    def look(self, *paths, name="lamp-17"):
        identity = Identity.of(productKey=KEY, deviceName=name)
        look = Look(paths=paths, wants_cloud=True, wants_uplink=True)
        seen = use(self.url, lambda client: client.observe(REF, identity, look))
        assert seen.problem is None
        assert seen.is_online is not UNKNOWN
        return seen.resources

    def holds(self, path, value):
        seen = self.look(path)[path]
        assert DIALECT.same(self.models, KEY, path, value, seen.cloud), seen
        return seen.version


def test_life_of_a_value(url, models):
    lamp = Lamp(url, models)
    first = lamp.set("Temperature", 35.0, lamp.look("Temperature")["Temperature"].version)
    assert lamp.holds("Temperature", 35.0) == first
    second = lamp.set("Temperature", 36.5, first)
    assert lamp.holds("Temperature", 36.5) == second
    lamp.fails("Temperature", 20.0, first)
    assert lamp.holds("Temperature", 36.5) == second
    cleared = lamp.set("Temperature", None, second)
    gone = lamp.look("Temperature")["Temperature"]
    assert (gone.cloud, gone.version) == (ABSENT, cleared)
    assert DIALECT.same(models, KEY, "Temperature", 36.5, gone.reported)
    again = lamp.set("Temperature", 30.0, gone.version)
    assert lamp.holds("Temperature", 30.0) == again


def test_floats_come_back_as_themselves(url, models):
    lamp, version = Lamp(url, models), 0
    for value in (0.0, -1.5, 1e16, 1e-7, 0.1):
        version = lamp.set("Temperature", value, version)
        assert lamp.holds("Temperature", value) == version


def test_what_the_model_refuses_never_passes_for_done(url, models):
    lamp = Lamp(url, models)
    lamp.fails("Brightness", 500, 0)
    assert lamp.look("Brightness")["Brightness"].cloud is ABSENT
    lamp.fails("Counter", 5, 0)


def test_properties_of_a_module_and_those_that_cannot_be_queried(url, models):
    lamp = Lamp(url, models)
    version = lamp.set("Energy:period", 30, 0)
    seen = lamp.look("Energy:period", "Counter", "Brightness")
    assert DIALECT.same(models, KEY, "Energy:period", 30, seen["Energy:period"].cloud)
    assert seen["Energy:period"].version == version
    assert seen["Counter"].cloud is ABSENT


def test_device_that_deletes_what_it_applied_still_reports_it(url, models):
    tidy = Identity.of(productKey=KEY, deviceName="tidy")
    action = SetDesired((Write("Brightness", 40),), (("Brightness", 0),))
    use(url, lambda client: client.send(tidy, action, STAMP))
    control(url, "clock", {"advance_s": 5})
    seen = Lamp(url, models).look("Brightness", name="tidy")["Brightness"]
    assert (seen.cloud, seen.reported) == (ABSENT, "40")


def test_several_items_report_each_its_version(url, models):
    both = SetDesired((Write("Brightness", 5), Write("Temperature", 1.0)), (("Brightness", 0), ("Temperature", 0)))
    versions = use(url, lambda client: client.send(LAMP, both, STAMP)).versions
    lamp = Lamp(url, models)
    assert (versions["Brightness"], versions["Temperature"]) == (
        lamp.holds("Brightness", 5),
        lamp.holds("Temperature", 1.0),
    )


def test_listing_finds_the_same_devices(url):
    async def work(client):
        wanted = Listing("aliyun-test", tags={"site": "north", "floor": "1"})
        everything = Listing("aliyun-test", products=[KEY])
        return [
            sorted([device.name async for device in client.list_devices(listing)]) for listing in (wanted, everything)
        ]

    assert use(url, work) == [["lamp-17", "spare"], ["lamp-17", "spare", "tidy"]]


@pytest.mark.parametrize("url", [a for a in ANSWERS if a[0].startswith("throttle")], ids="=".join, indirect=True)
def test_throttled_set_waits_and_throttled_read_goes_again(url, models):
    faults(url, "set_desired", "throttle")
    failure = Lamp(url, models).fails("Brightness", 5, 0)
    assert isinstance(failure, Refused)
    assert failure.retry_after_s == 1.0
    faults(url, "query_desired", "throttle")
    assert Lamp(url, models).look("Brightness")["Brightness"].cloud is ABSENT


KEYRINGS = [
    ({"securityToken": "emulator-sts-expired"}, ("STS token", "securityToken")),
    ({"accessKeyId": "nobody"}, ("accessKeyId",)),
    ({"accessKeyId": ALIYUN_READER_KEY_ID, "accessKeySecret": ALIYUN_READER_KEY_SECRET}, ("RAM user",)),
]


def test_keys_that_may_not_are_a_refusal_with_advice(url):
    action = SetDesired((Write("Brightness", 5),), (("Brightness", 0),))
    for names, advice in KEYRINGS:
        with pytest.raises(Refused) as refused:
            use(url, lambda client: client.send(LAMP, action, STAMP), names=Names(**{**KEYS, **names}))
        assert any(word in str(refused.value) for word in advice), refused.value
        assert "emulator-" not in str(refused.value)
