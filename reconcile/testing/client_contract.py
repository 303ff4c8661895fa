"""What the client of every platform must do: send once, say truthfully what became of it, look without raising.

Each test runs the client on a real socket, through a relay that counts requests and spoils answers.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest

from reconcile.model.actions import (
    Action,
    CancelQueued,
    ExecuteNow,
    QueueExecute,
    QueueWrite,
    SetDesired,
    Write,
    WriteNow,
    touched,
)
from reconcile.model.desired import Delivery
from reconcile.model.errors import CallFailed, Conflict, InDoubt, NotSent, ReconcileError, Refused
from reconcile.model.observed import Look, ObservedDevice
from reconcile.model.recorded import DeliveryState
from reconcile.model.values import Missing, canonical
from reconcile.ports import Accepted, Client, TypedValue
from reconcile.testing.dialect_contract import DialectContract
from reconcile.testing.platform_sample import MARKER, PLANTED, Sample, stamp_for
from reconcile.testing.relay import FAULTS, Relay

_NEVER_ARRIVED = ("lose_request", "error_before", "redirect")
_NOBODY = "http://127.0.0.1:9"
"""A port where nobody listens."""


class ClientContract(DialectContract):
    """The tests of a client. A subclass serves the cloud of its sample on loopback."""

    @contextmanager
    def cloud(self) -> Iterator[str]:
        """The URL of a fresh cloud with the sample device on it: always reachable, nothing queued, nothing set."""
        raise NotImplementedError
        yield ""

    @pytest.fixture
    def relay(self) -> Iterator[Relay]:
        """The way to the cloud."""
        with self.cloud() as url, Relay(url, spoils=self.sample().is_write) as relay:
            yield relay

    def use(self, relay: Relay, work: Callable[[Client], Awaitable[None]]) -> None:
        """Runs some work with a client that knows the cloud's clock, and closes it."""
        run(self.sample(), relay.url, work)

    def actions(self, *, value: int = 0) -> list[Action]:
        """One request of each kind that writes one resource; `value` chooses among the sample's values."""
        sample = self.sample()
        dialect = sample.platform.dialect
        models = dialect.load_models(sample.models)
        text, values = next((text, values) for text, values in sample.values.items() if len(values) > 1)
        path = dialect.read_path(models, sample.key, text)
        assert isinstance(path, str)
        typed = dialect.read_value(models, sample.key, path, values[value], sample.types.get(text))
        assert isinstance(typed, TypedValue)
        writes = [Write(path, typed.value, typed.value_type)]
        found = [a for is_now in (False, True) for a in dialect.write_actions(writes, {}, Delivery(), is_now=is_now)]
        return list({action.kind: action for action in found}.values())

    def test_opening_asks_nobody(self) -> None:
        """A plan opens clients it may not need; closing twice does no harm."""

        async def idle(client: Client) -> None:
            assert abs(client.server_now() - datetime.now(UTC)) < timedelta(minutes=1)
            await client.close()

        run(self.sample(), _NOBODY, idle, learns=False)

    def test_missing_credentials_are_told_before_any_call(self) -> None:
        """As an error for people, not a traceback."""
        sample = self.sample()
        if not sample.platform.credential_names(sample.config):
            return
        settings = sample.settings(_NOBODY)
        keyless = Sample(sample.platform, sample.config, sample.values).settings(_NOBODY)
        assert sample.platform.open(settings)
        with pytest.raises(ReconcileError):
            sample.platform.open(keyless)

    @pytest.mark.parametrize("hours", [0, 3])
    def test_clock_of_the_cloud_is_learned(self, relay: Relay, hours: int) -> None:
        """From its Date headers; deadlines are set on it."""
        relay.clock_ahead = timedelta(hours=hours)

        async def look_at_it(client: Client) -> None:
            ahead = client.server_now() - datetime.now(UTC)
            assert abs(ahead - relay.clock_ahead) < timedelta(seconds=3)

        self.use(relay, look_at_it)
        assert relay.requests

    def test_every_request_waits_for_its_turn(self, relay: Relay) -> None:
        """The pace is the account's quota."""
        sample, turns = self.sample(), list[None]()

        async def work() -> None:
            client = sample.platform.open(sample.settings(relay.url, turns))
            await client.learn_clock(sample.identity)
            for action in self.actions():
                await client.send(sample.identity, action, stamp_for(client, action))
            await client.close()

        asyncio.run(work())
        assert len(turns) == len(relay.requests)

    def test_wait_is_longer_than_the_device_may_take(self) -> None:
        """Otherwise "not delivered" could not be told from "delivered"."""

        async def ask(client: Client) -> None:
            for action in self.actions():
                waits_s = client.answer_timeout_s(action)
                assert waits_s > (action.timeout_s if isinstance(action, WriteNow | ExecuteNow) else 0)

        run(self.sample(), _NOBODY, ask, learns=False)

    def test_what_is_accepted_is_there(self, relay: Relay) -> None:
        """One request each; the answer holds what must be kept of it, and a look finds it."""

        async def work(client: Client) -> None:
            for action in self.actions():
                before = self.writes_seen(relay)
                stamp = stamp_for(client, action)
                accepted = await client.send(self.sample().identity, action, stamp)
                assert self.writes_seen(relay) == before + 1
                canonical(accepted.evidence)
                assert await self.has_landed(client, action, accepted), action
                if isinstance(action, SetDesired):
                    assert accepted.versions.keys() == set(touched(action))
                if isinstance(action, QueueWrite | QueueExecute):
                    listed = await client.list_commands(self.sample().identity, stamp.server_now - timedelta(hours=1))
                    assert [c.uuid for c in listed if c.marker == stamp.expires_at] == [accepted.command_uuid]

        self.use(relay, work)

    async def has_landed(self, client: Client, action: Action, accepted: Accepted | None) -> bool:
        """Whether the cloud, or the device, holds what an action would bring. With `accepted`, exactly that."""
        sample, seen = self.sample(), await self.look(client, action, accepted)
        assert seen.problem is None, seen.problem
        dialect = sample.platform.dialect
        models = dialect.load_models(sample.models)
        match action:
            case WriteNow():
                values = [(w, seen.resources[w.path].reported) for w in action.writes if w.path in seen.resources]
            case SetDesired():
                values = [(w, seen.resources[w.path].cloud) for w in action.items]
                if accepted is not None:
                    assert all(seen.resources[path].version == v for path, v in accepted.versions.items())
            case _:
                assert not isinstance(seen.queue, Missing)
                return any(
                    c.delivery.is_open for c in seen.queue if accepted is None or c.uuid == accepted.command_uuid
                )
        return bool(values) and all(dialect.same(models, sample.key, w.path, w.value, value) for w, value in values)

    async def look(self, client: Client, action: Action, accepted: Accepted | None) -> ObservedDevice:
        """A look at what an action is about."""
        uuids = (accepted.command_uuid,) if accepted is not None and accepted.command_uuid else ()
        is_queued = isinstance(action, QueueWrite | QueueExecute | CancelQueued)
        in_cloud = isinstance(action, SetDesired)
        look = Look(touched(action), in_cloud, not in_cloud and not is_queued, is_queued, uuids=uuids)
        return await client.observe(self.sample().ref, self.sample().identity, look)

    def writes_seen(self, relay: Relay) -> int:
        """How many requests arrived that may change something."""
        return sum(map(self.sample().is_write, relay.requests))

    @pytest.mark.parametrize("fault", FAULTS)
    def test_what_is_said_of_a_spoiled_request_is_true(self, relay: Relay, fault: str) -> None:
        """Sent once, whatever comes back; refused means without effect, accepted means there, else in doubt."""

        async def work(client: Client) -> None:
            for action in self.actions():
                before, relay.fault = self.writes_seen(relay), fault
                told: Accepted | CallFailed
                try:
                    told = await client.send(self.sample().identity, action, stamp_for(client, action))
                except CallFailed as failed:
                    told = failed
                relay.fault = ""
                assert self.writes_seen(relay) == before + 1, "a client sends once; whether again is not its decision"
                has_landed = await self.has_landed(client, action, None)
                assert has_landed == (fault not in _NEVER_ARRIVED)
                assert isinstance(told, InDoubt if has_landed else InDoubt | Refused | NotSent) or (
                    has_landed and isinstance(told, Accepted)
                ), (fault, action.kind, told)
                self.keeps_quiet(str(told))

        self.use(relay, work)

    def keeps_quiet(self, text: str) -> None:
        """No key and no secret may stand in what people and logs get to see."""
        assert not any(secret in text for secret in (PLANTED, *self.sample().credentials.values()))

    def test_nobody_there_means_not_sent(self) -> None:
        """No byte left: it may go again at once."""

        async def work(client: Client) -> None:
            for action in self.actions():
                with pytest.raises(NotSent) as failed:
                    await client.send(self.sample().identity, action, stamp_for(client, action))
                self.keeps_quiet(str(failed.value))
            with pytest.raises(CallFailed):
                await client.learn_clock(self.sample().identity)
            assert (await self.everything(client)).problem

        run(self.sample(), _NOBODY, work, learns=False)

    async def everything(self, client: Client) -> ObservedDevice:
        """A look at all there is."""
        return await client.observe(self.sample().ref, self.sample().identity, self.whole_look())

    def whole_look(self) -> Look:
        """What a full refresh asks of the sample device."""
        dialect = self.sample().platform.dialect
        paths = [path for action in self.actions() for path in touched(action)]
        uuids = ("no-such-command",) if dialect.capabilities(self.sample().key).has_queue else ()
        return dialect.needs_look(sorted(set(paths)), is_refresh_all=True, wants_uplink=True, uuids=uuids)

    @pytest.mark.parametrize("fault", FAULTS)
    def test_look_never_raises(self, relay: Relay, fault: str) -> None:
        """What could not be read is unknown, never absent, and says why."""
        relay.spoils = lambda _request: True

        async def work(client: Client) -> None:
            relay.fault = fault
            seen = await self.everything(client)
            assert seen.ref == self.sample().ref
            assert seen.problem, "nothing could be read"
            self.keeps_quiet(seen.problem)

        self.use(relay, work)

    def test_secret_reaches_the_cloud_and_nobody_else(self, relay: Relay) -> None:
        """It is put in when the request is built; nothing that is kept of the answer shows it."""

        async def work(client: Client) -> None:
            sample = self.sample()
            text = next((text for text, values in sample.values.items() if isinstance(values[0], str)), None)
            if text is None or text in sample.types:
                return
            models = sample.platform.dialect.load_models(sample.models)
            path = sample.platform.dialect.read_path(models, sample.key, text)
            assert isinstance(path, str)
            for action in sample.platform.dialect.write_actions([Write(path, MARKER)], {}, Delivery(), is_now=False):
                accepted = await client.send(sample.identity, action, stamp_for(client, action))
                self.keeps_quiet(json.dumps(accepted.evidence))
                sent = [request for request in relay.requests if sample.is_write(request)]
                assert PLANTED in sent[-1].target + sent[-1].body.decode()

        self.use(relay, work)

    def test_moved_version_is_a_conflict(self, relay: Relay) -> None:
        """Where the cloud keeps versions, somebody else's change is not overwritten."""

        async def work(client: Client) -> None:
            for first, second in zip(self.actions(), self.actions(value=1), strict=True):
                if isinstance(first, SetDesired):
                    await client.send(self.sample().identity, first, stamp_for(client, first))
                    with pytest.raises(Conflict):
                        await client.send(self.sample().identity, second, stamp_for(client, second))
                    assert await self.has_landed(client, first, None)

        self.use(relay, work)

    def test_queued_command_can_be_withdrawn_once(self, relay: Relay) -> None:
        """Then it is listed as cancelled; where there is no queue, none is listed."""

        async def work(client: Client) -> None:
            identity, since = self.sample().identity, client.server_now() - timedelta(hours=1)
            for action in self.actions():
                if isinstance(action, QueueWrite):
                    accepted = await client.send(identity, action, stamp_for(client, action))
                    cancel = CancelQueued(accepted.command_uuid or "", touched(action))
                    await client.send(identity, cancel, stamp_for(client, cancel))
                    seen = await self.look(client, action, accepted)
                    command = seen.command(cancel.uuid)
                    assert command is not None
                    assert command.delivery is DeliveryState.CANCELLED
            if not self.sample().platform.dialect.capabilities(self.sample().key).has_queue:
                assert list(await client.list_commands(identity, since)) == []

        self.use(relay, work)

    def test_device_of_somebody_else_is_refused_or_unknown(self, relay: Relay) -> None:
        """A device that the cloud does not know has no values, and takes none."""
        stranger = self.stranger()

        async def work(client: Client) -> None:
            if stranger is None:
                return
            for action in self.actions():
                with pytest.raises(CallFailed) as failed:
                    await client.send(stranger.identity, action, stamp_for(client, action))
                assert not isinstance(failed.value, NotSent)
            seen = await client.observe(stranger.ref, stranger.identity, Look(("/1/0/1",), True, True, True))
            assert seen.problem or all(isinstance(r.reported, Missing) for r in seen.resources.values())

        self.use(relay, work)

    def stranger(self) -> Sample | None:
        """A sample whose device the cloud does not know; None where any name is taken."""
        return None


def run(sample: Sample, url: str, work: Callable[[Client], Awaitable[None]], *, learns: bool = True) -> None:
    """Runs some work with a client, opened and closed inside one event loop."""

    async def session() -> None:
        client = sample.platform.open(sample.settings(url))
        try:
            if learns:
                await client.learn_clock(sample.identity)
            await work(client)
        finally:
            await client.close()
            await client.close()

    asyncio.run(session())
