"""The schema files: sound, offline, helpful in editors; and two validators with one verdict."""

import copy
import json
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from referencing import Registry, Resource

from reconcile.manifest.schema import KINDS, SchemaSet, schema_name
from reconcile.manifest.schema_accept import Acceptor
from reconcile.manifest.schema_store import SchemaStore
from reconcile.model.actions import (
    CancelQueued,
    ClearDesired,
    ExecuteNow,
    QueueExecute,
    Queueing,
    QueueWrite,
    SetDesired,
    Write,
    WriteNow,
)
from reconcile.model.desired import OnRemoval, WriteMode
from reconcile.model.device import DeviceRef, Identity
from reconcile.model.diagnostic import Diagnostic, Span
from reconcile.model.plan import Adoption, Base, Change, ChangeClass, Notice, Plan, PlannedDevice, Step, Summary
from reconcile.model.policy import Look, PolicyNote
from reconcile.model.protection import AllowedWrite
from reconcile.model.values import ABSENT, UNKNOWN
from reconcile.report import document
from reconcile.runs.schema_alone import alone
from reconcile.runs.shipped import schemas

SET = SchemaSet(schemas())
LOADED = {name: json.loads(content) for name, content in schemas().items()}


def walk(node):
    yield node
    for child in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        yield from walk(child)


@pytest.mark.parametrize("name", sorted(LOADED))
def test_each_schema_is_a_schema_and_its_references_stay_in_the_folder(name):
    schema = LOADED[name]
    Draft202012Validator.check_schema(schema)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert schema["$id"] == name
    assert schema["title"]
    store = SchemaStore(schemas())
    for node in walk(store[name]):
        if isinstance(node, dict) and isinstance(node.get("$ref"), str):
            assert "://" not in node["$ref"]
            assert store.resolve(node["$ref"]) is not None


@pytest.mark.parametrize("name", sorted(LOADED))
def test_the_fast_validator_knows_every_keyword(name):
    store = SchemaStore(schemas())
    acceptor = Acceptor(store)
    acceptor.test(store[name])
    for part in store[name].get("$defs", {}).values():
        acceptor.test(part)


@pytest.mark.parametrize("kind", KINDS)
def test_every_member_has_words_for_an_editor(kind):
    schema = LOADED[schema_name(kind)]
    described = [schema, *(LOADED["common.schema.json"]["$defs"][name] for name in ("delivery", "command", "selector"))]
    for part in (node for each in described for node in walk(each)):
        if (
            isinstance(part, dict)
            and isinstance(part.get("properties"), dict)
            and part.get("additionalProperties") is False
        ):
            for name, member in part["properties"].items():
                assert "description" in member or "$ref" in member or "const" in member, name


def test_examples_satisfy_their_schemas():
    store = SchemaStore(schemas())
    acceptor = Acceptor(store)
    for name in LOADED:
        for node in walk(store[name]):
            if isinstance(node, dict) and isinstance(node.get("examples"), list):
                for example in node["examples"]:
                    assert acceptor.test(node)(example), (name, example)


def test_the_manifest_schema_leads_to_each_kind():
    assert [part["then"]["$ref"] for part in LOADED["manifest.schema.json"]["allOf"]] == [schema_name(k) for k in KINDS]


def head(kind, spec, **metadata):
    return {"apiVersion": "reconcile/v1", "kind": kind, "metadata": {"name": "a", **metadata}, "spec": spec}


