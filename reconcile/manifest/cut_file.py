"""Files of Device documents, cut at their marks: a document is known by its text (stencil.py), or read for itself.

Rule: a file is cut at lines of `---` alone, which no YAML scalar can hold. One about which anything is to be said is
not read here, so that what is said of it is what is said of the whole.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import field

from reconcile.manifest.document import Document, Pointer
from reconcile.manifest.parse_header import Header, read_header
from reconcile.manifest.places import Offset, unpacked
from reconcile.manifest.schema import SchemaSet
from reconcile.manifest.schema_accept import Test
from reconcile.manifest.stencil import Around, Stencil, words_of
from reconcile.manifest.strict import text_of
from reconcile.manifest.yaml import MAX_NODES, Mapping, read_text
from reconcile.model.late import dataclass
from reconcile.model.values import Json
from reconcile.ports import NamedBytes

_MARK = "---\n"
_REACH_FURTHER = ("\n%", "\n...", "\r")
"""Directives and ends of documents reach beyond a cut; other line ends are seen nooffset in it."""
_COMMENTS = re.compile(r"(#.*\n|\n)*")
_KIND = re.compile(r"^kind: Device\n", re.MULTILINE)
_MOST = 1 << 13
"""What is kept. Documents of which more than that differ are alike no more."""


@dataclass(frozen=True, slots=True)
class CutFile:
    """A file of Device documents without a fault."""

    headers: list[Header] = field(default_factory=list)
    documents: list[Document] = field(default_factory=list)
    places: list[tuple[bytes, Offset]] = field(default_factory=list)

    def trees(self) -> list[list[Json]]:
        """The places in the documents."""
        return [unpacked(places, offset) for places, offset in self.places]


class Stencils:
    """Device documents that were read, by their text."""

    def __init__(self, schemas: SchemaSet) -> None:
        self._schemas = schemas
        self._known: dict[Around, Stencil] = {}
        self._tests: dict[Pointer, Test] = {}

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
            around, words = words_of(part)
            stencil = self._known.get(around)
            if stencil is None or not stencil.fits(words, self._is_right):
                stencil = self._made(file.name, part, around)
            if stencil is None:
                return None
            nodes += stencil.nodes
            header, document, offset = stencil.filled(file.name, words, lines_before)
            cut.headers.append(header)
            cut.documents.append(document)
            cut.places.append((stencil.places, offset))
        return cut if cut.documents and nodes <= MAX_NODES else None

    def _is_right(self, pointer: Pointer, word: str) -> bool:
        test = self._tests.get(pointer)
        if test is None:
            test = self._tests[pointer] = self._schemas.word_test("Device", pointer)
        return test(word)

    def _made(self, file: str, text: str, around: Around) -> Stencil | None:
        """The stencil of a text that is read; None where anything is to be said about it."""
        parsed = read_text(file, text)
        if parsed.diagnostics or not parsed.is_whole or len(parsed.documents) != 1:
            return None
        root = parsed.documents[0]
        header, problems = read_header(file, root)
        if problems or header is None or header.kind != "Device" or not isinstance(root, Mapping):
            return None
        body, problems = self._schemas.check(file, "Device", root, is_damaged=False)
        if problems or body is None or header.name is None:
            return None
        stencil = Stencil.of(header, body, root, parsed.nodes)
        if around not in self._known and len(self._known) < _MOST:
            known = stencil.with_blanks(text, root)
            if known is not None:
                self._known[around] = known
        return stencil


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
