"""What documents of single devices come to, worked out once for all that say the same over the same layers.

Premise: fleets that keep one document a device are written by a program, and most of their values are a few. Rule: a
resource that a device's own document sets is known by what it says and by the entries below it; a whole document by all
that it says and its stack. What is known came without a fault, and is shared but for where it is written.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

from reconcile.manifest.layer import Contribution
from reconcile.manifest.layer_entries import Entry
from reconcile.model.desired import DesiredDocument, DesiredResource, Layer

Key: TypeAlias = "tuple[object, ...]"

_MOST = 1 << 16
"""What is kept. More than that are alike no more."""


class OwnWords:
    """Resources and documents of devices whose own document has the last word."""

    __slots__ = ("_documents", "_resources")

    def __init__(self) -> None:
        self._documents: dict[Key, DesiredDocument] = {}
        self._resources: dict[Key, DesiredResource] = {}

    def document(self, key: Key, layer: Contribution, entries: Mapping[str, Entry]) -> DesiredDocument | None:
        """The document of a stack in which that layer, with these entries, is the highest; None where not known."""
        known = self._documents.get(key)
        if known is None:
            return None
        resources = [written(one, layer, entries[one.path]) if one.path in entries else one for one in known.resources]
        return DesiredDocument(tuple(resources), known.commands, known.delivery, known.digest)

    def keep_document(self, key: Key, document: DesiredDocument) -> None:
        """For those that say the same."""
        if len(self._documents) < _MOST:
            self._documents[key] = document

    def resource(self, key: Key, layer: Contribution, entry: Entry) -> DesiredResource | None:
        """The resource whose highest layer says that; None where not known."""
        known = self._resources.get(key)
        return None if known is None else written(known, layer, entry)

    def keep_resource(self, key: Key, resource: DesiredResource) -> None:
        """For those that say the same."""
        if len(self._resources) < _MOST:
            self._resources[key] = resource


def written(known: DesiredResource, layer: Contribution, entry: Entry) -> DesiredResource:
    """The resource, where this entry is its highest layer."""
    last = known.layers[-1]
    return known.written_at((*known.layers[:-1], Layer(layer.name, entry.span, last.value, last.ownership)))
