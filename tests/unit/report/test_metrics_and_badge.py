"""How a fleet stands, for monitors and for a README."""

import xml.etree.ElementTree as ET
from collections import Counter
from datetime import UTC, datetime

import pytest

from reconcile.report.badge import badge_svg
from reconcile.report.metrics import metrics_text
from reconcile.report.standing import Standing

AT = datetime(2026, 11, 23, tzinfo=UTC)


def test_every_gauge_is_described_once_and_names_are_escaped():
    text = metrics_text(AT, Counter({Standing.CONFIRMED: 7}), {'a"b\\c\nd': 2}, 12)

    lines = text.splitlines()
    assert 'reconcile_devices{standing="confirmed"} 7' in lines
    assert 'reconcile_devices{standing="lost"} 0' in lines
    assert r'reconcile_attempts_open{account="a\"b\\c\nd"} 2' in lines
    assert "reconcile_state_serial 12" in lines
    assert "reconcile_metrics_timestamp_seconds 1795392000" in lines
    typed = [line.split()[2] for line in lines if line.startswith("# TYPE")]
    assert len(typed) == len(set(typed))
    assert text.endswith("\n")


@pytest.mark.parametrize(("states", "lang", "said"), [
    ({}, "en", "no devices"),
    ({Standing.CONFIRMED: 3}, "en", "in step"),
    ({Standing.CONFIRMED: 999, Standing.QUEUED: 1}, "en", "99 % confirmed"),
    ({Standing.CONFIRMED: 3, Standing.LOST: 1_200}, "zh", "丢失 1,200"),
])  # fmt: skip
def test_a_badge_says_how_it_stands_and_loads_nothing(states, lang, said):
    svg = badge_svg(states, label='<b onload="x">', lang=lang)

    root = ET.fromstring(svg)
    assert said in root.attrib["aria-label"]
    assert {element.tag.rpartition("}")[2] for element in root.iter()} == {"svg", "title", "rect", "g", "text"}
    assert "http" not in svg.replace("http://www.w3.org/2000/svg", "")
