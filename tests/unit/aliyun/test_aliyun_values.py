"""Declared values in canonical form, and equality by type."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconcile.model.values import ABSENT, UNKNOWN, canonical, secret
from reconcile.platforms.aliyun import PLATFORM, json_text
from reconcile.ports import NamedBytes, Problem, TypedValue

DIALECT = PLATFORM.dialect
LABELS = {"0": "off", "1": "on"}
NUMBERS = {"min": "0", "max": "100", "step": "0.01"}
TYPES = {
    "int": ("int", {"min": "-127", "max": "100", "step": "1"}),
    "five": ("int", {"min": "1", "max": "100", "step": "5"}),
    "bare": ("int", {}),
    "long": ("long", {}),
    "float": ("float", NUMBERS),
    "double": ("double", NUMBERS),
    "bool": ("bool", LABELS),
    "enum": ("enum", {"-1": "auto", "3": "night"}),
    "text": ("text", {"length": "5"}),
    "free": ("text", {}),
    "list": ("array", {"item": {"type": "int"}}),
    "date": ("date", []),
    "struct": ("struct", [{"identifier": "Red", "name": "Red", "dataType": {"type": "float", "specs": NUMBERS}},
                          {"identifier": "On", "name": "On", "dataType": {"type": "bool", "specs": LABELS}}]),
    "array": ("array", {"size": "2", "item": {"type": "double"}}),
    "odd": ("matrix", {}),
}  # fmt: skip
PROPERTIES = [
    {"identifier": name, "name": name, "accessMode": "rw", "dataType": {"type": kind, "specs": specs}}
    for name, (kind, specs) in TYPES.items()
]
PROPERTIES.append({"identifier": "Counter", "name": "Counter", "accessMode": "r", "dataType": {"type": "int"}})
MODELS = DIALECT.load_models([NamedBytes("a1KEY.json", json.dumps({"properties": PROPERTIES}).encode())])
NO_MODELS = DIALECT.load_models([])


def read(path, value, value_type=None, models=MODELS):
    return DIALECT.read_value(models, "a1KEY", path, value, value_type)


def same(path, left, right, models=MODELS):
    forwards = DIALECT.same(models, "a1KEY", path, left, right)
    assert DIALECT.same(models, "a1KEY", path, right, left) is forwards
    return forwards


@pytest.mark.parametrize(
    ("path", "value", "expected"),
    [
        ("int", 21, 21),
        ("five", 5, 5),
        ("five", 6, 6),
        pytest.param("free", "x" * 10_240, "x" * 10_240, id="free"),
        ("list", [0] * 512, [0] * 512),
        ("long", 2**62, 2**62),
        ("float", 21, 21.0),
        ("double", 0.07, 0.07),
        ("bool", True, 1),
        ("bool", False, 0),
        ("bool", 1, 1),
        ("enum", -1, -1),
        ("text", "灯灯灯灯灯", "灯灯灯灯灯"),
        ("date", "2026-11-22T08:00:00Z", "1795334400000"),
        ("date", "2026-11-22T16:00:00.250+08:00", "1795334400250"),
        ("date", 1795334400000, "1795334400000"),
        ("date", "1795334400000", "1795334400000"),
        ("struct", {"Red": 5, "On": True}, {"Red": 5.0, "On": 1}),
        ("array", [1, 2.5], [1.0, 2.5]),
        ("odd", [[1]], [[1]]),
        ("text", secret("env", "WIFI"), secret("env", "WIFI")),
        ("int", None, None),
    ],
)
def test_declared_value_takes_the_form_of_its_type(path, value, expected):
    typed = read(path, value)
    assert isinstance(typed, TypedValue), typed
    assert canonical(typed.value) == canonical(expected)


@pytest.mark.parametrize(
    ("path", "value", "code", "words"),
    [
        ("int", 21.0, "RCL205", "without a decimal point"),
        ("int", "21", "RCL205", "found the text '21'".capitalize()),
        ("int", True, "RCL205", "Found true, expected an integer"),
        ("int", 101, "RCL206", "Found 101, expected int from -127 to 100 in steps of 1"),
        ("five", 7, "RCL206", "in steps of 5"),
        ("bare", 2**31, "RCL206", "2147483647"),
        ("float", 100.001, "RCL206", "expected float from 0 to 100"),
        ("float", 0.005, "RCL206", "in steps of 0.01"),
        ("double", "1", "RCL205", "expected a finite number"),
        ("double", float("nan"), "RCL205", "expected a finite number"),
        ("double", 10**400, "RCL205", "too many digits"),
        ("bool", 2, "RCL205", "expected true or false"),
        ("bool", 1.0, "RCL205", "expected true or false"),
        ("bool", "on", "RCL205", "expected true or false"),
        ("enum", 2, "RCL205", "expected one of -1 (auto), 3 (night)"),
        ("enum", "night", "RCL205", "Write the number"),
        ("text", "123456", "RCL206", "at most 5"),
        pytest.param("free", "x" * 10_241, "RCL206", "at most 10240", id="free"),
        ("list", [0] * 513, "RCL206", "at most 512"),
        ("text", 5, "RCL205", "Put it in quotes"),
        ("date", "2026-11-22", "RCL205", "with its zone"),
        ("date", "soon", "RCL205", "2026-11-22T08:00:00Z"),
        ("struct", {"Green": 1}, "RCL205", "Found member 'Green', expected Red, On"),
        ("struct", {"Red": 101}, "RCL206", "In member Red"),
        ("struct", "x", "RCL205", "expected an object"),
        ("array", [1, 2, 3], "RCL206", "at most 2"),
        ("array", ["x"], "RCL205", "In entry 0"),
        ("int", secret("env", "X"), "RCL205", "A secret is a text"),
        ("struct", {"Red": secret("env", "X")}, "RCL205", "a secret inside"),
        ("odd", [float("inf")], "RCL205", "NaN or infinity"),
        ("Counter", 5, "RCL204", "Remove it, or set `mode: observe` to only watch it."),
        ("Counter", None, "RCL204", "read-only"),
        ("itn", 5, "RCL203", "Did you mean int?"),
        ("zzz", 5, "RCL203", "has no property zzz. It has"),
    ],
)
def test_value_that_cannot_be_held_says_what_was_expected(path, value, code, words):
    problem = read(path, value)
    assert isinstance(problem, Problem)
    assert problem.code == code
    assert words in problem.detail


def test_declared_type_must_agree_with_the_model():
    assert read("float", 21, "float").value == 21.0
    assert "Leave `type` out" in read("float", 21, "integer").detail
    assert "Found type 'opaque'" in read("text", "0A", "opaque").detail


@pytest.mark.parametrize(
    ("value", "value_type", "expected"),
    [
        (21, None, 21),
        (True, None, True),
        ("35", None, "35"),
        ({"a": [1, None]}, None, {"a": [1, None]}),
        (None, None, None),
        (21, "float", 21.0),
        (21, "integer", 21),
        ("21", "string", "21"),
        (True, "boolean", 1),
        ("2026-11-22T08:00:00Z", "time", "1795334400000"),
    ],
)
def test_without_a_model_a_value_stays_as_written_or_takes_its_declared_type(value, value_type, expected):
    assert canonical(read("x", value, value_type, NO_MODELS).value) == canonical(expected)


@pytest.mark.parametrize(
    ("value", "value_type"), [(float("nan"), None), ("x", "float"), (1.5, "integer"), ("0A", "opaque")]
)
def test_without_a_model_a_declared_type_still_binds(value, value_type):
    assert read("x", value, value_type, NO_MODELS).code == "RCL205"


@pytest.mark.parametrize(
    ("path", "left", "right", "expected"),
    [
        ("float", 35.0, "35", True),
        ("float", 35.0, "35.0", True),
        ("float", 0.15, "0.15000000596046448", True),
        ("double", 0.15, "0.15000000596046448", False),
        ("double", 0.1, "0.1000000000000000055511151231257827", True),
        ("float", 1e-7, "1.0E-7", True),
        ("float", 35.0, "35.1", False),
        ("float", 35.0, "NaN", False),
        ("float", 35.0, "", False),
        ("int", 48, "48", True),
        ("int", 48, "48.0", True),
        ("long", 2**53 + 1, 2**53, False),
        ("bool", 1, "1", True),
        ("bool", 1, "true", True),
        ("bool", 1, True, True),
        ("bool", 1, "0", False),
        ("enum", -1, "-1", True),
        ("text", "007", "7", False),
        ("text", "007", "007", True),
        ("text", "1", 1, False),
        ("date", "1795334400000", 1795334400000, True),
        ("date", "1795334400000", "2026-11-22T08:00:00Z", True),
        ("struct", {"Red": 5.0, "On": 1}, '{"On":1,"Red":5}', True),
        ("struct", {"Red": 5.0, "On": 1}, '{"On":0,"Red":5}', False),
        ("struct", {"Red": 5.0}, '{"On":1,"Red":5}', False),
        ("struct", {"Red": 5.0}, "{broken", False),
        ("array", [1.0, 2.5], "[1,2.5]", True),
        ("array", [1.0], "[1,2]", False),
        ("odd", 1, "1", True),
        ("int", ABSENT, ABSENT, True),
        ("int", ABSENT, None, False),
        ("int", ABSENT, 0, False),
        ("int", UNKNOWN, UNKNOWN, False),
        ("int", None, None, True),
        ("int", None, "null", False),
        ("text", secret("env", "A", "d"), secret("env", "A", "d"), True),
        ("text", secret("env", "A", "d"), "plain", False),
    ],
)
def test_values_are_the_same_by_type_not_by_text(path, left, right, expected):
    assert same(path, left, right) is expected


@pytest.mark.parametrize(
    ("left", "right", "expected"),
    [
        (35.0, "35", True),
        (35, "35.0", True),
        (35, 35.0, True),
        ("35", "35.0", False),
        ("35", "35", True),
        (True, "1", True),
        (True, "true", True),
        (True, 1, True),
        (False, "0", True),
        (True, "2", False),
        (1, "true", False),
        ({"a": 1}, '{"a": 1.0}', True),
        ({"a": [1, "x"]}, '{"a":[1,"x"]}', True),
        ([1], "[2]", False),
        ({"a": None}, '{"a":null}', True),
        ("[1]", "[1]", True),
        ("[1]", "[1 ]", False),
        (1, "1_0", False),
        (1, "١", False),
        (1, "1e999999999999", False),
    ],
)
def test_without_a_model_text_gives_way_to_the_type_of_the_other_side(left, right, expected):
    assert same("x", left, right, NO_MODELS) is expected


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_every_float_is_written_plainly_and_reads_back_the_same(value):
    text = json_text.write_float(value)
    assert "." in text
    assert "e" not in text
    assert float(text) == value
    assert same("x", value, text, NO_MODELS)


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@given(_JSON)
def test_written_json_reads_back_as_the_same_value(value):
    assert canonical(json_text.read(json_text.write(value))) == canonical(value)


@given(_JSON, _JSON)
def test_equality_never_fails_and_is_symmetric(left, right):
    for path in TYPES:
        same(path, left, right)
        assert DIALECT.same(MODELS, "a1KEY", path, left, left)


@given(st.sampled_from(sorted(TYPES)), _JSON)
def test_canonical_form_is_a_fixed_point_and_equals_what_the_cloud_would_answer(path, value):
    typed = read(path, value)
    if isinstance(typed, Problem) or typed.value is None:
        return
    assert canonical(read(path, typed.value).value) == canonical(typed.value)
    answered = typed.value if isinstance(typed.value, str) else json_text.write(typed.value)
    if path != "odd":
        assert same(path, typed.value, answered)
