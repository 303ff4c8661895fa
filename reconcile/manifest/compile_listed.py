"""Devices that clouds list, until the row or document that speaks of one comes; the rest stand on their own.

| a listing and ... | are one device when | then |
| --- | --- | --- |
| a row or document | they have one identity; else one name | the row's name, identity and labels win |
| another listing | they have one identity | labels are joined; `labels:` that differ are an error |
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from reconcile.manifest.inventory_entries import ListedInventory
from reconcile.manifest.inventory_listing import listing_rows
from reconcile.manifest.inventory_row import Row
from reconcile.manifest.layer_codes import CONTRADICTION, LISTINGS_DISAGREE, Tally
from reconcile.model.diagnostic import Span
from reconcile.ports import NamedBytes

Labels: TypeAlias = Mapping[str, str]
_Key: TypeAlias = tuple[str, ...]


@dataclass(slots=True)
class _Listed:
    """A listed device. `told` is all that the cloud says of its identity, `given` the labels of its entries."""

    row: Row
    told: Labels
    facts: Labels
    given: Labels
    entry: ListedInventory
    span: Span
    is_taken: bool = False


class ListedDevices:
    """All listed devices of a fleet, by what the clouds call them and by name."""

    __slots__ = ("_by_key", "_by_name", "_joined", "_listed")

    def __init__(self) -> None:
        self._listed: list[_Listed] = []
        self._by_key: dict[_Key, list[_Listed]] = {}
        self._by_name: dict[str, list[_Listed]] = {}
        self._joined: dict[tuple[int, int], tuple[Labels, Labels, Labels]] = {}

    def __bool__(self) -> bool:
        return bool(self._listed)

    def add(self, entry: ListedInventory, file: NamedBytes, tally: Tally) -> None:
        """Takes in one listing."""
        for row, told in listing_rows(file, tally):
            span = Span(file.name, row.line, 1)
            keys = _keys(told, row.name)
            known = self._of_keys(keys, row.platform)
            if known is None:
                one = _Listed(row, told, row.labels, entry.labels, entry, span)
                self._listed.append(one)
                self._by_name.setdefault(row.name, []).append(one)
                for key in keys:
                    self._by_key.setdefault(key, []).append(one)
            elif known.entry is not entry:
                _joined_with(known, entry, row, tally)
                known.facts = self._over(row.labels, known.facts)
                known.given = self._over(entry.labels, known.given)

    def under(self, row: Row, span: Span, tally: Tally) -> Row:
        """The row over what a cloud lists of its device; the row itself where no cloud does."""
        found = self._of_keys(_keys(row.fields, row.name), row.platform)
        if found is None:
            found = next((one for one in self._by_name.get(row.name, ()) if _may_be(one, row)), None)
        if found is None:
            return row
        found.is_taken = True
        for field, value in row.fields.items():
            other = found.told.get(field)
            if other is not None and other != value:
                detail = (
                    f"device {row.name}: {field} is {value} here and {other} in the {found.entry.title} "
                    f"({found.span}). Correct one of the two, or give the device another name"
                )
                tally.add(CONTRADICTION.at(span, detail))
        is_named = not row.fields.keys().isdisjoint({"imei", "productKey", "productId", "iotId"})
        return row._replace(
            platform=row.platform or found.row.platform,
            fields=row.fields if is_named else {**found.row.fields, **row.fields},
            labels=self._over(self._labels(found), row.labels),
        )

    def rest(self) -> Iterator[tuple[Row, Span]]:
        """The devices of which only clouds speak."""
        for one in self._listed:
            if not one.is_taken:
                yield one.row._replace(labels=self._labels(one)), one.span

    def _labels(self, one: _Listed) -> Labels:
        return self._over(one.facts, one.given)

    def _of_keys(self, keys: list[_Key], platform: str) -> _Listed | None:
        for key in keys:
            for one in self._by_key.get(key, ()):
                if not platform or one.row.platform == platform:
                    return one
        return None

    def _over(self, below: Labels, above: Labels) -> Labels:
        """Both together, `above` winning; the same mapping for the same two, as a fleet has few distinct ones."""
        if not below or not above:
            return above or below
        name = (id(below), id(above))
        known = self._joined.get(name)
        if known is None:  # the two are kept beside their sum, so that no other mapping can take their ids
            known = self._joined[name] = (below, above, {**below, **above})
        return known[2]


def _may_be(one: _Listed, row: Row) -> bool:
    return not one.is_taken and (not row.platform or one.row.platform == row.platform)


_PRODUCTS = ("productKey", "productId")


def _keys(fields: Labels, name: str) -> list[_Key]:
    """Everything that alone names a device; a device name is the device's own name where none is given."""
    keys: list[_Key] = [(field, fields[field]) for field in ("imei", "iotId") if field in fields]
    keys += [(field, fields[field], fields.get("deviceName", name)) for field in _PRODUCTS if field in fields]
    return keys


def _joined_with(known: _Listed, entry: ListedInventory, row: Row, tally: Tally) -> None:
    for label, value in entry.labels.items():
        other = known.given.get(label)
        if other is not None and other != value:
            detail = (
                f"device {row.platform}/{row.name}: {label} is {value} here and {other} at {known.entry.span}; both "
                "list it. Narrow one of the two by products or tags, or give them the same label"
            )
            tally.add(LISTINGS_DISAGREE.at(entry.span, detail))
