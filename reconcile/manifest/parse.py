"""Named bytes to documents that satisfy their schemas, and every problem of every file at once."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from reconcile.manifest import codes
from reconcile.manifest.codes import problem
from reconcile.manifest.cut_file import Stencils
from reconcile.manifest.document import Document
from reconcile.manifest.kept import KeptFiles, Read, kept, read_kept
from reconcile.manifest.parse_header import Header, read_header
from reconcile.manifest.places import Offset, PackedPositions, packed, tree
from reconcile.manifest.schema import SchemaSet
from reconcile.manifest.schema_positions import Positions
from reconcile.manifest.suggest import did_you_mean, listed, name_of, quoted
from reconcile.manifest.yaml import Mapping as MappingNode
from reconcile.manifest.yaml import read
from reconcile.model.diagnostic import NOWHERE, Diagnostic, Span, in_order
from reconcile.ports import NamedBytes

MAX_FILES = 10_000
_MOST_PER_FILE = 100


def parse(
    files: Sequence[NamedBytes],
    schemas: Mapping[str, bytes],
    *,
    is_whole: bool = True,
    known: KeptFiles | None = None,
) -> tuple[list[Document], list[Diagnostic]]:
    """The documents of all files, in their order, and the diagnostics by place.

    A document with an error is left out. Of one file at most a hundred problems are told, and that there are more.
    `is_whole` is False when there are files that could not be read: a Fleet may be among them. A file that is `known`
    by its content is not read again.
    """
    reading = _Reading(SchemaSet(schemas), is_whole=is_whole, known=known)
    for file in files[:MAX_FILES]:
        reading.read(file)
    if len(files) > MAX_FILES:
        detail = f"There are {len(files):,} manifest files, the limit is {MAX_FILES:,}. List devices in an inventory."
        reading.diagnostics.append(problem(codes.LIMIT, detail))
    reading.diagnostics.extend(_names_used_twice(reading.headers))
    reading.diagnostics.extend(_fleets(reading.headers, is_whole=reading.is_whole, has_files=bool(files)))
    return _first_of_each(reading.documents), list(in_order(reading.diagnostics))


def _first_of_each(documents: Sequence[Document]) -> list[Document]:
    """Documents of one name are told already; the first stands for them."""
    first: dict[tuple[str, str], Document] = {}
    for document in documents:
        spec = document.body.get("spec")
        platform = spec.get("platform") if document.kind == "Device" and isinstance(spec, dict) else None
        name = "" if document.kind == "Fleet" else f"{platform}/{document.name}"
        first.setdefault((document.kind, name), document)
    return list(first.values())


def check_platform_types(fleet: Document, known: Collection[str]) -> list[Diagnostic]:
    """An error for every platform whose `type` no installed plug-in knows."""
    spec = fleet.body["spec"]
    platforms = spec.get("platforms", {}) if isinstance(spec, dict) else {}
    found = []
    for name, platform in platforms.items() if isinstance(platforms, dict) else ():
        type_name = platform.get("type") if isinstance(platform, dict) else None
        if isinstance(type_name, str) and type_name not in known:
            detail = (
                f"`spec.platforms.{name}.type`: found {quoted(type_name)}. {did_you_mean(type_name, known)}"
                f"Installed: {listed(sorted(known))}."
            )
            span = fleet.span("spec", "platforms", name, "type")
            found.append(problem(codes.UNKNOWN_PLATFORM_TYPE, detail, span))
    return found


class _Reading:
    """What was read so far."""

    def __init__(self, schemas: SchemaSet, *, is_whole: bool, known: KeptFiles | None) -> None:
        self.documents: list[Document] = []
        self.diagnostics: list[Diagnostic] = []
        self.headers: list[Header] = []
        self.is_whole = is_whole
        self._schemas = schemas
        self._stencils = Stencils(schemas)
        self._known = known

    def read(self, file: NamedBytes) -> None:
        found = read_kept(file.name, self._known.get(file.content)) if self._known else None
        headers, documents = found or self._read(file)
        self.headers.extend(headers)
        self.documents.extend(documents)

    def _read(self, file: NamedBytes) -> Read:
        cut = self._stencils.read(file)
        if cut is None:
            return self._read_whole(file)
        if self._known:
            self._known.keep(file.content, kept(cut.headers, cut.documents, cut.trees()))
        return cut.headers, cut.documents

    def _read_whole(self, file: NamedBytes) -> Read:
        headers: list[Header] = []
        documents: list[Document] = []
        parsed = read(file.name, file.content)
        told = parsed.diagnostics
        self.is_whole = self.is_whole and parsed.is_whole
        for index, root in enumerate(parsed.documents):
            header, problems = read_header(file.name, root)
            told.extend(problems)
            if header is None:
                continue
            headers.append(header)
            if len(told) > _MOST_PER_FILE or problems or not isinstance(root, MappingNode):
                continue
            body, problems = self._schemas.check(file.name, header.kind, root, is_damaged=index in parsed.damaged)
            told.extend(problems)
            if body is not None and header.name is not None:
                is_packed = header.kind == "Device" and index not in parsed.damaged
                positions = PackedPositions(packed(root), Offset()) if is_packed else Positions(root)
                documents.append(Document(file.name, header.kind, header.name, body, positions))
        self.diagnostics.extend(_shortened(file.name, told))
        if self._known and not told and parsed.is_whole:
            self._known.keep(file.content, kept(headers, documents, [tree(root) for root in parsed.documents]))
        return headers, documents


def _shortened(file: str, told: list[Diagnostic]) -> list[Diagnostic]:
    if len(told) <= _MOST_PER_FILE:
        return told
    detail = f"The first {_MOST_PER_FILE} problems of the file are shown. Mend them and run again."
    return [*in_order(told)[:_MOST_PER_FILE], problem(codes.MORE, detail, Span(file))]


def _names_used_twice(headers: Sequence[Header]) -> list[Diagnostic]:
    first: dict[tuple[str, str], Header] = {}
    found = []
    for header in headers:
        if header.name is None or header.kind == "Fleet":
            continue
        other = first.setdefault((header.kind, header.full_name), header)
        if other is not header:
            found += [_same_name(header, other), _same_name(other, header)]
    return found


def _same_name(here: Header, there: Header) -> Diagnostic:
    detail = f"{here.kind} {name_of(here.full_name)} is also declared at {there.span}. Rename or remove one of the two."
    return problem(codes.SAME_NAME, detail, here.span)


def _fleets(headers: Sequence[Header], *, is_whole: bool, has_files: bool) -> list[Diagnostic]:
    fleets = [header for header in headers if header.kind == "Fleet"]
    if len(fleets) > 1:
        return [_other_fleet(fleet, next(other for other in fleets if other is not fleet)) for fleet in fleets]
    if fleets or not is_whole:
        return []  # a file that could not be read to its end may hold it
    where = "No file declares a Fleet" if has_files else "There is no manifest file (*.yaml, *.yml)"
    advice = "Add a document `kind: Fleet` with `spec.platforms`."
    return [problem(codes.ONE_FLEET, f"{where}. {advice}", NOWHERE)]


def _other_fleet(here: Header, there: Header) -> Diagnostic:
    detail = f"A Fleet is also declared at {there.span}. Merge the two; every folder of manifests is one fleet."
    return problem(codes.ONE_FLEET, detail, here.span)
