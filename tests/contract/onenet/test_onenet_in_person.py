"""Calls that no plan makes, for doctor, import and people: against the emulator, through each generation that has them."""

from __future__ import annotations

from datetime import timedelta

import pytest
from onenet_rig import (
    IMEI,
    KEYS,
    QUEUEING,
    SLEEPER,
    emulator,
    queue_execute,
    queue_write,
    run,
    send,
    settings,
    stamp_for,
    write_now,
)

from reconcile.model.device import DeviceRef, Identity
from reconcile.model.errors import NotSent
from reconcile.model.observed import Look
from reconcile.model.recorded import DeliveryState
from reconcile.model.values import UNKNOWN
from reconcile.platforms.onenet.wire.requests import ReadLater

INSTANT = pytest.mark.parametrize("instant", ["classic", "studio", "current"])
CACHED = pytest.mark.parametrize("cached", ["classic", "current"])


def account(url, instant, cached):
    made = settings(url, instant, cached)
    made.config.spec["projectId"] = "ocgzVU"
    return made


@INSTANT
def test_a_device_is_asked_what_it_has(instant):
    with emulator() as desk:
        made = account(desk.url, instant, "classic" if instant != "current" else "current")
        assert run(made, lambda client: client.radio.discover(IMEI, "/3303")) == (
            "/3303/0/5603",
            "/3303/0/5604",
            "/3303/0/5700",
        )
        assert run(made, lambda client: client.radio.read(IMEI, "/3303/0/5700")) == {"/3303/0/5700": 21.5}
        run(made, lambda client: client.radio.subscribe(IMEI, "/3303/0/5700", {"pmin": "10", "pmax": "60"}))
        run(made, lambda client: client.radio.subscribe(IMEI, "/3303/0/5700", is_cancel=True))


@pytest.mark.parametrize("instant", ["classic", "studio"])
def test_the_platform_has_noted_its_resources(instant):
    with emulator() as desk:
        noted = run(account(desk.url, instant, "classic"), lambda client: client.radio.resources(IMEI))
        assert {"/3303/0/5603", "/3/0/13", "/19/0/0"} <= set(noted)


@CACHED
def test_a_read_waits_and_is_traced(cached):
    with emulator() as desk:

        async def later(client):
            await client.learn_clock(Identity.of(imei=SLEEPER))
            wanted = ReadLater("/3303/0/5603", 25, QUEUEING)
            return await client.queue.read_later(SLEEPER, wanted, stamp_for(client))

        made = account(desk.url, "classic" if cached == "classic" else "current", cached)
        run(made, lambda client: send(client, queue_write(), SLEEPER))
        uuid = run(made, later)
        desk.advance(11)
        desk.wake(SLEEPER)
        command = run(made, lambda client: client.queue.command(SLEEPER, uuid))
        assert (command.type, command.delivery) == ("READ", DeliveryState.CONFIRMED)
        trace = run(made, lambda client: client.queue.trace(SLEEPER, uuid))
        assert [line.stage for line in trace][:3] == ["received", "sent", "confirmed"]
        assert all(line.at is not None for line in trace)


@CACHED
def test_all_that_waits_is_withdrawn_at_once(cached):
    with emulator() as desk:
        made = account(desk.url, "classic" if cached == "classic" else "current", cached)

        async def fill(client):
            return [(await send(client, action, SLEEPER)).command_uuid for action in (queue_write(), queue_execute())]

        uuids = run(made, fill)
        withdrawn = run(made, lambda client: client.queue.cancel_all(SLEEPER))
        assert (sorted(withdrawn.cancelled), withdrawn.failed) == (sorted(uuids), ())
        assert run(made, lambda client: client.queue.cancel_all(SLEEPER)).cancelled == ()


def test_studio_alone_writes_now_reads_back_and_queues_nothing():
    with emulator() as desk:
        made = settings(desk.url, "studio", "studio", keys={"accessKey": KEYS["accessKey"]})
        identity = Identity.of(imei=IMEI)
        assert run(made, lambda client: send(client, write_now())).is_confirmed
        look = Look(paths=("/3303/0/5603",), wants_reported=True, wants_queue=True, wants_uplink=True)
        seen = run(made, lambda client: client.observe(DeviceRef("p", "m"), identity, look))
        assert seen.resources["/3303/0/5603"].reported == -10.0
        assert (seen.problem, seen.queue, seen.last_uplink) == (None, UNKNOWN, UNKNOWN)
        with pytest.raises(NotSent, match="neither listed nor withdrawn"):
            run(made, lambda client: send(client, queue_write()))
        assert "queue_write" not in [entry["operation"] for entry in desk.log()]


@pytest.mark.parametrize("form", ["plain", "cst"])
@pytest.mark.parametrize("id_type", ["string", "int"])
def test_the_last_contact_is_understood_in_both_forms(form, id_type):
    with emulator({"contact_time": form, "device_id_type": id_type}) as desk:
        desk.wake(IMEI)
        facts = run(settings(desk.url), lambda client: client.directory.full(IMEI))
        now = run(settings(desk.url), _now)
        assert abs(facts.last_uplink - now) < timedelta(minutes=5)


async def _now(client):
    await client.learn_clock(Identity.of(imei=IMEI))
    return client.server_now()


def test_presence_of_many_devices_is_learned_at_once():
    looks = [(Identity.of(imei=imei), Look(wants_uplink=True)) for imei in (IMEI, SLEEPER)]

    async def learn(client):
        await client.look_ahead(looks)
        return [await client.observe(DeviceRef("p", named["imei"]), named, look) for named, look in looks]

    with emulator() as desk:
        seen = run(settings(desk.url), learn)
        assert [one.problem for one in seen] == [None, None]
        assert [entry["operation"] for entry in desk.log()] == ["list_devices", "latest_data"]
        alone = run(settings(desk.url), lambda client: client.observe(DeviceRef("p", IMEI), *looks[0]))
        assert alone.is_online is seen[0].is_online is True
        # Contacts are printed in whole seconds, data points with their milliseconds.
        assert abs(alone.last_uplink - seen[0].last_uplink) < timedelta(seconds=1)
