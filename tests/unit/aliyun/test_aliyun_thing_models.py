"""Thing models of both dialects, and what is refused of them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from reconcile.platforms.aliyun import PLATFORM
from reconcile.platforms.aliyun.model import Access, Kind, Lookup
from reconcile.ports import NamedBytes

DIALECT = PLATFORM.dialect
REAL = Path(__file__).parents[4] / "shared" / "data" / "tsl"


def load(*documents, names=None):
    names = names or [f"models/{number}.json" for number in range(len(documents))]
    contents = [d if isinstance(d, bytes) else json.dumps(d).encode() for d in documents]
    return DIALECT.load_models(NamedBytes(name, content) for name, content in zip(names, contents, strict=True))


def tsl(*properties, key="a1KEY", **more):
    return {"schema": "s", "profile": {"productKey": key}, "properties": list(properties), **more}


def prop(identifier, type_name="int", specs=None, access="rw"):
    specs = specs if specs is not None else {"min": "0", "max": "100", "step": "1"}
    return {
        "identifier": identifier,
        "name": identifier,
        "accessMode": access,
        "dataType": {"type": type_name, "specs": specs},
    }


@pytest.mark.skipif(not REAL.is_dir(), reason="the real models are not beside this checkout")
def test_real_models_are_read_whole():
    models = DIALECT.load_models(NamedBytes(path.name, path.read_bytes()) for path in sorted(REAL.glob("*.json")))
    assert models.problems == ()
    assert sorted(models.products) == ["a1X2bEnP82z", "a1h88DsZIaY", "a1ikrQdGiG8", "a1pkcDf0Xv0"]
    assert models.find("a1pkcDf0Xv0", "Counter").access is Access.READ
    assert models.find("a1X2bEnP82z", "WorkMode").data_type.labels[3] == "夜灯"
    rgb = models.find("a1X2bEnP82z", "RGBColor").data_type
    assert (rgb.kind, list(rgb.members)) == (Kind.STRUCT, ["Red", "Green", "Blue"])
    assert DIALECT.show_path(models, "a1h88DsZIaY", "LightStatus") == "LightStatus (工作状态)"


def test_thing_model_json_says_the_same_in_other_words():
    numbers = {"dataType": "INT", "min": "0", "max": "100", "step": "1", "unit": "%"}
    document = {
        "productKey": "a1KEY",
        "_ppk": {"version": "1"},
        "properties": [
            {"identifier": "Level", "name": "Level", "dataType": "INT", "rwFlag": "READ_WRITE", "dataSpecs": numbers},
            {"identifier": "Sum", "name": "Sum", "dataType": "DOUBLE", "rwFlag": "READ_ONLY", "dataSpecs": {"min": "0", "max": "9"}},
            {"identifier": "Pulse", "name": "Pulse", "dataType": "BOOL", "rwFlag": "WRITE_ONLY",
             "dataSpecsList": [{"name": "off", "value": 0}, {"name": "on", "value": 1}]},
            {"identifier": "List", "name": "List", "dataType": "ARRAY", "rwFlag": "READ_WRITE",
             "dataSpecs": {"size": "3", "childDataType": "INT", "dataSpecs": numbers}},
            {"identifier": "Box", "name": "Box", "dataType": "STRUCT", "rwFlag": "READ_WRITE",
             "dataSpecsList": [{"identifier": "side", "childName": "side", "childDataType": "INT", "dataSpecs": numbers}]},
        ],
    }  # fmt: skip
    models = load(document)
    find = lambda path: models.find("a1KEY", path)  # noqa: E731
    assert models.problems == ()
    assert (find("Level").data_type.maximum, find("Level").data_type.unit) == (100, "%")
    assert [find(path).access for path in ("Level", "Sum", "Pulse")] == [Access.READ_WRITE, Access.READ, Access.WRITE]
    assert (find("List").data_type.size, find("List").data_type.item.kind) == (3, Kind.INT)
    assert find("Box").data_type.members["side"].maximum == 100


def test_stored_answers_of_the_model_calls_are_opened():
    inner = json.dumps(tsl(prop("Level")))
    models = load(
        {"Data": {"TslStr": inner}, "Success": True}, {"Data": {"ThingModelJson": inner.replace("a1KEY", "a1TWO")}}
    )
    assert sorted(models.products) == ["a1KEY", "a1TWO"]


def test_modules_come_in_documents_of_their_own_or_nested():
    default = tsl(prop("Level"), functionBlocks=[{"functionBlockId": "Energy"}, {"functionBlockId": "Other"}])
    energy = tsl(prop("period"), functionBlockId="Energy", functionBlockName="Energy")
    models = load(default, energy)
    assert models.find("a1KEY", "Energy:period").path == "Energy:period"
    assert models.find("a1KEY", "Energy:perod") is Lookup.NONEXISTENT
    assert models.find("a1KEY", "Other:anything") is Lookup.UNMODELLED
    assert models.find("a1KEY", "Third:anything") is Lookup.NONEXISTENT
    nested = tsl(prop("Level"), functionBlocks=[{"functionBlockId": "Energy", "properties": [prop("period")]}])
    assert load(nested).find("a1KEY", "Energy:period").data_type.kind is Kind.INT


def test_model_without_product_key_is_named_by_its_file():
    models = load({"properties": [prop("Level")]}, names=["models/a1STEM.json"])
    assert list(models.products) == ["a1STEM"]


def test_files_of_others_are_passed_over():
    files = [b"<LWM2M/>", b"# readme", b'{"name": "package"}', b"[1, 2]"]
    models = load(*files, names=["3303.xml", "README.md", "package.json", "list.json"])
    assert (models.products, models.problems) == ({}, ())


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b'{"properties": [', "not JSON at line 1"),
        (b'{"properties": [], "properties": []}', "stands twice"),
        (b'{"properties": [], "a": NaN}', "NaN is not JSON"),
        (b"\xff\xfe{}", "not UTF-8 at byte 0"),
        (b"", "not JSON at line 1"),
        (b'{"properties":' + b"[" * 100 + b"]" * 100 + b"}", "nested deeper"),
        (b"[" * 200_000, "nested deeper"),
        (b'{"properties": [], "a": ' + b"9" * 5000 + b"}", "too many digits"),
        (b'{"properties": [7]}', "an entry of `properties` is not an object"),
        (b'{"properties": [{"name": "x"}]}', "`identifier` is missing"),
        (json.dumps(tsl(prop("L", "int", {"min": "abc"}))).encode(), "property L: `min` is not a number"),
        (json.dumps(tsl({"identifier": "L"})).encode(), "property L: it has no data type"),
        (b" " * (4 * 1024 * 1024 + 1), "the limit is 4194304"),
    ],
)
def test_broken_file_is_one_problem_with_advice_and_spares_the_others(content, reason):
    models = load(content, tsl(prop("Level")), names=["bad.json", "good.json"])
    ((name, problem),) = models.problems
    assert (name, problem.code) == ("bad.json", "RCL207")
    assert reason in problem.detail
    assert "Export the model again" in problem.detail
    assert list(models.products) == ["a1KEY"]


def test_two_unlike_models_of_one_product_are_a_problem_and_equal_ones_are_not():
    assert load(tsl(prop("A")), tsl(prop("A"))).problems == ()
    ((name, problem),) = load(tsl(prop("A")), tsl(prop("B"))).problems
    assert name == "models/1.json"
    assert "described differently in models/0.json" in problem.detail


def test_smallest_double_of_java_is_no_lower_bound():
    models = load(tsl(prop("X", "double", {"min": "-4.9E-324", "max": "1.7976931348623157E308", "step": "0.01"})))
    assert models.find("a1KEY", "X").data_type.minimum is None
    assert DIALECT.read_value(models, "a1KEY", "X", -3.5, None).value == -3.5
    assert DIALECT.read_value(models, "a1KEY", "X", 1e300, None).value == 1e300
