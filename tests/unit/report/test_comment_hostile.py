"""Whatever others write, a comment has the structure of one that says the same in plain words."""

import re

import pytest
from hostile_plans import CANARY, PLAIN, STRINGS, hostile_plan
from markdown_it import MarkdownIt
from report_plans import large_plan

from reconcile.report.comment.compose import Frame, plan_comment, plan_summary
from reconcile.report.comment.hosts import GITEE
from reconcile.report.comment.marker import Marker, marker_of

_MARKDOWN = MarkdownIt("commonmark").enable(["table", "strikethrough"])
_LITERAL = ("code_inline", "fence")


def _texts(plan):
    return plan_comment(plan), plan_summary(plan, lang="zh")


def _flat(text):
    for token in _MARKDOWN.parse(text):
        yield token
        yield from token.children or ()


def _skeleton(text):
    return [(token.type, token.tag, token.level) for token in _flat(text)]


@pytest.fixture(scope="module")
def plain():
    return [_skeleton(text) for text in _texts(hostile_plan(PLAIN))]


@pytest.mark.parametrize("name", STRINGS)
def test_foreign_text_makes_no_markup(name, plain):
    for text, skeleton in zip(_texts(hostile_plan(STRINGS[name])), plain, strict=True):
        assert _skeleton(text) == skeleton
        shown = [token for token in _flat(text) if CANARY in token.content and token.type != "inline"]
        assert shown
        assert {token.type for token in shown} <= {*_LITERAL}
        assert all(line.replace("\u3000", "").isprintable() for line in text.split("\n"))
        assert not re.search(r"^\s*::|##\w*\[", text, re.MULTILINE)
        text.encode("utf-8")


def test_there_are_at_least_forty_of_them():
    assert len(STRINGS) >= 40


def test_the_marker_is_the_first_line_and_no_other():
    text = plan_comment(hostile_plan(STRINGS["our marker"]), Frame(name="site-1"))
    assert marker_of(text) == Marker("site-1", hostile_plan(STRINGS["our marker"]).digest)
    assert marker_of("\n" + text) is None
    assert marker_of("> " + text) is None


@pytest.mark.parametrize(
    "url",
    [
        "javascript:evil()",
        "https://evil.example/)x",
        "https://e/ x",
        "https://e/\n",
        "ftp://e",
        "https://e/`",
        "//e",
        'https://e/"x',
        "https://e/<x>",
        "https://[e](x)",
        "https://user@evil/",
        f"https://e/{'x' * 2000}",
    ],
)
def test_an_address_that_could_be_markup_is_refused(url):
    with pytest.raises(ValueError, match="report's address"):
        Frame(url)


@pytest.mark.parametrize("name", ["", "-x", "a b", "a`b", "a>b", "a" * 65, "环境", "a\n"])
def test_a_name_that_could_be_markup_is_refused(name):
    with pytest.raises(ValueError, match="a name is"):
        Frame(name=name)


def test_no_trace_of_a_secret_is_left():
    for text in (plan_comment(large_plan()), plan_summary(large_plan()), plan_comment(large_plan(), host=GITEE)):
        assert "LAMP_KEY" in text
        assert "1" * 8 not in text
        assert "2" * 8 not in text
