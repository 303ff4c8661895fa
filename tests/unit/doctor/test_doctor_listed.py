"""Trying a listing: what is said of one that is slow, empty, refused or not to be had, and which device it names."""

import asyncio

import pytest

from reconcile.model.device import Identity
from reconcile.model.errors import Refused
from reconcile.model.examination import Mark
from reconcile.platforms.aliyun import PLATFORM
from reconcile.ports import ListedDevice, Listing
from reconcile.runs.doctor import listed
from reconcile.runs.doctor.listed import look_at_listings

LISTING = Listing("ali", ("a1",), {"site": "north", "lamp": ""})
LAMP = ListedDevice("lamp-1", {"productKey": "a1", "deviceName": "lamp-1"}, {})


class Silent:
    """A client that lists nothing."""

    is_closed = False

    async def close(self):
        self.is_closed = True


class Lists(Silent):
    """A client that lists these, raises the one that is an exception, or waits for ever where it is None."""

    def __init__(self, *devices):
        self.devices, self.given = devices, 0

    async def list_devices(self, listing):
        assert listing == LISTING
        for device in self.devices:
            if isinstance(device, Exception):
                raise device
            if device is None:
                await asyncio.sleep(3600)
            self.given += 1
            yield device


class Cloud:
    """A platform that opens that client."""

    type, dialect = "cloud", PLATFORM.dialect

    def __init__(self, client):
        self.client = client

    def open(self, settings):
        return self.client


def looked(client, *listings):
    found = asyncio.run(look_at_listings(Cloud(client), None, listings))
    assert client.is_closed is bool(listings)
    return [(each.key, each.mark, each.values.get("what")) for each in found.findings], list(found.samples)


@pytest.mark.parametrize(
    ("client", "key", "mark"),
    [
        (Lists(), "listing.empty", Mark.WARNING),
        (Lists(None), "listing.slow", Mark.SKIPPED),
        (Lists(Refused("no", vendor_code="NoPermission")), "listing.failed", Mark.PROBLEM),
    ],
    ids=["empty", "slow", "refused"],
)
def test_a_listing_that_names_no_device(monkeypatch, client, key, mark):
    monkeypatch.setattr(listed, "_WAIT_S", 0.01)
    assert looked(client, LISTING) == ([(key, mark, "ali a1 lamp site=north")], [])


def test_the_first_device_is_enough():
    client = Lists(LAMP, LAMP, LAMP)
    found, samples = looked(client, LISTING)
    assert found == [("listing.answered", Mark.OK, "ali a1 lamp site=north")]
    assert samples == [Identity.of(productKey="a1", deviceName="lamp-1")]
    assert client.given == 1


def test_a_device_that_cannot_be_named_is_no_sample():
    assert looked(Lists(ListedDevice("x y", {"productKey": "a 1"}, {})), LISTING)[1] == []


def test_a_platform_that_lists_nothing_and_an_inventory_that_asks_nothing():
    assert [key for key, _, _ in looked(Silent(), LISTING)[0]] == ["listing.cannot"]
    assert looked(Silent()) == ([], [])
