"""The calls that `doctor` names for a role are those that the client makes, whatever the generations."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from onenet_rig import IMEI, KEYS, Desk, run, settings

from reconcile.emulator import EmulatorThread, World
from reconcile.model.device import Identity
from reconcile.platforms.onenet import config
from reconcile.platforms.onenet.doctor_calls import calls_of
from reconcile.ports import Listing

LAMP = Identity.of(productId="p1", deviceName="lamp-1")
RECORDS = [
    {"cloud": "onenet", "productId": "p1", "deviceName": "lamp-1", "values": {"switch": False}},
    {"cloud": "onenet", "imei": IMEI},
]
PAIRS = [("classic", "classic"), ("studio", "studio"), ("current", "current"), ("studio", "classic"), ("current", "classic")]  # fmt: skip


@pytest.mark.parametrize("project", [None, "ocgzVU"])
@pytest.mark.parametrize(("instant", "cached"), PAIRS)
def test_listing_and_learning_the_clock_make_the_named_calls_and_no_others(instant, cached, project):
    with EmulatorThread(World.from_records(RECORDS, now=datetime.now(UTC))) as thread:
        made, desk = settings(thread.url, instant, cached, keys=KEYS), Desk(thread.url)
        if project is not None:
            made.config.spec["projectId"] = project
        account = config.connection(made.config)
        table = {(role, call.operation) for call in calls_of(account) for role in call.roles}
        is_project = account.things is not None and (project is not None or cached != "classic")

        async def use(client):
            if account.things is not None:
                await client.learn_clock(LAMP)
            await client.learn_clock(Identity.of(imei=IMEI))
            learned = len(desk.log())
            if is_project or cached == "classic":
                products = ("p1",) if is_project else ()
                assert [one async for one in client.list_devices(Listing("onenet-prod", products=products))]
            return learned

        learned = run(made, use)
        operations = [entry["operation"] for entry in desk.log()]
        assert {("apply", operation) for operation in operations[:learned]} <= table
        assert {("listing", operation) for operation in operations[learned:]} <= table
        if is_project:
            assert ("QueryProductList" in operations) == (("listing", "QueryProductList") in table)
