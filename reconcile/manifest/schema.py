"""Documents against their schemas: nodes in, JSON and diagnostics out.

Most documents are right, so a small acceptor says yes or no (20 times as fast as jsonschema, and without its 85 ms
of import); jsonschema explains every no. Both read the same schema files; tests hold them to the same verdict.
"""

from __future__ import annotations

from collections.abc import Mapping as AbstractMapping
from typing import TYPE_CHECKING

from reconcile.manifest.document import Pointer
from reconcile.manifest.schema_accept import Acceptor, Test
from reconcile.manifest.schema_bind import Binder
from reconcile.manifest.schema_positions import node_at
from reconcile.manifest.schema_store import SchemaStore
from reconcile.manifest.schema_words import Wording
from reconcile.manifest.yaml import Listing, Mapping, Node, Refused
from reconcile.model.diagnostic import Diagnostic
from reconcile.model.values import Json, JsonObject

if TYPE_CHECKING:
    from reconcile.manifest.schema_explain import Explainer

KINDS = ("Fleet", "Device", "Profile", "Hold", "Policy")
API_VERSION = "reconcile/v1"


class SchemaSet:
    """The schemas of one run. `files` maps names such as `device.schema.json` to their bytes."""

    def __init__(self, files: AbstractMapping[str, bytes]) -> None:
        self._store = SchemaStore(files)
        self._acceptor = Acceptor(self._store)
        self._binder = Binder(self._store, self._acceptor)
        self._explainer: Explainer | None = None

    def check(
        self, file: str, kind: str, root: Mapping, *, is_damaged: bool
    ) -> tuple[JsonObject | None, list[Diagnostic]]:
        """The JSON of a document of a known kind, or what is wrong with it.

        `is_damaged`: strict YAML refused parts of it; what may be missing because of that is not reported again.
        """
        name = schema_name(kind)
        value, unclear = self._binder.bind(root, self._store[name])
        if not unclear and not (is_damaged and _has_refused(root)) and self._acceptor.test(self._store[name])(value):
            return _object(value), []
        words = Wording(file, root)
        found = [words.unclear(at, exc.code, exc.detail) for at, exc in unclear.items()]
        is_silenced = bool(unclear) or is_damaged
        for error in self._explaining().errors(name, value):
            at: Pointer = tuple(error.absolute_path)
            if at in unclear or _is_refused(root, at) or (is_damaged and error.validator == "required"):
                continue
            found.extend(words.diagnostics(error))
        # jsonschema has the last word: without an error of its own, the document is right.
        return (None, found) if found or is_silenced else (_object(value), [])

    def accepts(self, kind: str, value: Json) -> bool:
        """The fast verdict alone; for values that are JSON already."""
        return self._acceptor.test(self._store[schema_name(kind)])(value)

    def word_test(self, kind: str, pointer: Pointer) -> Test:
        """Whether a word is right at a place, the same in quotes and without, where the rest of its document is."""
        schema = self._store[schema_name(kind)]
        for part in pointer:
            schema = schema["properties"][part]
        return self._acceptor.test(schema) if self._binder.is_text(schema) else lambda _: False

    def explains(self, kind: str, value: Json) -> bool:
        """Whether jsonschema, asked alone, finds an error."""
        return bool(self._explaining().errors(schema_name(kind), value))

    def _explaining(self) -> Explainer:
        if self._explainer is None:
            from reconcile.manifest.schema_explain import Explainer

            self._explainer = Explainer(self._store)
        return self._explainer


def schema_name(kind: str) -> str:
    """The schema file of a kind: Device -> device.schema.json."""
    return f"{kind.lower()}.schema.json"


def _object(value: Json) -> JsonObject:
    assert isinstance(value, dict)
    return value


def _is_refused(root: Node, at: Pointer) -> bool:
    return type(node_at(root, at)) is Refused


def _has_refused(node: Node) -> bool:
    if type(node) is Mapping:
        return any(_has_refused(member) for _, _, member in node.members.values())
    if type(node) is Listing:
        return any(_has_refused(item) for item in node.items)
    return type(node) is Refused
