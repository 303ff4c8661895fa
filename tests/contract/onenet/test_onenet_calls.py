"""The vendor pages' calls, over real sockets, through every generation and every way to authorise them."""

from __future__ import annotations

import pytest
from onenet_rig import (
    IMEI,
    KEYS,
    SLEEPER,
    emulator,
    execute_now,
    queue_execute,
    queue_write,
    run,
    send,
    settings,
    write_now,
)

from reconcile.model.actions import Write
from reconcile.model.errors import Refused

GENERATIONS = [
    ("studio", "classic", "userid/38055", KEYS),
    ("classic", "classic", "", {"masterKey": KEYS["masterKey"]}),
    ("classic", "classic", "products/emulator", {"accessKey": KEYS["accessKey"]}),
    ("current", "current", "userid/38055", {"accessKey": KEYS["accessKey"]}),
    ("studio", "current", "userid/38055", {"accessKey": KEYS["accessKey"]}),
]


@pytest.mark.parametrize(("instant", "cached", "resource", "keys"), GENERATIONS)
@pytest.mark.parametrize("method", ["md5", "sha1", "sha256"])
def test_instant_write_reaches_the_device(instant, cached, resource, keys, method):
    with emulator() as desk:
        made = settings(desk.url, instant, cached, resource=resource, keys=keys, method=method)
        accepted = run(made, lambda client: send(client, write_now()))
        assert accepted.is_confirmed
        assert desk.device()["values"]["/3303/0/5603"] == -10.0


@pytest.mark.parametrize(("instant", "cached", "resource", "keys"), GENERATIONS)
def test_cached_write_and_execute_wait_for_the_sleeper(instant, cached, resource, keys):
    with emulator() as desk:
        made = settings(desk.url, instant, cached, resource=resource, keys=keys)

        async def both(client):
            written = await send(client, queue_write(), SLEEPER)
            executed = await send(client, queue_execute("ping"), SLEEPER)
            return written.command_uuid, executed.command_uuid

        uuids = run(made, both)
        assert desk.device(SLEEPER)["executions"] == []
        desk.advance(11)
        desk.wake(SLEEPER)
        truth = desk.device(SLEEPER)
        assert truth["values"]["/3303/0/5603"] == -10.0
        assert [(run["args"], run["uuid"]) for run in truth["executions"]] == [("ping", uuids[1])]


def test_queries_carry_what_the_pages_list():
    with emulator() as desk:
        made = settings(desk.url, "studio", "classic")

        async def all_calls(client):
            await send(client, write_now(), valid_after_s=None)
            await send(client, queue_write())
            await send(client, queue_execute())

        run(made, all_calls)
        sent = {entry["operation"]: entry for entry in desk.log()}
        assert sent["queue_write"]["precondition"].keys() == {"valid_time", "expired_time", "retry"}
        assert sent["queue_execute"]["precondition"]["retry"] == "0"
        assert sent["write_now"]["precondition"].keys() == {"et"}
        assert all(sent[name]["landed"] for name in ("write_now", "queue_write", "queue_execute"))


def test_typed_values_arrive_as_the_device_holds_them():
    with emulator() as desk:
        made = settings(desk.url)

        async def typed(client):
            await send(
                client,
                write_now(Write("/19/0/0", "C0FFEE", "opaque")).__class__(
                    "/19/0", (Write("/19/0/0", "C0FFEE", "opaque"),), write_now().write_mode, 5
                ),
            )
            await send(
                client,
                write_now().__class__("/3/0", (Write("/3/0/13", 1795680000, "time"),), write_now().write_mode, 5),
            )

        run(made, typed)
        values = desk.device()["values"]
        assert values["/3/0/13"] == 1795680000
        assert str(values["/19/0/0"]).upper() == "C0FFEE"


def test_instant_execute_runs_once():
    with emulator() as desk:
        run(settings(desk.url), lambda client: send(client, execute_now("ping")))
        assert [(run["path"], run["args"]) for run in desk.device(IMEI)["executions"]] == [("/3/0/4", "ping")]


@pytest.mark.parametrize(("instant", "cached"), [("studio", "classic"), ("current", "current"), ("classic", "classic")])
def test_wrong_keys_are_a_refusal_that_shows_no_key(instant, cached):
    with emulator() as desk:
        wrong = {"masterKey": "wrong-master", "accessKey": "d3Jvbmcta2V5LXdyb25nLWtleS13cm9uZy1rZXk="}
        made = settings(desk.url, instant, cached, keys=wrong)
        with pytest.raises(Refused) as refused:
            run(made, lambda client: send(client, write_now()))
        assert "wrong" not in str(refused.value)
        log = desk.log()
        assert not any(entry["landed"] for entry in log)
        assert [entry["operation"] for entry in log] == ["query_device", "write_now"], "a wrong key is not tried twice"
