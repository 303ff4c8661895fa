"""XML from somebody's pull request, read event by event and given up early.

Premise: entities can grow without end or fetch files, and only a document type can declare them.
Rule: no document type at all; bounded size, depth and number of elements; the parser is never told to open anything.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final
from xml.parsers import expat

MAX_BYTES: Final = 2 * 1024 * 1024
MAX_DEPTH: Final = 16
MAX_ELEMENTS: Final = 20_000


class BadXml(Exception):
    """The text cannot or may not be read; line and column count from 1."""

    def __init__(self, reason: str, line: int = 0, column: int = 0) -> None:
        super().__init__(reason)
        self.reason, self.line, self.column = reason, line, column


class Reading:
    """One pass over one file. `start` and `end` are called for elements; `collect` keeps the text that follows."""

    def __init__(self, start: Callable[[int, str, dict[str, str]], None], end: Callable[[int, str, str], None]) -> None:
        """`start` gets depth (1 is the root), name and attributes; `end` gets depth, name and the collected text."""
        self._start, self._end = start, end
        self._depth = self._count = 0
        self._texts: list[str] = []
        parser = self._parser = expat.ParserCreate()
        parser.buffer_text = True
        parser.StartDoctypeDeclHandler = self._refuse
        parser.EntityDeclHandler = self._refuse
        parser.ExternalEntityRefHandler = self._refuse
        parser.StartElementHandler = self._opened
        parser.EndElementHandler = self._closed

    @property
    def place(self) -> tuple[int, int]:
        """Line and column, from 1, of what is being read."""
        return self._parser.CurrentLineNumber, self._parser.CurrentColumnNumber + 1

    def run(self, content: bytes) -> None:
        """Reads it all. Raises: BadXml."""
        if len(content) > MAX_BYTES:
            raise BadXml(f"the file has {len(content):,} bytes, the limit is {MAX_BYTES:,}")
        try:
            self._parser.Parse(content, True)
        except expat.ExpatError as exc:
            raise BadXml(expat.ErrorString(exc.code), exc.lineno, exc.offset + 1) from exc
        except (ValueError, LookupError) as exc:
            raise BadXml("its encoding is not known; save it as UTF-8", *self.place) from exc

    def collect(self) -> None:
        """Keeps the text from here to the next end."""
        self._texts.clear()
        self._parser.CharacterDataHandler = self._texts.append

    def _opened(self, name: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        self._count += 1
        if self._depth > MAX_DEPTH:
            raise BadXml(f"elements are nested more than {MAX_DEPTH} deep", *self.place)
        if self._count > MAX_ELEMENTS:
            raise BadXml(f"there are more than {MAX_ELEMENTS:,} elements", *self.place)
        self._start(self._depth, name, attributes)

    def _closed(self, name: str) -> None:
        if self._parser.CharacterDataHandler is not None:
            self._parser.CharacterDataHandler = None
            self._end(self._depth, name, "".join(self._texts).strip())
        else:
            self._end(self._depth, name, "")
        self._depth -= 1

    def _refuse(self, *_: object) -> int:
        raise BadXml("it declares a document type or entities (<!DOCTYPE>), which are never read", *self.place)
