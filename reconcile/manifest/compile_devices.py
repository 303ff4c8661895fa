"""Inventory rows and Device documents -> devices, each once.

Premise: almost every device is one row and nothing else.
Rule: such a row becomes a device at once; only the rows that a document speaks of are kept until they are merged.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from reconcile.manifest.document import Document
from reconcile.manifest.inventory import Row, read_inventory
from reconcile.manifest.inventory_row import IDENTITY_FIELDS
from reconcile.manifest.layer_codes import (
    CONTRADICTION,
    NAME_TWICE,
    NO_PLATFORM,
    SHARED_IDENTITY,
    UNKNOWN_PLATFORM,
    Tally,
)
from reconcile.manifest.suggest import did_you_mean, listed
from reconcile.model.device import Device, DeviceRef
from reconcile.model.diagnostic import Diagnostic, Severity, Span
from reconcile.model.values import JsonObject
from reconcile.ports import Dialect, NamedBytes, PlatformConfig, Problem


@dataclass(slots=True)
class Register:
    """The devices of one platform by name, and who has which identity."""

    dialect: Dialect
    devices: dict[str, Device] = field(default_factory=dict)
    by_identity: dict[tuple[tuple[str, str], ...], Device] = field(default_factory=dict)

    def add(self, row: Row, span: Span, tally: Tally) -> None:
        """Adds the device of a row, if its name and identity are free."""
        identity = self.dialect.read_identity(row.fields, row.name)
        if isinstance(identity, Problem):
            tally.add(_placed(identity, row.name, span))
            return
        device = Device(DeviceRef(row.platform, row.name), identity, row.labels, span)
        known = self.devices.setdefault(row.name, device)
        if known is not device:
            tally.add(_twice(row, span, known.span))
            return
        other = self.by_identity.setdefault(identity.fields, device)
        if other is not device:
            detail = (
                f"devices {row.name} and {other.ref.name} ({other.span}) both have {identity}. "
                "Correct one of them, or delete the row that is out of date"
            )
            tally.add(SHARED_IDENTITY.at(span, detail))


class Devices:
    """Collects devices; `diagnostics()` says what was wrong with the others.

    `documented`: for the name of every Device document, the platform of the device it describes, and the document.
    """

    __slots__ = ("_diagnostics", "_documents", "_kept", "_platforms", "documented", "registers")

    def __init__(
        self, platforms: Mapping[str, PlatformConfig], dialects: Mapping[str, Dialect], documents: Sequence[Document]
    ) -> None:
        self._platforms = platforms
        self.registers = {
            name: Register(dialects[config.type]) for name, config in platforms.items() if config.type in dialects
        }
        self._documents = {document.name: document for document in reversed(documents)}
        self.documented: dict[str, tuple[str, Document]] = {}
        self._kept: dict[str, list[tuple[str, Row]]] = {}
        self._diagnostics: list[Diagnostic] = []

    def add_inventory(self, file: NamedBytes) -> None:
        """Reads one inventory."""
        tally = Tally()
        documents = self._documents
        for row in read_inventory(file, tally):
            if row.name in documents:
                self._keep(file.name, row, tally)
            else:
                self._add(row, Span(file.name, row.line), tally)
        self._diagnostics += tally.close()

    def add_documents(self) -> None:
        """Merges the Device documents with the rows of their names; after all inventories."""
        tally = Tally()
        for document in self._documents.values():
            row, span = self._row_of(document, tally)
            self.documented[row.name] = (row.platform, document)
            self._add(row, span, tally)
        self._diagnostics += tally.diagnostics

    def in_order(self) -> Iterator[Device]:
        """All devices by ref."""
        for _, register in sorted(self.registers.items()):
            for _, device in sorted(register.devices.items()):
                yield device

    def diagnostics(self) -> Sequence[Diagnostic]:
        """Everything that was wrong."""
        return self._diagnostics

    def _keep(self, file: str, row: Row, tally: Tally) -> None:
        """Keeps a row for its document; refuses a second row of that name and platform."""
        kept = self._kept.setdefault(row.name, [])
        for other_file, other in kept:
            if other.platform == row.platform:
                tally.add(_twice(row, Span(file, row.line), Span(other_file, other.line)))
                return
        kept.append((file, row))

    def _row_of(self, document: Document, tally: Tally) -> tuple[Row, Span]:
        """The document as a row, merged with the inventory's row of that device."""
        declared = _declared(document)
        span = document.span("metadata", "name")
        kept = self._kept.get(document.name, [])
        fitting = [one for one in kept if declared.platform in ("", one[1].platform) or not one[1].platform]
        if fitting:
            file, row = fitting[0]
            for other_file, other in kept:
                if other is not row:
                    self._add(other, Span(other_file, other.line), tally)
            return _merged(document, declared, row, Span(file, row.line), tally), span
        for file, row in kept[:1]:
            place = document.span("spec", "platform")
            detail = (
                f"device {row.name}: platform is {declared.platform} here and {row.platform} in the inventory "
                f"({Span(file, row.line)}). Correct one of the two, or rename one of the devices"
            )
            tally.add(CONTRADICTION.at(place, detail))
        return declared, span

    def _add(self, row: Row, span: Span, tally: Tally) -> None:
        register = self.registers.get(row.platform)
        if register is None:
            self._refuse_platform(row.platform, span, f"device {row.name}", tally)
        else:
            register.add(row, span, tally)

    def _refuse_platform(self, found: str, span: Span, about: str, tally: Tally) -> None:
        if found in self._platforms:
            return  # its type is unknown, which is reported where the platform is configured
        if not found:
            detail = f"{about}: found no platform. Fill in the column `platform` with an entry of `platforms:`"
            tally.add(NO_PLATFORM.at(span, detail))
            return
        known = f"{did_you_mean(found, self._platforms)}The Fleet has: {listed(self._platforms)}"
        tally.add(UNKNOWN_PLATFORM.at(span, f"{about}: found platform {found!r}. {known}"))


