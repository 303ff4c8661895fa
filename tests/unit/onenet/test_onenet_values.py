"""Identities, paths, declared values, and when two values are the same to a device."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconcile.model.device import Identity
from reconcile.model.values import ABSENT, UNKNOWN, secret
from reconcile.platforms.onenet.model import read_identity, read_path
from reconcile.platforms.onenet.values import read_value, same
from reconcile.ports import Problem, TypedValue

PATH = "/3303/0/5603"


@pytest.mark.parametrize("imei", ["865820031234567", "1234"])
def test_imei(imei):
    assert read_identity({"imei": imei}, "meter") == Identity.of(imei=imei)


@pytest.mark.parametrize(
    "imei",
    ["", "86582003123456", "8658200312345678", "86582003123456x", "８６５８２００３１２３４５６７"],
)
def test_what_is_not_an_imei(imei):
    problem = read_identity({"imei": imei}, "meter")
    assert isinstance(problem, Problem)
    assert problem.code == "RCL201"


def test_identity_is_never_taken_from_the_name():
    assert isinstance(read_identity({"deviceName": "865820031234567"}, "865820031234567"), Problem)


@pytest.mark.parametrize("text", ["/3303/0/5603", "3303/0/5603", "/03303/00/5603"])
def test_paths(text):
    assert read_path(text) == "/3303/0/5603"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "/3303/0",
        "/3303/0/5603/1",
        "/3303/0/65536",
        "/3303/0/-1",
        "3303.0.5603",
        "Temperature/0/Min",
        "/3303/0/5603 ",
    ],
)
def test_what_is_not_a_path(text):
    problem = read_path(text)
    assert isinstance(problem, Problem)
    assert problem.code == "RCL202"


@pytest.mark.parametrize(
    ("value", "value_type", "read"),
    [
        ("0a1b", "opaque", TypedValue("0A1B", "opaque")),
        ("", "opaque", TypedValue("", "opaque")),
        ("2026-11-22T08:00:00Z", "time", TypedValue(1795334400, "time")),
        ("2026-11-22T16:00:00+08:00", "time", TypedValue(1795334400, "time")),
        (1795334400, "time", TypedValue(1795334400, "time")),
        ("21", "string", TypedValue("21")),
        (21, "float", TypedValue(21.0)),
        (1e16, "float", TypedValue(1e16)),
        (21.0, "integer", TypedValue(21)),
        (2**63 - 1, "integer", TypedValue(2**63 - 1)),
        (True, "boolean", TypedValue(True)),
        (True, None, TypedValue(True)),
        (1, None, TypedValue(1)),
        (1.0, None, TypedValue(1.0)),
        ("on", None, TypedValue("on")),
        (secret("env", "PIN"), None, TypedValue(secret("env", "PIN"))),
        (secret("env", "PIN"), "opaque", TypedValue(secret("env", "PIN"), "opaque")),
    ],
)
def test_declared_values(value, value_type, read):
    result = read_value(PATH, value, value_type)
    assert result == read
    assert type(result.value) is type(read.value)


@pytest.mark.parametrize(
    ("value", "value_type"),
    [
        (None, None),
        ({"a": 1}, None),
        ([1], "opaque"),
        ("0A1", "opaque"),
        ("0x1A", "opaque"),
        (121, "opaque"),
        ("2026-11-22T08:00:00", "time"),
        ("2026-11-22", "time"),
        ("2026-11-22T08:00:00.5Z", "time"),
        (1.5, "time"),
        (True, "time"),
        (1, "string"),
        ("\ud800", "string"),
        (21.5, "integer"),
        (True, "integer"),
        (2**63, "integer"),
        (2**63, None),
        ("21", "float"),
        (True, "float"),
        (float("nan"), "float"),
        (float("inf"), None),
        (10**400, "float"),
        (1, "boolean"),
        ("true", "boolean"),
        (1, "objlnk"),
        (secret("env", "PIN"), "integer"),
    ],
)
def test_values_a_resource_cannot_hold(value, value_type):
    problem = read_value(PATH, value, value_type)
    assert isinstance(problem, Problem)
    assert problem.code in ("RCL205", "RCL206")
    assert PATH in problem.detail


@pytest.mark.parametrize(
    ("left", "right"),
    [
        (21, 21.0),
        (0.15, struct.unpack("<f", struct.pack("<f", 0.15))[0]),
        ("0A1B", [10, 27]),
        ("6269", [98, 105]),
        ("水", [0xE6, 0xB0, 0xB4]),
        ("ping", [112, 105, 110, 103]),
        (1795334400, 1795334400000),
        (True, True),
        (ABSENT, ABSENT),
        ("", []),
    ],
)
def test_the_same_to_a_device(left, right):
    assert same(left, right)
    assert same(right, left)


@pytest.mark.parametrize(
    ("left", "right"),
    [
        (True, 1),
        (False, 0.0),
        (1, "1"),
        (0.15, 0.16),
        (16777217, 16777216.0),
        (5, 5000),
        ("cafe", "CAFE"),
        ("Meter", "meter"),
        ("0A1B", [10, 28]),
        ("0A1B", [10, True]),
        (ABSENT, None),
        (UNKNOWN, UNKNOWN),
        (UNKNOWN, 1),
        (1e300, 1e301),
        (secret("env", "PIN"), "1234"),
    ],
)
def test_not_the_same_to_a_device(left, right):
    assert not same(left, right)
    assert not same(right, left)


@given(st.floats(width=32, allow_nan=False, allow_infinity=False))
def test_a_float32_that_travelled_as_text_is_still_itself(value):
    assert same(value, float(repr(value)))


@given(st.binary(max_size=40))
def test_bytes_and_their_hexadecimal_text_are_the_same(content):
    assert same(content.hex().upper(), list(content))
