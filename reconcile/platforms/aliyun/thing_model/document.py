"""One thing-model document: which product it is of, its modules, and their properties."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import field
from typing import Final

from reconcile.model.late import dataclass
from reconcile.model.values import Json, JsonObject
from reconcile.platforms.aliyun.model import DEFAULT_MODULE, Access, DataType, Kind, Property
from reconcile.platforms.aliyun.thing_model.data_type import read_data_type
from reconcile.platforms.aliyun.thing_model.faults import TOP, Malformed, Place, objects, text

_ACCESS: Final = {"r": Access.READ, "rw": Access.READ_WRITE, "w": Access.WRITE}
_RW_FLAGS: Final = {"READ_ONLY": Access.READ, "READ_WRITE": Access.READ_WRITE, "WRITE_ONLY": Access.WRITE}
_PRODUCT_KEY: Final = re.compile(r"[A-Za-z0-9_-]{1,64}")


@dataclass(slots=True)
class Part:
    """What one document says: the properties of some modules, and which custom modules the product has.

    listed_modules: None when it does not tell. version: that of the model, empty when it is not told.
    doubts: what the document leaves open, with the place; its properties can be used all the same.
    """

    product_key: str
    version: str = ""
    properties: dict[str, Property] = field(default_factory=dict)
    modules: set[str] = field(default_factory=set)
    listed_modules: set[str] | None = None
    doubts: list[tuple[str, Place]] = field(default_factory=list)


def is_thing_model(document: Json) -> bool:
    """True for an object with a list of properties; JSON files of others lie in the same folders.

    Among them OneNET's thing models, whose properties each bear a `functionMode`.
    """
    listed = document.get("properties") if isinstance(document, dict) else None
    if not isinstance(listed, list):
        return False
    return not any(isinstance(entry, dict) and "functionMode" in entry for entry in listed)


def read_document(document: JsonObject, stem: str) -> Part:
    """A document of either dialect; without a product key it is named by its file. Raises: Malformed."""
    profile, published = document.get("profile"), document.get("_ppk")
    named = document.get("productKey")
    at: Place = ("productKey",)
    if isinstance(profile, dict):
        named, at = profile.get("productKey", named), ("profile", "productKey")
    if isinstance(named, str) and named and not _PRODUCT_KEY.fullmatch(named):
        raise Malformed("`productKey` is not 1 to 64 letters, digits, _ or -", at)
    part = Part(named if isinstance(named, str) and named else stem)
    version = next((s.get("version") for s in (published, profile) if isinstance(s, dict) and s.get("version")), "")
    part.version = version if isinstance(version, str) else ""
    module = text(document, "functionBlockId", TOP, default=DEFAULT_MODULE)
    _add(part, document, module, TOP)
    if isinstance(document.get("functionBlocks"), list):
        _add_blocks(part, document)
    if part.properties and not any(_has_access(entry) for entry in _entries(document)):
        reason = (
            "no property says how it may be accessed (`Simple` was asked for?), so nothing but names and types is known"
        )
        part.doubts.append((reason, ("properties",)))
    return part


def _add_blocks(part: Part, document: JsonObject) -> None:
    part.listed_modules = set()
    for place, block in objects(document["functionBlocks"], ("functionBlocks",)):
        block_id = text(block, "functionBlockId", place)
        part.listed_modules.add(block_id)
        if isinstance(block.get("properties"), list):
            _add(part, block, block_id, place)


def _add(part: Part, fields: JsonObject, module: str, at: Place) -> None:
    part.modules.add(module)
    for place, found in _properties(fields, module, at):
        if found.path in part.properties:
            raise Malformed(f"property {found.path[:80]} stands twice", (*place, "identifier"))
        part.properties[found.path] = found
        if _has_other(found.data_type):
            part.doubts.append((f"property {found.path[:80]}: its values are not checked, its type is unknown", place))


def _properties(fields: JsonObject, module: str, at: Place) -> Iterator[tuple[Place, Property]]:
    for place, entry in objects(fields["properties"], (*at, "properties")):
        identifier = text(entry, "identifier", place)
        path = f"{module}:{identifier}" if module else identifier
        try:
            name = text(entry, "name", place, default=identifier)
            yield place, Property(path, name, _access(entry, place), read_data_type(entry, place))
        except Malformed as exc:
            raise Malformed(f"property {path[:80]}: {exc}", exc.at) from exc


def _access(entry: JsonObject, at: Place) -> Access:
    """TSL says `accessMode`, ThingModelJson `rwFlag`; `Simple` says neither, and then nothing is forbidden."""
    for name, known in (("accessMode", _ACCESS), ("rwFlag", _RW_FLAGS)):
        given = entry.get(name)
        if given is not None:
            access = known.get(given) if isinstance(given, str) else None
            if access is None:
                raise Malformed(f"`{name}` is none of {', '.join(known)}", (*at, name))
            return access
    return Access.READ_WRITE


def _entries(document: JsonObject) -> list[JsonObject]:
    blocks = document.get("functionBlocks")
    lists = [document, *(blocks if isinstance(blocks, list) else [])]
    found = [part.get("properties") for part in lists if isinstance(part, dict)]
    return [entry for listed in found if isinstance(listed, list) for entry in listed if isinstance(entry, dict)]


def _has_access(entry: JsonObject) -> bool:
    return entry.get("accessMode") is not None or entry.get("rwFlag") is not None


def _has_other(data_type: DataType) -> bool:
    inner = [*data_type.members.values(), *([data_type.item] if data_type.item else [])]
    return data_type.kind is Kind.OTHER or any(map(_has_other, inner))