LAYER = {
    "resources": {"/1/0/1": 5, "/1/0": {"2": None}, "/2/0/0": {"value": "0A", "type": "opaque", "mode": "seed"}, "/2/0/1": {"secret": {"env": "A"}}},
    "properties": {"A": [1], "b:c": {"value": {"x": 1}}, "D": {"secret": {"env": "B"}}, "E": {"mode": "ignore"}},
    "delivery": {"mode": "auto", "expireAfter": "72h", "validAfter": 60, "retry": 3, "trigger": ["update"], "timeout": "25s", "writeMode": 2, "reachableWithin": "1m"},
    "commands": {"c": {"execute": "/3/0/4", "after": ["/1/0/1"], "args": "x", "idempotent": True, "expireAfter": 5}},
    "onRemoval": {"set": 0},
}  # fmt: skip
RIGHT = {
    "Fleet": head("Fleet", {
        "platforms": {
            "one": {"type": "onenet", "instant": {"api": "studio", "endpoint": "https://a.example/x"}, "credentials": {"masterKey": {"env": "A"}, "resource": "userid/1"}, "tokenMethod": "md5", "quota": {"requestsPerSecond": 0.5}},
            "ali": {"type": "aliyun", "endpoint": "http://localhost:1", "credentials": {"accessKeyId": {"env": "A"}, "accessKeySecret": {"file": "b"}}, "extraParameters": {"a": "b"}, "signature": "v1", "format": "xml"},
            "new": {"type": "other", "x": [1]},
        },
        "models": ["models/"], "inventory": ["a/b.csv"], "state": {"backend": "postgres", "url": "postgresql://me@db/x"},
        "defaults": {"delivery": LAYER["delivery"]}, "safety": {"maxChangedPercent": 0.5, "minPopulation": 0, "protected": ["/11", {"resource": "E:*", "reason": "x"}], "allow": [{"resource": "/1/*/1", "reason": "x", "until": "2026-12-31", "selector": {}}, {"replace": "/3303", "reason": "x", "until": "2026-12-31T08:00:00Z"}, {"limit": "maxChangedPercent", "upTo": 90.5, "reason": "x", "until": "2026-12-31"}]},
    }),
    "Device": head("Device", {"platform": "one", "imei": "865820031234567", **LAYER}, labels={"a": ""}),
    "Profile": head("Profile", {
        "selector": {"matchLabels": {"a": "b"}, "matchExpressions": [{"key": "a", "operator": "In", "values": ["b"]}, {"key": "a", "operator": "Exists"}]},
        "priority": -5, **LAYER,
        "rollout": {"waves": [{"devices": "1.5%"}, {"devices": 10}], "advanceWhen": {"confirmedPercent": 95}, "abortWhen": {"failedPercent": 2, "minimum": 10}},
    }),
    "Hold": head("Hold", {"devices": ["a", "b/c"], "until": "2026-12-31", "reason": "x"}),
    "Policy": head("Policy", {"rules": [{"name": "a", "effect": "warn", "message": "x", "selector": {}, "platforms": ["one"], "products": ["x"]}, {"name": "b", "bounds": {"resource": "/3303/*/5603", "min": -1.5, "max": 2, "maxStep": 1}}, {"name": "c", "combination": [{"resource": "A", "value": 1}, {"resource": "/3/0", "value": "x"}]}, {"name": "d", "windows": {"zone": "UTC", "open": [{"days": ["mon"], "from": "22:00", "to": "05:00"}]}}, {"name": "e", "owners": [{"path": ".", "owners": ["@a"]}]}, {"name": "f", "imeiPrefixes": ["8658"]}, {"name": "g", "resources": ["/3303"]}, {"name": "h", "commands": ["/3/0/4"]}], "waivers": [{"rule": "a", "reason": "x", "until": "2026-12-31", "selector": {}}]}),
}  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
def test_a_full_document_of_each_kind_is_accepted_by_both_validators(kind):
    assert SET.accepts(kind, RIGHT[kind])
    assert not SET.explains(kind, RIGHT[kind])
    assert SET.accepts("manifest", RIGHT[kind])


@pytest.mark.parametrize("kind", KINDS)
def test_a_schema_on_its_own_judges_as_the_folder_does_and_needs_no_other_file(kind):
    """What `reconcile schema` prints is saved alone and given to an editor."""
    misspelt = {**RIGHT[kind], "spce": {}}
    for name in ("manifest.schema.json", schema_name(kind)):
        validator = Draft202012Validator(alone(name, schemas()))
        assert validator.is_valid(RIGHT[kind])
        assert not validator.is_valid(misspelt)


def paths(node, at=()):
    yield at
    for key, child in node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ():
        yield from paths(child, (*at, key))


JUNK = st.sampled_from(
    [None, True, False, 0, 1, -1, 3, 3.0, 41, 1e9, "", "x", "25s", "50s", "10%", "/1/0/1", "release", [], ["update"], ["update", "update"], {}, {"env": "A"}, {"set": 1}, {"value": 1}, {"secret": {"env": "A"}}, {"x\n": 1}, "a\n", "2026-12-31\n"]
).map(copy.deepcopy)  # fmt: skip


