"""Why a document does not satisfy its schema, in jsonschema's findings and our words. Imported only after a no."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from itertools import islice
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError
from jsonschema.protocols import Validator
from jsonschema.validators import extend
from referencing import Registry, Resource

from reconcile.manifest.schema_checks import CHECKS
from reconcile.manifest.schema_store import SchemaStore
from reconcile.model.values import Json

_MOST = 100


def _validator_of(keyword: str) -> Callable[[Any, Any, Any, Any], Iterator[ValidationError]]:
    check = CHECKS[keyword]

    def validate(_: Any, argument: Any, instance: Any, __: Any) -> Iterator[ValidationError]:
        expected = check(argument, instance)
        if expected is not None:
            yield ValidationError(expected)

    return validate


_Explaining = extend(  # type: ignore[no-untyped-call]  # jsonschema's extend has no annotations
    Draft202012Validator,
    validators={keyword: _validator_of(keyword) for keyword in CHECKS},
    type_checker=Draft202012Validator.TYPE_CHECKER.redefine("integer", lambda _, value: type(value) is int),
)


class Explainer:
    """Validators by schema name, each built once."""

    def __init__(self, store: SchemaStore) -> None:
        self._store = store
        self._validators: dict[str, Validator] = {}
        self._registry: Registry[Any] = Registry(retrieve=self._retrieve)  # type: ignore[call-arg]  # an attrs class behind a typed protocol

    def errors(self, name: str, value: Json) -> list[ValidationError]:
        """At most a hundred useful errors: of branches the nearest one, of one value the first."""
        validator = self._validators.get(name)
        if validator is None:
            validator = self._validators[name] = _Explaining(self._store[name], registry=self._registry)
        return _one_each(_useful(error) for error in islice(validator.iter_errors(value), _MOST))

    def _retrieve(self, uri: str) -> Resource[Any]:
        return Resource.from_contents(self._store[uri])


def _useful(error: ValidationError) -> ValidationError:
    """The error itself, or, where branches failed, the one nearest to what was probably meant."""
    while error.context and not (isinstance(error.schema, Mapping) and "x-expected" in error.schema):
        error = min(error.context, key=_distance)
    return error


def _distance(error: ValidationError) -> tuple[bool, int]:
    return (error.validator == "type" and not error.path, -len(error.path))


def _one_each(errors: Iterator[ValidationError]) -> list[ValidationError]:
    kept: list[ValidationError] = []
    told: dict[tuple[Any, ...], ValidationError] = {}
    for error in errors:
        at = tuple(error.absolute_path)
        if error.validator == "additionalProperties":
            kept.append(error)
        elif error.validator == "required":
            names: Any = error.validator_value
            told.setdefault((at, "required", *names), error)  # jsonschema says it once for each missing name
        elif at not in told or error.validator == "type":
            told[at] = error
    return kept + list(told.values())
