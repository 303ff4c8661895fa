"""Columns are counted as a terminal counts them."""

from hypothesis import given
from hypothesis import strategies as st

from reconcile.report.style import Style, columns_of, pad, table, wrap

words = st.lists(st.text(alphabet="ab设备，。（）", min_size=1, max_size=6), max_size=30).map(" ".join)


def test_chinese_takes_two_columns_and_colour_none():
    assert columns_of("设备 a") == 6
    assert columns_of(Style(color=True).paint("error", "设备")) == 4
    assert pad("设", 4) == "设  "


def test_without_colour_text_is_left_alone():
    assert Style(color=False).paint("error", "x") == "x"


@given(words, st.integers(20, 60))
def test_wrapped_lines_fit_and_lose_nothing(text, width):
    lines = wrap(text, width, first="  ", rest="    ")
    assert all(columns_of(line) <= width for line in lines)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")


@given(words)
def test_no_line_begins_with_a_closing_mark(text):
    lines = wrap(text.replace(" ", ""), 40)
    assert not any(line[:1] in "，。）" for line in lines[1:])


def test_a_word_that_is_too_long_stays_whole():
    assert wrap("a " + "b" * 30 + " c", 20) == ["a", "b" * 30, "c"]


def test_columns_are_aligned():
    assert table([["a", "bb", "c"], ["设备", "b", "c"]], 40) == ["a     bb  c", "设备  b   c"]


def test_a_row_that_does_not_fit_goes_on_below():
    lines = table([["name", "value " * 8, "why"], ["n", "v", "w"]], 30)
    assert all(columns_of(line) <= 30 for line in lines)
    assert lines[0] == "name"
    assert "why" in lines[-2]


@given(st.lists(st.lists(words, min_size=1, max_size=4), max_size=4))
def test_table_lines_fit(rows):
    assert all(columns_of(line) <= 44 for line in table(rows, 44, indent="  "))
