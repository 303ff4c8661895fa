"""JSON Schema of what the emulator's own tables say. No document here: pieces of one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from reconcile.emulator.messages import Json

Schema = dict[str, Json]


def of_shape(shape: Json) -> Schema:
    """The schema of an answer's shape: a type's name, a list of one shape, or members of which `Name?` may be missing.

    Members that the shape does not name are not allowed: what the emulator answers stands in its table.
    """
    match shape:
        case str():
            return {"type": shape}
        case list():
            return {"type": "array", "items": of_shape(shape[0])}
    members = {name.removesuffix("?"): of_shape(member) for name, member in shape.items()}
    return closed(members, [name for name in shape if not name.endswith("?")])


def closed(members: Mapping[str, Schema], required: Sequence[str]) -> Schema:
    """An object of these members and no others."""
    return {"type": "object", "properties": dict(members), "required": list(required), "additionalProperties": False}


def reference(name: str) -> Schema:
    """A reference to a schema of the document."""
    return {"$ref": f"#/components/schemas/{name}"}


def answer(about: str, content: Mapping[str, Schema | None]) -> Schema:
    """A response by media type; a type without a schema is only named."""
    media = {kind: {} if schema is None else {"schema": schema} for kind, schema in content.items()}
    return {"description": about, "content": media}
