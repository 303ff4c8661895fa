"""Nodes to JSON, directed by a schema: a plain scalar stays text unless the schema admits what it would mean.

Premise: what `2.4` is depends on who asks: a label wants text, a resource a number. Rule: walk node and schema
together; `if` is decided by looking at the node, `anyOf` and `oneOf` admit the union of their branches. What was
learned of a place in the schemas is kept, as ten thousand documents pass through the same few places.
"""

from __future__ import annotations

import re
from typing import Any, TypeAlias

from reconcile.manifest import schema_scalar
from reconcile.manifest.document import Pointer
from reconcile.manifest.schema_accept import Acceptor
from reconcile.manifest.schema_scalar import UnclearScalar
from reconcile.manifest.schema_store import Schema, SchemaStore
from reconcile.manifest.yaml import Listing, Mapping, Node, Scalar
from reconcile.model.values import Json

ALL = frozenset({"null", "boolean", "integer", "number", "string", "object", "array"})
_MOST_UNCLEAR = 100
_MOST_KEYS_KEPT = 1024

Schemas: TypeAlias = tuple[Schema, ...]
Unclear: TypeAlias = dict[Pointer, UnclearScalar]


class _Place:
    """A place in the schemas: all that hold there, and what was learned of them."""

    __slots__ = ("flat", "item", "members", "schemas", "types")

    def __init__(self, schemas: Schemas) -> None:
        self.schemas = schemas
        self.types: frozenset[str] | None = None
        self.flat: _Place | None = None
        self.item: _Place | None = None
        self.members: dict[str, _Place] = {}


