"""Devices with a thing model: identity, models, values, and what the planner asks about them."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconcile.model.actions import SetDesired, Write, from_request, to_request
from reconcile.model.desired import Command, Delivery, DeliveryMode, DesiredDocument, DesiredResource, Ownership
from reconcile.model.device import Identity
from reconcile.model.diagnostic import NOWHERE
from reconcile.model.observed import Look
from reconcile.model.values import ABSENT, UNKNOWN, secret
from reconcile.platforms.aliyun import PLATFORM as ALIYUN_PLATFORM
from reconcile.platforms.onenet import PLATFORM
from reconcile.ports import ChecksAccount, NamedBytes, PlatformConfig, Problem, TypedValue

DIALECT, OTHER_CLOUD = PLATFORM.dialect, ALIYUN_PLATFORM.dialect
KEY = "thing:9MaNe52pNO"


def prop(identifier, kind, specs=None, access="rw", name=""):
    declared = {"type": kind} | ({} if specs is None else {"specs": specs})
    return {
        "identifier": identifier,
        "name": name or identifier,
        "functionType": "u",
        "functionMode": "property",
        "accessMode": access,
        "dataType": declared,
    }


STRUCT = [{"identifier": "a", "name": "a", "dataType": {"type": "int32", "specs": {"min": "0", "max": "9"}}}]
PROPERTIES = [
    prop("model", "enum", {"1": "one", "2": "two"}, name="Mode"),
    prop("co2", "int32", {"min": "0", "max": "2000", "step": "10", "unit": "ppm"}),
    prop("big", "int64", {"min": "", "max": ""}),
    prop("temperature", "float", {"min": "-40", "max": "80", "step": "0.1"}),
    prop("lng", "double"),
    prop("text", "string", {"length": "5"}),
    prop("switch", "bool", {"true": "on", "false": "off"}),
    prop("error", "bitMap", {"0": "a", "1": "b"}),
    prop("at", "date", {}),
    prop("event", "struct", STRUCT),
    prop("list", "array", {"length": "2", "type": "int32", "specs": {"min": "1"}}),
    prop("cells", "array", {"size": "3", "items": {"type": "struct", "specs": STRUCT}}),
    prop("$OneNET_LBS", "array", {"size": "3", "items": {"type": "struct", "specs": []}}, access="r"),
    prop("odd", "no-such-type"),
]
EXPORT = {"version": "1.0", "profile": {"productId": "9MaNe52pNO"}, "properties": PROPERTIES, "events": []}


def models(*documents, name="models/9MaNe52pNO.json"):
    return DIALECT.load_models([NamedBytes(name, json.dumps(document).encode()) for document in documents])


MODELS = models(EXPORT)


def test_a_product_id_makes_a_device_a_thing():
    identity = DIALECT.read_identity({"productId": "9MaNe52pNO"}, "lamp-1")
    assert identity == Identity.of(productId="9MaNe52pNO", deviceName="lamp-1")
    assert DIALECT.model_key(identity) == KEY
    can = DIALECT.capabilities(KEY)
    assert (can.section, can.has_cloud_copy, can.has_queue, can.can_clear, can.can_execute, can.queue_limit) == (
        "properties", True, False, True, False, None,
    )  # fmt: skip
    assert DIALECT.capabilities("").section == "resources"


@pytest.mark.parametrize(
    "fields",
    [
        {"productId": "9MaNe52pNO", "imei": "865820031234567"},
        {"productId": "a b"},
        {"productId": "9MaNe52pNO", "deviceName": "a/b"},
        {"productId": "x" * 65},
    ],
)
def test_identities_that_cannot_be_used(fields):
    found = DIALECT.read_identity(fields, "lamp-1")
    assert isinstance(found, Problem)
    assert found.code == "RCL201"


def test_paths_are_identifiers():
    assert DIALECT.read_path(MODELS, KEY, "$OneNET_LBS") == "$OneNET_LBS"
    for text in ("/3/0/1", "a:b", "", "a b", "x" * 65):
        found = DIALECT.read_path(MODELS, KEY, text)
        assert isinstance(found, Problem)
        assert found.code == "RCL202"
    assert DIALECT.show_path(MODELS, KEY, "model") == "model (Mode)"
    assert DIALECT.show_path(MODELS, KEY, "co2") == "co2"


GOOD = [
    ("model", 2, 2),
    ("co2", 800, 800),
    ("co2", 800.0, 800),
    ("big", 1564448722123, 1564448722123),
    ("temperature", 30, 30.0),
    ("temperature", 30.2, 30.2),
    ("lng", 3.123456789012345, 3.123456789012345),
    ("text", "hello", "hello"),
    ("switch", True, True),
    ("error", 256, 256),
    ("at", "2026-11-22T08:00:00+08:00", 1795305600000),
    ("at", 1795305600000, 1795305600000),
    ("event", {"a": 1}, {"a": 1}),
    ("list", [1, 2], [1, 2]),
    ("cells", [{"a": 3}], [{"a": 3}]),
    ("odd", "anything", "anything"),
    ("model", None, None),
]


@pytest.mark.parametrize(("path", "written", "value"), GOOD)
def test_values_that_fit(path, written, value):
    assert DIALECT.read_value(MODELS, KEY, path, written, None) == TypedValue(value)


@pytest.mark.parametrize(
    ("path", "written", "code", "word"),
    [
        ("model", 3, "RCL206", "2 (two)"),
        ("model", "1", "RCL205", "whole number"),
        ("co2", 2001, "RCL206", "0 to 2000"),
        ("co2", 805, "RCL206", "steps of 10"),
        ("co2", True, "RCL205", "found true"),
        ("big", 2**63, "RCL206", "64 bits"),
        ("temperature", 30.25, "RCL206", "steps of 0.1"),
        ("temperature", 81.0, "RCL206", "-40 to 80"),
        ("lng", "3", "RCL205", "a number"),
        ("text", "longer", "RCL206", "at most 5"),
        ("text", 5, "RCL205", "quotes"),
        ("switch", 1, "RCL205", "true or false"),
        ("error", -1, "RCL206", "32 bits"),
        ("at", "2026-11-22T08:00:00", "RCL205", "zone"),
        ("at", "2026-11-22", "RCL205", "zone"),
        ("event", {"b": 1}, "RCL205", "'b'"),
        ("event", {"a": 10}, "RCL205", "a: 10"),
        ("list", [0], "RCL205", "0: 0"),
        ("list", [1, 2, 3], "RCL206", "at most 2"),
        ("$OneNET_LBS", [], "RCL204", "observe"),
        ("swich", True, "RCL203", "Did you mean switch"),
    ],
)
def test_values_that_do_not(path, written, code, word):
    found = DIALECT.read_value(MODELS, KEY, path, written, None)
    assert isinstance(found, Problem)
    assert (found.code, word in found.detail) == (code, True), found.detail


def test_without_a_model_values_travel_as_written():
    assert DIALECT.read_value(MODELS, "thing:other", "x", {"a": [1, "b"]}, None) == TypedValue({"a": [1, "b"]})
    assert DIALECT.read_value(MODELS, "thing:other", "x", 3, "float") == TypedValue(3.0)
    for value, kind in (("3", "integer"), (1.5, "integer"), ("0A", "opaque"), (float("inf"), None)):
        assert isinstance(DIALECT.read_value(MODELS, "thing:other", "x", value, kind), Problem)


def test_secrets_are_texts():
    planted = secret("env", "PIN")
    assert DIALECT.read_value(MODELS, KEY, "text", planted, None) == TypedValue(planted)
    assert isinstance(DIALECT.read_value(MODELS, KEY, "co2", planted, None), Problem)


@pytest.mark.parametrize(
    ("path", "left", "right", "is_same"),
    [
        ("co2", 800, "800", True),
        ("co2", 800, "800.0", True),
        ("switch", True, "true", True),
        ("switch", True, "false", False),
        ("switch", True, 1, True),
        ("temperature", 30.2, 30.200000762939453, True),
        ("lng", 30.2, 30.200000762939453, False),
        ("text", "007", "7", False),
        ("text", "1", 1, False),
        ("event", {"a": 1}, '{"a": "1"}', True),
        ("event", {"a": 1}, '{"a": 1, "b": 2}', False),
        ("list", [1, 2], "[1,2]", True),
        ("unknown", "007", "7", False),
        ("unknown", 7, "7", True),
        ("unknown", "null", None, False),
        ("co2", ABSENT, ABSENT, True),
        ("co2", 800, ABSENT, False),
        ("co2", UNKNOWN, UNKNOWN, False),
    ],
)
def test_equality_by_type(path, left, right, is_same):
    assert DIALECT.same(MODELS, KEY, path, left, right) is is_same
    assert DIALECT.same(MODELS, KEY, path, right, left) is is_same


plain = st.booleans() | st.integers(-(2**31), 2**31 - 1) | st.text(max_size=5)
nested = st.recursive(plain, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner))


@given(nested)
def test_a_value_equals_itself_and_its_json_text_unless_it_is_text(value):
    assert DIALECT.same(MODELS, "thing:other", "x", value, value)
    if not isinstance(value, str):
        assert DIALECT.same(MODELS, "thing:other", "x", value, json.dumps(value))


def test_models_are_found_by_product_and_by_file_name():
    answer = {"requestId": "r", "success": True, "data": {"properties": PROPERTIES[:1], "events": []}}
    found = models(answer, name="models/lsibd9.json")
    assert DIALECT.read_value(found, "thing:lsibd9", "model", 1, None) == TypedValue(1)
    assert isinstance(DIALECT.read_value(found, "thing:lsibd9", "nope", 1, None), Problem)


ALIYUN = {"profile": {"productKey": "a1"}, "properties": [{"identifier": "x", "dataType": {"type": "int"}}]}


@pytest.mark.parametrize(
    ("document", "word"),
    [
        ({**EXPORT, "properties": [prop("x", "enum", {"one": "1"})]}, "enum"),
        ({**EXPORT, "properties": [prop("x", "int32", {"min": "low"})]}, "`min`"),
        ({**EXPORT, "properties": [{"identifier": "x", "functionMode": "property"}]}, "data type"),
        ({**EXPORT, "properties": [prop("", "int32")]}, "identifier"),
        ({**EXPORT, "properties": ["x"]}, "not an object"),
        ({**EXPORT, "properties": [prop("x", "struct", {})]}, "not a list"),
    ],
)
def test_broken_models_are_told_and_left_out(document, word):
    found = models(document)
    ((name, problem),) = found.problems
    assert (name, problem.code) == ("models/9MaNe52pNO.json", "RCL207")
    assert word in problem.detail
    assert DIALECT.read_value(found, KEY, "x", "as written", None) == TypedValue("as written")


def test_models_of_other_clouds_bombs_and_garbage_are_passed_over():
    deep = {"type": "int32"}
    for _ in range(40):
        deep = {"type": "array", "specs": {"size": "1", "items": deep}}
    bomb = models({**EXPORT, "properties": [{**prop("x", "array"), "dataType": deep}]})
    assert "deeply" in bomb.problems[0][1].detail
    assert models(ALIYUN).problems == ()
    garbage = [b"", b"{", b"[" * 100_000, b"\xff", b"null", b'{"properties": 1}']
    assert DIALECT.load_models([NamedBytes("m.json", content) for content in garbage]).problems == ()


@pytest.mark.parametrize("document", [EXPORT, {"data": EXPORT}, {"properties": PROPERTIES}])
def test_the_other_cloud_passes_over_our_models(document):
    files = [NamedBytes("models/9MaNe52pNO.json", json.dumps(document).encode())]
    assert OTHER_CLOUD.load_models(files).problems == ()


def test_a_product_described_twice_must_be_described_alike():
    assert models(EXPORT, EXPORT).problems == ()
    assert "differently" in models(EXPORT, {**EXPORT, "properties": PROPERTIES[:1]}).problems[0][1].detail


def test_writes_and_clears_are_two_requests_with_their_versions():
    writes = [Write("switch", True), Write("co2", 800), Write("text", None)]
    actions = DIALECT.write_actions(writes, {"co2": 3, "text": 2}, Delivery(), is_now=True)
    assert actions == [
        SetDesired((Write("co2", 800), Write("switch", True)), (("co2", 3), ("switch", 0))),
        SetDesired((Write("text", None),), (("text", 2),)),
    ]
    assert [from_request(action.kind, to_request(action)) for action in actions] == list(actions)


def test_looks_at_the_cloud_copy_always_and_at_reports_on_request():
    def asked(**more):
        return DIALECT.needs_look(["b", "a"], **({"is_refresh_all": False, "wants_uplink": False, "uuids": ()} | more))

    assert asked() == Look(paths=("a", "b"), wants_cloud=True)
    assert asked(is_refresh_all=True) == Look(paths=("a", "b"), wants_cloud=True, wants_reported=True)


def document(*paths, mode=DeliveryMode.AUTO, ownership=Ownership.ENFORCE, commands=()):
    resources = tuple(DesiredResource(path, 1, ownership=ownership) for path in paths)
    return DesiredDocument.build(resources, commands, Delivery(mode=mode))


def test_things_run_no_commands_and_watch_only_what_exists():
    reboot = Command("reboot", "/3/0/4")
    found = DIALECT.audit(MODELS, KEY, document("nope", ownership=Ownership.OBSERVE, commands=(reboot,)))
    assert [(name, problem.code) for name, problem in found] == [("nope", "RCL203"), ("reboot", "RCL208")]


def account(instant, cached, **more):
    return PlatformConfig(
        "p", "onenet", {"instant": {"api": instant}, "cached": {"api": cached}, **more}, 80.0, NOWHERE
    )


@pytest.mark.parametrize(
    ("config", "key", "mode", "word"),
    [
        (account("studio", "classic"), KEY, DeliveryMode.AUTO, "projectId"),
        (account("classic", "classic", projectId="ocgzVU"), KEY, DeliveryMode.AUTO, "current"),
        (account("studio", "classic", projectId="ocgzVU"), KEY, DeliveryMode.AUTO, None),
        (account("classic", "current"), KEY, DeliveryMode.AUTO, None),
        (account("studio", "studio"), "", DeliveryMode.AUTO, "neither list nor cancel"),
        (account("studio", "studio"), "", DeliveryMode.QUEUE, "mode: now"),
        (account("studio", "studio"), "", DeliveryMode.NOW, None),
        (account("studio", "classic"), "", DeliveryMode.QUEUE, None),
    ],
)
def test_accounts_that_cannot_serve_a_document(config, key, mode, word):
    assert isinstance(DIALECT, ChecksAccount)
    found = DIALECT.check_document(config, key, document("/3/0/1" if key == "" else "co2", mode=mode))
    if word is None:
        assert found == []
    else:
        ((_, problem),) = found
        assert problem.code == "RCL410"
        assert word in problem.detail
