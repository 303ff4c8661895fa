"""Answers to queries that make no sense: never read as "nothing is set"."""

from __future__ import annotations

import json

import pytest
from aliyun_cloud import answer_of, as_xml

from reconcile.model.values import ABSENT
from reconcile.platforms.aliyun.answers import Row, Unreadable, read_answer, rows_of


def rows(data, module=""):
    return rows_of(answer_of({"Data": data}), "Info", module)


def entry(identifier="A", **more):
    return {"Identifier": identifier, **more}


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({}, "no Data"),
        ({"Data": "nothing"}, "Data is not an object"),
        ({"Data": [1]}, "Data is not an object"),
        ({"Data": {"List": "text"}}, "List is no list"),
        ({"Data": {"List": 7}}, "List is no list"),
        ({"Data": {"List": {"Other": []}}}, "List without Info"),
        ({"Data": {"List": {"Info": ["A"]}}}, "without Identifier"),
        ({"Data": {"List": {"Info": [{"Identifier": 7}]}}}, "without Identifier"),
        ({"Data": {"List": {"Info": [entry(Value="1"), entry(Value="2")]}}}, "listed twice"),
    ],
)
def test_answer_that_says_nothing_is_unreadable(body, message):
    with pytest.raises(Unreadable, match=message):
        rows_of(answer_of(body), "Info", "")


@pytest.mark.parametrize("data", [{}, {"List": {}}, {"List": []}, {"List": ""}, {"List": {"Info": []}}])
def test_empty_lists_are_empty(data):
    assert rows(data) == {}


def test_same_entry_twice_is_one():
    assert rows({"List": {"Info": [entry(Value="1"), entry(Value="1")]}}) == {"A": Row("1", None, None)}


def test_entries_of_another_module_do_not_count():
    listed = {"List": {"Info": [entry("other:A", Value="1"), entry("m:A", Value="2")]}}
    assert rows(listed, "m") == {"m:A": Row("2", None, None)}
    assert rows(listed) == {}


@pytest.mark.parametrize(
    ("version", "read"), [(3, 3), ("3", 3), (-1, None), ("-1", None), (1.5, None), (True, None), ("x", None)]
)
def test_version_is_a_whole_number_or_unknown(version, read):
    assert rows({"List": {"Info": [entry(Version=version)]}})["A"] == Row(ABSENT, read, None)


@pytest.mark.parametrize("name", ["DeviceSecret", "ProductSecret"])
@pytest.mark.parametrize("is_xml", [False, True])
def test_secrets_of_devices_are_gone_before_anybody_reads(name, is_xml):
    answer = answer_of({"Data": {"DeviceInfo": [{name: "hunter2", "DeviceName": "d"}]}, name: "hunter2"}, is_xml=is_xml)
    assert "hunter2" not in repr((answer, answer.data, answer.document))
    assert "DeviceName" in json.dumps(answer.document)


def test_property_that_is_called_like_a_secret_is_still_a_property():
    assert rows({"List": {"Info": [entry("DeviceSecret", Value="1")]}}) == {"DeviceSecret": Row("1", None, None)}


def test_xml_says_the_same():
    body = {"Success": True, "Data": {"List": {"Info": [entry(Value="35", Version=2), entry("B")]}}}
    answer = read_answer(200, as_xml("Response", body).encode(), is_xml=True)
    assert rows_of(answer, "Info", "") == {"A": Row("35", 2, None), "B": Row(ABSENT, None, None)}