def _placed(problem: Problem, name: str, span: Span) -> Diagnostic:
    severity = Severity.WARNING if problem.is_warning else Severity.ERROR
    return Diagnostic(problem.code, problem.summary, f"device {name}: {problem.detail}", span, severity)


def _twice(row: Row, span: Span, other: Span) -> Diagnostic:
    return NAME_TWICE.at(span, f"device {row.platform}/{row.name} is also listed at {other}. Delete or rename one")


def _declared(document: Document) -> Row:
    spec, metadata = document.body.get("spec"), document.body.get("metadata")
    spec = spec if isinstance(spec, dict) else {}
    labels = metadata.get("labels") if isinstance(metadata, dict) else None
    return Row(
        name=document.name,
        platform=str(spec.get("platform") or ""),
        fields=_texts(spec, IDENTITY_FIELDS),
        labels=_texts(labels, labels) if isinstance(labels, dict) else {},
        line=document.span("metadata", "name").line,
    )


def _texts(members: JsonObject, names: Sequence[str] | JsonObject) -> dict[str, str]:
    return {name: str(members[name]) for name in names if members.get(name) is not None}


def _merged(document: Document, declared: Row, row: Row, place: Span, tally: Tally) -> Row:
    """The document over the row: labels are added and overridden, identity may be completed but not contradicted."""
    for name, value in declared.fields.items():
        other = row.fields.get(name)
        if other is not None and other != value:
            detail = (
                f"device {row.name}: {name} is {value} here and {other} in the inventory ({place}). "
                "Correct one of the two, or remove it from the document"
            )
            tally.add(CONTRADICTION.at(document.span("spec", name), detail))
    return declared._replace(
        platform=declared.platform or row.platform,
        fields={**row.fields, **declared.fields},
        labels={**row.labels, **declared.labels},
    )
