"""Hostile strings in what is no page and no comment: issues, notices, metrics, badges."""

import json
import re
from datetime import UTC, datetime
from xml.etree import ElementTree as ET

import pytest
from hostile_plans import PLAIN, STRINGS, hostile_plan
from test_comment_hostile import _LITERAL, _flat, _skeleton

from reconcile.gitops.drift_issues import wanted_issues
from reconcile.gitops.notices.notice import of_events
from reconcile.gitops.notices.robots import ROBOTS
from reconcile.report.badge import badge_svg
from reconcile.report.metrics import metrics_text

AT = datetime(2026, 11, 23, tzinfo=UTC)
GAUGE = re.compile(r'(# (HELP|TYPE) \w+ [\w .,-]+|\w+(\{\w+="([^"\\\n]|\\["\\n])*"\})? -?\d+)')
EACH = pytest.mark.parametrize("text", STRINGS.values(), ids=STRINGS)


def is_plain(text):
    """No control, no direction, nothing that a runner takes for a command."""
    text.encode("utf-8")
    is_shown = all(line.replace("\u3000", "").isprintable() for line in text.split("\n"))
    return is_shown and not re.search(r"^\s*::|##\w*\[", text, re.MULTILINE)


@EACH
def test_an_issue_of_drift_shows_them_as_code(text):
    (issue,), (plain,) = wanted_issues(hostile_plan(text)), wanted_issues(hostile_plan(PLAIN))

    assert _skeleton(issue.text) == _skeleton(plain.text)
    assert {one.type for one in _flat(issue.text) if PLAIN in one.content and one.type != "inline"} <= {*_LITERAL}
    assert is_plain(issue.text)
    assert is_plain(issue.title)
    assert "\n" not in issue.title


@EACH
def test_metrics_stay_lines_of_gauges(text):
    lines = metrics_text(AT, {}, {text: 1}, 1, hostile_plan(text)).removesuffix("\n").split("\n")

    assert len(lines) == metrics_text(AT, {}, {PLAIN: 1}, 1, hostile_plan(PLAIN)).count("\n")
    assert all(GAUGE.fullmatch(line) for line in lines)


@EACH
def test_a_badge_stays_the_same_picture(text):
    drawn, plain = (ET.fromstring(badge_svg({}, label=one)) for one in (text, PLAIN))

    assert [(one.tag, [*one.attrib]) for one in drawn.iter()] == [(one.tag, [*one.attrib]) for one in plain.iter()]
    assert all(is_plain(said) for one in drawn.iter() for said in (one.text or "", *one.attrib.values()))


@EACH
@pytest.mark.parametrize("room", ROBOTS)
def test_a_notice_mentions_nobody_and_is_json(text, room):
    notice = of_events([json.dumps({"event": "failed", "message": text})], "fleet", "https://ci.example/1", "en")
    body = ROBOTS[room].compose(notice, "", AT).body

    json.loads(body)
    assert is_plain(body.decode())
    if room in ("feishu", "slack"):  # the others mention by fields that are never set
        assert b"<" not in body


def test_counts_that_no_text_can_carry_are_sent_all_the_same():
    notice = of_events([json.dumps({"event": "finished", "counts": {"\ud800": 1}})], "fleet", "", "en")

    assert json.loads(ROBOTS["webhook"].compose(notice, "", AT).body)["text"]
