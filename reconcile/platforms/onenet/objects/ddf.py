"""Object definitions as OMA's registry publishes them (DDF XML), read into values.

Premise: a definition that is half read would call its other half unknown.
Rule: the first thing wrong with a file is told with its place, and the file is left out whole; other files are used.
Source: OMA LwM2M, LWM2M.xsd: LWM2M/Object/Resources/Item with Name, Operations, MultipleInstances, Mandatory, Type,
RangeEnumeration, Units.
"""

from __future__ import annotations

from reconcile.platforms.onenet.objects.definition import HIGHEST_ID, Kind, ObjectDefinition, Resource
from reconcile.platforms.onenet.objects.ranges import read_range
from reconcile.platforms.onenet.objects.unusable import BadXml, NotADefinition
from reconcile.platforms.onenet.objects.xml_guard import Reading

_KINDS = {
    "string": Kind.STRING,
    "integer": Kind.INTEGER,
    "unsigned integer": Kind.UNSIGNED,
    "float": Kind.FLOAT,
    "boolean": Kind.BOOLEAN,
    "opaque": Kind.OPAQUE,
    "time": Kind.TIME,
    "objlnk": Kind.OBJLNK,
    "corelnk": Kind.CORELNK,
    "none": Kind.NONE,
    "": Kind.NONE,
}
_LONGEST_NAME = 120


def read_ddf(content: bytes, file: str) -> tuple[ObjectDefinition, ...]:
    """The objects that a file defines, usually one. Raises: BadXml; NotADefinition for another root element."""
    return tuple(_Objects(file).read(content))


class _Objects:
    """Gathers the fields of the object and of the resource that are being read, and builds each when it is closed."""

    def __init__(self, file: str) -> None:
        self._file = file
        self._reading = Reading(self._opened, self._closed, leaves_at=5)
        self._found: list[ObjectDefinition] = []
        self._object: dict[str, str] = {}
        self._resources: dict[int, Resource] = {}
        self._item: dict[str, str] = {}
        self._item_id = 0
        self._object_place = self._item_place = (0, 0)
        self._is_in_resources = False

    def read(self, content: bytes) -> list[ObjectDefinition]:
        self._reading.run(content)
        if not self._found:
            raise BadXml("it defines no object (LWM2M/Object)")
        return self._found

    def _opened(self, depth: int, name: str, attributes: dict[str, str]) -> None:
        if depth == 4:
            if name == "Item" and self._is_in_resources:
                self._item, self._item_place = {}, self._reading.place
                self._item_id = _identifier(attributes.get("ID", ""), "Item ID", self._item_place)
        elif depth == 3:
            self._is_in_resources = name == "Resources"
        elif depth == 2:
            self._object, self._resources, self._object_place = {}, {}, self._reading.place
        elif name != "LWM2M":
            raise NotADefinition

    def _closed(self, depth: int, name: str, text: str) -> None:
        if depth == 5:
            self._item[name] = text
        elif depth == 4:
            if name == "Item" and self._is_in_resources:
                self._add()
        elif depth == 3:
            self._object[name] = text
            self._is_in_resources = False
        elif depth == 2 and name == "Object":
            self._found.append(_object(self._object, self._resources, self._object_place, self._file))

    def _add(self) -> None:
        if self._item_id in self._resources:
            raise BadXml(f"resource {self._item_id} is defined twice", *self._item_place)
        self._resources[self._item_id] = _resource(self._item_id, self._item, self._item_place)


def _object(
    fields: dict[str, str], resources: dict[int, Resource], place: tuple[int, int], file: str
) -> ObjectDefinition:
    return ObjectDefinition(
        id=_identifier(fields.get("ObjectID", ""), "ObjectID", place),
        name=fields.get("Name", "")[:_LONGEST_NAME],
        is_multiple=fields.get("MultipleInstances", "").lower() == "multiple",
        resources=resources,
        version=_version(fields.get("ObjectVersion", ""), place),
        file=file,
    )


def _resource(res_id: int, fields: dict[str, str], place: tuple[int, int]) -> Resource:
    operations = "".join(letter for letter in fields.get("Operations", "").upper() if letter not in " ,")
    if not set(operations) <= set("RWE"):
        raise BadXml(f"resource {res_id} has Operations {operations[:20]!r}, expected R, W, RW, E or none", *place)
    written = " ".join(fields.get("Type", "").lower().split())
    kind = _KINDS.get(written)
    if kind is None:
        raise BadXml(f"resource {res_id} has Type {written[:20]!r}, expected one of LwM2M's types", *place)
    return Resource(
        id=res_id,
        name=fields.get("Name", "")[:_LONGEST_NAME],
        operations=operations,
        kind=kind,
        is_multiple=fields.get("MultipleInstances", "").lower() == "multiple",
        is_mandatory=fields.get("Mandatory", "").lower() == "mandatory",
        limits=read_range(fields.get("RangeEnumeration", ""), kind),
        unit=fields.get("Units", "")[:_LONGEST_NAME],
    )


def _identifier(text: str, field: str, place: tuple[int, int]) -> int:
    text = text.strip()
    if not (text.isascii() and text.isdigit() and len(text) <= 5 and int(text) <= HIGHEST_ID):
        raise BadXml(f"{field} is {text[:20]!r}, expected a number from 0 to {HIGHEST_ID}", *place)
    return int(text)


def _version(text: str, place: tuple[int, int]) -> tuple[int, ...]:
    """`1.2` as numbers; the schema's default is 1.0."""
    parts = text.split(".") if text else ["1", "0"]
    if not all(part.isascii() and part.isdigit() and len(part) <= 5 for part in parts):
        raise BadXml(f"ObjectVersion is {text[:20]!r}, expected e.g. 1.0", *place)
    return tuple(map(int, parts))
