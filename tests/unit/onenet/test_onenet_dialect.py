"""The planner's questions, and configurations that cannot work."""

from __future__ import annotations

import subprocess
import sys

import pytest

from reconcile.model.actions import (
    ExecuteNow,
    QueueExecute,
    Queueing,
    QueueWrite,
    Write,
    WriteNow,
    from_request,
    to_request,
)
from reconcile.model.desired import Command, Delivery, DesiredDocument, DesiredResource, Ownership, WriteMode
from reconcile.model.device import Identity
from reconcile.model.diagnostic import NOWHERE
from reconcile.model.observed import Look
from reconcile.platforms.onenet import PLATFORM
from reconcile.ports import NamedBytes, PlatformConfig

DIALECT = PLATFORM.dialect
MODELS = DIALECT.load_models([])


def test_capabilities():
    can = DIALECT.capabilities("")
    assert (can.section, can.has_cloud_copy, can.has_queue, can.can_clear, can.can_execute) == (
        "resources",
        False,
        True,
        False,
        True,
    )


def test_one_request_per_object_instance_in_order_of_numbers():
    writes = [
        Write("/3303/10/1", 1),
        Write("/19/0/0", "0A", "opaque"),
        Write("/3303/2/5603", 2.0),
        Write("/3303/2/17", 3),
    ]
    delivery = Delivery(retry=2, trigger=("update",), expire_after_s=600, valid_after_s=30, timeout_s=9)
    queueing = Queueing(30, 600, 2, ("update",))
    assert DIALECT.write_actions(writes, {}, delivery, is_now=False) == [
        QueueWrite("/19/0", (writes[1],), WriteMode.UPDATE, 9, queueing),
        QueueWrite("/3303/2", (writes[3], writes[2]), WriteMode.UPDATE, 9, queueing),
        QueueWrite("/3303/10", (writes[0],), WriteMode.UPDATE, 9, queueing),
    ]
    now = DIALECT.write_actions(writes[:1], {}, delivery, is_now=True)
    assert now == [WriteNow("/3303/10", (writes[0],), WriteMode.UPDATE, 9)]
    assert [from_request(action.kind, to_request(action)) for action in now] == now


def test_execute_is_not_retried_unless_it_is_idempotent():
    command = Command("reboot", "/3/0/4", "ping")
    delivery = Delivery(retry=3)
    action = DIALECT.run_action(command, "k1", delivery, is_now=False)
    assert action == QueueExecute("/3/0/4", "ping", "reboot", "k1", 25, Queueing(60, 259_200, 0, delivery.trigger))
    harmless = Command("ring", "/3/0/4", is_idempotent=True)
    assert DIALECT.run_action(harmless, "k1", delivery, is_now=False).queueing.retry == 3
    assert DIALECT.run_action(command, "k1", delivery, is_now=True) == ExecuteNow("/3/0/4", "ping", "reboot", "k1", 25)


@pytest.mark.parametrize(
    ("question", "look"),
    [
        ({"is_refresh_all": False, "wants_uplink": False, "uuids": ()}, Look(("/3/0/1",))),
        ({"is_refresh_all": False, "wants_uplink": True, "uuids": ()}, Look(("/3/0/1",), wants_uplink=True)),
        (
            {"is_refresh_all": False, "wants_uplink": False, "uuids": ("u",)},
            Look(("/3/0/1",), wants_queue=True, uuids=("u",)),
        ),
        (
            {"is_refresh_all": True, "wants_uplink": False, "uuids": ()},
            Look(("/3/0/1",), wants_reported=True, wants_queue=True),
        ),
    ],
)
def test_devices_are_only_asked_what_is_needed(question, look):
    assert DIALECT.needs_look(["/3/0/1"], **question) == look


def audit(*resources, commands=(), **delivery):
    document = DesiredDocument.build(tuple(resources), tuple(commands), Delivery(**delivery))
    return [(place, problem.code, problem.is_warning) for place, problem in DIALECT.audit(MODELS, "", document)]


def test_values_and_arguments_beyond_2k_are_found():
    assert audit(DesiredResource("/3/0/1", "x" * 2100)) == [("/3/0/1", "RCL209", False)]
    assert audit(DesiredResource("/3/0/1", "x" * 2100, ownership=Ownership.OBSERVE)) == []
    assert audit(commands=[Command("c", "/3/0/4", "水" * 683)]) == [("c", "RCL210", False)]
    advised = audit(DesiredResource("/3/0/1", "x" * 2000), commands=[Command("c", "/3/0/4", "水" * 682)])
    assert advised == [("/3/0/1", "RCL220", True), ("c", "RCL220", True)]


