"""Strict YAML: what is read, what is refused, and where."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reconcile.manifest import yaml
from reconcile.manifest.yaml import Listing, Mapping, Scalar, read

BOTH = pytest.mark.parametrize("is_pure", [False, True], ids=["libyaml", "pure"])


def codes(content, *, is_pure=False):
    parsed = read("f.yaml", content, is_pure=is_pure)
    return [(d.code, d.span.line, d.span.column) for d in parsed.diagnostics]


def plain(node):
    """A node as JSON of texts."""
    match node:
        case Scalar():
            return node.text
        case Listing():
            return [plain(item) for item in node.items]
        case Mapping():
            return {key: plain(member) for key, (_, _, member) in node.members.items()}


@BOTH
def test_nodes_keep_text_and_place(is_pure):
    parsed = read("f.yaml", b"a: 017\nb:\n  - 'x'\n  - {c: yes}\n", is_pure=is_pure)
    (root,) = parsed.documents
    assert plain(root) == {"a": "017", "b": ["x", {"c": "yes"}]}
    assert root.members["a"] == (1, 1, Scalar("017", True, 1, 4))
    listing = root.members["b"][2]
    assert listing.items[0] == Scalar("x", False, 3, 5)
    assert listing.items[1].members["c"][:2] == (4, 6)


@BOTH
def test_several_documents_and_empty_ones(is_pure):
    parsed = read("f.yaml", b"---\na: 1\n---\n---\nb: 2\n...\n", is_pure=is_pure)
    assert [plain(root) for root in parsed.documents] == [{"a": "1"}, {"b": "2"}]
    assert parsed.diagnostics == []


def test_columns_count_characters_not_bytes():
    assert codes("站点: {水表: 1, 水表: 2}".encode()) == [("RCL103", 1, 13)]


def test_a_byte_order_mark_of_utf_8_is_accepted():
    assert codes(b"\xef\xbb\xbfa: 1") == []


def test_windows_line_ends_are_accepted():
    parsed = read("f.yaml", b"a: 1\r\nb: 2\r\n")
    assert plain(parsed.documents[0]) == {"a": "1", "b": "2"}


@BOTH
@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"a: 1\na: 2", [("RCL103", 2, 1)]),
        (b'a: 1\n"a": 2', [("RCL103", 2, 1)]),
        (b"a: &x 1", [("RCL104", 1, 4)]),
        (b"a: &x [1]\nb: *x", [("RCL104", 1, 4), ("RCL104", 2, 4)]),
        (b"*x : 1", [("RCL104", 1, 1)]),
        (b"a: {<<: {b: 1}}", [("RCL104", 1, 5)]),
        (b"a: !!str 1", [("RCL104", 1, 4)]),
        (b"a: ! 1", [("RCL104", 1, 4)]),
        (b"!x {a: 1}", [("RCL104", 1, 1)]),
        (b"? {a: 1}\n: 2", [("RCL104", 1, 3)]),
        (b"[a, b]: 2", [("RCL104", 1, 1)]),
        (b": 1", [("RCL101", 1, 1)]),
        (b"%YAML 1.1\n---\na: 1", [("RCL104", 1, 1)]),
        (b"%TAG ! tag:example,2026:\n---\na: 1", [("RCL104", 1, 1)]),
        (b'a: "x', [("RCL101", 1, 4)]),
        (b"a: [1, 2", [("RCL101", 1, 4)]),
        (b"\ta: 1", [("RCL101", 1, 1)]),
        (b"a: b: c", [("RCL101", 1, 5)]),
        (b"a:\n  b: 1\n c: 2", [("RCL101", 3, 2)]),
        (b"a: @x", [("RCL101", 1, 4)]),
        (b"a: %x", [("RCL101", 1, 4)]),
        (b'"a\\0": 1', []),
        (b'"\\0": 1', [("RCL108", 1, 1)]),
    ],
)
def test_what_is_refused_is_placed(content, expected, is_pure):
    assert codes(content, is_pure=is_pure) == expected


@BOTH
def test_reading_goes_on_after_a_refusal(is_pure):
    content = b"a: &x 1\na: 2\nb: *x\n? [1]\n: 2\nc: !t 3\n"
    assert [code for code, *_ in codes(content, is_pure=is_pure)] == ["RCL104", "RCL103", "RCL104", "RCL104", "RCL104"]


@BOTH
def test_a_syntax_error_keeps_the_documents_before_it_and_drops_the_broken_one(is_pure):
    parsed = read("f.yaml", b"a: 1\n---\nb: [1\n", is_pure=is_pure)
    assert [plain(root) for root in parsed.documents] == [{"a": "1"}]
    assert not parsed.is_whole


@BOTH
def test_the_members_of_refused_keys_are_dropped(is_pure):
    parsed = read("f.yaml", b"a: 1\n<<: {x: 1}\n[k]: {y: [2]}\na: 3\nb: 4\n", is_pure=is_pure)
    assert plain(parsed.documents[0]) == {"a": "1", "b": "4"}


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"a: caf\xe9", "Latin-1"),
        ("a: 水表".encode("gbk"), "GBK"),
        ("a: 1".encode("utf-16"), "UTF-16"),
        ("a: 1".encode("utf-16-be"), "UTF-16"),
        ("a: 1".encode("utf-32"), "UTF-32"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "binary"),
    ],
)
def test_other_encodings_are_named(content, words):
    (diagnostic,) = read("f.yaml", content).diagnostics
    assert diagnostic.code == "RCL102"
    assert words in diagnostic.detail
    assert "UTF-8" in diagnostic.detail


def test_the_byte_that_is_not_utf_8_is_placed():
    (diagnostic,) = read("f.yaml", "a: 1\nb: 水".encode() + b"\xe9").diagnostics
    assert (diagnostic.span.line, diagnostic.span.column) == (2, 5)
    assert "offset 11" in diagnostic.detail


@pytest.mark.parametrize("char", ["\0", "\x07", "\x7f", "\x85", "\u2028", "\u202e", "\u2066", "\ufeff", "\uffff"])
def test_characters_that_nobody_sees_are_refused(char):
    assert codes(f"a: 1\nb: x{char}y".encode()) == [("RCL108", 2, 5)]


def test_emoji_and_han_beyond_the_basic_plane_are_text():
    parsed = read("f.yaml", "a: 🚰𠮷".encode())
    assert plain(parsed.documents[0]) == {"a": "🚰𠮷"}


@BOTH
def test_half_a_surrogate_pair_is_refused(is_pure):
    assert [code for code, *_ in codes(b'a: "\\ud83d"', is_pure=is_pure)] == ["RCL101"]


def test_an_empty_file_is_an_error_and_a_file_of_comments_a_warning():
    (empty,) = read("f.yaml", b"").diagnostics
    (comments,) = read("f.yaml", b"# later\n\n").diagnostics
    assert (empty.code, empty.is_error) == ("RCL107", True)
    assert (comments.code, comments.is_error) == ("RCL107", False)


@BOTH
def test_depth_is_limited(is_pure):
    assert codes(b"a: " + b"[" * 31 + b"]" * 31, is_pure=is_pure) == []
    assert codes(b"a: " + b"[" * 32 + b"]" * 32, is_pure=is_pure) == [("RCL105", 1, 35)]


def test_nodes_are_limited(monkeypatch):
    monkeypatch.setattr(yaml, "MAX_NODES", 5)
    assert codes(b"[1, 2, 3, 4]") == []
    assert codes(b"[1, 2, 3, 4, 5]") == [("RCL105", 1, 14)]


def test_scalars_are_limited_in_bytes():
    assert codes(b"a: " + b"x" * 65_536) == []
    assert codes(("a: " + "水" * 21_846).encode()) == [("RCL105", 1, 4)]


def test_files_are_limited():
    assert codes(b"#" * (1 << 20) + b"\n") == [("RCL105", 0, 0)]


@given(st.binary(max_size=200))
@settings(max_examples=300, deadline=None)
def test_any_bytes_end_in_documents_or_diagnostics(content):
    parsed = read("f.yaml", content)
    assert parsed.is_whole or parsed.diagnostics


@given(st.text(alphabet="ab:-[]{}\"'#&*!|>%@`,? \n\t0", max_size=60))
@settings(max_examples=500, deadline=None)
def test_any_text_near_yaml_ends_in_documents_or_diagnostics(text):
    for is_pure in (False, True):
        parsed = read("f.yaml", text.encode(), is_pure=is_pure)
        assert parsed.is_whole or parsed.diagnostics
