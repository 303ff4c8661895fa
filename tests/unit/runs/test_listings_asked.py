"""How a cloud is asked for its devices: whole or not at all."""

from __future__ import annotations

from types import SimpleNamespace

from listing_desk import lamps

from reconcile.model.errors import Refused
from reconcile.ports import Listing
from reconcile.runs.listing_fetch import fetch


class Cloud:
    """A client that lists, and fails after some devices when told to."""

    def __init__(self, devices, failure=None):
        self.devices, self.failure, self.is_closed = devices, failure, False

    async def list_devices(self, listing):
        for device in self.devices:
            yield device
        if self.failure:
            raise self.failure

    async def close(self):
        self.is_closed = True


def ask(client, count=1):
    return fetch([Listing("ali")] * count, {"ali": lambda: client})


def test_a_listing_comes_whole_over_one_client_that_is_closed():
    cloud = Cloud(lamps(1, 2))
    assert ask(cloud, 2) == [lamps(1, 2), lamps(1, 2)]
    assert cloud.is_closed


def test_a_listing_that_breaks_off_is_none():
    cloud = Cloud(lamps(1, 2), Refused("throttled.", vendor_code="Throttling"))
    assert ask(cloud) == ["RCL402: throttled"]
    assert cloud.is_closed


def test_a_listing_without_end_is_none(monkeypatch):
    monkeypatch.setattr("reconcile.runs.listing_fetch.MOST_DEVICES", 3)
    assert "more than 3 devices" in ask(Cloud(lamps(*range(10))))[0]


def test_a_silent_cloud_is_given_up(monkeypatch):
    import asyncio

    class Silent(Cloud):
        async def list_devices(self, listing):
            yield self.devices[0]
            await asyncio.sleep(60)

    monkeypatch.setattr("reconcile.runs.listing_fetch._SILENCE_S", 0.05)
    assert "named no device for" in ask(Silent(lamps(1)))[0]


def test_a_cloud_that_cannot_list_is_told():
    async def close():
        pass

    assert ask(SimpleNamespace(close=close)) == ["this platform cannot list devices; list them in a file"]
