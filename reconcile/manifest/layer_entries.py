"""`resources` and `properties` of a document -> flat entries.

Premise: on OneNET a mapping below a path is either deeper levels of the path or the long form of a value; on Aliyun
it may also be a structured value.
Rule: a mapping is the long form when it has no member but `value`, `type`, `mode`, `onRemoval`, `onDrift`,
`onConflict`, `after`, and has `value` or `mode`; `{secret: {env: NAME}}` is a value; in `resources` every other mapping
is more levels of the path, in `properties` it is the value. A structured property with only such members is written
`{value: {...}}`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import field

from reconcile.manifest.document import Document
from reconcile.manifest.policies import NONE, written_policies
from reconcile.manifest.variables import Mentions, mentions
from reconcile.model.desired import Ownership
from reconcile.model.diagnostic import Span
from reconcile.model.late import dataclass
from reconcile.model.values import ABSENT, Json, JsonObject, Known, Missing, canonical

_FORM = frozenset({"value", "type", "mode", "onRemoval", "onDrift", "onConflict", "after"})
_COMPARED = (str, int, bool)
"""Of one of these kinds, equal values are the same."""


@dataclass(frozen=True, slots=True, eq=False)
class Entry:
    """One resource as one document sets it. `path` is as written, nested levels joined with `/`."""

    path: str
    value: Known
    value_type: str | None
    ownership: Ownership
    on_removal: Json
    span: Span
    removal_span: Span
    mentions: Mentions
    policies: Mapping[str, str] = field(default_factory=dict)
    after: tuple[str, ...] = ()

    def said(self) -> tuple[object, ...]:
        """All that it says besides its path and where it stands; equal for entries that say the same."""
        value = self.value
        kind = type(value)
        text: object = value if kind in _COMPARED else value if isinstance(value, Missing) else canonical(value)
        if self.on_removal == "release" and self.policies is NONE:
            return kind, text, self.value_type, self.ownership, self.mentions, self.after
        more = canonical(self.on_removal), tuple(sorted(self.policies.items()))
        return kind, text, self.value_type, self.ownership, self.mentions, self.after, *more


@dataclass(frozen=True, slots=True)
class _Default:
    """What a document says of all its entries."""

    on_removal: Json
    span: Span
    mentions: Mentions
    policies: Mapping[str, str]


def entries(document: Document, section: str) -> tuple[Entry, ...]:
    """All entries of one section, in the order they are written."""
    spec = document.body.get("spec")
    assert isinstance(spec, dict)
    body = spec.get(section)
    if not isinstance(body, dict):
        return ()
    removal = spec.get("onRemoval", "release")
    default = _Default(removal, document.span("spec", "onRemoval"), mentions(removal), written_policies(spec))
    return tuple(_flat(document, section == "resources", body, (), ("spec", section), default))


def _flat(
    document: Document,
    may_nest: bool,  # noqa: FBT001 - one of the two sections
    body: JsonObject,
    levels: tuple[str, ...],
    place: tuple[str, ...],
    default: _Default,
) -> Iterator[Entry]:
    for key, value in body.items():
        here = (*place, key)
        path = (*levels, key.strip("/") if levels else key.rstrip("/"))
        if may_nest and isinstance(value, dict) and not is_form(value) and not is_secret_form(value):
            yield from _flat(document, may_nest, value, path, here, default)
        else:
            yield _entry(document, "/".join(path), value, here, default)


def _entry(document: Document, path: str, written: Json, place: tuple[str, ...], default: _Default) -> Entry:
    span = document.span(*place)
    if not (isinstance(written, dict) and is_form(written)):
        found, removal = mentions(written) | default.mentions, default.on_removal
        how = None, Ownership.ENFORCE, removal, span, default.span, found, default.policies
        return Entry(path, written, *how)
    has_own = "onRemoval" in written
    on_removal = written["onRemoval"] if has_own else default.on_removal
    value_type = written.get("type")
    return Entry(
        path=path,
        value=written.get("value", ABSENT),
        value_type=value_type if isinstance(value_type, str) else None,
        ownership=Ownership(str(written.get("mode", "enforce"))),
        on_removal=on_removal,
        span=document.span(*place, "value") if "value" in written else span,
        removal_span=document.span(*place, "onRemoval") if has_own else default.span,
        mentions=mentions(written.get("value")) | mentions(on_removal),
        policies=written_policies(document.body.get("spec"), written),
        after=_after(written),
    )


def _after(written: JsonObject) -> tuple[str, ...]:
    """What the resource follows, as written."""
    named = written.get("after")
    return tuple(str(path) for path in named) if isinstance(named, list) else ()


def is_form(value: JsonObject) -> bool:
    """True for the long form of a value."""
    return value.keys() <= _FORM and ("value" in value or "mode" in value)


def is_secret_form(value: Json) -> bool:
    """True for `{secret: {env: NAME}}` and `{secret: {file: PATH}}`."""
    return secret_source(value) is not None


def secret_source(value: Json) -> tuple[str, str] | None:
    """`env` or `file`, and the name, of a secret; None for any other value."""
    if not (isinstance(value, dict) and value.keys() == {"secret"}):
        return None
    inner = value["secret"]
    if isinstance(inner, dict):
        for source in ("env", "file"):
            name = inner.get(source)
            if isinstance(name, str):
                return source, name
    return None
