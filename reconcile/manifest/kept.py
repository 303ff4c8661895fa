"""What a manifest file without a fault was read as, in a form to keep: its headers, documents and the places in them.

Premise: a fleet of a thousand files changes one of them at a time, and reading them is half of a run.
Rule: only a file about which nothing was to be said is kept; what was kept is as if the file was read again.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, TypeAlias

from reconcile.manifest.document import Document
from reconcile.manifest.parse_header import Header
from reconcile.manifest.places import KeptPositions
from reconcile.model.diagnostic import Span
from reconcile.model.values import Json

FORM = "manifest-2"
"""The form of what is kept; another form is another key."""

Read: TypeAlias = tuple[Sequence[Header], Sequence[Document]]


class KeptFiles(Protocol):
    """Where files without a fault are kept, by their content."""

    def get(self, content: bytes) -> Json:
        """What `kept` made of a file of this content; None when it is not known."""
        ...

    def keep(self, content: bytes, body: Json) -> None:
        """Keeps it for a later run."""
        ...


def kept(headers: Sequence[Header], documents: Sequence[Document], trees: Sequence[list[Json]]) -> Json:
    """The form to keep of a file; `trees` are the places in its documents."""
    return [
        [header.kind, header.name, header.full_name, header.span.line, header.span.column, one.body, one.said, at]
        for header, one, at in zip(headers, documents, trees, strict=True)
    ]


def read_kept(file: str, entries: Json) -> Read | None:
    """The reverse of `kept`; None when it is not of that form."""
    headers, documents = [], []
    for entry in entries if isinstance(entries, list) else ():
        match entry:
            case [str(kind), str(name), str(full), int(line), int(column), dict(body), str(said), list(at)]:
                headers.append(Header(kind, name, full, Span(file, line, column)))
                documents.append(Document(file, kind, name, body, KeptPositions(at), said))
            case _:
                return None
    return (headers, documents) if documents else None
