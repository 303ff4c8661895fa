"""The example platform keeps the contract; and the kit catches platforms that do not."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest
from example_platform.client import ToyClient
from example_platform.dialect import ToyDialect
from toycloud_sample import PLATFORM, SAMPLE, ToyCloud

from reconcile.model.errors import CallFailed, InDoubt, NotSent, Refused
from reconcile.model.observed import ObservedDevice
from reconcile.model.values import UNKNOWN
from reconcile.ports import Accepted
from reconcile.testing.platform_contract import PlatformContract, Relay, Sample


class TestToyCloud(PlatformContract):
    def sample(self) -> Sample:
        return SAMPLE

    @contextmanager
    def cloud(self) -> Iterator[str]:
        with ToyCloud(SAMPLE.name) as cloud:
            yield cloud.url

    def stranger(self) -> Sample | None:
        return replace(SAMPLE, name="nobody")


class SendsTwice(ToyClient):
    async def send(self, identity, action, stamp):
        try:
            return await super().send(identity, action, stamp)
        except InDoubt:
            return await super().send(identity, action, stamp)


class Hopeful(ToyClient):
    async def send(self, identity, action, stamp):
        try:
            return await super().send(identity, action, stamp)
        except InDoubt:
            return Accepted(versions={path: version + 1 for path, version in action.versions})


class Fatalist(ToyClient):
    async def send(self, identity, action, stamp):
        try:
            return await super().send(identity, action, stamp)
        except InDoubt as exc:
            raise Refused("no") from exc


class Unguarded(ToyClient):
    async def send(self, identity, action, stamp):
        thing = await self._call("GET", f"/things/{identity['deviceName']}")
        known = {path: thing["desired"].get(path, {"version": 0})["version"] for path, _ in action.versions}
        return await super().send(identity, replace(action, versions=tuple(known.items())), stamp)


class Raises(ToyClient):
    async def observe(self, ref, identity, look):
        seen = await super().observe(ref, identity, look)
        if seen.problem:
            raise InDoubt(seen.problem)
        return seen


class Blind(ToyClient):
    async def observe(self, ref, identity, look):
        return replace(await super().observe(ref, identity, look), problem=None)


class Chatty(ToyClient):
    async def send(self, identity, action, stamp):
        try:
            return await super().send(identity, action, stamp)
        except CallFailed as exc:
            raise NotSent(f"{exc} with {self._http.headers['authorization']}") from exc


class OwnClock(ToyClient):
    def server_now(self):
        return self._settings.now()


class Hasty(ToyClient):
    async def _call(self, method, path, body=None):
        pace, self._settings = self._settings.pace, replace(self._settings, pace=_at_once)
        try:
            return await super()._call(method, path, body)
        finally:
            self._settings = replace(self._settings, pace=pace)


async def _at_once():
    """No turn is taken."""


class Impatient(ToyClient):
    async def look_ahead(self, looks):
        for identity, _ in looks:
            await self._call("GET", f"/things/{identity['deviceName']}")


class Foresees(ToyClient):
    noted = False

    async def look_ahead(self, looks):
        self.noted = True

    async def observe(self, ref, identity, look):
        return ObservedDevice(ref) if self.noted else await super().observe(ref, identity, look)


class UnknownIsEqual(ToyDialect):
    def same(self, models, model_key, path, left, right):
        return left is right is UNKNOWN or super().same(models, model_key, path, left, right)


class TrueIsOne(ToyDialect):
    def same(self, models, model_key, path, left, right):
        return left == right


class LosesTheLast(ToyDialect):
    def write_actions(self, writes, versions, delivery, *, is_now):
        return super().write_actions(sorted(writes, key=lambda w: w.path)[:-1], versions, delivery, is_now=is_now)


class TooMany(ToyDialect):
    def write_actions(self, writes, versions, delivery, *, is_now):
        made = super().write_actions(writes, versions, delivery, is_now=is_now)
        items = tuple(item for action in made for item in action.items)
        return [type(made[0])(items, tuple(v for action in made for v in action.versions))] if made else []


class Forgetful(ToyDialect):
    def write_actions(self, writes, versions, delivery, *, is_now):
        return super().write_actions(writes, {}, delivery, is_now=is_now)


class KeepsTheOrder(ToyDialect):
    def write_actions(self, writes, versions, delivery, *, is_now):
        one_each = [super(KeepsTheOrder, self).write_actions([w], versions, delivery, is_now=is_now) for w in writes]
        return [action for actions in one_each for action in actions]


class NeverEnds(ToyDialect):
    def read_path(self, models, model_key, text):
        path = super().read_path(models, model_key, text)
        return f"{path}x" if isinstance(path, str) else path


BROKEN = [
    (SendsTwice, "test_what_is_said_of_a_spoiled_request_is_true", {"fault": "lose_answer"}),
    (Hopeful, "test_what_is_said_of_a_spoiled_request_is_true", {"fault": "lose_request"}),
    (Fatalist, "test_what_is_said_of_a_spoiled_request_is_true", {"fault": "error_after"}),
    (Unguarded, "test_moved_version_is_a_conflict", {}),
    (Raises, "test_look_never_raises", {"fault": "garble_answer"}),
    (Blind, "test_look_never_raises", {"fault": "wrong_json"}),
    (Chatty, "test_nobody_there_means_not_sent", {}),
    (OwnClock, "test_clock_of_the_cloud_is_learned", {"hours": 3}),
    (Hasty, "test_every_request_waits_for_its_turn", {}),
    (Impatient, "test_looking_ahead_never_raises", {"fault": "garble_answer"}),
    (Foresees, "test_looking_ahead_changes_nothing_that_is_seen", {}),
    (UnknownIsEqual, "test_absent_is_only_absent_and_unknown_is_nothing", {}),
    (TrueIsOne, "test_equality_is_an_equivalence", {}),
    (LosesTheLast, "test_requests_carry_every_write_once", {"is_now": False}),
    (TooMany, "test_requests_carry_every_write_once", {"is_now": False}),
    (KeepsTheOrder, "test_requests_carry_every_write_once", {"is_now": False}),
    (Forgetful, "test_requests_are_of_the_kinds_it_can_do", {"is_now": False}),
    (NeverEnds, "test_path_is_canonical_once_read", {}),
]


@pytest.mark.parametrize(("fault", "name", "given"), BROKEN, ids=[fault.__name__ for fault, _, _ in BROKEN])
def test_kit_catches(fault, name, given):
    """A test that lets such a platform pass proves nothing; the sound one passes the same test."""

    def run(platform):
        contract = TestToyCloud()
        contract.sample = lambda: replace(SAMPLE, platform=platform)
        dialect = platform.dialect
        with contract.cloud() as url, Relay(url, spoils=SAMPLE.is_write) as relay:
            fixtures = {
                "relay": relay,
                "dialect": dialect,
                "models": dialect.load_models(()),
                "capabilities": dialect.capabilities(""),
            }
            test = getattr(contract, name)
            wanted = inspect.signature(test).parameters
            test(**{key: value for key, value in {**fixtures, **given}.items() if key in wanted})

    run(PLATFORM)
    broken = Other(fault)
    with pytest.raises((AssertionError, CallFailed, pytest.fail.Exception)):
        run(broken)


class Other:
    """The toy platform with one part exchanged."""

    type = PLATFORM.type

    def __init__(self, part):
        self.dialect = part() if issubclass(part, ToyDialect) else PLATFORM.dialect
        self._client = part if issubclass(part, ToyClient) else ToyClient

    def credential_names(self, config):
        return PLATFORM.credential_names(config)

    def open(self, settings):
        return self._client(settings)
