"""Inventory rows and Device documents -> devices, each once.

Premise: almost every device is one row and nothing else.
Rule: such a row becomes a device at once; only rows whose name a document bears are kept until they are merged. What
clouds list waits below all of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from reconcile.manifest.compile_listed import ListedDevices
from reconcile.manifest.compile_register import Register, twice
from reconcile.manifest.document import Document
from reconcile.manifest.inventory import Row, read_inventory
from reconcile.manifest.inventory_entries import ListedInventory
from reconcile.manifest.inventory_row import IDENTITY_FIELDS
from reconcile.manifest.layer_codes import CONTRADICTION, NO_PLATFORM, UNKNOWN_PLATFORM, Tally
from reconcile.manifest.settled.pick import Picked
from reconcile.manifest.settled.sift import Sifted
from reconcile.manifest.suggest import did_you_mean, listed
from reconcile.model.device import Device, DeviceRef
from reconcile.model.diagnostic import Diagnostic, Span, has_errors
from reconcile.model.values import JsonObject
from reconcile.ports import Dialect, NamedBytes, NamedContent, PlatformConfig


class Devices:
    """Collects devices: listings first, then inventories, `add_documents`, `add_listed`.

    `documented` holds the document of every device that has one. `is_complete` is False once something that may hold
    devices could not be used.
    """

    __slots__ = (
        *("_documents", "_kept", "_listed", "_platforms"),
        *("diagnostics", "documented", "is_complete", "registers"),
    )

    def __init__(
        self,
        platforms: Mapping[str, PlatformConfig],
        dialects: Mapping[str, Dialect],
        documents: Sequence[Document],
        *,
        is_complete: bool = True,
    ) -> None:
        self._platforms = platforms
        self._kept: dict[str, list[tuple[Row, Span]]] = {}
        self._documents: dict[str, list[Document]] = {}
        self._listed = ListedDevices()
        for document in documents:
            self._documents.setdefault(document.name, []).append(document)
        self.registers = {
            name: Register(dialects[config.type]) for name, config in platforms.items() if config.type in dialects
        }
        self.documented: dict[DeviceRef, Document] = {}
        self.diagnostics: list[Diagnostic] = []
        self.is_complete = is_complete

    def add_listing(self, entry: ListedInventory, file: NamedBytes) -> None:
        """Takes in what a cloud lists, for those that come after to stand over."""
        tally = Tally()
        self._listed.add(entry, file, tally)
        self._close(tally)

    def add_inventory(self, file: NamedContent) -> None:
        """Reads one inventory."""
        tally = Tally()
        self._add_rows(file.name, read_inventory(file, tally), tally)

    def add_rows(self, part: Sifted | Picked) -> None:
        """Takes in a part of inventories: what is left without settled rows, or the rows of one device."""
        for name, rows, tally in part.kept:
            self._add_rows(name, rows, tally)

    def _add_rows(self, file: str, rows: Iterable[Row], tally: Tally) -> None:
        documents, listed = self._documents, self._listed
        for row in rows:
            span = Span(file, row.line, 1)
            if row.name in documents:
                self._keep(row, span, tally)
            else:
                self._add(listed.under(row, span, tally) if listed else row, span, tally)
        self._close(tally)

    def add_documents(self) -> None:
        """Merges the Device documents with the rows of their names."""
        tally = Tally()
        for name, documents in self._documents.items():
            rows = self._kept.get(name, [])
            strangers = [document for document in documents if not self._merge(document, rows, tally)]
            for document in strangers:
                self._add_alone(document, rows, tally)
            for row, span in [] if strangers else rows:
                self._add(self._listed.under(row, span, tally), span, tally)
        self.is_complete = self.is_complete and not has_errors(tally.diagnostics)
        self.diagnostics += tally.diagnostics

    def add_listed(self) -> None:
        """Adds the devices that only clouds speak of."""
        tally = Tally()
        for row, span in self._listed.rest():
            register = self.registers.get(row.platform)
            if register is not None:
                register.add(row, span, tally, is_listed=True)
        self._close(tally)

    def _close(self, tally: Tally) -> None:
        found = tally.close()
        self.is_complete = self.is_complete and not has_errors(found)
        self.diagnostics += found

    def in_order(self) -> Iterator[Device]:
        """All devices by ref."""
        for _, register in sorted(self.registers.items()):
            for _, device in sorted(register.devices.items()):
                yield device

    def _keep(self, row: Row, span: Span, tally: Tally) -> None:
        kept = self._kept.setdefault(row.name, [])
        other = next((other for other, _ in kept if other.platform == row.platform), None)
        if other is None:
            kept.append((row, span))
        else:
            tally.add(twice(row, span, next(place for known, place in kept if known is other)))

    def _merge(self, document: Document, rows: list[tuple[Row, Span]], tally: Tally) -> bool:
        """Merges a document with its row and takes the row away; False when no row is of its platform."""
        span = document.span("metadata", "name")
        declared = _declared(document, span)
        for index, (row, place) in enumerate(rows):
            if declared.platform == row.platform or not (declared.platform and row.platform):
                del rows[index]
                self._add_documented(document, _merged(document, declared, row, place, tally), span, tally)
                return True
        return False

    def _add_alone(self, document: Document, rows: Sequence[tuple[Row, Span]], tally: Tally) -> None:
        """A device that no inventory lists under this platform."""
        span = document.span("metadata", "name")
        declared = _declared(document, span)
        for row, place in rows[:1]:
            detail = (
                f"device {row.name}: platform is {declared.platform} here and {row.platform} in the inventory "
                f"({place}). Correct one of the two, or rename one of the devices"
            )
            tally.add(CONTRADICTION.at(document.span("spec", "platform"), detail))
        if rows or (not declared.fields and not self.is_complete):
            return  # what names it on the wire may stand where we could not read
        self._add_documented(document, declared, span, tally)

    def _add_documented(self, document: Document, row: Row, span: Span, tally: Tally) -> None:
        row = self._listed.under(row, span, tally) if self._listed else row
        if row.platform in self.registers:
            self.documented.setdefault(DeviceRef(row.platform, row.name), document)
        self._add(row, span, tally)

    def _add(self, row: Row, span: Span, tally: Tally) -> None:
        register = self.registers.get(row.platform)
        if register is not None:
            register.add(row, span, tally)
        elif row.platform not in self._platforms:  # else its type is unknown, which is told where it is configured
            tally.add(self._homeless(row, span))

    def _homeless(self, row: Row, span: Span) -> Diagnostic:
        if not row.platform:
            detail = f"device {row.name}: found no platform. Fill in `platform` with one of: {listed(self._platforms)}"
            return NO_PLATFORM.at(span, detail)
        known = f"{did_you_mean(row.platform, self._platforms)}The Fleet has: {listed(self._platforms)}"
        return UNKNOWN_PLATFORM.at(span, f"device {row.name}: found platform {row.platform!r}. {known}")


def _declared(document: Document, span: Span) -> Row:
    """The document in the shape of an inventory row, its name at that place."""
    spec, metadata = document.body.get("spec"), document.body.get("metadata")
    spec = spec if isinstance(spec, dict) else {}
    labels = metadata.get("labels") if isinstance(metadata, dict) else None
    return Row(
        name=document.name,
        platform=str(spec.get("platform") or ""),
        fields=_texts(spec, IDENTITY_FIELDS),
        labels=_texts(labels, labels) if isinstance(labels, dict) else {},
        line=span.line,
    )


def _texts(members: JsonObject, names: Sequence[str] | JsonObject) -> dict[str, str]:
    return {name: str(members[name]) for name in names if members.get(name) is not None}


def _merged(document: Document, declared: Row, row: Row, place: Span, tally: Tally) -> Row:
    """The document over the row: labels are added and overridden, identity may be completed but not contradicted."""
    for name, value in declared.fields.items():
        other = row.fields.get(name)
        if other is not None and other != value:
            detail = (
                f"device {row.name}: {name} is {value} here and {other} in the inventory "
                f"({place}). Correct one of the two, or remove it from the document"
            )
            tally.add(CONTRADICTION.at(document.span("spec", name), detail))
    return Row(
        name=declared.name,
        platform=declared.platform or row.platform,
        fields={**row.fields, **declared.fields} if declared.fields else row.fields,
        labels={**row.labels, **declared.labels} if declared.labels else row.labels,
        line=declared.line,
    )
