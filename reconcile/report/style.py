"""Colour and columns: roles instead of colours, widths as a terminal counts them.

A Chinese character takes two columns and may be followed by a line break; a letter takes one and may not.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from functools import cache

from reconcile.model.late import dataclass

_CODES = {
    "create": "32",
    "update": "33",
    "clear": "31",
    "release": "35",
    "adopt": "36",
    "run": "34",
    "error": "1;31",
    "warning": "33",
    "good": "32",
    "dim": "2",
    "bold": "1",
}
_ANSI = re.compile(r"\x1b\[[0-9;]*m")
_NO_START = frozenset("，。、；：！？）】」』》”’…·,.;:!?)]}%")
_NO_END = frozenset("（【「『《“‘([{")


@dataclass(frozen=True, slots=True)
class Style:
    """Paints text by role; without `color` it leaves text as it is."""

    color: bool = False

    def paint(self, role: str, text: str) -> str:
        """The text in the colour of its role: an action, error, warning, good, dim or bold."""
        return f"\x1b[{_CODES[role]}m{text}\x1b[0m" if self.color and text else text


def columns_of(text: str) -> int:
    """Columns a terminal needs; colour codes take none."""
    if text.isascii() and "\x1b" not in text:
        return len(text)
    return sum(_width(character) for character in _ANSI.sub("", text))


def pad(text: str, width: int) -> str:
    """The text filled with spaces up to `width` columns."""
    return text + " " * max(0, width - columns_of(text))


def wrap(text: str, width: int, *, first: str = "", rest: str = "") -> list[str]:
    """Lines of at most `width` columns, unless a single word is longer; they begin with `first`, then with `rest`."""
    lines: list[str] = []
    line, used, is_fresh = first, columns_of(first), True
    for word, is_spaced in _words(text):
        size = columns_of(word)
        gap = 1 if is_spaced and not is_fresh else 0
        if not is_fresh and used + gap + size > width:
            lines.append(line.rstrip())
            line, used, gap = rest, columns_of(rest), 0
        line, used, is_fresh = line + " " * gap + word, used + gap + size, False
    lines.append(line.rstrip())
    return lines


def table(rows: Sequence[Sequence[str]], width: int, *, indent: str = "", gap: str = "  ") -> list[str]:
    """Aligned rows; a row that does not fit goes on below, its cells wrapped and indented further."""
    columns = max((len(row) for row in rows), default=0)
    # A cell that is much wider than the others must not push their columns to the right edge.
    most = max(8, width // 2)
    # A row of one cell is a remark; it takes no part in the columns.
    aligned = [row for row in rows if len(row) > 1]
    sizes = [[columns_of(row[i]) for row in aligned if i < len(row)] for i in range(columns)]
    widths = [max((size for size in column if size <= most), default=0) for column in sizes]
    return [line for row in rows for line in _row(row, widths, width, (indent, gap))]


def flow(parts: Iterable[str], width: int, *, first: str = "", rest: str = "", gap: str = " · ") -> list[str]:
    """Parts side by side, as many on a line as fit; a part is broken only when it is wider than a line."""
    lines: list[str] = []
    line, is_fresh = first, True
    for part in parts:
        if not is_fresh and columns_of(line + gap + part) <= width:
            line += gap + part
            continue
        if not is_fresh:
            lines.append(line)
            line = rest
        *full, line = wrap(part, width, first=line, rest=rest)
        lines += full
        is_fresh = False
    return [*lines, line]


def _row(row: Sequence[str], widths: Sequence[int], width: int, edges: tuple[str, str]) -> list[str]:
    indent, gap = edges
    line = indent + gap.join(pad(cell, size) for cell, size in zip(row, widths, strict=False)).rstrip()
    if columns_of(line) <= width:
        return [line]
    plain = indent + gap.join(cell for cell in row if cell)
    if columns_of(plain) <= width:
        return [plain]
    deeper = indent + "      "
    lead = row[0][: len(row[0]) - len(row[0].lstrip(" "))]
    return [*wrap(row[0], width, first=indent + lead, rest=deeper), *_below(row[1:], width, deeper, gap)]


def _below(cells: Sequence[str], width: int, indent: str, gap: str) -> Iterator[str]:
    """The cells after the first: as many on a line as fit, a long one wrapped."""
    line = ""
    for cell in filter(None, cells):
        joined = f"{line}{gap}{cell}" if line else indent + cell
        if columns_of(joined) <= width:
            line = joined
            continue
        if line:
            yield line
        *full, line = wrap(cell, width, first=indent, rest=indent)
        yield from full
    if line:
        yield line


def _words(text: str) -> Iterator[tuple[str, bool]]:
    """Pieces that stay on one line, each with whether a space stood before it."""
    for spaced in text.split(" "):
        is_first = True
        for piece in _pieces(spaced):
            yield piece, is_first
            is_first = False


def _pieces(word: str) -> Iterator[str]:
    if word.isascii():
        if word:
            yield word
        return
    piece = ""
    for token in re.findall(r"\x1b\[[0-9;]*m|.", word, re.DOTALL):
        if piece and _may_break(_last(piece), token):
            yield piece
            piece = ""
        piece += token
    yield piece


def _last(piece: str) -> str:
    return _ANSI.sub("", piece)[-1:]


def _may_break(before: str, after: str) -> bool:
    if not before or len(after) > 1 or after in _NO_START or before in _NO_END:
        return False
    return _width(before) == 2 or _width(after) == 2


@cache
def _width(character: str) -> int:
    if unicodedata.category(character) in ("Mn", "Me"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1