class Binder:
    """Binds nodes; remembers what it learned of each schema."""

    def __init__(self, store: SchemaStore, acceptor: Acceptor) -> None:
        self._store = store
        self._acceptor = acceptor
        self._places: dict[tuple[int, ...], _Place] = {}
        self._types: dict[int, frozenset[str]] = {}
        self._patterns: dict[int, list[tuple[re.Pattern[str], Schema]]] = {}

    def bind(self, node: Node, schema: Schema) -> tuple[Json, Unclear]:
        """The JSON of a node, and the (first hundred) scalars that could not be given a meaning, by pointer."""
        unclear: Unclear = {}
        return self._bind(node, self._place((schema,)), [], unclear), unclear

    def is_text(self, schema: Schema) -> bool:
        """Whether a scalar there is text, whatever it looks like."""
        return self._types_of(schema) == {"string"}

    def _bind(self, node: Node, place: _Place, at: list[str | int], unclear: Unclear) -> Json:
        if type(node) is Scalar:
            return self._scalar(node.text, place, at, unclear) if node.is_plain else node.text
        if type(node) is Mapping:
            flat = place.flat or self._decided(place, node)
            found: dict[str, Json] = {}
            for key, (_, _, member) in node.members.items():
                at.append(key)
                found[key] = self._bind(member, flat.members.get(key) or self._member(flat, key), at, unclear)
                at.pop()
            return found
        if type(node) is Listing:
            return self._listing(node, self._item(place.flat or self._decided(place, node)), at, unclear)
        return None

    def _listing(self, node: Listing, item: _Place, at: list[str | int], unclear: Unclear) -> list[Json]:
        found: list[Json] = []
        for index, each in enumerate(node.items):
            at.append(index)
            found.append(self._bind(each, item, at, unclear))
            at.pop()
        return found

    def _scalar(self, text: str, place: _Place, at: list[str | int], unclear: Unclear) -> Json:
        types = place.types
        if types is None:
            types = ALL
            for schema in place.schemas:
                types &= self._types_of(schema)
            place.types = types
        try:
            return schema_scalar.bind(text, types)
        except UnclearScalar as exc:
            if len(unclear) <= _MOST_UNCLEAR:
                unclear[tuple(at)] = exc
            return text

    def _place(self, schemas: Schemas) -> _Place:
        """The one place of these schemas; there are few, as all schemas come from the store."""
        name = tuple(map(id, schemas))
        known = self._places.get(name)
        if known is None:
            known = self._places[name] = _Place(schemas)
        return known

    def _member(self, flat: _Place, key: str) -> _Place:
        place = self._place(tuple(part for schema in flat.schemas for part in self._of_one(schema, key)))
        if len(flat.members) < _MOST_KEYS_KEPT:
            flat.members[key] = place
        return place

    def _item(self, flat: _Place) -> _Place:
        if flat.item is None:
            items = (schema["items"] for schema in flat.schemas if isinstance(schema, dict) and "items" in schema)
            flat.item = self._place(tuple(items))
        return flat.item

    def _of_one(self, schema: Schema, key: str) -> list[Schema]:
        if isinstance(schema, bool):
            return []
        properties = schema.get("properties", {})
        found = [properties[key]] if key in properties else []
        found += [part for pattern, part in self._patterns_of(schema) if pattern.search(key)]
        if not found and isinstance(schema.get("additionalProperties"), dict):
            found = [schema["additionalProperties"]]
        return found

    def _patterns_of(self, schema: dict[str, Any]) -> list[tuple[re.Pattern[str], Schema]]:
        known = self._patterns.get(id(schema))
        if known is None:
            parts = schema.get("patternProperties", {})
            known = self._patterns[id(schema)] = [(re.compile(pattern), part) for pattern, part in parts.items()]
        return known

    def _decided(self, place: _Place, node: Node) -> _Place:
        """The place with references followed and, by looking at the node, conditions decided."""
        flat, is_always = self._flat(place.schemas, node)
        decided = self._place(tuple(flat))
        if is_always:
            place.flat = decided
        return decided

    def _flat(self, schemas: Schemas, node: Node) -> tuple[list[Schema], bool]:
        """The schemas that hold for a collection, and whether they do for any."""
        flat: list[Schema] = []
        is_always = True
        for schema in schemas:
            if isinstance(schema, bool):
                continue
            flat.append(schema)
            more = list(schema.get("allOf", ()))
            if "$ref" in schema:
                more.append(self._store.resolve(schema["$ref"]))
            if "if" in schema:
                is_always = False
                more.append(schema.get("then" if self._holds(schema["if"], node) else "else", True))
            if more:
                parts, is_never_decided = self._flat(tuple(more), node)
                flat += parts
                is_always = is_always and is_never_decided
        return flat, is_always

    def _holds(self, condition: Schema, node: Node) -> bool:
        if type(node) is not Mapping:
            return isinstance(condition, dict) and "type" not in condition
        if condition == {"type": "object"}:
            return True
        return self._acceptor.test(condition)(self.bind(node, condition)[0])

    def _types_of(self, schema: Schema) -> frozenset[str]:
        """The types a schema admits, conditions left open."""
        if isinstance(schema, bool):
            return ALL if schema else frozenset()
        known = self._types.get(id(schema))
        if known is None:
            self._types[id(schema)] = ALL  # a schema that refers to itself adds nothing
            known = self._types[id(schema)] = self._admitted(schema)
        return known

    def _admitted(self, schema: dict[str, Any]) -> frozenset[str]:
        types = _own_types(schema)
        if "$ref" in schema:
            types &= self._types_of(self._store.resolve(schema["$ref"]))
        for part in schema.get("allOf", ()):
            types &= self._types_of(part)
        for keyword in ("anyOf", "oneOf"):
            if keyword in schema:
                types &= frozenset[str]().union(*(self._types_of(part) for part in schema[keyword]))
        if "if" in schema:
            condition = self._types_of(schema["if"])
            then = self._types_of(schema.get("then", True))
            other = self._types_of(schema.get("else", True))
            # `if: {type: object}` keeps `then` to objects, so a scalar there is the business of `else`.
            types &= (then & condition) | other
        return types


def _own_types(schema: dict[str, Any]) -> frozenset[str]:
    if "type" in schema:
        named = schema["type"]
        return frozenset([named] if isinstance(named, str) else named)
    values = schema.get("enum", [schema["const"]] if "const" in schema else None)
    if values is None:
        return ALL
    return frozenset(_type_of(value) for value in values)


def _type_of(value: object) -> str:
    names = {str: "string", bool: "boolean", int: "integer", float: "number", type(None): "null"}
    return names.get(type(value), "object")
