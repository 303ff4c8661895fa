"""A schema with all that it refers to inside: what an editor is given must not need files that are not there.

In `schemas/` a kind refers to its neighbours by file name. Here each neighbour that is reached becomes a definition
under its own name, and every `$ref` stays within the document: editors follow those, and seldom embedded `$id`s.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

_SUFFIX = ".schema.json"


def alone(name: str, files: Mapping[str, bytes]) -> dict[str, Any]:
    """The schema of that file name (`manifest.schema.json`), on its own. Raises: KeyError for no such file."""
    loaded = {file: json.loads(files[file]) for file in _reached(name, files)}
    root: dict[str, Any] = _within(loaded[name], name, name)
    neighbours = {
        _title(file): {key: part for key, part in _within(schema, file, name).items() if key not in ("$schema", "$id")}
        for file, schema in sorted(loaded.items())
        if file != name
    }
    own = root.get("$defs", {})
    assert not own.keys() & neighbours.keys(), "a definition is called like a schema"
    return root | {"$defs": own | neighbours} if neighbours else root


def _reached(name: str, files: Mapping[str, bytes]) -> list[str]:
    found, due = [name], [name]
    while due:
        for reference in _references(json.loads(files[due.pop()])):
            file = reference.partition("#")[0]
            if file and file not in found:
                found.append(file)
                due.append(file)
    return found


def _references(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            yield node["$ref"]
        for part in node.values():
            yield from _references(part)
    elif isinstance(node, list):
        for part in node:
            yield from _references(part)


def _within(node: Any, file: str, root: str) -> Any:
    """The node of a file with its references as they are inside the document of `root`."""
    if isinstance(node, list):
        return [_within(part, file, root) for part in node]
    if not isinstance(node, dict):
        return node
    return {
        key: _inside(part, file, root) if key == "$ref" and isinstance(part, str) else _within(part, file, root)
        for key, part in node.items()
    }


def _inside(reference: str, file: str, root: str) -> str:
    target, _, pointer = reference.partition("#")
    target = target or file
    return f"#{pointer}" if target == root else f"#/$defs/{_title(target)}{pointer}"


def _title(file: str) -> str:
    return file.removesuffix(_SUFFIX)
