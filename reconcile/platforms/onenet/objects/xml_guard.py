"""XML from somebody's pull request, read event by event and given up early.

Premise: entities can grow without end or fetch files, and only a document type can declare them.
Rule: no document type at all; bounded size, depth and number of elements; the parser is never told to open anything.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final
from xml.parsers import expat

from reconcile.platforms.onenet.objects.unusable import BadXml

MAX_BYTES: Final = 2 * 1024 * 1024
MAX_DEPTH: Final = 16
MAX_ELEMENTS: Final = 20_000


class Reading:
    """One pass over one file; `opened` and `closed` are called as its elements begin and end.

    A closure over local names and one list of texts: with three hundred definitions the calls are most of the time.
    """

    def __init__(
        self,
        opened: Callable[[int, str, dict[str, str]], None],
        closed: Callable[[int, str, str], None],
        leaves_at: int,
    ) -> None:
        """`opened` gets depth (1 is the root), name and attributes, of elements above the depth `leaves_at` only;
        `closed` gets depth, name and the element's own text, of all.
        """
        parser = self._parser = expat.ParserCreate()
        parser.buffer_text = True
        parser.StartDoctypeDeclHandler = self._refuse
        parser.EntityDeclHandler = self._refuse
        parser.ExternalEntityRefHandler = self._refuse
        texts: list[str] = []
        depth = count = 0

        def start(name: str, attributes: dict[str, str]) -> None:
            nonlocal depth, count
            depth += 1
            count += 1
            if depth > MAX_DEPTH or count > MAX_ELEMENTS:
                self._give_up(depth)
            texts.clear()
            if depth < leaves_at:
                opened(depth, name, attributes)

        def end(name: str) -> None:
            nonlocal depth
            closed(depth, name, "".join(texts).strip())
            texts.clear()
            depth -= 1

        parser.StartElementHandler = start
        parser.EndElementHandler = end
        parser.CharacterDataHandler = texts.append

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

    def _give_up(self, depth: int) -> None:
        if depth > MAX_DEPTH:
            raise BadXml(f"elements are nested more than {MAX_DEPTH} deep", *self.place)
        raise BadXml(f"there are more than {MAX_ELEMENTS:,} elements", *self.place)

    def _refuse(self, *_: object) -> int:
        raise BadXml("it declares a document type or entities (<!DOCTYPE>), which are never read", *self.place)
