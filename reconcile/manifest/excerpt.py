"""Of a file of many documents those of some devices, at the lines where they stand.

Premise: taking one device out of a file of five hundred documents must not read the others. Rule: a file is cut at
lines of `---` alone, which no YAML scalar can hold; one that is written in another way is not cut.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from reconcile.manifest.document import Document
from reconcile.manifest.sealed import Outline, outline_of

_MARK = b"---\n"
_STARTS_LATER = (b"\n%", b"\n...", b"\r")
"""Directives and ends of documents reach beyond a cut; other line ends are seen nowhere in it."""


def excerpt(content: bytes, outline: Outline, names: Collection[str]) -> bytes | None:
    """The documents of these names, with empty lines in place of the others; None for a file that is not cut so."""
    if content.startswith((b"%", b"...")) or any(mark in content for mark in _STARTS_LATER):
        return None
    first, *rest = content.split(b"\n" + _MARK)
    parts = [first, *(_MARK + part for part in rest)]
    if len(parts) == len(outline) + 1:  # what stands before the first mark is no document
        parts[:2] = [parts[0] + b"\n" + parts[1]]
    if len(parts) != len(outline):
        return None
    kept = zip(parts, outline, strict=True)
    return b"\n".join(part if name in names else b"\n" * part.count(b"\n") for part, (_, name, _) in kept)


def is_excerpt(documents: Sequence[Document], outline: Outline, names: Collection[str]) -> bool:
    """Whether these are the documents of those names, every one and as they were."""
    return (outline_of(documents) or []) == [entry for entry in outline if entry[1] in names]
