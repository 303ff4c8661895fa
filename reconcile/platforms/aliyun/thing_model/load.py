"""Files to thing models, by product.

Premise: one product may be spread over files, the default module in one and each custom module in another.
Rule: every document is read alone, then those of one product key are put together; a file that is broken is left out
whole, because half a model would call its other half unknown. The other files are read all the same.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from reconcile.model.values import Json
from reconcile.platforms.aliyun import json_text
from reconcile.platforms.aliyun.model import ThingModel, ThingModels
from reconcile.platforms.aliyun.thing_model import places
from reconcile.platforms.aliyun.thing_model.document import Part, is_thing_model, read_document
from reconcile.platforms.aliyun.thing_model.faults import TOP, Malformed, Place
from reconcile.ports import NamedBytes, Problem

MAX_BYTES: Final = 4 * 1024 * 1024

_ADVICE: Final = "Export the model again from the console, or take the file out of the `models` folders."
_WRAPPED: Final = ("ThingModelJson", "TslStr")


def load(files: Iterable[NamedBytes]) -> ThingModels:
    """Every thing model among the files, by product key; other files are passed over."""
    parts: dict[str, list[tuple[str, Part]]] = {}
    problems: list[tuple[str, Problem]] = []
    for file in files:
        if not file.name.lower().endswith(".json"):
            continue
        source = _Source(file)
        try:
            part = source.part()
            if part is not None:
                _refuse_overlap(part, parts.setdefault(part.product_key, []))
                parts[part.product_key].append((file.name, part))
                problems += [(file.name, source.doubt(reason, at)) for reason, at in part.doubts]
        except (Malformed, json_text.BadJson) as exc:
            problems.append((file.name, source.problem(exc)))
    products = {key: _merge(key, [part for _, part in found]) for key, found in parts.items() if found}
    return ThingModels(products, tuple(problems))


class _Source:
    """One file: its text, and the text of the model when the file is a stored answer that wraps it."""

    def __init__(self, file: NamedBytes) -> None:
        self._file = file
        self._around: Place = TOP
        self._inner = ""

    def part(self) -> Part | None:
        """The model in the file, None for other JSON. Raises: Malformed, BadJson."""
        if len(self._file.content) > MAX_BYTES:
            raise Malformed(f"the file has {len(self._file.content)} bytes, the limit is {MAX_BYTES}")
        document = self._unwrapped(json_text.read(self._file.content))
        if not isinstance(document, dict) or not is_thing_model(document):
            return None
        return read_document(document, self._file.name.rpartition("/")[2].rpartition(".")[0])

    def problem(self, exc: Malformed | json_text.BadJson) -> Problem:
        """Why the file cannot be used, and where."""
        line, column = self._place(exc)
        return Problem("RCL207", "thing model cannot be used", f"{exc}. {_ADVICE}", line=line, column=column)

    def doubt(self, reason: str, at: Place) -> Problem:
        """What a usable file leaves open."""
        line, column = self._place(Malformed(reason, at))
        detail = f"{reason[:1].upper()}{reason[1:]}. Export the whole model, as GetThingModelTslPublished answers it."
        return Problem("RCL207", "thing model is incomplete", detail, is_warning=True, line=line, column=column)

    def _unwrapped(self, document: Json) -> Json:
        """The model inside a stored answer of QueryThingModel* or GetThingModelTsl*, else the document itself."""
        data = document.get("Data") if isinstance(document, dict) else None
        for name in _WRAPPED if isinstance(data, dict) else ():
            inner = data.get(name) if isinstance(data, dict) else None
            if isinstance(inner, str):
                self._around, self._inner = ("Data", name), inner
                return json_text.read(inner)
        return document

    def _place(self, exc: Malformed | json_text.BadJson) -> tuple[int, int]:
        """Line and column in the file; what is wrong inside a wrapped model stands where the wrapped text does."""
        if len(self._file.content) > MAX_BYTES:
            return 0, 0
        source = self._file.content.decode("utf-8-sig", errors="replace")
        if self._around:
            return places.find(source, self._around)
        if isinstance(exc, Malformed):
            return places.find(source, exc.at)
        match exc.kind:
            case json_text.Fault.REPEATED:
                return places.find_repeated_key(source)
            case json_text.Fault.DEPTH:
                return places.find_depth(source, json_text.MAX_DEPTH)
            case json_text.Fault.SYNTAX:
                return places.line_and_column(source, exc.offset)


def _refuse_overlap(part: Part, others: list[tuple[str, Part]]) -> None:
    for name, other in others:
        if part.modules & other.modules and _said(part) != _said(other):
            raise Malformed(f"product {part.product_key} is described differently in {name}; keep one of the two")


def _said(part: Part) -> tuple[object, ...]:
    return part.version, part.properties, part.modules, part.listed_modules


def _merge(product_key: str, parts: list[Part]) -> ThingModel:
    properties = {path: found for part in parts for path, found in part.properties.items()}
    modules = frozenset[str]().union(*(part.modules for part in parts))
    listed = [part.listed_modules for part in parts if part.listed_modules is not None]
    known = frozenset[str]().union(*listed) if listed else None
    versions = sorted({part.version for part in parts if part.version})
    return ThingModel(product_key, properties, modules, known, ", ".join(versions))
