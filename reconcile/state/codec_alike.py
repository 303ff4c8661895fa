"""Resources of a device that differ in little but their values, as one JSON object, and back without loss.

Premise: what is written in one request is accepted, confirmed and released together; said once for each of ten
resources, that is four fifths of a record. Rule: resources that say the same of everything but their path, value,
type and version lie in one group, in lists beside one another; any other is stored by itself, as it is exported.

A group has the members of a resource that all of it share, and besides:

| member                      | of all of the group                                                               |
| --------------------------- | --------------------------------------------------------------------------------- |
| `paths`, `values`           | one for each resource, in the order of paths                                      |
| `value_type`, `value_types` | the type that all have (left out: none), or one for each, null for none           |
| `version`, `versions`       | the same for versions                                                             |
| `holds`                     | true: the device is known to hold the value (`confirmed` is that value); else left out |
| `confirmed_at`              | with `holds`, left out where it is `accepted_at`, and null where it is not known  |
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields
from operator import attrgetter, itemgetter
from typing import Any

from reconcile.model.desired import RELEASE
from reconcile.model.recorded import RecordedResource
from reconcile.model.values import ABSENT, Json, JsonObject, Missing, canonical

_PLAIN = (int, str, bool, type(None))
_shared = attrgetter(
    *("delivery", "accepted_at", "confirmed_at", "confirmed_by", "command_uuid", "expires_at", "on_removal.kind"),
    *("is_leaving", "retries", "cloud_at", "has_stray"),
)

Read = Callable[[str, Mapping[str, Any]], RecordedResource]
Write = Callable[[str, RecordedResource], JsonObject]


def grouped(resources: Mapping[str, RecordedResource], write: Write) -> tuple[list[Json], JsonObject]:
    """The groups, and by path the resources that are in none. `write` is the form that is exported."""
    groups: dict[tuple[object, ...], list[RecordedResource]] = {}
    alone: JsonObject = {}
    last: tuple[object, ...] = ()
    members: list[RecordedResource] = []
    for path in sorted(resources):
        one = resources[path]
        confirmed = one.confirmed
        known = confirmed if isinstance(confirmed, Missing) else _is_same(confirmed, one.value)
        if one.path != path or known is False or not _is_simple(one):
            alone[path] = write(path, one)
            continue
        key = (known, *_shared(one))
        if key != last:  # most are as the one before, and hashes of times and states take long
            last, members = key, groups.setdefault(key, [])
        members.append(one)
    return [_group(members, write, holds=key[0] is True) for key, members in groups.items()], alone


def read_groups(groups: Sequence[Mapping[str, Any]], read: Read) -> dict[str, RecordedResource]:
    """The reverse of `grouped`, in the order of paths. Raises: KeyError, TypeError or ValueError."""
    if len(groups) == 1:
        return _resources(groups[0], read)
    found = [item for group in groups for item in _resources(group, read).items()]
    return dict(sorted(found, key=itemgetter(0)))


def _is_simple(one: RecordedResource) -> bool:
    """Whether the rest of it compares by what it is: among values, 1 equals 1.0 and true."""
    return one.gave_way is ABSENT and (one.on_removal is RELEASE or one.on_removal.kind != "set")


def _is_same(left: Json, right: Json) -> bool:
    if left is right:
        return True
    if type(left) is type(right):
        if isinstance(left, _PLAIN):
            return left == right
        if isinstance(left, float):
            return repr(left) == repr(right)
    return canonical(left) == canonical(right)


def _group(members: Sequence[RecordedResource], write: Write, *, holds: bool) -> JsonObject:
    first = members[0]
    body = write(first.path, first)
    for name in ("value", "value_type", "version"):
        body.pop(name, None)
    body["paths"] = [one.path for one in members]
    body["values"] = [one.value for one in members]
    _put_each(body, "value_type", [one.value_type for one in members])
    _put_each(body, "version", [one.version for one in members])
    if holds:
        del body["confirmed"]
        body["holds"] = True
        if first.confirmed_at is None:
            body["confirmed_at"] = None
        elif first.confirmed_at == first.accepted_at:
            del body["confirmed_at"]
    return body


def _put_each(body: JsonObject, name: str, each: Sequence[Json]) -> None:
    if each.count(each[0]) != len(each):
        body[f"{name}s"] = [*each]
    elif each[0] is not None:
        body[name] = each[0]


def _resources(group: Mapping[str, Any], read: Read) -> dict[str, RecordedResource]:
    paths = group["paths"]
    holds = group.get("holds", False)
    shared = {**group, "value": None}
    if holds:
        shared.setdefault("confirmed_at", group["accepted_at"])
    one = read("", shared)
    number = len(paths)
    types = group["value_types"] if "value_types" in group else [one.value_type] * number
    versions = group["versions"] if "versions" in group else [one.version] * number
    common = [(slot.__set__, slot.__get__(one)) for slot in _COMMON]
    found: dict[str, RecordedResource] = {}
    for path, value, value_type, version in zip(paths, group["values"], types, versions, strict=True):
        resource = found[path] = _blank(RecordedResource)  # its own way to be made costs twice as much
        for put, what in common:
            put(resource, what)
        _put_path(resource, path)
        _put_value(resource, value)
        _put_type(resource, value_type)
        _put_version(resource, version)
        _put_confirmed(resource, value if holds else one.confirmed)
    return found


_blank = object.__new__
_OWN = ("path", "value", "value_type", "version", "confirmed")
_COMMON = [getattr(RecordedResource, field.name) for field in fields(RecordedResource) if field.name not in _OWN]
_put_path, _put_value, _put_type, _put_version, _put_confirmed = (
    getattr(RecordedResource, name).__set__ for name in _OWN
)
