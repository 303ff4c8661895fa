"""The picture of how plans grow: every case that it names, as the page's tables have it."""

from __future__ import annotations

import re
from xml.etree import ElementTree as ET

import pytest

from benchmarks.measure import Cost, Failed, Row, Table
from benchmarks.page_tables import wall_times
from benchmarks.plan_growth import LINES, PAGE, POINTS, draw, points_of
from benchmarks.table import render

SVG = "{http://www.w3.org/2000/svg}"
NAMES = [*LINES, *(case for cases in POINTS.values() for case in cases)]


@pytest.fixture(scope="module")
def page() -> str:
    return PAGE.read_text(encoding="utf-8")


def test_tables_come_back_from_the_page_as_they_were_measured():
    rows = (Row("the floor", Cost(1.25, 1, 16)), Row("`plan`, 1 % changed", Cost(36.25, 30, 16), "a note"))
    page = render([Table("Plans", "A text.", rows), Table("Others", "A text.", rows[:1])], 1)
    assert wall_times(page) == {
        "Plans": {"the floor": 1.25, "`plan`, 1 % changed": 36.2},
        "Others": {"the floor": 1.25},
    }


def test_picture_is_well_formed_and_names_every_case_with_what_the_page_says_last(page):
    points = points_of(page)
    told = [text.text or "" for text in ET.fromstring(draw(points)).iter(f"{SVG}text")]
    for name in NAMES:
        assert f"{name.replace('`', '')}: {points[name][-1][1]:.3g} s" in told


def test_picture_has_a_mark_for_every_point_and_they_rise_with_their_seconds(page):
    points = points_of(page)
    circles = list(ET.fromstring(draw(points)).iter(f"{SVG}circle"))
    assert len(circles) == sum(map(len, points.values()))
    seconds = [second for some in points.values() for _, second in some]
    heights = [-float(circle.attrib["cy"]) for circle in circles]
    assert sorted(range(len(seconds)), key=seconds.__getitem__) == sorted(range(len(heights)), key=heights.__getitem__)


def test_sizes_are_those_that_the_tables_name(page):
    points = points_of(page)
    floors = re.findall(r"^## Plan of ([\d,]+) devices beside the floor", page, re.MULTILINE)
    sizes = sorted(int(size.replace(",", "")) for size in floors)
    assert [devices for devices, _ in points["the floor"]] == sizes
    assert points["`terraform plan`"][0][0] == 10_000
    assert points["`octodns-sync`"][0][0] == 100_000


@pytest.mark.parametrize("name", NAMES)
def test_page_without_a_case_is_not_drawn_without_it(page, name):
    with pytest.raises(Failed, match=re.escape(name)):
        points_of(page.replace(f"| {name} ", "| another case "))
