"""Policies of a resource: short words such as `onDrift` and `onConflict` that say what to do about the world outside.

Rule: the resource's own word wins, then that of its document (`spec.onDrift`), then the fleet's (`defaults.onDrift`),
then the product's default. As with `mode` and `onRemoval`, only the layer that wins the value is asked.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from reconcile.model.values import Json, JsonObject

POLICIES = ("onDrift", "onConflict")
NONE: Mapping[str, str] = MappingProxyType({})


def written_policies(*bodies: Json) -> Mapping[str, str]:
    """The policies in these mappings (a document's spec, a resource in its long form), the later over the earlier."""
    found = {word: text for body in bodies if isinstance(body, dict) for word, text in _in(body)}
    return found or NONE


def _in(body: JsonObject) -> list[tuple[str, str]]:
    return [(word, str(body[word])) for word in POLICIES if word in body]
