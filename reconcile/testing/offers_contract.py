"""What a client that offers more than it must promises with it: lists of devices, and learning of many at once."""

from __future__ import annotations

import pytest

from reconcile.ports import Client, Lister, LooksAhead
from reconcile.testing.client_contract import ClientContract
from reconcile.testing.platform_sample import stamp_for
from reconcile.testing.relay import FAULTS, Relay


class OffersContract(ClientContract):
    """Tests of the optional protocols of a client; one that offers none passes them all."""

    def test_listing_gives_each_device_once(self, relay: Relay) -> None:
        """The sample device among them, with an identity that reads back, and no secret."""

        async def work(client: Client) -> None:
            sample = self.sample()
            if sample.listing is None:
                return
            assert isinstance(client, Lister), "a sample with a listing promises one"
            found = [device async for device in client.list_devices(sample.listing)]
            names = [tuple(sorted(device.fields.items())) for device in found]
            assert len(set(names)) == len(names)
            identities = [sample.platform.dialect.read_identity(device.fields, device.name) for device in found]
            assert sample.identity in identities
            self.keeps_quiet(repr(found))

        self.use(relay, work)

    def test_looking_ahead_changes_nothing_that_is_seen(self, relay: Relay) -> None:
        """It saves calls; what a look tells afterwards is what it tells alone."""

        async def work(client: Client) -> None:
            if not isinstance(client, LooksAhead):
                return
            for action in self.actions():
                await client.send(self.sample().identity, action, stamp_for(client, action))
            alone = await self.everything(client)
            await client.look_ahead([(self.sample().identity, self.whole_look())] * 2)
            noted = await self.everything(client)
            assert (noted.problem, noted.is_online) == (alone.problem, alone.is_online)
            for path, before in alone.resources.items():
                after = noted.resources.get(path)
                assert after is not None, f"{path} is seen no more"
                assert (after.cloud, after.version) == (before.cloud, before.version)

        self.use(relay, work)

    @pytest.mark.parametrize("fault", FAULTS)
    def test_looking_ahead_never_raises(self, relay: Relay, fault: str) -> None:
        """And what it could not learn is no excuse for the look that follows."""
        relay.spoils = lambda _request: True

        async def work(client: Client) -> None:
            if not isinstance(client, LooksAhead):
                return
            relay.fault = fault
            await client.look_ahead([(self.sample().identity, self.whole_look())] * 2)
            assert (await self.everything(client)).problem, "nothing could be read"

        self.use(relay, work)
