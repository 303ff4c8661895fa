"""Device documents that say the same but for the name: one of them is read, the others are known by their text.

Premise: who keeps a document for every device has a program write them, and most differ in nothing but the name. Rule:
a file of Device documents is cut at lines of `---` alone, which no YAML scalar can hold. A part whose text is that of
one read before, but for a name that stood there as one scalar at the end of its line, and that is as plain a word, is
read as that one was. A file about which anything is to be said is not read here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import field
from typing import TypeAlias

from reconcile.manifest.document import Document
from reconcile.manifest.kept import PackedPositions, packed, unpacked
from reconcile.manifest.parse_header import Header, read_header
from reconcile.manifest.schema import SchemaSet
from reconcile.manifest.schema_accept import Test
from reconcile.manifest.schema_positions import node_at
from reconcile.manifest.strict import text_of
from reconcile.manifest.yaml import MAX_NODES, Mapping, Scalar, read_text
from reconcile.model.diagnostic import Span
from reconcile.model.late import dataclass
from reconcile.model.values import Json, JsonObject, canonical, short_digest
from reconcile.ports import NamedBytes

_MARK = "---\n"
_REACH_FURTHER = ("\n%", "\n...", "\r")
"""Directives and ends of documents reach beyond a cut; other line ends are seen nowhere in it."""
_COMMENTS = re.compile(r"(#.*\n|\n)*")
_KIND = re.compile(r"^kind: Device\n", re.MULTILINE)
_NAME = re.compile(r'\bname: ("?)([A-Za-z][A-Za-z0-9._-]*)\1 ?\}?\n')
_WORDS = frozenset({"null", "true", "false"})
_MOST = 1 << 13
"""What is kept. Documents of which more than that differ are alike no more."""

_Around: TypeAlias = "tuple[str, str]"
"""The text of a document before its name and after it."""


@dataclass(frozen=True, slots=True)
class _Stencil:
    """What documents of one text say but for the name; `line` is that of the name's key, from the text's first."""

    said: str
    platform: str
    rest: JsonObject
    metadata: JsonObject
    line: int
    column: int
    places: bytes
    nodes: int

    def document(self, file: str, name: str, lines_before: int) -> Document:
        body: JsonObject = {**self.rest, "metadata": {**self.metadata, "name": name}}
        return Document(file, "Device", name, body, PackedPositions(self.places, lines_before), self.said)

    def header(self, file: str, name: str, lines_before: int) -> Header:
        return Header("Device", name, f"{self.platform}/{name}", Span(file, self.line + lines_before, self.column))


@dataclass(frozen=True, slots=True)
class CutFile:
    """A file of Device documents without a fault."""

    headers: list[Header] = field(default_factory=list)
    documents: list[Document] = field(default_factory=list)
    places: list[tuple[bytes, int]] = field(default_factory=list)

    def trees(self) -> list[list[Json]]:
        """The places in the documents."""
        return [unpacked(places, lines_before) for places, lines_before in self.places]


class Stencils:
    """Device documents that were read, by their text."""

    def __init__(self, schemas: SchemaSet) -> None:
        self._schemas = schemas
        self._accepts: Test | None = None
        self._known: dict[_Around, _Stencil] = {}

    def read(self, file: NamedBytes) -> CutFile | None:
        """The documents of a file; None for one that must be read as a whole."""
        text, problems = text_of(file.name, file.content)
        if problems or text.startswith(("%", "...")) or any(mark in text for mark in _REACH_FURTHER):
            return None
        parts = list(_parts(text))
        if not all(_KIND.search(part) for _, part in parts):
            return None
        cut, nodes = CutFile(), 0
        for lines_before, part in parts:
            found = self._read(file.name, part)
            if found is None:
                return None
            stencil, name = found
            nodes += stencil.nodes
            cut.headers.append(stencil.header(file.name, name, lines_before))
            cut.documents.append(stencil.document(file.name, name, lines_before))
            cut.places.append((stencil.places, lines_before))
        return cut if cut.documents and nodes <= MAX_NODES else None

    def _read(self, file: str, text: str) -> tuple[_Stencil, str] | None:
        """The document of a text and its name; None where anything is to be said about it."""
        match = _NAME.search(text)
        around = None if match is None else (text[: match.start(2)], text[match.end(2) :])
        known = None if around is None else self._known.get(around)
        if match is not None and known is not None and self._is_name(match[2]):
            return known, match[2]
        made = self._made(file, text)
        if made is None:
            return None
        stencil, name = made
        if match is not None and around is not None and len(self._known) < _MOST and _stands_at(name, text, match):
            self._known[around] = stencil
        return stencil, name.text

    def _is_name(self, word: str) -> bool:
        self._accepts = self._accepts or self._schemas.name_test("Device")
        return word.lower() not in _WORDS and self._accepts(word)

    def _made(self, file: str, text: str) -> tuple[_Stencil, Scalar] | None:
        """The document of a text, and its name as a node."""
        parsed = read_text(file, text)
        if parsed.diagnostics or not parsed.is_whole or len(parsed.documents) != 1:
            return None
        root = parsed.documents[0]
        header, problems = read_header(file, root)
        if problems or header is None or header.kind != "Device" or not isinstance(root, Mapping):
            return None
        body, problems = self._schemas.check(file, "Device", root, is_damaged=False)
        name = node_at(root, ("metadata", "name"))
        if problems or body is None or not isinstance(name, Scalar):
            return None
        metadata, spec = body["metadata"], body["spec"]
        assert isinstance(metadata, dict)  # the schema says so, of both
        assert isinstance(spec, dict)
        unnamed: JsonObject = {**body, "metadata": {key: value for key, value in metadata.items() if key != "name"}}
        said, place = short_digest(canonical(unnamed)), (header.span.line, header.span.column)
        return _Stencil(said, str(spec["platform"]), body, metadata, *place, packed(root), parsed.nodes), name


def _stands_at(name: Scalar, text: str, match: re.Match[str]) -> bool:
    """Whether the name of the document is what was matched."""
    start = match.start(1)
    place = text.count("\n", 0, start) + 1, start - text.rfind("\n", 0, start)
    return name.text == match[2] and (name.line, name.column) == place and name.is_plain == (not match[1])


def _parts(text: str) -> Iterator[tuple[int, str]]:
    """The texts of documents, each with the number of lines before it; comments before the first mark are none."""
    lines = 0
    if text.startswith(_MARK):
        text, lines = text[len(_MARK) :], 1
    parts = text.split("\n" + _MARK)
    for number, part in enumerate(parts):
        whole = part + "\n" if number < len(parts) - 1 else part
        if number or not _COMMENTS.fullmatch(whole):
            yield lines, whole
        lines += whole.count("\n") + 1
