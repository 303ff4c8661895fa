"""Entries kept as a text are the entries, and are not read before somebody looks."""

import json

from reconcile.runs.later import Later


def test_the_entries_come_back_and_the_text_stays():
    entries = {"b/2": ["k", "d", "f"], "a/1": ["é", "", "0"]}
    later = Later.of(entries)

    assert dict(later) == entries
    assert Later(later.text)["a/1"] == ["é", "", "0"]
    assert later.get("c/3") is None
    assert len(later) == 2


def test_a_text_that_is_no_object_has_no_entries():
    for text in ("", "[1]", '{"a": ', "[" * 100_000):
        assert dict(Later(text)) == {}


def test_nothing_is_read_before_somebody_looks(monkeypatch):
    read = []
    loads = json.loads
    monkeypatch.setattr(json, "loads", lambda text: read.append(text) or loads(text))
    later = Later('{"a": 1}')

    assert not read
    assert later["a"] == 1
    assert len(later) == 1
    assert len(read) == 1
