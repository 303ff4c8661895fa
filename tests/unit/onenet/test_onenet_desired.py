"""Desired properties over real sockets: what is asked, in which order, and what each misfortune means."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from canned_cloud import Replies, canned, client_at

from reconcile.model.actions import SetDesired, Write
from reconcile.model.device import DeviceRef, Identity
from reconcile.model.errors import Conflict, InDoubt, NotSent, Refused
from reconcile.model.observed import Look, ObservedResource
from reconcile.model.values import ABSENT, UNKNOWN, secret
from reconcile.platforms.onenet.thing import desired
from reconcile.ports import Accepted, Stamp

LAMP = Identity.of(productId="9MaNe52pNO", deviceName="no001")
NAMES = {"product_id": "9MaNe52pNO", "device_name": "no001"}
QUERY = "POST /application?action=QueryDeviceDesiredProperty&version=1"
SET = "POST /application?action=SetDeviceDesiredProperty&version=1"
DELETE = "POST /application?action=DeleteDeviceDesiredProperty&version=1"
REPORTED = (
    "GET /application?action=QueryDeviceProperty&version=1&project_id=ocgzVU&product_id=9MaNe52pNO&device_name=no001"
)
DONE = {"requestId": "a25087f46df04b69b29e90ef0acfd115", "success": True}


def standing(**properties):
    """An answer of QueryDeviceDesiredProperty: identifier to (value, version)."""
    params = {name: {"value": value, "version": version} for name, (value, version) in properties.items()}
    return {**DONE, "data": {"params": params}}


def failed(code="iot.application.setDesiredPeropertyFailed", msg="failed"):
    return {"requestId": "r", "success": False, "code": code, "msg": msg}


def run(answers, use, api="studio", **more):
    """What `use` returns of a client, and the canned cloud it asked."""

    async def session():
        async with canned(answers) as cloud:
            client = client_at(cloud.url, api, api, **({"projectId": "ocgzVU"} | more))
            try:
                return await use(client), cloud
            finally:
                await client.close()

    return asyncio.run(session())


def setting(answers, action, api="studio", **more):
    return run(answers, lambda client: client.send(LAMP, action, Stamp(client.server_now())), api, **more)


def a_set(version=2, value=60):
    return SetDesired((Write("Brightness", value),), (("Brightness", version),))


def test_a_set_reads_before_and_after():
    answers = {
        QUERY: Replies([standing(Brightness=(50, "2")), standing(Brightness=("60", 3), other=("x", 1))]),
        SET: DONE,
    }
    accepted, cloud = setting(answers, a_set())
    assert accepted == Accepted(versions={"Brightness": 3})
    assert cloud.lines == [QUERY, SET, QUERY]
    project = {"project_id": "ocgzVU"}
    assert cloud.asked[0].json == {**project, **NAMES, "params": ["Brightness"]}
    assert cloud.asked[1].json == {**project, **NAMES, "params": {"Brightness": 60}}
    assert "version=2020-05-29" in cloud.asked[1].headers["authorization"]


def test_the_current_platform_takes_the_same_without_a_project():
    path = "POST /thingmodel/{}-device-desired-property"
    ok = {"code": 0, "msg": "succ", "request_id": "r"}
    answers = {
        path.format("query"): Replies(
            [{**ok, "data": {}}, {**ok, "data": {"Brightness": {"value": 60, "version": 1}}}]
        ),
        path.format("set"): {**ok, "data": None},
    }
    accepted, cloud = setting(answers, a_set(version=0), "current", projectId="")
    assert accepted.versions == {"Brightness": 1}
    assert cloud.asked[1].json == {**NAMES, "params": {"Brightness": 60}}
    assert "version=2022-05-01" in cloud.asked[1].headers["authorization"]


def test_a_version_that_moved_since_the_plan_is_a_conflict_and_nothing_is_set():
    answers = {QUERY: standing(Brightness=(70, 3))}
    with pytest.raises(Conflict, match="Brightness is at 3, expected 2"):
        setting(answers, a_set())


def test_a_foreign_set_in_the_window_leaves_its_trace():
    answers = {QUERY: Replies([standing(Brightness=(50, 2)), standing(Brightness=(60, 4))]), SET: DONE}
    accepted, _ = setting(answers, a_set())
    assert accepted == Accepted(versions={"Brightness": 4}, evidence={"overwrote": ["Brightness"]})


def test_a_foreign_set_right_after_ours_is_a_conflict():
    answers = {QUERY: Replies([standing(Brightness=(50, 2)), standing(Brightness=(99, 4))]), SET: DONE}
    with pytest.raises(Conflict, match="somebody else"):
        setting(answers, a_set())


def test_a_device_that_deletes_its_wish_at_once_is_no_conflict():
    answers = {QUERY: Replies([standing(Brightness=(50, 2)), standing()]), SET: DONE}
    accepted, _ = setting(answers, a_set())
    assert accepted.versions == {"Brightness": 0}


def test_a_delete_is_conditional_and_skips_what_is_not_there():
    action = SetDesired((Write("a", None), Write("b", None)), (("a", 5), ("b", 0)))
    accepted, cloud = setting({QUERY: Replies([standing(a=(1, 5)), standing()]), DELETE: DONE}, action)
    assert accepted.versions == {"a": 0, "b": 0}
    assert cloud.asked[1].json["params"] == {"a": {"version": 5}}
    accepted, cloud = setting({QUERY: standing()}, SetDesired((Write("a", None),), (("a", 0),)))
    assert cloud.lines == [QUERY], "nothing to delete, nothing sent"


def test_a_delete_that_is_silently_passed_over_is_a_conflict():
    """Emulator switch conditional_delete: another version may fail the call, or be ignored by it."""
    action = SetDesired((Write("a", None),), (("a", 5),))
    with pytest.raises(Conflict):
        setting({QUERY: Replies([standing(a=(1, 5)), standing(a=(2, 6))]), DELETE: DONE}, action)


@pytest.mark.parametrize(
    ("after", "outcome"),
    [
        (standing(Brightness=(50, 2)), Refused),
        (standing(Brightness=(60, 3)), Accepted),
        (standing(Brightness=(70, 3)), Conflict),
        (standing(), Conflict),
        (b"garbage", InDoubt),
    ],
)
def test_after_a_failure_what_stands_decides(after, outcome):
    answers = {QUERY: Replies([standing(Brightness=(50, 2)), after]), SET: failed()}
    if outcome is Accepted:
        accepted, _ = setting(answers, a_set())
        assert accepted == Accepted(versions={"Brightness": 3}, evidence={"adopted": True})
    else:
        with pytest.raises(outcome):
            setting(answers, a_set())


def test_a_lost_answer_is_not_judged_before_its_token_is_dead(monkeypatch):
    monkeypatch.setattr(desired, "TOKEN_MARGIN", timedelta(seconds=-14.2))
    answers = {QUERY: Replies([standing(Brightness=(50, 2)), standing(Brightness=(60, 3))]), SET: (504, {})}

    async def timed(client):
        loop = asyncio.get_running_loop()
        began = loop.time()
        await client.send(LAMP, a_set(), Stamp(client.server_now()))
        return loop.time() - began

    waited_s, cloud = run(answers, timed)
    assert waited_s >= 0.7
    assert cloud.lines == [QUERY, SET, QUERY]


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (failed("iot.application.authPermissionDeny"), Refused),
        (failed("iot.application.deviceNotFound"), Refused),
        (failed("iot.application.invalidParameter", "planted-secret-value"), Refused),
        ((403, failed("iot.application.authPermissionDeny")), Refused),
    ],
)
def test_refusals_need_no_second_look(answer, kind):
    answers = {QUERY: standing(Brightness=(50, 2)), SET: answer}
    with pytest.raises(kind) as failure:
        setting(answers, a_set())
    assert "planted-master" not in str(failure.value)


def test_secrets_go_out_and_never_come_back_in_a_message():
    action = SetDesired((Write("pin", secret("env", "PIN")),), (("pin", 1),))
    planted = "secret of {'$secret': {'env': 'PIN'}}"
    answers = {QUERY: standing(pin=("old", 1)), SET: failed("iot.application.invalidParameter", planted)}
    with pytest.raises(Refused) as failure:
        setting(answers, action)
    assert planted not in str(failure.value)
    assert "***" in str(failure.value)


REPORT = {
    **DONE,
    "data": {
        "list": [
            {"identifier": "CO2", "data_type": "int32", "value": "600", "expect_value": "800", "time": "1592797444539"},
            {"identifier": "fan", "data_type": "bool", "value": "false", "time": "1592797444539"},
            {"identifier": "text", "data_type": "string", "value": "007", "time": ""},
            {"identifier": "never", "data_type": "int32", "value": "", "time": ""},
        ]
    },
}


def test_a_look_has_both_sides():
    answers = {QUERY: standing(CO2=("800", "4")), REPORTED: REPORT}
    look = Look(paths=("CO2", "fan", "never", "text"), wants_cloud=True, wants_reported=True)
    seen, _ = run(answers, lambda client: client.observe(DeviceRef("p", "lamp"), LAMP, look))
    assert seen.problem is None
    co2 = seen.resources["CO2"]
    assert (co2.cloud, co2.version, co2.reported) == ("800", 4, 600)
    assert co2.reported_at.isoformat() == "2020-06-22T03:44:04.539000+00:00"
    assert seen.resources["fan"] == ObservedResource(ABSENT, 0, None, reported=False, reported_at=co2.reported_at)
    assert seen.resources["text"].reported == "007"
    assert seen.resources["never"].reported is ABSENT


def test_what_the_device_reports_is_read_where_a_wish_is_gone():
    look = Look(paths=("CO2", "fan"), wants_cloud=True)
    answers = {QUERY: standing(CO2=("800", "4")), REPORTED: REPORT}
    seen, cloud = run(answers, lambda client: client.observe(DeviceRef("p", "lamp"), LAMP, look))
    assert (seen.resources["fan"].cloud, seen.resources["fan"].reported) == (ABSENT, False)
    assert cloud.lines == [QUERY, REPORTED]
    both = standing(CO2=("800", "4"), fan=(True, 1))
    _, cloud = run({QUERY: both}, lambda client: client.observe(DeviceRef("p", "lamp"), LAMP, look))
    assert cloud.lines == [QUERY], "nothing is gone, nothing more is asked"


def test_what_cannot_be_read_is_unknown_never_absent():
    look = Look(paths=("CO2",), wants_cloud=True, wants_reported=True)
    seen, _ = run({QUERY: failed()}, lambda client: client.observe(DeviceRef("p", "lamp"), LAMP, look))
    assert seen.problem is not None
    answers = {QUERY: standing(CO2=(800, 4)), REPORTED: failed("iot.application.queryCurrentData")}
    seen, _ = run(answers, lambda client: client.observe(DeviceRef("p", "lamp"), LAMP, look))
    assert (seen.problem, seen.resources["CO2"].reported, seen.resources["CO2"].version) == (None, UNKNOWN, 4)
    no_version = {**DONE, "data": {"params": {"CO2": {"value": 800}}}}
    seen, _ = run({QUERY: no_version}, lambda client: client.observe(DeviceRef("p", "lamp"), LAMP, look))
    assert "version" in (seen.problem or "")


def test_an_account_without_thing_models_says_so():
    with pytest.raises(NotSent, match="projectId"):
        setting({}, a_set(), "studio", projectId="")
    with pytest.raises(NotSent, match="current"):
        setting({}, a_set(), "classic")


def test_the_clock_is_learned_from_any_answer_about_the_device():
    detail = (
        "GET /application?action=QueryDeviceDetail&version=1&project_id=ocgzVU&product_id=9MaNe52pNO&device_name=no001"
    )
    _, cloud = run({detail: failed("iot.application.deviceNotFound")}, lambda client: client.learn_clock(LAMP))
    assert len(cloud.lines) == 1


def test_the_thing_model_is_fetched_as_it_is_stored():
    model = {"properties": [], "events": [], "services": []}
    answers = {"GET /common?action=QueryThingModel&version=1&product_id=lsibd9": {**DONE, "data": model}}
    found, _ = run(answers, lambda client: client.things.thing_model("lsibd9"))
    assert found == model
