"""Limits that the vendor states, kept by the client: pace, one radio exchange at a time, patience above the device's."""

from __future__ import annotations

import asyncio

import pytest
from canned_cloud import IMEI, canned, client_at

from reconcile.apply.pace import Pace
from reconcile.model.actions import (
    CancelQueued,
    ExecuteNow,
    QueueExecute,
    Queueing,
    QueueWrite,
    SetDesired,
    Write,
    WriteNow,
)
from reconcile.model.desired import WriteMode
from reconcile.model.device import DeviceRef, Identity
from reconcile.model.observed import Look
from reconcile.platforms.onenet.auth import Signer
from reconcile.ports import Stamp

OTHER = "865820031234568"
DONE = {"errno": 0, "error": "succ", "data": []}
WRITE = WriteNow("/3303/0", (Write("/3303/0/5603", -10.0),), WriteMode.UPDATE, 25)
RUN = ExecuteNow("/3/0/4", None, "reboot", "k", 40)
QUEUEING = Queueing(60, 600, 0, ("update",))


def writing(imei):
    return f"POST /nbiot?imei={imei}&obj_id=3303&obj_inst_id=0&mode=2&timeout=25"


def reading(imei):
    return f"GET /nbiot?imei={imei}&obj_id=3303&obj_inst_id=0&timeout=25"


def executing(imei):
    return f"POST /nbiot/execute?imei={imei}&obj_id=3&obj_inst_id=0&res_id=4&timeout=40"


ANSWERS = {line(imei): DONE for line in (writing, reading, executing) for imei in (IMEI, OTHER)}


def busiest(*imeis):
    """How many exchanges were under way at once when each device is written, read and executed on side by side."""

    async def run():
        async with canned(ANSWERS, wait_s=0.05) as cloud:
            client = client_at(cloud.url)
            try:
                named = [Identity.of(imei=imei) for imei in imeis]
                stamp = Stamp(client.server_now())
                calls = [client.send(one, action, stamp) for one in named for action in (WRITE, RUN)]
                await asyncio.gather(*calls, *(client.radio.read(imei, "/3303/0") for imei in imeis))
                return cloud.busiest, len(cloud.asked)
            finally:
                await client.close()

    return asyncio.run(run())


def test_a_device_has_one_instant_exchange_at_a_time():
    assert busiest(IMEI) == (1, 3)


def test_devices_do_not_wait_for_one_another():
    assert busiest(IMEI, OTHER) == (2, 6)


def test_every_request_takes_its_turn_in_the_quota():
    """Reads and looks count like writes."""
    turns = []

    async def pace():
        turns.append(1)

    async def run():
        brief = {"errno": 0, "data": {"id": "5", "online": True}}
        answers = {
            **ANSWERS,
            f"GET /devices/getbyimei?imei={IMEI}": brief,
            "GET /devices/5": brief,
        }
        async with canned(answers) as cloud:
            client = client_at(cloud.url, pace=pace)
            try:
                me = Identity.of(imei=IMEI)
                await client.learn_clock(me)
                await client.send(me, WRITE, Stamp(client.server_now()))
                look = Look(paths=("/3303/0/5603",), wants_uplink=True, wants_reported=True)
                await client.observe(DeviceRef("p", "m"), me, look)
                return len(cloud.asked)
            finally:
                await client.close()

    assert asyncio.run(run()) == len(turns) == 5


def test_requests_of_an_account_stay_below_its_quota():
    rate = 100.0

    async def run():
        async with canned(ANSWERS) as cloud:
            loop = asyncio.get_running_loop()
            left = []
            pace = Pace(rate, loop.time)

            async def paced():
                await pace()
                left.append(loop.time())

            client = client_at(cloud.url, pace=paced)
            try:
                imeis = [IMEI, OTHER] * 20
                await asyncio.gather(*(client.radio.read(imei, "/3303/0") for imei in imeis))
                return left
            finally:
                await client.close()

    left = asyncio.run(run())
    assert len(left) == 40
    # A timer that was late may be made good by 10 ms (`Pace`), which its share of the quota leaves room for.
    assert left[-1] - left[0] >= 39 / rate - 0.01


@pytest.mark.parametrize(
    ("action", "at_least_s"),
    [
        (WRITE, 25 + 10),
        (RUN, 40 + 10),
        (QueueWrite("/3303/0", WRITE.writes, WriteMode.UPDATE, 25, QUEUEING), 10 + 5),
        (QueueExecute("/3/0/4", None, "reboot", "k", 25, QUEUEING), 10 + 5),
        (CancelQueued("u", ()), 2 * 15),
        (SetDesired((Write("a", 1),), (("a", 0),)), 3 * 15 + 5),
    ],
)
def test_we_wait_well_above_what_the_platform_waits(action, at_least_s):
    """FAQ-NB api#1: with less patience than the command's timeout nobody could tell whether it was delivered."""
    client = client_at("http://127.0.0.1:9")
    assert client.answer_timeout_s(action) >= at_least_s


def test_each_request_has_a_token_that_dies_soon_after_we_stop_waiting(monkeypatch):
    deaths = []
    headers = Signer.headers

    def noted(self, api, expires_at):
        deaths.append(expires_at)
        return headers(self, api, expires_at)

    monkeypatch.setattr(Signer, "headers", noted)

    async def run():
        line = f"GET /nb-iot?imei={IMEI}&obj_id=3303&obj_inst_id=0&timeout={{}}"
        answers = {line.format(timeout): DONE for timeout in (5, 40)}
        async with canned(answers) as cloud:
            client = client_at(cloud.url, "current", "current")
            began = client.server_now()
            try:
                for timeout_s in (5, 40):
                    await client.radio.read(IMEI, "/3303/0", timeout_s)
                tokens = [one.headers["authorization"] for one in cloud.asked]
                return began, tokens
            finally:
                await client.close()

    began, tokens = asyncio.run(run())
    lives = [round((at - began).total_seconds()) for at in deaths]
    assert [5 + 10 <= lives[0] <= 5 + 10 + 6, 40 + 10 <= lives[1] <= 40 + 10 + 6] == [True, True]
    assert len(set(tokens)) == 2
    assert all("version=2022-05-01" in token for token in tokens)
