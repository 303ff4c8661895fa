"""Questions that reading answers: how query answers list, name and print properties."""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Sequence
from typing import Final

from reconcile.model.device import Identity
from reconcile.model.errors import CallFailed
from reconcile.model.examination import Capability, Mark, Subject
from reconcile.model.values import ABSENT, JsonObject, Missing
from reconcile.platforms.aliyun import thing_model, wire
from reconcile.platforms.aliyun.answers import Answer, rows_of
from reconcile.platforms.aliyun.directory.asking import Asking
from reconcile.platforms.aliyun.directory.published import model_files
from reconcile.platforms.aliyun.gateway import Gateway
from reconcile.platforms.aliyun.model import by_module, split_path
from reconcile.platforms.aliyun.same import same_untyped

_WHOLE: Final = re.compile(r"-?[0-9]+(\.0+)?")
_FLOATS: Final = ("float", "double")


async def listing_questions(
    gateway: Gateway, subject: Subject, beyond: Sequence[frozenset[str]], written: set[str]
) -> list[Capability]:
    """Answers that cost no write. `beyond`: what each accepted set's Versions named beyond its items."""
    paths = tuple(sorted({subject.bearing.path, *(other.path for other in subject.others)}))
    found = [_answer_versions(beyond, set(paths) - written)]
    entries: list[tuple[str, JsonObject]] = []
    for module, identifiers in by_module(paths).items():
        answer = await gateway.read(wire.query_desired(subject.identity, module, identifiers))
        entries += [(module, entry) for entry in _entries(answer)]
    found.append(_module_identifier(entries))
    floats = {each.path for each in (subject.bearing, *subject.others) if isinstance(each.value, float)}
    found.append(_float_text(entry for module, entry in entries if _is_float(module, entry, floats)))
    found += await _unset_listed(gateway, subject.identity, subject.unset_path)
    found.append(await _reported(gateway, subject))
    return found


def _answer_versions(beyond: Sequence[frozenset[str]], others: set[str]) -> Capability:
    if any(beyond):
        return Capability("aliyun.answer_versions", "all", Mark.OK, ("answer_versions", "all"))
    if not beyond or not others:
        return Capability("aliyun.answer_versions", "one_property", Mark.SKIPPED)
    return Capability("aliyun.answer_versions", "items", Mark.OK, ("answer_versions", "items"))


def _module_identifier(entries: Sequence[tuple[str, JsonObject]]) -> Capability:
    """Whether entries of a custom module carry its prefix."""
    names = [str(entry.get("Identifier", "")) for module, entry in entries if module]
    if not names:
        return Capability("aliyun.module_identifier", "no_module", Mark.SKIPPED)
    answer = "prefixed" if ":" in names[0] else "bare"
    evidence = {"identifier": names[0]}
    return Capability("aliyun.module_identifier", answer, Mark.OK, ("module_identifier", answer), evidence)


def _float_text(entries: Iterable[JsonObject]) -> Capability:
    """How a whole float is printed; only a value without a fraction tells."""
    for entry in entries:
        value = entry.get("Value")
        if isinstance(value, str) and (match := _WHOLE.fullmatch(value)):
            answer = "as_written" if match[1] else "trimmed"
            return Capability("aliyun.float_text", answer, Mark.OK, ("float_text", answer), {"value": value})
    return Capability("aliyun.float_text", "no_whole_float", Mark.SKIPPED)


def _is_float(module: str, entry: JsonObject, floats: Container[str]) -> bool:
    """By the answer's own word, or because a float is what we wrote: without a model the cloud may not say."""
    identifier = str(entry.get("Identifier", ""))
    path = f"{module}:{identifier}" if module and ":" not in identifier else identifier
    return entry.get("DataType") in _FLOATS or path in floats


async def _unset_listed(gateway: Gateway, identity: Identity, path: str | None) -> list[Capability]:
    """A writable property of the thing model that nobody declares; only one never set tells.

    One that is not listed may also be one that the published model has no more: then its absence tells nothing.
    """
    if path is None:
        return [Capability("aliyun.unset_listed", "no_unset", Mark.SKIPPED)]
    module, identifier = split_path(path)
    answer = await gateway.read(wire.query_desired(identity, module, (identifier,)))
    row = rows_of(answer, "DesiredPropertyInfo", module).get(path)
    evidence = {"path": path}
    if row is None and await _is_unpublished(gateway, identity, path):
        return [Capability("aliyun.unset_listed", "no_unset", Mark.SKIPPED, evidence=evidence)]
    if row is None:
        return [Capability("aliyun.unset_listed", "no", Mark.OK, ("unset_listed", "no"), evidence)]
    if row.value is not ABSENT or row.version:
        return [Capability("aliyun.unset_listed", "no_unset", Mark.SKIPPED, evidence=evidence)]
    version = "absent" if row.version is None else "zero"
    return [
        Capability("aliyun.unset_listed", "yes", Mark.OK, ("unset_listed", "yes"), evidence),
        Capability("aliyun.unset_version", version, Mark.OK, ("unset_version", version), evidence),
    ]


async def _is_unpublished(gateway: Gateway, identity: Identity, path: str) -> bool:
    """True when the thing model in force is known and has no such property."""
    product_key = identity.get("productKey")
    if product_key is None:
        return False
    try:
        files = await model_files(Asking(gateway), product_key)
    except CallFailed:
        return False
    published = thing_model.load(files).products.get(product_key)
    return published is not None and path not in published.properties


async def _reported(gateway: Gateway, subject: Subject) -> Capability:
    """Whether what the device reports is what is desired."""
    path = subject.bearing.path
    module = split_path(path)[0]
    answer = await gateway.read(wire.property_status(subject.identity, module))
    row = rows_of(answer, "PropertyStatusInfo", module).get(path)
    if row is None or row.value is ABSENT:
        return Capability("aliyun.reported", "never", Mark.OK)
    is_same = not isinstance(row.value, Missing) and same_untyped(subject.bearing.value, row.value)
    return Capability("aliyun.reported", "same" if is_same else "differs", Mark.OK)


def _entries(answer: Answer) -> list[JsonObject]:
    """The raw entries of a query's answer: `rows_of` makes alike what is asked about here."""
    listed = answer.data.get("List")
    entries = listed.get("DesiredPropertyInfo") if isinstance(listed, dict) else listed
    if isinstance(entries, dict):
        entries = [entries]
    return [entry for entry in entries if isinstance(entry, dict)] if isinstance(entries, list) else []
