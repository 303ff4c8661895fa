"""Nodes to JSON, directed by a schema: a plain scalar stays text unless the schema admits what it would mean.

Premise: what `2.4` is depends on who asks: a label wants text, a resource a number. Rule: walk node and schema
together; `if` is decided by looking at the node, `anyOf` and `oneOf` admit the union of their branches.
"""

from __future__ import annotations

import re
from typing import Any, TypeAlias

from reconcile.manifest import schema_scalar
from reconcile.manifest.document import Pointer
from reconcile.manifest.schema_accept import Acceptor
from reconcile.manifest.schema_scalar import UnclearScalar
from reconcile.manifest.schema_store import Schema, SchemaStore
from reconcile.manifest.yaml import Listing, Mapping, Node, Refused, Scalar
from reconcile.model.values import Json

ALL = frozenset({"null", "boolean", "integer", "number", "string", "object", "array"})
_KINDS: dict[type, str] = {Mapping: "object", Listing: "array", Scalar: "scalar", Refused: "scalar"}

_MOST_UNCLEAR = 100

Schemas: TypeAlias = tuple[Schema, ...]
Unclear: TypeAlias = dict[Pointer, UnclearScalar]


class Binder:
    """Binds nodes; remembers what it learned of each schema."""

    def __init__(self, store: SchemaStore, acceptor: Acceptor) -> None:
        self._store = store
        self._acceptor = acceptor
        self._types: dict[int, frozenset[str]] = {}
        self._members: dict[tuple[int, str], Schemas] = {}
        self._patterns: dict[int, list[tuple[re.Pattern[str], Schema]]] = {}

    def bind(self, node: Node, schema: Schema) -> tuple[Json, Unclear]:
        """The JSON of a node, and the scalars that could not be given a meaning, by pointer."""
        unclear: Unclear = {}
        return self._bind(node, (schema,), (), unclear), unclear

    def _bind(self, node: Node, schemas: Schemas, at: Pointer, unclear: Unclear) -> Json:
        if type(node) is Scalar:
            return node.text if not node.is_plain else self._scalar(node.text, schemas, at, unclear)
        if type(node) is Mapping:
            flat = self._flat(schemas, node)
            return {
                key: self._bind(member, self._of_member(flat, key), (*at, key), unclear)
                for key, (_, _, member) in node.members.items()
            }
        if type(node) is Listing:
            items = tuple(
                schema["items"]
                for schema in self._flat(schemas, node)
                if isinstance(schema, dict) and "items" in schema
            )
            return [self._bind(item, items, (*at, index), unclear) for index, item in enumerate(node.items)]
        return None

    def _scalar(self, text: str, schemas: Schemas, at: Pointer, unclear: Unclear) -> Json:
        types = ALL
        for schema in schemas:
            types &= self._types_of(schema)
        try:
            return schema_scalar.bind(text, types)
        except UnclearScalar as exc:
            if len(unclear) <= _MOST_UNCLEAR:
                unclear[at] = exc
            return text

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

    def _flat(self, schemas: Schemas, node: Node) -> Schemas:
        """The schemas that hold for a collection, references followed and conditions decided."""
        flat: list[Schema] = []
        for schema in schemas:
            if isinstance(schema, bool):
                continue
            flat.append(schema)
            more = list(schema.get("allOf", ()))
            if "$ref" in schema:
                more.append(self._store.resolve(schema["$ref"]))
            if "if" in schema:
                more.append(schema.get("then" if self._holds(schema["if"], node) else "else", True))
            if more:
                flat.extend(self._flat(tuple(more), node))
        return tuple(flat)

    def _holds(self, condition: Schema, node: Node) -> bool:
        if condition == {"type": "object"}:
            return type(node) is Mapping
        if _KINDS[type(node)] != "object":
            return False
        return self._acceptor.test(condition)(self.bind(node, condition)[0])

    def _of_member(self, schemas: Schemas, key: str) -> Schemas:
        if len(schemas) == 1:
            return self._of_one(schemas[0], key)
        return tuple(part for schema in schemas for part in self._of_one(schema, key))

    def _of_one(self, schema: Schema, key: str) -> Schemas:
        if isinstance(schema, bool):
            return ()
        properties = schema.get("properties")
        found = [properties[key]] if properties is not None and key in properties else []
        if "patternProperties" in schema:
            found += [part for pattern, part in self._patterns_of(schema) if pattern.search(key)]
        if not found and isinstance(schema.get("additionalProperties"), dict):
            found = [schema["additionalProperties"]]
        return tuple(found)

    def _patterns_of(self, schema: dict[str, Any]) -> list[tuple[re.Pattern[str], Schema]]:
        known = self._patterns.get(id(schema))
        if known is None:
            known = [(re.compile(pattern), part) for pattern, part in schema["patternProperties"].items()]
            self._patterns[id(schema)] = known
        return known


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
