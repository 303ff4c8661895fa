"""Yes or no, fast: whether a value satisfies a schema. jsonschema, asked only after a no, says why.

Knows exactly the keywords our schemas use; another one is our bug and stops at once, so no rule is ever skipped.
Integers are strict: `3.0` is not one, `true` is not `1`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any, TypeAlias

from reconcile.manifest.schema_checks import CHECKS
from reconcile.manifest.schema_store import Schema, SchemaStore

Test: TypeAlias = Callable[[Any], bool]

_ANNOTATIONS = frozenset(
    {"$schema", "$id", "$defs", "$comment", "title", "description", "default", "examples"}
    | {"x-expected", "x-secret", "x-keys"}
)
_TYPES: dict[str, Test] = {
    "null": lambda value: value is None,
    "boolean": lambda value: type(value) is bool,
    "integer": lambda value: type(value) is int,
    "number": lambda value: type(value) is int or type(value) is float,
    "string": lambda value: type(value) is str,
    "object": lambda value: type(value) is dict,
    "array": lambda value: type(value) is list,
}


class Acceptor:
    """Compiles schemas to tests, each once."""

    def __init__(self, store: SchemaStore) -> None:
        self._store = store
        self._tests: dict[int, Test] = {}
        self._references: dict[str, Test] = {}
        self._compilers: dict[str, Callable[[Any], Test]] = {
            "$ref": self._reference,
            "type": self._type,
            "const": lambda value: self._enum([value]),
            "enum": self._enum,
            "pattern": self._pattern,
            "items": self._items,
            "uniqueItems": self._unique,
            "allOf": self._all_of,
            "anyOf": self._any_of,
            "oneOf": self._one_of,
            "not": self._not,
            "propertyNames": self._names,
            "required": _required,
            "minLength": _sized(str, is_least=True),
            "maxLength": _sized(str, is_least=False),
            "minItems": _sized(list, is_least=True),
            "maxItems": _sized(list, is_least=False),
            "minProperties": _sized(dict, is_least=True),
            "maxProperties": _sized(dict, is_least=False),
            "minimum": _compared(lambda value, limit: value >= limit),
            "maximum": _compared(lambda value, limit: value <= limit),
            "exclusiveMinimum": _compared(lambda value, limit: value > limit),
        }

    def test(self, schema: Schema) -> Test:
        """The test of a schema of the store."""
        if isinstance(schema, bool):
            return lambda _: schema
        known = self._tests.get(id(schema))
        if known is None:
            known = self._tests[id(schema)] = self._compile(schema)
        return known

    def _compile(self, schema: dict[str, Any]) -> Test:
        tests: list[Test] = []
        for keyword, argument in schema.items():
            if keyword in _ANNOTATIONS or keyword in _TOGETHER:
                continue
            if keyword in CHECKS:
                tests.append(_checked(keyword, argument))
            else:
                tests.append(self._compilers[keyword](argument))
        if "if" in schema:
            tests.append(self._conditional(schema))
        if schema.keys() & {"properties", "patternProperties", "additionalProperties"}:
            tests.append(self._members(schema))
        if len(tests) == 1:
            return tests[0]
        return lambda value: all(test(value) for test in tests)

    def _reference(self, reference: str) -> Test:
        known = self._references.get(reference)
        if known is not None:
            return known

        def later(value: Any) -> bool:
            return self._references[reference](value)

        self._references[reference] = later  # a schema may refer to itself
        self._references[reference] = self.test(self._store.resolve(reference))
        return self._references[reference]

    def _conditional(self, schema: dict[str, Any]) -> Test:
        condition = self.test(schema["if"])
        then, other = self.test(schema.get("then", True)), self.test(schema.get("else", True))
        return lambda value: then(value) if condition(value) else other(value)

    def _members(self, schema: dict[str, Any]) -> Test:
        named = {name: self.test(part) for name, part in schema.get("properties", {}).items()}
        patterns = [
            (re.compile(pattern), self.test(part)) for pattern, part in schema.get("patternProperties", {}).items()
        ]
        rest = self.test(schema.get("additionalProperties", True))

        def test(value: Any) -> bool:
            return type(value) is not dict or all(
                _member(key, member, named, patterns, rest) for key, member in value.items()
            )

        return test

    def _items(self, schema: Schema) -> Test:
        item = self.test(schema)
        return lambda value: type(value) is not list or all(item(each) for each in value)

    def _all_of(self, schemas: list[Schema]) -> Test:
        tests = [self.test(schema) for schema in schemas]
        return lambda value: all(test(value) for test in tests)

    def _any_of(self, schemas: list[Schema]) -> Test:
        tests = [self.test(schema) for schema in schemas]
        return lambda value: any(test(value) for test in tests)

    def _one_of(self, schemas: list[Schema]) -> Test:
        tests = [self.test(schema) for schema in schemas]
        return lambda value: sum(test(value) for test in tests) == 1

    def _not(self, schema: Schema) -> Test:
        test = self.test(schema)
        return lambda value: not test(value)

    def _names(self, schema: Schema) -> Test:
        test = self.test(schema)
        return lambda value: type(value) is not dict or all(test(name) for name in value)

    def _type(self, names: str | list[str]) -> Test:
        tests = [_TYPES[name] for name in ([names] if isinstance(names, str) else names)]
        return tests[0] if len(tests) == 1 else lambda value: any(test(value) for test in tests)

    def _enum(self, values: list[Any]) -> Test:
        return lambda value: any(type(value) is type(each) and value == each for each in values)

    def _pattern(self, pattern: str) -> Test:
        search = re.compile(pattern).search
        return lambda value: type(value) is not str or search(value) is not None

    def _unique(self, is_wanted: bool) -> Test:  # noqa: FBT001 - the keyword's argument
        # Lists of texts and objects are declared unique; anything else goes the slow way.
        return lambda value: not is_wanted or type(value) is not list or _are_unique(value)


def _member(
    key: str, member: Any, named: dict[str, Test], patterns: list[tuple[re.Pattern[str], Test]], rest: Test
) -> bool:
    is_known = key in named
    if is_known and not named[key](member):
        return False
    for pattern, test in patterns:
        if pattern.search(key):
            is_known = True
            if not test(member):
                return False
    return is_known or rest(member)


def _are_unique(values: list[Any]) -> bool:
    texts = [value for value in values if type(value) is str]
    objects = [value for value in values if type(value) is dict]
    if len(texts) + len(objects) != len(values) or len(set(texts)) != len(texts):
        return False
    return len({json.dumps(value, sort_keys=True) for value in objects}) == len(objects)


def _checked(keyword: str, argument: Any) -> Test:
    check = CHECKS[keyword]
    return lambda value: check(argument, value) is None


def _sized(kind: type[Any], *, is_least: bool) -> Callable[[int], Test]:
    if is_least:
        return lambda limit: lambda value: type(value) is not kind or len(value) >= limit
    return lambda limit: lambda value: type(value) is not kind or len(value) <= limit


def _compared(holds: Callable[[float, float], bool]) -> Callable[[float], Test]:
    return lambda limit: lambda value: type(value) not in {int, float} or holds(value, limit)


def _required(names: list[str]) -> Test:
    return lambda value: type(value) is not dict or all(name in value for name in names)


_TOGETHER = frozenset({"if", "then", "else", "properties", "patternProperties", "additionalProperties"})
