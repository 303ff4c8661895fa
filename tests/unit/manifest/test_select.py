from __future__ import annotations

import pytest

from reconcile.manifest.select import Requirement, Selector, parse_selector, read_selector
from reconcile.ports import Problem

METER = {"class": "meter", "site": "chaoyang"}


@pytest.mark.parametrize(
    ("body", "is_match"),
    [
        ({}, True),
        (None, True),
        ({"matchLabels": {"class": "meter"}}, True),
        ({"matchLabels": {"class": "meter", "site": "lab"}}, False),
        ({"matchExpressions": [{"key": "site", "operator": "In", "values": ["lab", "chaoyang"]}]}, True),
        ({"matchExpressions": [{"key": "room", "operator": "In", "values": ["a"]}]}, False),
        ({"matchExpressions": [{"key": "site", "operator": "NotIn", "values": ["chaoyang"]}]}, False),
        ({"matchExpressions": [{"key": "room", "operator": "NotIn", "values": ["a"]}]}, True),
        ({"matchExpressions": [{"key": "site", "operator": "Exists"}]}, True),
        ({"matchExpressions": [{"key": "site", "operator": "DoesNotExist"}]}, False),
        ({"matchLabels": {"class": "meter"}, "matchExpressions": [{"key": "room", "operator": "Exists"}]}, False),
    ],
)
def test_all_requirements_must_hold(body, is_match):
    assert read_selector(body).matches(METER) is is_match


def test_selector_names_the_labels_it_looks_at():
    body = {"matchLabels": {"a": "1"}, "matchExpressions": [{"key": "b", "operator": "Exists"}]}

    assert read_selector(body).keys == {"a", "b"}


def test_command_line_form():
    text = "class=meter,site!=lab, firmware in (2.3, 2.4),road notin (a),!x,y,z==1"

    assert parse_selector(text) == Selector(
        (
            Requirement("class", "In", ("meter",)),
            Requirement("site", "NotIn", ("lab",)),
            Requirement("firmware", "In", ("2.3", "2.4")),
            Requirement("road", "NotIn", ("a",)),
            Requirement("x", "DoesNotExist"),
            Requirement("y", "Exists"),
            Requirement("z", "In", ("1",)),
        )
    )


def test_empty_command_line_selector_matches_everything():
    assert parse_selector(" ") == Selector()


@pytest.mark.parametrize("text", ["a=b=c", "a in b", "a in (b", "=x", "a,,b", "!", "a b", "a=b,"])
def test_command_line_selector_that_cannot_be_read_is_a_problem(text):
    found = parse_selector(text)

    assert isinstance(found, Problem)
    assert found.code == "RCL140"