@given(st.sampled_from(KINDS), st.data())
@settings(max_examples=600, deadline=None)
def test_both_validators_give_one_verdict_on_damaged_documents(kind, data):
    value = copy.deepcopy(RIGHT[kind])
    for _ in range(data.draw(st.integers(1, 3))):
        *above, last = data.draw(st.sampled_from([path for path in paths(value) if path]))
        owner = value
        for part in above:
            owner = owner[part]
        match data.draw(st.sampled_from(["replace", "remove", "add"])):
            case "remove":
                del owner[last]
            case "add" if isinstance(owner, dict):
                owner[data.draw(st.sampled_from(["x", "mode", "value", "/1/0/9", "set", "secret", "a\n"]))] = data.draw(
                    JUNK
                )
            case _:
                owner[last] = data.draw(JUNK)
    assert SET.accepts(kind, value) == (not SET.explains(kind, value))


QUEUE = Queueing(60, 3600, 3, ("update",))
ACTIONS = [
    WriteNow("/3303/0", (Write("/3303/0/5603", -10.0),), WriteMode.UPDATE, 25),
    QueueWrite("/19/0", (Write("/19/0/0", "0A", "opaque"),), WriteMode.REPLACE, 25, QUEUE),
    ExecuteNow("/3/0/4", None, "reboot", "k", 25),
    QueueExecute("/3/0/4", "x", "reboot", "k", 25, QUEUE),
    SetDesired((Write("A", {"x": 1}),), (("A", 0),)),
    ClearDesired(("A",)),
    CancelQueued("uuid", ("/1/0/1",)),
]


def made_plan():
    ref = DeviceRef("one", "m")
    steps = tuple(Step(f"s{n}", ref, "c1", 1, action, ("s0",)[: n % 2]) for n, action in enumerate(ACTIONS))
    changes = (Change("/1/0/1", "update", UNKNOWN, 5, "manifest"), Change("/1/0/2", "release", 1, ABSENT, "removed"))
    device = PlannedDevice(
        ref, Identity.of(imei="1234"), "c1", "sha256:0", None, steps, (Adoption("/1/0/3", 1, None, 2),),
        releases=("/1/0/2",), withdrawn_runs=("c",), is_released=True, on_removal={"/1/0/1": OnRemoval("set", 1)},
    )  # fmt: skip
    return Plan(
        digest="sha256:" + "0" * 64,
        created=datetime(2026, 11, 22, 8, tzinfo=UTC),
        expires=datetime(2026, 11, 23, 8, tzinfo=UTC),
        base=Base("sha256:0", None, "l", 1, "changed"),
        summary=Summary(devices=1, changing=1, requests={"one": 7}),
        classes=(ChangeClass("c1", 1, (ref,), changes),),
        devices=(device,),
        held=(Notice(ref, "hold", desired=1),),
        drift=(Notice(ref, "changed behind our back", "/1/0/1", 1, 1, 2),),
        blocked=(Notice(ref, "protected", "/1/0/1", 1),),
        protected=(AllowedWrite("/1/0/7", "why", 1, (ref,), "tried", datetime(2026, 12, 1, tzinfo=UTC), "f.yaml:1:1"),),
        diagnostics=(Diagnostic("RCL100", "a", "b", Span("f.yaml", 1, 1)),),
        policy=PolicyNote("base", "sha256:" + "0" * 64, ("guards",), "0" * 40, (Look(("@a",), ("f.yaml",)),)),
    )


def plan_json():
    return json.loads("".join(document.plan_json(made_plan())))


def test_the_plan_schema_describes_what_the_model_writes():
    plan = plan_json()
    assert SET.accepts("plan", plan)
    assert not SET.explains("plan", plan)


@pytest.mark.parametrize("number", range(len(ACTIONS)))
def test_the_plan_schema_looks_into_each_request(number):
    plan = plan_json()
    plan["steps"][number]["request"]["surprise"] = 1
    assert not SET.accepts("plan", plan)


@pytest.mark.parametrize("kind", KINDS)
def test_an_editor_that_knows_none_of_our_annotations_agrees(kind):
    registry = Registry().with_resources((name, Resource.from_contents(schema)) for name, schema in LOADED.items())
    validator = Draft202012Validator(LOADED["manifest.schema.json"], registry=registry)
    assert list(validator.iter_errors(RIGHT[kind])) == []
    wrong = {**RIGHT[kind], "surprise": 1}
    assert [error.message for error in validator.iter_errors(wrong)]
