"""Foreign text is inert whatever it holds."""

import html
import json

from hypothesis import given
from hypothesis import strategies as st

from reconcile.report.sanitise import guarded, html_text, inert, inert_json, markdown_code
from reconcile.report.view import finish

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(st.text())
def test_shown_text_is_printable_and_on_one_line(text):
    shown = inert(text)
    assert shown.replace("\u3000", "").isprintable()
    assert len(shown.splitlines()) <= 1


@given(st.text(alphabet=":# [vsoe\n\u202e", max_size=30))
def test_no_shown_text_commands_a_runner(text):
    shown = inert(text)
    assert not shown.lstrip().startswith("::")
    assert "##[" not in shown
    assert "##vso[" not in shown


def test_escapes_are_visible():
    assert inert("a\x1b[31mb\r\nc\td\x7f\x85") == r"a\x1b[31mb\r\nc\td\x7f\x85"
    assert inert("x\u202ey\u200bz\ufeff\U000e0041") == r"x\u202ey\u200bz\ufeff\U000e0041"
    assert inert("a\xa0b\u3164c") == r"a\xa0b\u3164c"
    assert inert("\ud800") == r"\ud800"


def test_letters_of_any_script_pass():
    assert inert("电表 0001　北区 Ünïté عداد") == "电表 0001　北区 Ünïté عداد"


def test_long_text_is_cut_and_counted():
    assert inert("x" * 500, 10) == "x" * 10 + "…[+490]"


def test_workflow_commands_are_broken():
    assert inert("::error::boom") == r"\::error::boom"
    assert inert("say ::set-output name=a::b") == r"say \::set-output name=a::b"
    assert inert("fe80::1 and std::vector") == "fe80::1 and std::vector"
    assert inert("##[add-mask] ##vso[task.setvariable] ## title") == r"#\#[add-mask] #\#vso[task.setvariable] ## title"
    assert guarded("   ::error::") == r"   \::error::"
    assert finish(["设备", "::error::"]) == "设备\n\\::error::\n"


@given(json_values)
def test_json_reads_back_as_the_same_value_and_is_printable(value):
    text = inert_json(value)
    assert json.loads(text) == value
    assert text.replace("\u3000", "").isprintable()
    text.encode("utf-8")


def test_json_of_a_runner_command_reads_back_unchanged():
    text = inert_json({"a": "##[add-mask]x\u202e电"})
    assert "##[" not in text
    assert json.loads(text) == {"a": "##[add-mask]x\u202e电"}
    assert "电" in text


@given(st.text(alphabet="`|\\ab\n@<", max_size=12))
def test_code_span_cannot_be_left(text):
    span = markdown_code(text)
    assert span.count("`") == 2
    assert span[0] == span[-1] == "`"
    assert "|" not in span
    assert "\n" not in span
    assert len(span) > 2


@given(st.text())
def test_html_holds_no_markup(text):
    shown = html_text(text)
    assert not {"<", ">", '"', "'"} & set(shown)
    assert html.unescape(shown) == inert(text)
