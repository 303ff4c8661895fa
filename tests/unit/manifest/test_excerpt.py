"""Documents cut out of a file are those that the whole file holds, at their lines; what cannot be cut is not."""

import pytest

from reconcile.manifest.excerpt import excerpt, is_excerpt
from reconcile.manifest.parse import parse
from reconcile.manifest.sealed import outline_of
from reconcile.ports import NamedBytes
from reconcile.runs.shipped import schemas


def text_of(name, brightness=1):
    return f"""apiVersion: reconcile/v1
kind: Device
metadata: {{name: {name}}}
spec:
  platform: aliyun-prod
  properties: {{Brightness: {brightness}}}
"""


A, B, C = (text_of(name).encode() for name in "abc")
SCALAR = b"""apiVersion: reconcile/v1
kind: Device
metadata: {name: b}
spec:
  platform: aliyun-prod
  properties:
    Note: |
      # no comment
       ---
      and no mark
"""
FILES = {
    "plain": A + b"---\n" + B + b"---\n" + C,
    "with a mark first": b"---\n" + A + b"---\n" + B + b"---\n" + C,
    "with a comment before the first mark": b"# ours\n\n---\n" + A + b"---\n" + B + b"---\n" + C,
    "with comments between": A + b"\n# b:\n---\n# really\n" + B + b"\n\n---\n" + C + b"# the end\n",
    "with an indented mark in a text": A + b"---\n" + SCALAR + b"---\n" + C,
    "with an empty document": A + b"---\n---\n" + B + b"---\n" + C,
    "without a line end": A + b"---\n" + B + b"---\n" + C.rstrip(),
}
UNCUT = {
    "with ends of documents": A + b"...\n---\n" + B + b"---\n" + C,
    "with a directive": b"%YAML 1.1\n---\n" + A + b"---\n" + B + b"---\n" + C,
    "with a later directive": A + b"...\n%YAML 1.1\n---\n" + B + b"---\n" + C,
    "with other line ends": (A + b"---\n" + B + b"---\n" + C).replace(b"\n", b"\r\n"),
    "with a comment at a mark": A + b"--- # b\n" + B + b"---\n" + C,
}
ODD = {
    "with an empty document and a mark that is not alone": A + b"---\n---\n" + B + b"--- # c\n" + C,
    "with a mark at the end": A + b"---\n" + B + b"---\n" + C + b"---\n",
}


def read(content):
    documents, _ = parse([NamedBytes("d.yaml", content)], schemas())
    return documents


def seen(documents):
    return [(one.name, one.body, dict(one.positions)) for one in documents]


@pytest.mark.parametrize("names", ["a", "b", "c", "ac", "bc"])
@pytest.mark.parametrize("kind", FILES)
def test_what_is_cut_out_is_what_the_whole_holds(kind, names):
    whole = read(FILES[kind])
    outline = outline_of(whole)
    part = excerpt(FILES[kind], outline, set(names))
    found = read(part)

    assert len(whole) == 3
    assert seen(found) == seen([one for one in whole if one.name in names])
    assert is_excerpt(found, outline, set(names))


@pytest.mark.parametrize("kind", UNCUT)
def test_what_is_written_otherwise_is_not_cut(kind):
    assert excerpt(UNCUT[kind], outline_of(read(FILES["plain"])), {"b"}) is None


@pytest.mark.parametrize("kind", ODD)
def test_a_cut_in_the_wrong_places_is_found_out(kind):
    outline = outline_of(read(FILES["plain"]))
    part = excerpt(ODD[kind], outline, {"b"})

    assert part is None or not is_excerpt(read(part), outline, {"b"})


def test_another_document_of_the_name_is_not_the_one_that_is_known():
    outline = outline_of(read(FILES["plain"]))

    assert is_excerpt(read(B), outline, {"b"})
    assert not is_excerpt(read(text_of("b", 2).encode()), outline, {"b"})
    assert not is_excerpt(read(B), outline, {"b", "c"})
    assert not is_excerpt([], outline, {"b"})
