"""Values as Aliyun tells them, in the words of a manifest."""

import json

import pytest

from reconcile.model.values import canonical
from reconcile.platforms.aliyun.dialect import AliyunDialect
from reconcile.ports import NamedBytes, Problem, TakesStock

KEY = "a1BwAGVxxxx"
KINDS = {
    "i": {"type": "int", "specs": {"min": "0", "max": "100"}},
    "d": {"type": "double", "specs": {}},
    "b": {"type": "bool", "specs": {"0": "off", "1": "on"}},
    "e": {"type": "enum", "specs": {"1": "one", "7": "seven"}},
    "t": {"type": "text", "specs": {"length": "64"}},
    "when": {"type": "date", "specs": {}},
    "s": {"type": "struct", "specs": [{"identifier": "x", "name": "x", "dataType": {"type": "int", "specs": {}}}]},
    "a": {"type": "array", "specs": {"size": "3", "item": {"type": "float"}}},
}
MODEL = {
    "profile": {"productKey": KEY},
    "properties": [
        {"identifier": name, "name": name, "accessMode": "r" if name == "d" else "rw", "dataType": kind}
        for name, kind in KINDS.items()
    ],
}
DIALECT = AliyunDialect()
THINGS = DIALECT.load_models([NamedBytes("m.json", json.dumps(MODEL).encode())])


def test_the_stock_of_a_product_is_what_its_model_lets_be_set():
    assert isinstance(DIALECT, TakesStock)
    assert list(DIALECT.stock(THINGS, KEY, ())) == ["a", "b", "e", "i", "s", "t", "when"]
    assert list(DIALECT.stock(THINGS, "another", ("i",))) == []


@pytest.mark.parametrize(
    ("path", "seen", "value"),
    [
        ("i", "48", 48),
        ("i", 48, 48),
        ("b", "1", 1),
        ("b", "true", 1),
        ("e", "7", 7),
        ("t", "007", "007"),
        ("when", "1764000000000", "1764000000000"),
        ("s", '{"x": "5"}', {"x": 5}),
        ("a", "[1, 2.5]", [1.0, 2.5]),
    ],
)
def test_text_of_the_cloud_comes_back_in_the_type_of_the_model(path, seen, value):
    assert canonical(DIALECT.declare(THINGS, KEY, path, seen).value) == canonical(value)


@pytest.mark.parametrize(
    ("path", "seen"), [("i", "much"), ("i", "101"), ("b", "2"), ("e", "3"), ("s", "{"), ("no", "1"), ("d", "x")]
)
def test_what_does_not_fit_the_model_has_no_form(path, seen):
    assert isinstance(DIALECT.declare(THINGS, KEY, path, seen), Problem)
