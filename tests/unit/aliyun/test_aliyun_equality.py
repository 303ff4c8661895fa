"""Equality of values whatever their type: symmetric, blind to how the cloud writes a value, and to nothing else."""

from __future__ import annotations

import json
import struct
from decimal import Decimal

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from reconcile.model.values import canonical
from reconcile.platforms.aliyun.model import DataType, Kind
from reconcile.platforms.aliyun.same import same_typed, same_untyped
from reconcile.platforms.aliyun.values import read_typed

INTS = st.integers(-(2**31), 2**31 - 1)
LONGS = st.integers(-(2**63), 2**63 - 1)
DOUBLES = st.floats(allow_nan=False, allow_infinity=False)
FLOATS = st.floats(allow_nan=False, allow_infinity=False, width=32)
NAMES = st.text("abcXYZ_09", min_size=1, max_size=6)
SCALARS = {
    Kind.INT: INTS,
    Kind.LONG: LONGS,
    Kind.FLOAT: FLOATS,
    Kind.DOUBLE: DOUBLES,
    Kind.BOOL: st.integers(0, 1),
    Kind.ENUM: st.integers(-5, 300),
    Kind.TEXT: st.text(max_size=12),
    Kind.DATE: st.integers(-(10**12), 10**14).map(str),
}
KINDS = st.sampled_from(sorted(SCALARS))


@st.composite
def typed(draw, depth=2):
    """A type, and a function that draws canonical values of it."""
    shape = draw(st.sampled_from(["scalar", "scalar", "struct", "array"])) if depth else "scalar"
    if shape == "scalar":
        kind = draw(KINDS)
        return DataType(kind), SCALARS[kind]
    if shape == "array":
        item, values = draw(typed(depth=0 if depth == 1 else 1))
        return DataType(Kind.ARRAY, item=item), st.lists(values, max_size=4)
    members = draw(st.dictionaries(NAMES, typed(depth=0), min_size=1, max_size=4))
    kinds = {name: found[0] for name, found in members.items()}
    return DataType(Kind.STRUCT, members=kinds), st.fixed_dictionaries({n: found[1] for n, found in members.items()})


def inner(value, trims):
    """A value inside a structure as some edition of the cloud may write it."""
    if isinstance(value, dict):
        return {name: inner(member, trims) for name, member in value.items()}
    if isinstance(value, list):
        return [inner(entry, trims) for entry in value]
    return int(value) if trims and isinstance(value, float) and value.is_integer() and abs(value) < 2**53 else value


def cloud_text(value, trims):
    """What `Value` of a query answer says: always a text."""
    if isinstance(value, str):
        return value
    if isinstance(value, float):
        plain = format(Decimal(repr(value)), "f")
        return plain.rstrip("0").rstrip(".") if trims and "." in plain else plain
    if isinstance(value, (dict, list)):
        return json.dumps(inner(value, trims), ensure_ascii=False)
    return str(value)


@given(typed().flatmap(lambda found: st.tuples(st.just(found[0]), found[1])), st.booleans())
def test_value_equals_what_the_cloud_makes_of_it(found, trims):
    data_type, value = found
    told = cloud_text(value, trims)
    assert same_typed(data_type, value, told)
    assert same_typed(data_type, told, value)
    assert same_typed(data_type, told, told)


@given(typed().flatmap(lambda found: st.tuples(st.just(found[0]), found[1], found[1])), st.booleans())
def test_unlike_values_stay_unlike_through_the_cloud(found, trims):
    data_type, one, other = found
    assume(not equal(data_type, one, other))
    assert not same_typed(data_type, one, other)
    assert not same_typed(data_type, one, cloud_text(other, trims))
    assert not same_typed(data_type, cloud_text(one, trims), other)


def equal(data_type, one, other):
    """Equality of canonical values, said another way: floats of 32 bits by their bits, everything else by value."""
    if data_type.kind is Kind.STRUCT:
        return all(equal(member, one[name], other[name]) for name, member in data_type.members.items())
    if data_type.kind is Kind.ARRAY:
        return len(one) == len(other) and all(equal(data_type.item, *pair) for pair in zip(one, other, strict=True))
    if data_type.kind is Kind.FLOAT:
        return one == other or struct.pack("<f", one) == struct.pack("<f", other)
    return one == other


ANYTHING = st.recursive(
    st.none() | st.booleans() | LONGS | DOUBLES | st.text(max_size=8) | st.sampled_from(["1", "0", "true", "35", "[1]", " {}"]),
    lambda inside: st.lists(inside, max_size=3) | st.dictionaries(NAMES, inside, max_size=3),
    max_leaves=6,
)  # fmt: skip


@given(typed(), ANYTHING, ANYTHING)
def test_equality_is_symmetric_and_reflexive_even_for_nonsense(found, left, right):
    data_type = found[0]
    assert same_typed(data_type, left, right) == same_typed(data_type, right, left)
    assert same_untyped(left, right) == same_untyped(right, left)
    assert same_typed(data_type, left, left)
    assert same_untyped(left, left)


@given(st.sampled_from([Kind.INT, Kind.LONG, Kind.ENUM]), LONGS, st.integers(1, 3))
def test_whole_numbers_are_compared_to_the_last_digit(kind, number, more):
    assert not same_typed(DataType(kind), str(number), number + more)
    assert not same_untyped(str(number), number + more)


@given(KINDS, st.sampled_from(["", "x", "NaN", "Infinity", "1e999999", "{", "[1", "null"]))
def test_text_that_is_no_value_equals_only_itself(kind, text):
    assume(kind is not Kind.TEXT)
    assert same_typed(DataType(kind), text, text)
    assert not same_typed(DataType(kind), text, 1)


@given(typed().flatmap(lambda found: st.tuples(st.just(found[0]), found[1])))
def test_canonical_form_is_stable(found):
    data_type, value = found
    once = read_typed(data_type, value, None)
    assert canonical(read_typed(data_type, once, None)) == canonical(once)
    assert same_typed(data_type, value, once)


@pytest.mark.parametrize(
    ("kind", "left", "right", "expected"),
    [
        (Kind.FLOAT, 35.0, "35", True),
        (Kind.FLOAT, 0.1, "0.10000000149011612", True),
        (Kind.DOUBLE, 0.1, "0.10000000149011612", False),
        (Kind.LONG, 9007199254740992, "9007199254740993", False),
        (Kind.BOOL, 1, "1", True),
        (Kind.BOOL, 1, "true", True),
        (Kind.BOOL, 1, "2", False),
        (Kind.DATE, "1795334400000", "1795334400000", True),
        (Kind.DATE, "1795334400000", 1795334400000, True),
        (Kind.TEXT, "007", "7", False),
        (Kind.TEXT, '{"a":1}', '{"a": 1}', False),
        (Kind.STRUCT, {"a": 1}, ' {"a": 1.0}', True),
        (Kind.STRUCT, {"a": 1}, '{"a":1,"b":2}', False),
        (Kind.ARRAY, [0], "[0]", True),
        (Kind.ARRAY, [], "", False),
        (Kind.DOUBLE, "1e999999", "1e999998", False),
    ],
)
def test_named_cases(kind, left, right, expected):
    assert same_typed(DataType(kind), left, right) is expected
    assert same_typed(DataType(kind), right, left) is expected
