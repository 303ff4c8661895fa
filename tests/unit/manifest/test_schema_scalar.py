"""What plain scalars mean, by what the schema admits."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconcile.manifest.schema_checks import date_problem, duration_problem, seconds
from reconcile.manifest.schema_scalar import UnclearScalar, bind

ANY = frozenset({"null", "boolean", "integer", "number", "string", "object", "array"})
TEXT = frozenset({"string"})
NUMBER = frozenset({"number"})
WHOLE = frozenset({"integer"})


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1", 1),
        ("-10.0", -10.0),
        ("+3", 3),
        (".5", 0.5),
        ("5.", 5.0),
        ("1e16", 1e16),
        ("0", 0),
        ("-0", 0),
        ("0.5", 0.5),
        ("0x1F", 31),
        ("0o17", 15),
        ("true", True),
        ("False", False),
        ("null", None),
        ("~", None),
        ("", None),
        ("yes", "yes"),
        ("on", "on"),
        ("NO", "NO"),
        ("12:30:45", "12:30:45"),
        ("2026-11-22", "2026-11-22"),
        ("1_000", "1_000"),
        ("0b11", "0b11"),
        ("1.2.3", "1.2.3"),
        ("9223372036854775807", 2**63 - 1),
        ("18446744073709551615", 2**64 - 1),
        ("1e", "1e"),
        ("tRue", "tRue"),
    ],
)
def test_core_meaning_where_anything_is_admitted(text, expected):
    found = bind(text, ANY)
    assert (found, type(found)) == (expected, type(expected))


@given(st.text(min_size=1))
def test_text_stays_what_was_written_where_text_is_wanted(text):
    assert bind(text, TEXT) == text


@pytest.mark.parametrize("text", ["2.4", "865820031234567", "true", "null", "~", "017", "0x1F", ".nan", "no", "1e5"])
def test_nothing_is_guessed_where_text_is_wanted(text):
    assert bind(text, TEXT) == text


def test_nothing_written_is_no_text():
    assert bind("", TEXT) is None


@pytest.mark.parametrize("text", ["017", "-017", "00", "0189", "0000000000000000000000001"])
@pytest.mark.parametrize("types", [ANY, NUMBER, WHOLE], ids=["any", "number", "integer"])
def test_a_leading_zero_is_an_error_where_a_number_is_possible(text, types):
    with pytest.raises(UnclearScalar) as caught:
        bind(text, types)
    assert caught.value.code == "RCL119"


def test_the_octal_trap_is_explained():
    with pytest.raises(UnclearScalar, match=r"15 \(octal\) to YAML 1.1 and 17 to YAML 1.2"):
        bind("017", WHOLE)


@pytest.mark.parametrize(
    "text", [".nan", ".NaN", "-.inf", "+.INF", "1e999", "18446744073709551616", "9" * 5000, "0x" + "f" * 17]
)
def test_numbers_that_no_device_holds_are_refused(text):
    with pytest.raises(UnclearScalar) as caught:
        bind(text, ANY)
    assert caught.value.code == "RCL113"


def test_durations():
    assert [seconds(value) for value in ("25s", "10m", "72h", "7d", 90)] == [25, 600, 259_200, 604_800, 90]
    assert [seconds(value) for value in ("25", "1.5h", "-1s", -1, True, 2.0, "9999999999s", None)] == [None] * 8


@pytest.mark.parametrize(
    ("value", "expected"), [("5s", None), (40, None), ("41s", "5s to 40s (OneNET)"), ("1m", "5s to 40s (OneNET)")]
)
def test_a_duration_out_of_range_says_the_range(value, expected):
    assert duration_problem({"min_s": 5, "max_s": 40, "of": "OneNET"}, value) == expected


@pytest.mark.parametrize(
    "text", ["2026-12-31", "2026-12-31T08:00:00Z", "2026-12-31T08:00:00.5+08:00", "2026-12-31t08:00:00z"]
)
def test_days_and_moments_of_the_calendar(text):
    assert date_problem(True, text) is None


@pytest.mark.parametrize(
    "text",
    [
        "2026-02-30",
        "2026-12-31T08:00:00",
        "20261231",
        "2026-W01-1",
        "tomorrow",
        "2026-12-31T25:00:00Z",
        "2026-12-31 08:00:00Z",
        "",
    ],
)
def test_other_dates_are_refused(text):
    assert date_problem(True, text) is not None
