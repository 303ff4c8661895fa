from __future__ import annotations

import pytest

from reconcile.manifest.variables import is_one_variable, mentions, substitute


def test_variables_are_found_at_any_depth():
    found = mentions({"a": ["${label:site}", {"b": "x ${device.name}"}], "c": 1})

    assert found.labels == {"site"}
    assert found.has_name
    assert not found.is_plain


@pytest.mark.parametrize("text", ["${env:HOME}", "${label:}", "${}", "${site}", "${", "${device.imei}"])
def test_everything_else_is_unknown(text):
    assert mentions(text).unknown


@pytest.mark.parametrize("value", ["plain", "$5", "$${label:x}", 1, None, {"a": True}])
def test_value_without_variables_mentions_nothing(value):
    assert mentions(value).labels == set()
    assert mentions(value).unknown == ()


def test_substitution_fills_in_and_unescapes():
    value = {"a": ["${label:site}/${device.name}", "$${label:site}", 5]}

    assert substitute(value, {"site": "${device.name}"}, "m1") == {"a": ["${device.name}/m1", "${label:site}", 5]}


@pytest.mark.parametrize(
    ("value", "is_one"),
    [("${label:x}", True), ("${device.name}", True), ("a${label:x}", False), ("$${", False), (1, False)],
)
def test_one_variable_and_nothing_else(value, is_one):
    assert is_one_variable(value) is is_one