def test_replace_warns_and_is_an_error_where_it_would_undo_itself():
    small = [DesiredResource(f"/3/0/{res}", "x") for res in (1, 2)]
    large = [DesiredResource(f"/3/0/{res}", "x" * 1200) for res in (1, 2)]
    assert audit(*small, write_mode=WriteMode.REPLACE) == [("/3/0/1", "RCL211", True)]
    long = [("/3/0/1", "RCL220", True), ("/3/0/2", "RCL220", True)]
    undone = [("/3/0/1", "RCL211", True), ("/3/0/1", "RCL212", False)]
    assert audit(*large, write_mode=WriteMode.REPLACE) == [*undone, *long]
    assert audit(*large) == long


CLASSIC = {"masterKey": {"env": "M"}}
TOKEN = {"accessKey": {"env": "A"}, "resource": "userid/38055"}


def config(instant=None, cached=None, credentials=None, **more):
    spec = {"credentials": credentials or {}, **more}
    spec |= {name: side for name, side in (("instant", instant), ("cached", cached)) if side is not None}
    return PlatformConfig("onenet-prod", "onenet", spec, 80.0, NOWHERE)


@pytest.mark.parametrize(
    ("entry", "needed"),
    [
        (config({"api": "studio"}, {"api": "classic"}, {**CLASSIC, **TOKEN}), ("accessKey", "masterKey")),
        (config({"api": "classic"}, {"api": "classic"}, CLASSIC), ("masterKey",)),
        (config({"api": "classic"}, {"api": "classic"}, {**TOKEN, "resource": "products/1"}), ("accessKey",)),
        (config({"api": "current"}, {"api": "current"}, TOKEN, tokenMethod="sha256"), ("accessKey",)),
        (config(credentials={**CLASSIC, **TOKEN}), ("accessKey", "masterKey")),
        (config({"api": "current", "endpoint": "https://gateway/onenet/"}, {"api": "current"}, TOKEN), ("accessKey",)),
        (config({"api": "studio"}, None, {**CLASSIC, **TOKEN}), ("accessKey", "masterKey")),
        (config({"api": "current", "endpoint": "http://127.0.0.1:8931"}, {"api": "current"}, TOKEN), ("accessKey",)),
    ],
)
def test_configurations_that_work(entry, needed):
    assert list(DIALECT.check_config(entry)) == []
    assert PLATFORM.credential_names(entry) == needed


@pytest.mark.parametrize(
    ("entry", "word"),
    [
        (config({"api": "studio"}, {"api": "classic"}, CLASSIC), "accessKey"),
        (config({"api": "classic"}, {"api": "classic"}), "masterKey"),
        (config({"api": "classic"}, {"api": "classic"}, TOKEN), "products/"),
        (config({"api": "current"}, {"api": "current"}, {"accessKey": {"env": "A"}}), "missing"),
        (config({"api": "stduio"}, {"api": "classic"}, CLASSIC), "studio"),
        (config({"api": "current"}, {"api": "current"}, TOKEN, tokenMethod="sha512"), "sha256"),
        (config({"api": "current", "endpoint": "ftp://x"}, {"api": "current"}, TOKEN), "address"),
        (config({"api": "current", "endpoint": "https://x/?a=1"}, {"api": "current"}, TOKEN), "address"),
        (config({"api": "current", "endpoint": "https://u:p@x"}, {"api": "current"}, TOKEN), "address"),
        (config({"api": "current", "endpoint": "https://x:99999"}, {"api": "current"}, TOKEN), "address"),
        (config({"api": "current", "endpoint": "http://iot-api.heclouds.com"}, {"api": "current"}, TOKEN), "https"),
    ],
)
def test_configurations_that_do_not(entry, word):
    problems = DIALECT.check_config(entry)
    assert [problem.code for problem in problems] == ["RCL410"]
    assert word in problems[0].detail
    assert problems[0].is_warning == (word == "https")


def test_answers_from_the_shipped_catalogue():
    identity = DIALECT.read_identity({"imei": "865820031234567"}, "meter")
    assert identity == Identity.of(imei="865820031234567")
    assert DIALECT.model_key(identity) == ""
    assert DIALECT.read_path(MODELS, "", "3303/0/5603") == "/3303/0/5603"
    assert DIALECT.show_path(MODELS, "", "/3303/0/5603") == "Temperature/0/Min Range Value"
    assert DIALECT.show_path(MODELS, "", "/26250/0/1") == "/26250/0/1"
    assert DIALECT.same(MODELS, "", "/3303/0/5603", 21, 21.0)
    assert list(MODELS.problems) == []


def test_files_of_other_kinds_are_passed_over():
    files = [NamedBytes("models/lamp.json", b"{}"), NamedBytes("models/x.txt", b"<")]
    assert list(DIALECT.load_models(files).problems) == []


def test_importing_the_platform_loads_no_http_library():
    code = (
        "import reconcile.platforms.onenet, sys; print(sorted({'httpx','aiohttp','asyncio','ssl'} & set(sys.modules)))"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"
