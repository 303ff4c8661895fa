from __future__ import annotations

import pytest

from reconcile.manifest.inventory import Row, read_inventory
from reconcile.manifest.layer_codes import Tally
from reconcile.ports import NamedBytes


def read(name, content):
    tally = Tally()
    rows = list(read_inventory(NamedBytes(name, content if isinstance(content, bytes) else content.encode()), tally))
    return rows, tally.close()


def problems(name, content):
    return [(found.code, str(found.span)) for found in read(name, content)[1]]


def test_columns_that_are_not_identity_are_labels_and_empty_cells_are_absent():
    rows, found = read("a.csv", "name,platform,imei,site,note\nm1,one,8658,lab,\nm2,one,,yard,x\n")

    assert found == []
    assert rows == [
        Row("m1", "one", {"imei": "8658"}, {"site": "lab"}, 2),
        Row("m2", "one", {}, {"site": "yard", "note": "x"}, 3),
    ]


def test_rows_with_equal_labels_share_one_mapping():
    rows, _ = read("a.csv", "name,platform,site\nm1,one,lab\nm2,one,lab\nm3,one,yard\n")

    assert rows[0].labels is rows[1].labels
    assert rows[0].labels is not rows[2].labels


def test_byte_order_mark_windows_line_ends_blank_lines_and_quotes_are_read():
    rows, found = read("a.csv", b'\xef\xbb\xbfname,platform,note\r\n\r\nm1,one,"a, ""b""\r\nc"\r\nm2,one,\r\n')

    assert found == []
    assert [(row.name, row.labels, row.line) for row in rows] == [("m1", {"note": 'a, "b"\r\nc'}, 3), ("m2", {}, 5)]


def test_label_may_hold_characters_that_python_takes_for_line_ends():
    rows, found = read("a.csv", "name,platform,note\nm1,one,a\u2028b\n")

    assert found == []
    assert rows[0].labels == {"note": "a\u2028b"}


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("", [("RCL151", "a.csv:1:1")]),
        ("name;platform\nm1;one\n", [("RCL151", "a.csv:1:1")]),
        ("name\tplatform\nm1\tone\n", [("RCL151", "a.csv:1:1")]),
        ("device,platform\nm1,one\n", [("RCL151", "a.csv:1:1")]),
        ("name,platform,,site,site\nm1,one,,a,b\n", [("RCL152", "a.csv:1:1"), ("RCL152", "a.csv:1:1")]),
        ("name,platform\nm1\nm2,one,x\nm3,one\n", [("RCL153", "a.csv:2:1"), ("RCL153", "a.csv:3:1")]),
        ('name,platform\nm1,"one"x\nm2,one\nm3,"one\n', [("RCL154", "a.csv:2:1"), ("RCL154", "a.csv:4:1")]),
        ("name,platform\n,one\na/b,one\n m,one\n", [("RCL155", f"a.csv:{line}:1") for line in (2, 3, 4)]),
        (b"name,platform,note\nm1,one,caf\xe9\n", [("RCL150", "a.csv:2:1")]),
        (b"name,platform\nm1,one\nm\x002,one\n", [("RCL150", "a.csv:3:1")]),
    ],
)
def test_csv_mistakes_are_told_with_their_line(content, expected):
    assert problems("a.csv", content) == expected


def test_semicolons_are_explained():
    _, found = read("a.csv", "name;platform;site\n")

    assert "semicolons" in found[0].detail
    assert "Excel" in found[0].detail


def test_good_rows_around_broken_ones_are_kept():
    rows, _ = read("a.csv", 'name,platform\nm1,one\nm2\nm3,"one"x\nm4,one\n')

    assert [(row.name, row.line) for row in rows] == [("m1", 2), ("m4", 5)]


def test_after_twenty_of_a_kind_the_rest_is_counted():
    _, found = read("a.csv", "name,platform\n" + "m1\n" * 25 + ",one\n")

    assert [one.code for one in found] == ["RCL153"] * 20 + ["RCL155", "RCL153"]
    assert found[-1].detail == "... and 5 more of the same"
    assert found[-1].span.line == 22


def test_unknown_ending_is_refused():
    assert problems("a.xlsx", "PK") == [("RCL159", "a.xlsx")]


def test_ndjson_takes_labels_flat_or_nested_and_keeps_numbers_as_written():
    line = '{"name":"m1","platform":"one","imei":865820031234567,"site":"lab","n":1.50,"ok":true,"gone":null}\n'
    rows, found = read("a.ndjson", line + '\n{"name":"m2","platform":"one","labels":{"site":"lab"}}\n')

    assert found == []
    assert rows == [
        Row("m1", "one", {"imei": "865820031234567"}, {"site": "lab", "n": "1.50", "ok": "true"}, 1),
        Row("m2", "one", {}, {"site": "lab"}, 3),
    ]


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("{", "RCL156"),
        ("[1]", "RCL156"),
        ('{"name":"a","n":NaN}', "RCL156"),
        ('{"name":"a","name":"b"}', "RCL156"),
        ("[" * 100_000, "RCL156"),
        ('{"name":"a","x":[1]}', "RCL157"),
        ('{"name":"a","labels":[1]}', "RCL157"),
        ('{"name":"a","labels":{"name":"b"}}', "RCL157"),
        ('{"name":"a","x":"1","labels":{"x":"b"}}', "RCL157"),
        ('{"platform":"one"}', "RCL155"),
    ],
)
def test_ndjson_mistakes_are_told_with_their_line(line, code):
    assert problems("a.jsonl", '{"name":"ok"}\n' + line + "\n") == [(code, "a.jsonl:2:1")]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"x" * (3 << 20), [("RCL105", "a.csv:1:1")]),
        (b"name,platform\nm1," + b"x" * (3 << 20), [("RCL105", "a.csv:2:1")]),
        (b"\0" * 10, [("RCL150", "a.csv:1:1")]),
        (b"name,platform\nm1,\0\xff\n", [("RCL150", "a.csv:2:1")]),
    ],
)
def test_garbage_is_refused_by_its_bytes(content, expected):
    assert problems("a.csv", content) == expected


@pytest.mark.parametrize("end", ["\n", "\r", "\r\n"])
def test_large_inventories_with_short_lines_and_one_long_line_within_the_limit_are_read(end):
    lines = ["name,platform,note", "m0,one," + "x" * 100_000, *(f"m{n},one,{'y' * 100}" for n in range(1, 25_000))]
    rows, found = read("a.csv", end.join(lines))
    assert (len(rows), found) == (25_000, [])
