r"""The schemas as parsed JSON, made ready for Python: `$` in patterns means the end, references are absolute.

Python's `$` also matches before a last line break, so `name\n` would pass for a name; JSON Schema's does not.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, TypeAlias

Schema: TypeAlias = "dict[str, Any] | bool"

_LITERAL = frozenset({"const", "enum", "examples", "default"})


class SchemaStore:
    """Schemas by file name, read once each."""

    def __init__(self, files: Mapping[str, bytes]) -> None:
        self._files = files
        self._schemas: dict[str, dict[str, Any]] = {}
        self._targets: dict[str, Schema] = {}

    def __getitem__(self, name: str) -> dict[str, Any]:
        schema = self._schemas.get(name)
        if schema is None:
            loaded = _ready(json.loads(self._files[name]), name)
            assert isinstance(loaded, dict)
            schema = self._schemas[name] = loaded
        return schema

    def __contains__(self, name: str) -> bool:
        return name in self._files

    def resolve(self, reference: str) -> Schema:
        """The schema an (absolute) `$ref` names. Raises: KeyError when there is none."""
        target = self._targets.get(reference)
        if target is None:
            name, _, pointer = reference.partition("#")
            node: Any = self[name]
            for part in pointer.strip("/").split("/") if pointer else ():
                node = node[part]
            target = self._targets[reference] = node
        return target


def _ready(node: Any, name: str) -> Any:
    if isinstance(node, list):
        return [_ready(item, name) for item in node]
    if not isinstance(node, dict):
        return node
    ready: dict[str, Any] = {}
    for key, value in node.items():
        if key in _LITERAL:
            ready[key] = value
        elif key == "pattern" and isinstance(value, str):
            ready[key] = _to_end(value)
        elif key == "patternProperties":
            ready[key] = {_to_end(pattern): _ready(schema, name) for pattern, schema in value.items()}
        elif key == "$ref" and isinstance(value, str):
            ready[key] = name + value if value.startswith("#") else value
        else:
            ready[key] = _ready(value, name)
    return ready


def _to_end(pattern: str) -> str:
    return pattern.replace("$", r"\Z")
