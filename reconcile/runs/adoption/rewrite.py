"""Drift as edits of manifest files: in place where the device's own document decides, else an exception of the device.

An exception is an entry of the Device document, or a new document where the device has none. It says all that the entry
below it said (type, mode, what happens on removal), with another value.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import field
from typing import Final

from reconcile.manifest.document import Document, Pointer
from reconcile.manifest.edit import CannotEdit, Splice, added, added_section, replaced, spliced
from reconcile.manifest.edit_spell import literally, spell, spell_text
from reconcile.manifest.edit_tree import Part, key_at, parts
from reconcile.manifest.layer import SECTIONS
from reconcile.manifest.layer_entries import is_form
from reconcile.manifest.variables import mentions
from reconcile.model.device import Device
from reconcile.model.late import dataclass
from reconcile.model.values import Json, JsonObject
from reconcile.ports import NamedBytes
from reconcile.runs.adoption.drifted import Adopted, Skipped

_BOM: Final = b"\xef\xbb\xbf"
_INHERITED: Final = ("onRemoval", "onDrift", "onConflict")
"""Members of a document's spec that hold for every resource it declares."""


@dataclass(slots=True)
class _File:
    content: bytes
    text: str
    roots: list[Part]
    splices: list[Splice] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a value stands: its document, and the pointer of its key."""

    document: Document
    pointer: Pointer

    @property
    def entry(self) -> Json:
        """The resource as written, in its long form where it has one."""
        pointer = self.pointer[:-1] if self.is_long else self.pointer
        return _at(self.document.body, pointer)

    @property
    def is_long(self) -> bool:
        """True where the value is the `value` of a long form."""
        above = _at(self.document.body, self.pointer[:-1])
        return self.pointer[-1] == "value" and isinstance(above, dict) and is_form(above)


class Rewriting:
    """Collects the edits of one adoption. `documents` and `files` are the manifests as they were read."""

    def __init__(self, documents: Sequence[Document], files: Iterable[NamedBytes]) -> None:
        self._documents = documents
        self._contents = {file.name: file.content for file in files}
        self._files: dict[str, _File] = {}
        self._exceptions: dict[tuple[str, str], tuple[Device, str, dict[str, str]]] = {}
        self._changed: dict[tuple[str, int], str] = {}
        self.skipped: list[Skipped] = []

    def adopt(self, one: Adopted, section: str, *, in_profile: bool) -> None:
        """Plans the edit of one resource; what cannot be edited joins `skipped`."""
        try:
            place = self._place(one)
            if place.document.kind == "Device" or in_profile:
                self._change(one, place)
            else:
                self._except(one, place, section)
        except CannotEdit as exc:
            ref = str(one.device.device.ref)
            self.skipped.append(Skipped(ref, one.resource.path, f"{one.resource.span}: {exc}. Edit it by hand"))

    def outcome(self) -> dict[str, tuple[bytes | None, bytes]]:
        """Files that change or are new: name to (content before, content after)."""
        for device, section, entries in self._exceptions.values():
            self._add(device, section, entries)
        return {
            name: (file.content, _encoded(file, spliced(file.text, file.splices)))
            for name, file in self._files.items()
            if file.splices
        } | self._new_files()

    def _place(self, one: Adopted) -> Place:
        span = one.resource.span
        for document in self._documents:
            if document.file != span.file:
                continue
            for pointer, place in document.positions.items():
                if place == (span.line, span.column) and pointer[:1] == ("spec",) and pointer[1:2][0] in SECTIONS:
                    return Place(document, pointer)
        raise CannotEdit("the place could not be found")

    def _change(self, one: Adopted, place: Place) -> None:
        """Another value in place of the one that decides."""
        written = _at(place.document.body, place.pointer)
        if place.document.kind != "Device" and not mentions(written).is_plain:
            raise CannotEdit("the value comes from a label; correct the label in the inventory")
        file = self._file(one.resource.span.file)
        found = key_at(file.roots, one.resource.span.line, one.resource.span.column)
        if found is None:
            raise CannotEdit("the place could not be found")
        value = literally(one.value.value)
        text = spell({"value": value}) if isinstance(value, dict) and not place.is_long else spell(value)
        splice = replaced(found[2], text)
        before = self._changed.setdefault((one.resource.span.file, splice.start), text)
        if before != text:
            raise CannotEdit(
                "devices that share this value hold different ones; adopt one of them, or without --profile"
            )
        if splice not in file.splices:
            file.splices.append(splice)

    def _except(self, one: Adopted, place: Place, section: str) -> None:
        """The entry of the device alone, over what it shares."""
        device = one.device.device
        key = device.ref.platform, device.ref.name
        entries = self._exceptions.setdefault(key, (device, section, {}))[2]
        entries[one.resource.path] = _entry(one, place)

    def _add(self, device: Device, section: str, entries: Mapping[str, str]) -> None:
        document = self._document(device)
        if document is None:
            return
        file = self._file(document.file)
        try:
            file.splices.append(_insertion(file, document, section, entries))
        except CannotEdit as exc:
            self.skipped += [
                Skipped(str(device.ref), path, f"{document.file}: {exc}. Edit it by hand") for path in entries
            ]

    def _new_files(self) -> dict[str, tuple[bytes | None, bytes]]:
        found: dict[str, tuple[bytes | None, bytes]] = {}
        for device, section, entries in self._exceptions.values():
            if self._document(device) is None:
                found[self._free_name(device, found)] = None, _new_document(device, section, entries)
        return found

    def _document(self, device: Device) -> Document | None:
        """The Device document of a device, where it has one."""
        for document in self._documents:
            is_its = document.kind == "Device" and document.name == device.ref.name
            if is_its and _at(document.body, ("spec", "platform")) in (None, device.ref.platform):
                return document
        return None

    def _free_name(self, device: Device, taken: Mapping[str, object]) -> str:
        stem = "".join(one if one.isascii() and (one.isalnum() or one in "-_") else "-" for one in device.ref.name)
        name, number = f"devices/{stem}.yaml", 1
        while name in self._contents or name in taken:
            number += 1
            name = f"devices/{stem}-{number}.yaml"
        return name

    def _file(self, name: str) -> _File:
        if name not in self._files:
            content = self._contents[name]
            text = content.removeprefix(_BOM).decode("utf-8")
            self._files[name] = _File(content, text, parts(text))
        return self._files[name]


def _encoded(file: _File, text: str) -> bytes:
    return (_BOM if file.content.startswith(_BOM) else b"") + text.encode()


def _insertion(file: _File, document: Document, section: str, entries: Mapping[str, str]) -> Splice:
    """The splice that adds entries to a section of a Device document. Raises: CannotEdit."""
    span = document.span("metadata")
    root = next(
        (one for one in file.roots if any((k.line, k.column) == (span.line, span.column) for _, k, _ in one.pairs())),
        None,
    )
    spec = root.member("spec") if root is not None else None
    if spec is None or spec.members is None:
        raise CannotEdit("its `spec` is no mapping")
    known = spec.member(section)
    if known is None:
        return added_section(file.text, spec, section, entries)
    if known.members is None:
        raise CannotEdit(f"its `{section}` is no mapping")
    return added(file.text, known, entries)


def _entry(one: Adopted, place: Place) -> str:
    """The entry as written below, with the new value, and all that its document says of every resource."""
    written = place.entry
    value = literally(one.value.value)
    form: JsonObject = {}
    if isinstance(written, dict) and is_form(written):
        form = {name: item for name, item in written.items() if name != "value"}
    spec = _at(place.document.body, ("spec",))
    if isinstance(spec, dict):
        form = {**{name: spec[name] for name in _INHERITED if name in spec}, **form}
    if form or isinstance(value, dict):
        return spell({"value": value, **form})
    return spell(value)


def _new_document(device: Device, section: str, entries: Mapping[str, str]) -> bytes:
    lines = "".join(f"    {spell_text(path)}: {entries[path]}\n" for path in sorted(entries))
    return (
        f"apiVersion: reconcile/v1\nkind: Device\nmetadata: {{name: {spell_text(device.ref.name)}}}\nspec:\n"
        f"  platform: {spell_text(device.ref.platform)}\n  {section}:\n{lines}"
    ).encode()


def _at(body: Json, pointer: Pointer) -> Json:
    for part in pointer:
        if isinstance(body, dict) and isinstance(part, str):
            body = body.get(part)
        elif isinstance(body, list) and isinstance(part, int):
            body = body[part]
        else:
            return None
    return body
