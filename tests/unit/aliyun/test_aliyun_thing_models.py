"""Thing models of both dialects, and what is refused of them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from reconcile.platforms.aliyun import PLATFORM
from reconcile.platforms.aliyun.model import Access, Kind, Lookup
from reconcile.platforms.aliyun.text_length import doubtful_texts
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
    assert len(content) > 4_000_000 or problem.line >= 1
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


LINES = json.dumps(tsl(prop("Level"), prop("Sum", "enum", {"0": "off", "x": "on"})), indent=1)


@pytest.mark.parametrize(
    ("content", "line", "column"),
    [
        (LINES, LINES[: LINES.index('"on"')].count("\n") + 1, 11),
        ('{"properties": [\n  {"identifier": "A",\n   "dataType": {"type": "int", "specs": {"min": "x"}}}]}', 3, 49),
        ('{"properties": [\n  {"identifier": "A"}]}', 2, 3),
        ('{"properties": [],\n "properties": []}', 2, 2),
        ('{"properties": [],\n "a": {"b": 1, "c": {}, "\\u0062": 2}}', 2, 25),
        ('{"properties": [\n 1,]}', 2, 4),
        ("{\n" + '"a":' * 1 + "[" * 70 + "]" * 70 + "}", 2, 5 + 63),
        ('{"Data":\n {"TslStr": "{}x"}}', 2, 13),
        ('\ufeff{"properties": [\n {"identifier": "A", "dataType": {"type": "int"}},\n {"identifier": "A", "dataType": {"type": "int"}}]}', 3, 17),
        ('{"properties": [{"identifier": "A", "accessMode": "rwx", "dataType": {"type": "int"}}]}', 1, 51),
        ('{"productKey": "a b", "properties": []}', 1, 16),
    ],
)  # fmt: skip
def test_broken_place_is_named_by_line_and_column(content, line, column):
    ((_, problem),) = load(content.encode(), names=["m.json"]).problems
    assert (problem.line, problem.column) == (line, column), problem.detail


def test_byte_that_is_no_text_has_its_place():
    ((_, problem),) = load(b'{"properties":\n [\xff]}', names=["m.json"]).problems
    assert (problem.line, problem.column) == (2, 3)


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        (tsl(prop("A"), prop("A")), "property A stands twice"),
        (tsl(prop("A", "int", {"min": "9", "max": "3"})), "property A: `min` 9 is above `max` 3"),
        (tsl(prop("A", "int", {"min": True})), "`min` is not a number"),
        (tsl(prop("A", "int", {"min": "Infinity"})), "`min` is not a number"),
        (tsl(prop("A", "enum", {"1_0": "x"})), "not an integer"),
        (tsl(prop("A", access="write")), "`accessMode` is none of r, rw, w"),
        (tsl(prop("A", access=7)), "`accessMode` is none of"),
        (tsl(prop("S", "struct", [{"identifier": "m", "dataType": {"type": "int"}}] * 2)), "member 'm' stands twice"),
        (tsl(prop("S", "struct", [{"identifier": "m"}])), "property S: it has no data type"),
        (tsl(prop("A"), key="../../etc"), "`productKey` is not 1 to 64 letters"),
        (tsl(prop("A"), functionBlocks=[{"functionBlockName": "x"}]), "`functionBlockId` is missing"),
        (tsl(prop("A"), functionBlocks=[7]), "an entry of `functionBlocks` is not an object"),
    ],
)
def test_model_that_contradicts_itself_is_refused_with_advice(document, reason):
    models = load(document, tsl(prop("Level"), key="a1GOOD"))
    ((name, problem),) = models.problems
    assert (name, problem.code, problem.is_warning) == ("models/0.json", "RCL207", False)
    assert reason in problem.detail
    assert list(models.products) == ["a1GOOD"]


def test_model_exported_as_simple_is_used_with_a_warning():
    simple = {"profile": {"productKey": "a1KEY"}, "properties": [{"identifier": "A", "dataType": {"type": "int"}}]}
    models = load(simple)
    ((_, problem),) = models.problems
    assert problem.is_warning
    assert "`Simple` was asked for?" in problem.detail
    assert models.find("a1KEY", "A").access is Access.READ_WRITE


def test_type_nobody_knows_is_a_warning_and_its_values_are_not_checked():
    models = load(tsl(prop("A"), prop("B", "geo", {}), prop("C", "array", {"size": "2", "item": {"type": "geo"}})))
    assert [problem.is_warning for _, problem in models.problems] == [True, True]
    assert DIALECT.read_value(models, "a1KEY", "B", {"lat": 1.5}, None).value == {"lat": 1.5}


def test_version_of_the_model_is_noted():
    published = {"productKey": "a1TWO", "_ppk": {"version": "1718000000000"}, "properties": []}
    exported = tsl(prop("A"))
    exported["profile"]["version"] = "v3"
    models = load(exported, published)
    assert {key: model.version for key, model in models.products.items()} == {"a1KEY": "v3", "a1TWO": "1718000000000"}


def test_services_and_events_and_extensions_are_passed_over_whatever_they_hold():
    document = tsl(prop("A"), services=[{"identifier": "set"}, 7], events="x", extendConfig="{broken")
    document["properties"][0]["extendConfig"] = "{broken"
    assert load(document).problems == ()


@pytest.mark.parametrize("kind", ["float", "double"])
@pytest.mark.parametrize("least", ["-4.9E-324", "4.9E-324", "-1.4E-45", "1.4E-45"])
def test_smallest_float_of_java_is_no_lower_bound_where_the_type_has_it(kind, least):
    models = load(tsl(prop("X", kind, {"min": least, "max": "10"})))
    is_bound = kind == "double" and "45" in least
    assert (models.find("a1KEY", "X").data_type.minimum is not None) == is_bound


@pytest.mark.parametrize("name", ["min", "max", "step"])
@pytest.mark.parametrize(
    "number", ["1E999999999", "-1E999999999", "1E-999999999", "9" * 5000, "NaN", "sNaN", "1__0", "0x1"]
)
def test_bound_that_no_type_holds_is_refused(name, number):
    ((_, problem),) = load(tsl(prop("X", "double", {name: number}))).problems
    assert f"`{name}` is not a number" in problem.detail


def test_deep_and_wide_file_is_placed_quickly():
    content = '{"properties": [], "w": ' + "[" * 900 + "1," * 1_000_000 + "1" + "]" * 900 + ', "w": 1}'
    ((_, problem),) = load(content.encode(), names=["m.json"]).problems
    assert "stands twice" in problem.detail or "nested deeper" in problem.detail
    assert problem.line == 1


@pytest.mark.parametrize(
    ("type_name", "specs", "value", "warnings"),
    [
        ("text", {"length": "4"}, "abcd", 0),
        ("text", {"length": "4"}, "水表", 1),
        ("text", {"length": "6"}, "水表", 0),
        ("text", {}, "水表" * 9, 0),
        ("array", {"size": "3", "item": {"type": "text", "specs": {"length": "4"}}}, ["水表", "ab", "灯灯"], 2),
        ("array", {"size": "3", "item": {"dataType": {"type": "text", "specs": {"length": "4"}}}}, ["水表"], 1),
        ("struct", [{"identifier": "m", "dataType": {"type": "text", "specs": {"length": "4"}}}], {"m": "水表"}, 1),
    ],
)
def test_text_that_fits_in_characters_only_is_a_warning(type_name, specs, value, warnings):
    models = load(tsl(prop("T", type_name, specs)))
    assert DIALECT.read_value(models, "a1KEY", "T", value, None).value == value
    found = list(doubtful_texts(models.find("a1KEY", "T").data_type, value))
    assert [problem.is_warning for problem in found] == [True] * warnings


def test_text_too_long_in_characters_is_refused():
    problem = DIALECT.read_value(load(tsl(prop("T", "text", {"length": "4"}))), "a1KEY", "T", "水表水表灯", None)
    assert (problem.code, problem.is_warning) == ("RCL206", False)
