"""Values as a definition types them: declared, on the wire, and read back in every form that OneNET has."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lwm2m_kit import catalogue, ddf, item

from reconcile.model.actions import Write
from reconcile.model.values import ABSENT, UNKNOWN, secret
from reconcile.platforms.onenet.objects import questions
from reconcile.platforms.onenet.wire import body
from reconcile.ports import Problem, TypedValue

KINDS = ["Boolean", "Integer", "Unsigned Integer", "Float", "String", "Opaque", "Time", "Objlnk", "Corelnk"]
MODELS = catalogue(ddf(*(item(n, kind, kind=kind) for n, kind in enumerate(KINDS)), item(20, "Low", limits="0..100")))
PATHS = {kind: f"/26250/0/{n}" for n, kind in enumerate(KINDS)}
NOW_S = 1530496927


def read(kind, value, value_type=None):
    return questions.read_value(MODELS, PATHS[kind], value, value_type)


def same(kind, left, right):
    forth, back = (questions.same(MODELS, PATHS[kind], *pair) for pair in ((left, right), (right, left)))
    assert forth == back
    return forth


@pytest.mark.parametrize(
    ("kind", "value", "expected"),
    [
        ("Boolean", True, TypedValue(True)),
        ("Integer", 21.0, TypedValue(21)),
        ("Integer", -(2**63), TypedValue(-(2**63))),
        ("Unsigned Integer", 7, TypedValue(7)),
        ("Float", 21, TypedValue(21.0)),
        ("String", "21", TypedValue("21")),
        ("Opaque", "0a1b", TypedValue("0A1B", "opaque")),
        ("Time", "2018-07-02T02:02:07Z", TypedValue(NOW_S, "time")),
        ("Time", NOW_S, TypedValue(NOW_S, "time")),
        ("Objlnk", "3:0", TypedValue("3:0")),
        ("Corelnk", "</3/0>", TypedValue("</3/0>")),
        ("Opaque", secret("env", "KEY"), TypedValue(secret("env", "KEY"), "opaque")),
        ("String", secret("env", "KEY"), TypedValue(secret("env", "KEY"))),
    ],
)  # fmt: skip
def test_the_definition_gives_the_type(kind, value, expected):
    found = read(kind, value)
    assert found == expected
    assert type(found.value) is type(expected.value)


@pytest.mark.parametrize(
    ("kind", "value", "value_type", "code"),
    [
        ("Boolean", 1, None, "RCL205"),
        ("Integer", 1.5, None, "RCL205"),
        ("Integer", "21", None, "RCL205"),
        ("Integer", 2**63, None, "RCL206"),
        ("Unsigned Integer", -1, None, "RCL206"),
        ("Float", "21.5", None, "RCL205"),
        ("String", 21, None, "RCL205"),
        ("Opaque", "hello", None, "RCL205"),
        ("Time", "yesterday", None, "RCL205"),
        ("Objlnk", "3/0", None, "RCL205"),
        ("Objlnk", "70000:0", None, "RCL205"),
        ("Integer", secret("env", "KEY"), None, "RCL205"),
        ("Integer", None, None, "RCL205"),
        ("Integer", [1], None, "RCL205"),
        ("Integer", "0A", "opaque", "RCL205"),
        ("String", 5, "integer", "RCL205"),
    ],
)  # fmt: skip
def test_what_contradicts_the_type_is_refused(kind, value, value_type, code):
    found = read(kind, value, value_type)
    assert isinstance(found, Problem)
    assert found.code == code


def test_no_secret_stands_in_a_message():
    found = read("Integer", secret("env", "PIN"))
    assert isinstance(found, Problem)
    assert "PIN" not in found.detail


@pytest.mark.parametrize(("value", "is_inside"), [(-1, False), (0, True), (100, True), (101, False)])
def test_ranges_hold(value, is_inside):
    found = questions.read_value(MODELS, "/26250/0/20", value, None)
    assert found == TypedValue(value) if is_inside else found.code == "RCL206"


@pytest.mark.parametrize(
    ("path", "value", "found"),
    [
        ("/3316/0/5821", "1.05", TypedValue("1.05")),
        ("/3316/0/5821", 1.05, TypedValue(1.05)),
        ("/3311/0/5750", "office", TypedValue("office")),
        ("/3311/0/5750", "0A", TypedValue("0A", "opaque")),
        ("/19/1/0", "0102", TypedValue("0102", "opaque")),
        ("/3/0/13", NOW_S, TypedValue(NOW_S, "time")),
        ("/3338/0/5521", 60, TypedValue(60.0)),
        ("/3303/0/5603", -20, TypedValue(-20.0)),
        ("/3/0/15", 5, "RCL205"),
        ("/3303/0/5700", 1.0, "RCL204"),
        ("/0/0/5", "00", "RCL204"),
        ("/3/0/4", 1, "RCL241"),
        ("/3/0/4711", 5, TypedValue(5)),
        ("/26260/0/1", 5, TypedValue(5)),
        ("/26260/0/1", "5", TypedValue("5")),
    ],
)  # fmt: skip
def test_the_shipped_catalogue_types_values(path, value, found):
    read_back = questions.read_value(MODELS, path, value, None)
    assert (read_back.code if isinstance(read_back, Problem) else read_back) == found


def test_an_explicit_type_wins_over_the_shipped_catalogue():
    assert questions.read_value(MODELS, "/3/0/15", "0A1B", "opaque") == TypedValue("0A1B", "opaque")


@pytest.mark.parametrize(
    ("kind", "left", "right"),
    [
        ("Boolean", True, "true"),
        ("Boolean", False, "0"),
        ("Boolean", True, 1),
        ("Boolean", True, [1]),
        ("Integer", 21, "21"),
        ("Integer", 21, 21.0),
        ("Integer", -2, [255, 254]),
        ("Integer", 21, [50, 49]),
        ("Float", 20.5, "20.5"),
        ("Float", 21.0, 21),
        ("Float", 0.15, struct.unpack("<f", struct.pack("<f", 0.15))[0]),
        ("String", "bi", [98, 105]),
        ("Opaque", "6269", [98, 105]),
        ("Opaque", "6269", "[98,105]"),
        ("Opaque", "0A1B", "0a1b"),
        ("Time", NOW_S, NOW_S * 1000),
        ("Time", NOW_S, NOW_S * 1000 + 123),
        ("Time", NOW_S, str(NOW_S * 1000)),
        ("Objlnk", "3:0", [0, 3, 0, 0]),
        ("Integer", 7, {"0": 7}),
        ("String", "a", {"3": "a"}),
        ("Float", 1e300, 1e300),
        ("Integer", ABSENT, ABSENT),
    ],
)  # fmt: skip
def test_the_same_in_every_form(kind, left, right):
    assert same(kind, left, right)


@pytest.mark.parametrize(
    ("kind", "left", "right"),
    [
        ("Boolean", True, 2),
        ("Boolean", True, False),
        ("Integer", NOW_S, NOW_S * 1000),
        ("Integer", 1, True),
        ("Float", 1e300, 1e301),
        ("Float", 20.5, "20,5"),
        ("String", "1", 1),
        ("String", "CAFE", "cafe"),
        ("String", "bi", "[98,105]"),
        ("String", "1795334400", "1795334400000"),
        ("Opaque", "6269", [98, 106]),
        ("Opaque", "6269", [98, 1050]),
        ("Time", 5, 5000),
        ("Time", NOW_S, NOW_S + 1),
        ("Objlnk", "3:0", "3:1"),
        ("Integer", 7, {"0": 7, "1": 7}),
        ("Integer", 7, {"0": 8}),
        ("Integer", UNKNOWN, UNKNOWN),
        ("Integer", ABSENT, 0),
        ("Opaque", secret("env", "KEY"), "00"),
    ],
)  # fmt: skip
def test_not_the_same(kind, left, right):
    assert not same(kind, left, right)


def on_the_wire(kind, value):
    """What `data` of a write carries for a declared value, as JSON. Lossless for all that JSON has."""
    import json

    found = read(kind, value)
    assert isinstance(found, TypedValue)
    return json.loads(body.item(Write(PATHS[kind], found.value, found.value_type))), found.value


INTEGERS = st.integers(-(2**63), 2**63 - 1)
FLOATS = st.floats(allow_nan=False, allow_infinity=False)


@given(st.booleans())
def test_booleans_come_back(value):
    item_sent, declared = on_the_wire("Boolean", value)
    for form in (item_sent["val"], str(value).lower(), str(int(value)), int(value), [int(value)]):
        assert same("Boolean", declared, form)


@given(INTEGERS)
def test_integers_come_back(value):
    item_sent, declared = on_the_wire("Integer", value)
    tlv = list(value.to_bytes(8, "big", signed=True))
    for form in (item_sent["val"], str(value), tlv, list(str(value).encode()), {"0": value}):
        assert same("Integer", declared, form)


@given(FLOATS)
def test_floats_come_back_also_from_a_device_of_32_bits(value):
    item_sent, declared = on_the_wire("Float", value)
    for form in (item_sent["val"], repr(value), list(struct.pack(">d", value)), list(repr(value).encode())):
        assert same("Float", declared, form)
    try:
        short = struct.unpack(">f", struct.pack(">f", value))[0]
    except OverflowError:
        return
    assert same("Float", declared, short)
    assert same("Float", declared, list(struct.pack(">f", short)))


@given(st.text(st.characters(codec="utf-8"), max_size=40))
def test_text_comes_back(value):
    item_sent, declared = on_the_wire("String", value)
    for form in (item_sent["val"], list(value.encode())):
        assert same("String", declared, form)


@given(st.binary(max_size=40))
def test_opaque_values_come_back(content):
    item_sent, declared = on_the_wire("Opaque", content.hex())
    assert item_sent["type"] == 1
    for form in (item_sent["val"], content.hex(), list(content), str(list(content))):
        assert same("Opaque", declared, form)


@given(st.integers(0, 4_102_444_800), st.integers(0, 999))
def test_times_come_back_in_milliseconds(value, milliseconds):
    item_sent, declared = on_the_wire("Time", value)
    assert (item_sent["type"], item_sent["val"]) == (2, value)
    forms = [item_sent["val"], str(value)]
    if value >= 100_000_000:
        forms += [value * 1000 + milliseconds, str(value * 1000 + milliseconds)]
    for form in forms:
        assert same("Time", declared, form)


@given(st.integers(0, 65_535), st.integers(0, 65_535))
def test_links_come_back(obj, instance):
    item_sent, declared = on_the_wire("Objlnk", f"{obj}:{instance}")
    for form in (item_sent["val"], list(struct.pack(">HH", obj, instance))):
        assert same("Objlnk", declared, form)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | FLOATS | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


@given(st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False, allow_infinity=False))
def test_numbers_of_undefined_objects_are_known_again_in_bytes(value):
    """OneNET takes such objects as opaque, and does not say in which form: digits or binary."""
    if isinstance(value, float):
        binary = struct.pack(">d", value)
    else:
        binary = bytes([value]) if isinstance(value, bool) else value.to_bytes(8, "big", signed=True)
    text = str(int(value) if isinstance(value, bool) else value).encode()
    for seen in (list(binary), list(text)):
        assert questions.same(MODELS, "/26260/0/1", value, seen)
        assert questions.same(MODELS, "/26260/0/1", seen, value)
    assert not questions.same(MODELS, "/26260/0/1", value, [35, 35, 35])


@given(st.sampled_from(KINDS), JSON, JSON)
def test_any_two_values_can_be_compared_both_ways(kind, left, right):
    assert isinstance(same(kind, left, right), bool)


@given(st.sampled_from(KINDS), JSON)
def test_any_value_is_read_or_refused(kind, value):
    assert isinstance(read(kind, value), (TypedValue, Problem))
