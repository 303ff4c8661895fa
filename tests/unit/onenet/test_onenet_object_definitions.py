"""Object definitions of the registry: what is read of them, and what is refused."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lwm2m_kit import catalogue, ddf, item

from reconcile.platforms.onenet.objects import xml_guard
from reconcile.platforms.onenet.objects.ddf import read_ddf
from reconcile.platforms.onenet.objects.definition import Kind, Limits, ObjectDefinition, Resource
from reconcile.platforms.onenet.objects.ranges import read_range
from reconcile.platforms.onenet.objects.unusable import BadXml, NotADefinition


def test_all_that_a_definition_says_is_read():
    content = ddf(item(1, "Opening", "RW", "Integer", "0..100", mandatory="Mandatory"), item(3, "Close", "E", ""))
    assert read_ddf(content, "valve.xml") == (
        ObjectDefinition(
            26250,
            "Valve",
            is_multiple=False,
            resources={
                1: Resource(1, "Opening", "RW", Kind.INTEGER, is_mandatory=True, limits=Limits(0, 100), unit="s"),
                3: Resource(3, "Close", "E", Kind.NONE, unit="s"),
            },
            version=(1, 0),
            file="valve.xml",
        ),
    )


@pytest.mark.parametrize(
    ("written", "kind"),
    [(kind.name.title(), kind) for kind in Kind if kind not in (Kind.UNSIGNED, Kind.NONE)]
    + [("Unsigned Integer", Kind.UNSIGNED), ("", Kind.NONE), ("none", Kind.NONE), (" integer ", Kind.INTEGER)],
)
def test_every_type_of_the_schema_is_known(written, kind):
    (found,) = read_ddf(ddf(item(1, "A", kind=written)), "a.xml")
    assert found.resources[1].kind is kind


def test_several_objects_in_one_file_and_utf_16_are_read():
    one, two = ddf(item(1, "A")).decode(), ddf(item(2, "B"), object_id=26251).decode()
    both = one.replace("</LWM2M>", two[two.index("<Object ") :])
    assert [found.id for found in read_ddf(both.encode(), "a.xml")] == [26250, 26251]
    wide = one.replace("UTF-8", "UTF-16").encode("utf-16")
    assert read_ddf(wide, "a.xml") == read_ddf(one.encode(), "a.xml")


BOMB = '<!DOCTYPE l [<!ENTITY a "{}">{}]><LWM2M>&z;</LWM2M>'.format(
    "x" * 1000, "".join(f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 50}">' for n in range(25))
)


@pytest.mark.parametrize(
    ("content", "reason", "place"),
    [
        (BOMB.encode(), "document type", (1, 14)),
        (b'<!DOCTYPE a SYSTEM "http://example.com/a.dtd"><LWM2M/>', "document type", (1, 46)),
        (b"\n<LWM2M>&a;</LWM2M>", "undefined entity", (2, 8)),
        (b"<LWM2M>", "no element found", (1, 8)),
        (b"<LWM2M><a></b></LWM2M>", "mismatched tag", (1, 13)),
        (b"not xml", "syntax error", (1, 1)),
        (b"", "no element found", (1, 1)),
        (b"\x00\x01\x02", "not well-formed", (1, 1)),
        (b"<LWM2M/>", "defines no object", (0, 0)),
        (b"<LWM2M>" + b"<a>" * 40, "nested more than", (1, 53)),
        (b"<LWM2M>" + b"<a/>" * 30_000, "more than 20,000 elements", (1, 80_000)),
        (b"<LWM2M>" + b" " * xml_guard.MAX_BYTES, "the limit is", (0, 0)),
        (b'<?xml version="1.0" encoding="GBK"?><LWM2M/>', "encoding", (1, 31)),
    ],
)  # fmt: skip
def test_hostile_and_broken_files_are_given_up_with_their_place(content, reason, place):
    with pytest.raises(BadXml) as caught:
        read_ddf(content, "a.xml")
    assert reason in caught.value.reason
    assert caught.value.line == place[0]
    assert place[1] in (0, caught.value.column) or reason in ("document type", "more than 20,000 elements")


def test_a_file_of_another_kind_is_no_definition():
    with pytest.raises(NotADefinition):
        read_ddf(b"<project><LWM2M/></project>", "pom.xml")


@given(st.binary(max_size=200) | st.text(alphabet="<>/LWM2Object &;!ID=\"'1 ", max_size=200).map(str.encode))
def test_any_bytes_end_in_one_of_three_ways(content):
    with contextlib.suppress(BadXml, NotADefinition):
        assert read_ddf(content, "a.xml")


def test_a_broken_file_leaves_the_others_in_use():
    known = catalogue(ddf(item(1, "A")), b"<LWM2M>", ddf(item(1, "B", kind="Double"), object_id=26251))
    assert set(known.own) == {26250}
    assert [(file, p.code, p.line, p.is_warning) for file, p in known.problems] == [
        ("models/b.xml", "RCL240", 1, False),
        ("models/c.xml", "RCL240", 1, False),
    ]


def test_of_two_definitions_the_higher_version_applies():
    old, new = ddf(item(1, "Old"), version="1.9"), ddf(item(1, "New"), version="1.10")
    for files in ((old, new), (new, old)):
        known = catalogue(*files)
        assert known.own[26250].resources[1].name == "New"
        assert [p.code for _, p in known.problems] == ["RCL243"]


def test_of_two_equal_versions_the_first_file_applies_and_copies_are_silent():
    known = catalogue(ddf(item(1, "First")), ddf(item(1, "Second")))
    assert known.own[26250].resources[1].name == "First"
    assert [(file, p.code, p.is_warning) for file, p in known.problems] == [("models/b.xml", "RCL243", True)]
    assert catalogue(ddf(item(1, "A")), ddf(item(1, "A"))).problems == ()


@pytest.mark.parametrize(
    ("text", "kind", "limits"),
    [
        ("0..100", Kind.INTEGER, Limits(0, 100)),
        ("0-100", Kind.INTEGER, Limits(0, 100)),
        ("-90..90", Kind.FLOAT, Limits(-90, 90)),
        ("-90 - -10", Kind.INTEGER, Limits(-90, -10)),
        ("1 - 864000", Kind.UNSIGNED, Limits(1, 864_000)),
        ("0.5..1.5", Kind.FLOAT, Limits(0.5, 1.5)),
        ("0...7", Kind.INTEGER, Limits(0, 7)),
        ("[1:4]", Kind.INTEGER, Limits(1, 4)),
        ("0–100 %", Kind.INTEGER, Limits(0, 100)),
        ("1,2,3", Kind.INTEGER, Limits(choices=(1, 2, 3))),
        ("0, 1", Kind.INTEGER, Limits(choices=(0, 1))),
        ("0..255 bytes", Kind.STRING, Limits(0, 255, is_length=True)),
        ("0-255", Kind.STRING, Limits(0, 255, is_length=True)),
        ("1-32 Bytes", Kind.OPAQUE, Limits(1, 32, is_length=True)),
        ("", Kind.INTEGER, None),
        ("0..255 bytes", Kind.INTEGER, None),
        ("100..0", Kind.INTEGER, None),
        ("1,000", Kind.INTEGER, None),
        ("1,500", Kind.INTEGER, None),
        ("3,1,2", Kind.INTEGER, None),
        ("1-3,5", Kind.INTEGER, None),
        ("8-bit", Kind.INTEGER, None),
        ("10min-992 days", Kind.INTEGER, None),
        ("64 Bytes", Kind.STRING, None),
        ("U,UQ", Kind.STRING, None),
        ("Same as Measured Value", Kind.FLOAT, None),
        ("0..1", Kind.BOOLEAN, None),
        ("0..100", Kind.TIME, None),
        ("9" * 300, Kind.INTEGER, None),
    ],
)  # fmt: skip
def test_ranges_are_read_where_they_have_one_meaning(text, kind, limits):
    assert read_range(text, kind) == limits


@given(st.text(max_size=60), st.sampled_from(list(Kind)))
def test_no_range_text_is_too_odd_to_read(text, kind):
    found = read_range(text, kind)
    assert found is None or isinstance(found, Limits)
