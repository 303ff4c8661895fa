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
from dataclasses import dataclass, field

from reconcile.manifest.document import Document
from reconcile.manifest.policies import written_policies
from reconcile.manifest.variables import Mentions, mentions
from reconcile.model.desired import Ownership
from reconcile.model.diagnostic import Span
from reconcile.model.values import ABSENT, Json, JsonObject, Known

_FORM = frozenset({"value", "type", "mode", "onRemoval", "onDrift", "onConflict", "after"})


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


def entries(document: Document, section: str) -> tuple[Entry, ...]:
    """All entries of one section, in the order they are written."""
    spec = document.body.get("spec")
    assert isinstance(spec, dict)
    body = spec.get(section)
    default = (spec.get("onRemoval", "release"), document.span("spec", "onRemoval"))
    if not isinstance(body, dict):
        return ()
    return tuple(_flat(document, section == "resources", body, (), ("spec", section), default))


def _flat(
    document: Document,
    may_nest: bool,  # noqa: FBT001 - one of the two sections
    body: JsonObject,
    levels: tuple[str, ...],
    place: tuple[str, ...],
    default: tuple[Json, Span],
) -> Iterator[Entry]:
    for key, value in body.items():
        here = (*place, key)
        path = (*levels, key.strip("/") if levels else key.rstrip("/"))
        if may_nest and isinstance(value, dict) and not is_form(value) and not is_secret_form(value):
            yield from _flat(document, may_nest, value, path, here, default)
        else:
            yield _entry(document, "/".join(path), value, here, default)


def _entry(document: Document, path: str, written: Json, place: tuple[str, ...], default: tuple[Json, Span]) -> Entry:
    span = document.span(*place)
    spec = document.body.get("spec")
    if not (isinstance(written, dict) and is_form(written)):
        found, policies = mentions(written) | mentions(default[0]), written_policies(spec)
        return Entry(path, written, None, Ownership.ENFORCE, default[0], span, default[1], found, policies)
    has_own = "onRemoval" in written
    on_removal = written["onRemoval"] if has_own else default[0]
    value_type = written.get("type")
    return Entry(
        path=path,
        value=written.get("value", ABSENT),
        value_type=value_type if isinstance(value_type, str) else None,
        ownership=Ownership(str(written.get("mode", "enforce"))),
        on_removal=on_removal,
        span=document.span(*place, "value") if "value" in written else span,
        removal_span=document.span(*place, "onRemoval") if has_own else default[1],
        mentions=mentions(written.get("value")) | mentions(on_removal),
        policies=written_policies(spec, written),
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
