"""Devices that clouds list, until the row or document that speaks of one comes; the rest stand on their own.

| a listing and ... | are one device when | then |
| --- | --- | --- |
| a row or document | they have one identity; else one name | the row's name, identity and labels win |
| another listing | they have one identity | labels are joined; `labels:` that differ are an error |
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TypeAlias

from reconcile.manifest.inventory_entries import ListedInventory
from reconcile.manifest.inventory_listing import listing_rows
from reconcile.manifest.inventory_row import Row
from reconcile.manifest.layer_codes import CONTRADICTION, LISTINGS_DISAGREE, Tally
from reconcile.model.diagnostic import Span
from reconcile.model.late import dataclass
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
    """All listed devices of a fleet. What they are called is looked up only where something else speaks of devices."""

    __slots__ = ("_by_key", "_by_name", "_indexed", "_joined", "_listed", "_platforms")

    def __init__(self) -> None:
        self._listed: list[_Listed] = []
        self._indexed = 0
        self._platforms: dict[str, None] = {}
        self._by_key: dict[_Key, _Listed] = {}
        self._by_name: dict[_Key, list[_Listed]] = {}
        self._joined: dict[tuple[int, int], tuple[Labels, Labels, Labels]] = {}

    def __bool__(self) -> bool:
        return bool(self._listed)

    def add(self, entry: ListedInventory, file: NamedBytes, tally: Tally) -> None:
        """Takes in one listing."""
        has_others = bool(self._listed)
        found: list[_Listed] = []
        for row, told in listing_rows(file, tally):
            known = self._of_keys(told, row.name, row.platform) if has_others else None
            if known is None:
                found.append(_Listed(row, told, row.labels, entry.labels, entry, Span(file.name, row.line, 1)))
            else:
                _joined_with(known, entry, row, tally)
                known.facts = self._over(row.labels, known.facts)
                known.given = self._over(entry.labels, known.given)
        self._listed += found

    def under(self, row: Row, span: Span, tally: Tally) -> Row:
        """The row over what a cloud lists of its device; the row itself where no cloud does."""
        found = self._of_keys(row.fields, row.name, row.platform) or self._of_name(row)
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

    def _of_keys(self, fields: Labels, name: str, platform: str) -> _Listed | None:
        self._index()
        for each in (platform,) if platform else self._platforms:
            for key in _keys(each, fields, name):
                if key in self._by_key:
                    return self._by_key[key]
        return None

    def _of_name(self, row: Row) -> _Listed | None:
        """The first of that name that no other row has taken."""
        self._index()
        for each in (row.platform,) if row.platform else self._platforms:
            for one in self._by_name.get((each, row.name), ()):
                if not one.is_taken:
                    return one
        return None

    def _index(self) -> None:
        for one in self._listed[self._indexed :]:
            row = one.row
            for key in _keys(row.platform, one.told, row.name):
                self._by_key.setdefault(key, one)
            self._by_name.setdefault((row.platform, row.name), []).append(one)
            self._platforms[row.platform] = None
        self._indexed = len(self._listed)

    def _over(self, below: Labels, above: Labels) -> Labels:
        """Both together, `above` winning; the same mapping for the same two, as a fleet has few distinct ones."""
        if not below or not above:
            return above or below
        name = (id(below), id(above))
        known = self._joined.get(name)
        if known is None:  # the two are kept beside their sum, so that no other mapping can take their ids
            known = self._joined[name] = (below, above, {**below, **above})
        return known[2]


def _keys(platform: str, fields: Labels, name: str) -> list[_Key]:
    """Everything that alone names a device; a device name is the device's own name where none is given."""
    keys: list[_Key] = [(platform, field, fields[field]) for field in ("imei", "iotId") if field in fields]
    own = fields.get("deviceName", name)
    keys += [(platform, field, fields[field], own) for field in ("productKey", "productId") if field in fields]
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
