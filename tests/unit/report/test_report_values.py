"""Two different values never look the same."""

import subprocess
import sys
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from reconcile.model.values import ABSENT, UNKNOWN, same, secret
from reconcile.report.messages import translate
from reconcile.report.values import differences, show, show_change

EN, ZH = translate("en"), translate("zh")
scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()


def test_values_are_shown_as_json():
    assert [show(value, EN) for value in (-20.0, 21, True, None, "a\n电")] == [
        "-20.0",
        "21",
        "true",
        "null",
        r'"a\n电"',
    ]


def test_what_is_missing_is_said_in_words():
    assert (show(ABSENT, EN), show(UNKNOWN, EN)) == ("(none)", "(unknown)")
    assert (show(ABSENT, ZH), show(UNKNOWN, ZH)) == ("（无）", "（未知）")


def test_what_json_cannot_carry_is_shown_all_the_same():
    assert show(float("nan"), EN) == "nan"
    assert show([float("inf")], EN) == "[inf]"


def test_deepdiff_is_loaded_for_structured_values_alone():
    code = (
        "import sys; from reconcile.report.messages import translate as t; from reconcile.report.values import differences as d\n"
        "d(1, 2, t('en')); assert 'deepdiff' not in sys.modules; d([1], [2], t('en')); assert 'deepdiff' in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=Path(__file__).parents[3])


def test_a_secret_is_shown_by_name_alone():
    assert show(secret("env", "LAMP_KEY", "d1g35t"), EN) == "(secret LAMP_KEY)"
    assert "d1g35t" not in show({"deep": [secret("env", "LAMP_KEY", "d1g35t")]}, EN)


def test_a_changed_secret_says_so():
    before, after = secret("env", "K", "1"), secret("env", "K", "2")
    assert show_change(before, after, EN) == ("(secret K)", "(secret K, changed)")


def test_a_long_value_is_cut_with_its_length():
    assert show("x" * 3000, EN) == '"' + "x" * 47 + '…" (3,000 characters)'


def test_values_that_differ_at_the_end_show_the_end():
    left, right = show_change("x" * 300 + "a", "x" * 300 + "b", EN)
    assert left.endswith('a"')
    assert right.endswith('b"')


def test_look_alike_values_are_told_apart():
    assert show_change("e\u0301", "\u00e9", EN)[0] != show_change("e\u0301", "\u00e9", EN)[1]
    assert show_change(1, True, EN) == ("1", "true")
    assert show_change(21, 21.0, EN) == ("21", "21.0")


@given(scalars, scalars)
def test_different_values_never_look_the_same(before, after):
    left, right = show_change(before, after, EN)
    assert same(before, after) or left != right


def test_differences_inside_an_object_are_listed():
    before = {"on": "18:00", "days": [1, 2], "gone": None}
    after = {"on": "19:00", "days": [1, 3], "x\n": True}
    assert differences(before, after, EN) == [
        (".days[1]", "2", "3"),
        (".gone", "null", "(none)"),
        (".on", '"18:00"', '"19:00"'),
        (r".x\n", "(none)", "true"),
    ]


def test_one_and_true_differ_inside_too():
    assert differences({"a": 1}, {"a": True}, EN) == [(".a", "1", "true")]


def test_scalars_have_no_inside():
    assert differences(1, {"a": 1}, EN) == []
    assert differences([1], {"a": 1}, EN) == []
    assert differences(secret("env", "A"), secret("env", "B"), EN) == []


def test_many_differences_are_counted():
    found = differences({str(n): n for n in range(40)}, {str(n): -n - 1 for n in range(40)}, EN)
    assert len(found) == 13
    assert found[-1][0] == "… and 28 more differences"
